"""What is on record of the performance of agreements (六): inspections, findings, orders, suspensions, endings, bars,
renewals, changes. Rows are added; what proved wrong gets the day on which it was overturned, nothing is deleted.

`ref` counts within one agreement, from 1.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, both_or_neither, one_of
from rules.vocabulary import ChangeKind, InspectionKind, RectificationResult


class Inspection(SQLModel, table=True):
    """One inspection: the day, who went (staff numbers), what was mended on the spot, evidence by hash (R81); the plan
    that drew it (双随机), and what was seen of the five matches (五匹配; R72), where it was looked at."""

    __table_args__ = (UniqueConstraint("agreement_id", "ref"), one_of("kind", InspectionKind))

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    kind: str
    held_on: date
    inspectors: list[str] = Field(sa_type=JsonColumn)
    minutes: str
    corrections: list[str] = Field(sa_type=JsonColumn)
    evidence: list[str] = Field(sa_type=JsonColumn)
    refused: bool
    recorded_at: datetime
    recorded_by: str
    draw_id: int | None = Field(default=None, foreign_key="double_random_draw.id", index=True)
    matches: Json = Field(default_factory=dict, sa_type=JsonColumn, sa_column_kwargs={"server_default": text("'{}'")})


class ViolationFinding(SQLModel, table=True):
    """A fact found against an institution (六(二)): proposed, heard, established, perhaps overturned. `stands_on` names
    the order and the suspension from which it was derived, where it was; `is_ground`: of dissolution."""

    __tablename__ = "violation_finding"
    __table_args__ = (
        UniqueConstraint("agreement_id", "ref"),
        both_or_neither("established_on", "confirmed_by"),
        both_or_neither("overturned_on", "overturned_by"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> recorded_by", name="two_persons"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    code: str
    is_ground: bool
    facts: str
    amount: str
    evidence: str
    recorded_on: date
    recorded_at: datetime
    recorded_by: str
    served_on: date | None = None
    heard_until: date | None = None
    statement_on: date | None = None
    statement: str = ""
    established_on: date | None = None
    confirmed_by: str | None = None
    overturned_on: date | None = None
    overturned_by: str | None = None
    overturned_why: str = ""
    stands_on: list[str] = Field(default_factory=list, sa_type=JsonColumn)


class RectificationOrder(SQLModel, table=True):
    """An order to rectify (责令限期整改通知书; R78, R81). `within_suspension`: then lateness or too little is a ground
    of dissolution (R44③, R45④)."""

    __tablename__ = "rectification_order"
    __table_args__ = (
        UniqueConstraint("agreement_id", "ref"),
        CheckConstraint("due_on > served_on", name="due_after_service"),
        CheckConstraint(
            f"result IN ('', {', '.join(repr(one.value) for one in RectificationResult)})",
            name="result",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    findings: list[str] = Field(sa_type=JsonColumn)
    items: list[str] = Field(sa_type=JsonColumn)
    served_on: date
    due_on: date
    within_suspension: bool
    recorded_at: datetime
    recorded_by: str
    handed_in_on: date | None = None
    re_inspected_on: date | None = None
    result: str = ""
    note: str = ""
    overturned_on: date | None = None


class AgreementSuspension(SQLModel, table=True):
    """One suspension of an agreement (暂停协议), from its first day until it was lifted; it counts in the term."""

    __tablename__ = "agreement_suspension"
    __table_args__ = (
        UniqueConstraint("agreement_id", "ref"),
        UniqueConstraint("decision_no"),
        CheckConstraint("confirmed_by <> decided_by", name="two_persons"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="range"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    decision_no: str
    findings: list[str] = Field(sa_type=JsonColumn)
    from_on: date
    to_on: date | None = None
    decided_on: date
    decided_by: str
    confirmed_by: str
    recorded_at: datetime
    lifted_on: date | None = None
    overturned_on: date | None = None


class AgreementEnding(SQLModel, table=True):
    """A decision to dissolve (解除协议), and its service, which gives it its effect (民法典565)."""

    __tablename__ = "agreement_ending"
    __table_args__ = (
        UniqueConstraint("decision_no"),
        CheckConstraint("confirmed_by <> decided_by", name="two_persons"),
        CheckConstraint("served_on IS NULL OR served_on >= decided_on", name="served_after_decided"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id", index=True)
    finding: str
    decision_no: str
    decided_on: date
    decided_by: str
    confirmed_by: str
    recorded_at: datetime
    served_on: date | None = None
    served_how: str = ""
    proof: str = ""
    overturned_on: date | None = None


class Bar(SQLModel, table=True):
    """Three years out (六(三)): from the day after the service, the last day included; lifted by overturning only."""

    __table_args__ = (
        UniqueConstraint("ending_id"),
        CheckConstraint("last_day > from_on", name="range"),
    )

    id: int | None = Field(default=None, primary_key=True)
    institution_id: int = Field(foreign_key="institution.id", index=True)
    ending_id: int = Field(foreign_key="agreement_ending.id")
    from_on: date
    last_day: date
    lifted_on: date | None = None


class Renewal(SQLModel, table=True):
    """An application for renewal (令2、令3第41条): accepted, or refused with the conditions that are no longer met."""

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id", index=True)
    applied_on: date
    accepted: bool
    is_late: bool
    reasons: list[str] = Field(sa_type=JsonColumn)
    recorded_at: datetime
    recorded_by: str


class InstitutionChange(SQLModel, table=True):
    """A change that an institution reported (令2、令3第40条)."""

    __tablename__ = "institution_change"
    __table_args__ = (
        one_of("change", ChangeKind),
        CheckConstraint("reported_on >= changed_on", name="reported_after_changed"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id", index=True)
    change: str
    described: str
    changed_on: date
    reported_on: date
    is_late: bool
    recorded_at: datetime
    recorded_by: str
