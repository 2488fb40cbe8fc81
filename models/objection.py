"""Objections and complaints against a dossier, who made them (sealed), and how each was answered."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from models.base import both_or_neither, one_of
from rules.vocabulary import HandDelivery, ObjectionStatus, ObjectionVia


class Objection(SQLModel, table=True):
    """An objection or complaint against one dossier; in time it `holds` that dossier until it is resolved (A7-11).

    `matter` is the digest of what is alleged, `complainant_bidx` the blind index of who alleges it: equal ones about
    one notice are `duplicate_of` the first, one inquiry for all, each answered. `complainant_sealed` is opened for the
    letter alone. A withdrawal (`withdrawn_on`) ends the inquiry only where the county reads it so: `status` tells.
    """

    __table_args__ = (
        UniqueConstraint("round_id", "ref"),
        one_of("via", ObjectionVia),
        one_of("status", ObjectionStatus),
        both_or_neither("resolved_at", "resolved_by"),
        both_or_neither("withdrawn_on", "withdrawn_by"),
        both_or_neither("replied_on", "replied_by"),
        CheckConstraint("(status = 'open') = (resolved_at IS NULL)", name="open_is_unresolved"),
        CheckConstraint("status <> 'withdrawn' OR withdrawn_on IS NOT NULL", name="withdrawn_on"),
        CheckConstraint("is_in_time OR NOT holds", name="late_never_holds"),
        CheckConstraint("NOT is_anonymous OR complainant_sealed = ''", name="anonymous_is_unknown"),
        CheckConstraint(f"reply_how IN ('', {', '.join(repr(one.value) for one in HandDelivery)})", name="reply_how"),
        CheckConstraint(
            "replied_on IS NULL OR (status <> 'open' AND reply_how <> '' AND reply_proof <> '')", name="reply_is_proved"
        ),
        Index(
            "ix_objection_complainant_bidx",
            "complainant_bidx",
            sqlite_where=text("complainant_bidx <> ''"),
            postgresql_where=text("complainant_bidx <> ''"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    application_id: int = Field(foreign_key="application.id", index=True)
    notice_id: int = Field(foreign_key="notice.id")
    ref: str
    via: str
    received_at: datetime
    postmarked_on: date | None = None
    is_in_time: bool
    allegation: str
    complainant_sealed: str = ""
    status: str = ObjectionStatus.OPEN
    finding: str = ""
    recorded_at: datetime
    recorded_by: str
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    holds: bool = Field(sa_column_kwargs={"server_default": false()})
    is_anonymous: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    matter: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    complainant_bidx: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    duplicate_of: int | None = Field(default=None, foreign_key="objection.id")
    withdrawn_on: date | None = None
    withdrawn_by: str | None = None
    withdrawal_reason: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    replied_on: date | None = None
    replied_by: str | None = None
    reply_how: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    reply_proof: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
