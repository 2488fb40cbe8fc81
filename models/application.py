"""The application (one dossier, one case), its materials and its clocks."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, one_of
from rules.vocabulary import ApplicantType, ClockKind, ClockStatus, State


class Application(SQLModel, table=True):
    """One dossier. `state` and everything below it is written by `tasks.advance` alone; `version` is checked in every
    UPDATE. `holds` counts open objections that arrived in time, `released_on` is the day on which the last one was
    resolved; `audit_head` is the end of the dossier's hash chain."""

    __table_args__ = (
        UniqueConstraint("applicant_pk"),
        one_of("state", State),
        one_of("type", ApplicantType),
        CheckConstraint("holds >= 0", name="holds"),
        CheckConstraint("version >= 0", name="version"),
        CheckConstraint("filed_on IS NULL OR signed_on IS NOT NULL", name="filed_after_signed"),
        CheckConstraint("state NOT IN ('SIGNED', 'FILED', 'PUBLISHED') OR signed_on IS NOT NULL", name="signed_on"),
        CheckConstraint("rank IS NULL OR mean_score IS NOT NULL", name="rank_needs_score"),
        Index("ix_application_round_state", "round_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    applicant_pk: int = Field(foreign_key="applicant.id")
    type: str
    state: str = State.NOT_APPLIED
    entered_at: datetime | None = None
    version: int = 0
    holds: int = 0
    submitted_at: datetime | None = None
    accepted_on: date | None = None
    findings: Json = Field(default_factory=dict, sa_type=JsonColumn)
    reasons: list[Json] = Field(default_factory=list, sa_type=JsonColumn)
    mean_score: str | None = None
    rank: int | None = None
    released_on: date | None = None
    signed_on: date | None = None
    site_checked_on: date | None = None
    filed_on: date | None = None
    audit_seq: int = 0
    audit_head: str = ""


class ApplicationMaterial(SQLModel, table=True):
    """One material (H1…, P1…) or formal requirement of a dossier, and when it came in."""

    __tablename__ = "application_material"
    __table_args__ = (UniqueConstraint("application_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id")
    code: str
    received_at: datetime


class Deadline(SQLModel, table=True):
    """A clock of one subject, named by its kind (`subject`: a dossier is an `application`) and its number: rule, start
    day, budget; the due day is derived from these and its suspensions.

    `check_on` is the first day on which a sweep has something to do (a reminder, or the day after the due day);
    NULL when there is nothing (met, ended, provisional). It is the only column that a sweep's range query reads.
    `effect_from`: the limit became firm only when it had passed; until the day before its holder may still act.
    """

    __table_args__ = (
        UniqueConstraint("subject", "subject_id", "kind"),
        one_of("holder", ClockKind),
        one_of("status", ClockStatus),
        CheckConstraint("status <> 'provisional' OR due_on IS NULL", name="provisional_has_no_day"),
        CheckConstraint("status NOT IN ('running', 'breached', 'lapsed') OR due_on IS NOT NULL", name="firm_has_day"),
        CheckConstraint("status <> 'met' OR closed_on IS NOT NULL", name="met_on"),
        CheckConstraint("check_on IS NULL OR due_on IS NOT NULL", name="provisional_never_fires"),
        Index(
            "ix_deadline_check_on",
            "check_on",
            sqlite_where=text("check_on IS NOT NULL"),
            postgresql_where=text("check_on IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    subject: str
    subject_id: int
    kind: str
    holder: str
    period: str
    roll: bool = True
    start_on: date
    due_on: date | None = None
    nominal_on: date | None = None
    earliest_on: date
    latest_on: date
    status: str = ClockStatus.RUNNING
    closed_on: date | None = None
    check_on: date | None = None
    effect_from: date | None = None


class Suspension(SQLModel, table=True):
    """Days of a clock that do not count, each with its reason, clause and who recorded it (A7-14)."""

    __table_args__ = (
        UniqueConstraint("deadline_id", "from_on", "to_on"),
        CheckConstraint("from_on <= to_on", name="order"),
    )

    id: int | None = Field(default=None, primary_key=True)
    deadline_id: int = Field(foreign_key="deadline.id", index=True)
    from_on: date
    to_on: date
    reason: str
    clause: str
    by: str
    recorded_at: datetime


class ReminderFired(SQLModel, table=True):
    """One rung of a reminder ladder that has fired: the UNIQUE row is the claim, so no sweep fires it twice."""

    __tablename__ = "reminder_fired"
    __table_args__ = (UniqueConstraint("deadline_id", "rung", "due_on"),)

    id: int | None = Field(default=None, primary_key=True)
    deadline_id: int = Field(foreign_key="deadline.id")
    rung: int
    due_on: date
    fired_at: datetime
