"""The yearly assessment and the settlement of agreements (R51, R58, R61, R64, R82): the county's tables, surveys,
evaluations by third parties, assessments and their results, decisions on costs, holds. Points, totals, coefficients and
amounts are exact decimals as text. Rows are added; what is recorded again is a new row, and the last one counts.

`ref` counts within one agreement, from 1.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, both_or_neither, one_of
from rules.vocabulary import CostKind, GradeEffect


class AssessmentTable(SQLModel, table=True):
    """One edition of the county's criteria and grades (R51, R61): from which year on it applies, when and where it was
    made public, its content and the hash of that."""

    __tablename__ = "assessment_table"
    __table_args__ = (UniqueConstraint("first_year", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    first_year: int
    title: str
    content: Json = Field(sa_type=JsonColumn)
    sha256: str
    published_on: date
    published_where: str
    recorded_at: datetime
    recorded_by: str


class SatisfactionSurvey(SQLModel, table=True):
    """A survey among the insured (R64): days, method, sheets given out, answers that count, the score they give."""

    __tablename__ = "satisfaction_survey"
    __table_args__ = (
        UniqueConstraint("agreement_id", "ref"),
        CheckConstraint("to_on >= from_on", name="range"),
        CheckConstraint("answers BETWEEN 1 AND sample", name="answers"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    from_on: date
    to_on: date
    method: str
    sample: int
    answers: int
    score: str
    recorded_at: datetime
    recorded_by: str


class ThirdPartyEvaluation(SQLModel, table=True):
    """An evaluation by a third party (R61): who, under which contract, the report by hash, the score."""

    __tablename__ = "third_party_evaluation"
    __table_args__ = (UniqueConstraint("agreement_id", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    evaluated_on: date
    evaluator: str
    contract: str
    report: str
    score: str
    recorded_at: datetime
    recorded_by: str


class Assessment(SQLModel, table=True):
    """What an institution reached in a year by one edition of the criteria. `parts` are the figures of our own records
    as they stood (findings, orders, suspensions, inspections, survey, third party)."""

    __table_args__ = (UniqueConstraint("agreement_id", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    year: int
    table_id: int = Field(foreign_key="assessment_table.id")
    scores: Json = Field(sa_type=JsonColumn)
    parts: Json = Field(sa_type=JsonColumn)
    total: str
    note: str
    recorded_at: datetime
    recorded_by: str


class AssessmentResult(SQLModel, table=True):
    """The result of an institution's year, as it was concluded and published; one that proved wrong is superseded by
    another and stays: total, satisfaction (empty: none that
    counts), grade (empty `effect`: not graded, `why` says why), coefficient of the settlement."""

    __tablename__ = "assessment_result"
    __table_args__ = (
        Index(
            "uq_assessment_result_counts",
            "institution_id",
            "year",
            unique=True,
            sqlite_where=text("superseded_on IS NULL"),
            postgresql_where=text("superseded_on IS NULL"),
        ),
        both_or_neither("superseded_on", "superseded_by"),
        UniqueConstraint("assessment_id"),
        CheckConstraint(
            f"effect IN ('', {', '.join(repr(one.value) for one in GradeEffect)})",
            name="effect",
        ),
        CheckConstraint("(effect = '') = (coefficient = '')", name="effect_with_coefficient"),
    )

    id: int | None = Field(default=None, primary_key=True)
    institution_id: int = Field(foreign_key="institution.id")
    agreement_id: int = Field(foreign_key="agreement.id", index=True)
    assessment_id: int = Field(foreign_key="assessment.id")
    year: int
    total: str
    satisfaction: str
    grade: str
    effect: str
    coefficient: str
    why: str
    concluded_on: date
    recorded_at: datetime
    recorded_by: str
    superseded_on: date | None = None
    superseded_by: str | None = None
    superseded_why: str = Field(default="", sa_column_kwargs={"server_default": text("''")})


class CostDecision(SQLModel, table=True):
    """Costs of a month (`2026-03`) that are refused, recovered or set off in the next month (R58); never charged to the
    patients."""

    __tablename__ = "cost_decision"
    __table_args__ = (
        UniqueConstraint("agreement_id", "ref"),
        one_of("kind", CostKind),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    kind: str
    month: str
    amount: str
    ground: str
    finding: str
    recorded_at: datetime
    recorded_by: str


class SettlementHold(SQLModel, table=True):
    """Payment held while something is checked (暂停结算; R82): no suspension, and never counted as one."""

    __tablename__ = "settlement_hold"
    __table_args__ = (
        UniqueConstraint("agreement_id", "ref"),
        both_or_neither("released_on", "released_by"),
        CheckConstraint("released_on IS NULL OR released_on > from_on", name="range"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    from_on: date
    reason: str
    recorded_at: datetime
    recorded_by: str
    released_on: date | None = None
    released_by: str | None = None
    released_why: str = ""
