"""What agreements fix (R53, R56, R57, R62). Rows are only added: what a supplement sets stands beside the older."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, both_or_neither, one_of
from rules.vocabulary import EventKind, IndicatorSource


class AgreedTerm(SQLModel, table=True):
    """One term of an agreement: a value (a number as it was written, exact) or a waiver with its reason, in force from
    `valid_from` until a later row of the field, or to `valid_until`, itself included. `document_no` is the agreement,
    the supplement or the annual agreement that set it."""

    __tablename__ = "agreed_term"
    __table_args__ = (
        UniqueConstraint("agreement_id", "field", "document_no"),
        CheckConstraint("(value = '') <> (waived_why = '')", name="value_or_waiver"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    field: str
    value: str
    waived_why: str
    valid_from: date
    document_no: str
    recorded_at: datetime
    recorded_by: str
    valid_until: date | None = None


class AgreementSupplement(SQLModel, table=True):
    """A supplement to an agreement that is performed (R60, R63): which terms it changes from what to what, as they were
    told at its signature (`field`, `label`, `before`, `after`), what else it fixes, from when on. The values stand in
    `AgreedTerm` under its number. Filed with the county bureau like the agreement."""

    __tablename__ = "agreement_supplement"
    __table_args__ = (
        UniqueConstraint("agreement_id", "ref"),
        UniqueConstraint("number"),
        CheckConstraint("effective_on >= signed_on", name="not_backwards"),
        CheckConstraint("filed_on IS NULL OR filed_on >= signed_on", name="filed_after_signed"),
        both_or_neither("filed_on", "filed_by"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    number: str
    changes: list[Json] = Field(sa_type=JsonColumn)
    other_terms: str
    reason: str
    signed_on: date
    effective_on: date
    recorded_at: datetime
    recorded_by: str
    filed_on: date | None = None
    filed_by: str | None = None


class AnnualAgreement(SQLModel, table=True):
    """What holds for one calendar year of a long agreement (R63), both days included; `terms` as they were told at its
    signature. The values stand in `AgreedTerm` under its number."""

    __tablename__ = "annual_agreement"
    __table_args__ = (
        UniqueConstraint("agreement_id", "year"),
        UniqueConstraint("number"),
        CheckConstraint("until_on >= from_on", name="range"),
        CheckConstraint("from_on >= signed_on", name="not_backwards"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    number: str
    year: int
    signed_on: date
    from_on: date
    until_on: date
    terms: list[Json] = Field(sa_type=JsonColumn)
    recorded_at: datetime
    recorded_by: str


class DraftedTerms(SQLModel, table=True):
    """The terms of an agreement that is still to be signed; the newest draft of a dossier counts. Each of `terms` has
    `field`, `value` and `waived_why`."""

    __tablename__ = "drafted_terms"

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id", index=True)
    terms: list[Json] = Field(sa_type=JsonColumn)
    recorded_at: datetime
    recorded_by: str


class SystemTest(SQLModel, table=True):
    """The test of an institution's system before the signature, where the county asks it (R82)."""

    __tablename__ = "system_test"
    __table_args__ = (UniqueConstraint("application_id"),)

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id")
    passed_on: date
    record: str
    recorded_at: datetime
    recorded_by: str


class IndicatorReport(SQLModel, table=True):
    """One value of a month (2026-03), exact as it was written; a correction is the next version, and the newest counts.
    Numerator and denominator are empty where they were not given."""

    __tablename__ = "indicator_report"
    __table_args__ = (
        UniqueConstraint("agreement_id", "month", "field", "version"),
        Index("ix_indicator_report_month", "month"),
        one_of("source", IndicatorSource),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    month: str
    field: str
    version: int
    value: str
    numerator: str = ""
    denominator: str = ""
    source: str
    received_on: date
    recorded_at: datetime
    recorded_by: str


class IndicatorWarning(SQLModel, table=True):
    """A written warning after a month's analysis (R83): what was beyond, as it was compared on that day, both workings
    with it. It counts as nothing else. `answer_due` is empty where the county sets no limit."""

    __tablename__ = "indicator_warning"
    __table_args__ = (
        UniqueConstraint("agreement_id", "ref"),
        UniqueConstraint("agreement_id", "month"),
        CheckConstraint("(answered_on IS NULL) = (measures = '')", name="answered_with_measures"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    month: str
    exceeded: list[Json] = Field(sa_type=JsonColumn)
    served_on: date
    answer_due: date | None = None
    recorded_at: datetime
    recorded_by: str
    answered_on: date | None = None
    measures: str = ""


class EventReport(SQLModel, table=True):
    """A report of an occurrence within hours (R83): both instants; `is_late` by the rules of that day."""

    __tablename__ = "event_report"
    __table_args__ = (
        one_of("kind", EventKind),
        CheckConstraint("reported_at >= occurred_at", name="reported_after_occurred"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id", index=True)
    kind: str
    described: str
    occurred_at: datetime
    reported_at: datetime
    is_late: bool
    recorded_at: datetime
    recorded_by: str
