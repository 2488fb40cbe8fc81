"""Negotiation and agreement."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, both_or_neither, one_of
from rules.vocabulary import AgreementState


class Negotiation(SQLModel, table=True):
    """How the negotiation of one dossier ended (五(三))."""

    __table_args__ = (UniqueConstraint("application_id"),)

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id")
    topics: list[str] = Field(sa_type=JsonColumn)
    consensus: bool
    open_point: str = ""
    held_at: datetime
    by: str


class Agreement(SQLModel, table=True):
    """A service agreement (五(三)、六): its number, its term from `effective_on` to `expires_on`, both days included;
    agreements signed before numbers were kept have neither.

    One that was there before (R74) has the day `assess_by` until which it is to be assessed, and brings its count of
    suspensions along. A renewed one follows `previous_id`, of the same application. `state` and what stands below it
    is written by `tasks.advance` alone; an agreement of a round that does not keep their life stays a draft.
    `suspension_limit` is pinned at the signature."""

    __table_args__ = (
        UniqueConstraint("previous_id"),
        one_of("state", AgreementState),
        CheckConstraint("suspensions_before >= 0", name="suspensions_before"),
        CheckConstraint("assessed_on IS NULL OR assess_by IS NOT NULL", name="assessed_if_migrated"),
        both_or_neither("filed_on", "filed_by"),
        both_or_neither("effective_on", "expires_on"),
        CheckConstraint("filed_on IS NULL OR filed_on >= signed_on", name="filed_after_signed"),
        CheckConstraint("expires_on IS NULL OR expires_on > effective_on", name="term"),
        CheckConstraint("state = 'DRAFT' OR suspension_limit IS NOT NULL", name="limit_pinned"),
        Index(
            "uq_agreement_number",
            "number",
            unique=True,
            sqlite_where=text("number <> ''"),
            postgresql_where=text("number <> ''"),
        ),
        Index(
            "uq_agreement_first",
            "application_id",
            unique=True,
            sqlite_where=text("previous_id IS NULL"),
            postgresql_where=text("previous_id IS NULL"),
        ),
        Index("ix_agreement_state", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id", index=True)
    signed_on: date
    signed_by: str
    recorded_at: datetime
    number: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    effective_on: date | None = None
    expires_on: date | None = None
    filed_on: date | None = None
    filed_by: str | None = None
    round_id: int = Field(foreign_key="round.id", index=True)
    previous_id: int | None = Field(default=None, foreign_key="agreement.id")
    suspension_limit: int | None = None
    leaves_on: date | None = None
    suspensions_before: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    assess_by: date | None = None
    assessed_on: date | None = None
    cancelled_on: date | None = None
    state: str = Field(default=AgreementState.DRAFT, sa_column_kwargs={"server_default": text("'DRAFT'")})
    entered_at: datetime | None = None
    reasons: list[Json] = Field(default_factory=list, sa_type=JsonColumn, sa_column_kwargs={"server_default": "[]"})
    version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    holds: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    audit_seq: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    audit_head: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
