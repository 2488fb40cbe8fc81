"""Public notices, the proof that they were posted, and objections."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, both_or_neither, one_of
from rules.vocabulary import NoticeKind, ObjectionStatus, ObjectionVia


class Notice(SQLModel, table=True):
    """A public notice: a frozen snapshot with its hash. The clock starts with the later channel's posting (A7-9)."""

    __table_args__ = (
        UniqueConstraint("round_id", "kind", "number"),
        one_of("kind", NoticeKind),
        CheckConstraint("last_day IS NULL OR starts_on IS NOT NULL", name="last_day_needs_start"),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    kind: str
    number: int
    created_at: datetime
    created_by: str
    snapshot: Json = Field(sa_type=JsonColumn)
    snapshot_sha256: str
    starts_on: date | None = None
    last_day: date | None = None


class NoticeEntry(SQLModel, table=True):
    """A dossier that a notice names."""

    __tablename__ = "notice_entry"
    __table_args__ = (UniqueConstraint("notice_id", "application_id"),)

    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id")
    application_id: int = Field(foreign_key="application.id", index=True)


class Posting(SQLModel, table=True):
    """Proof that a notice stood in one channel: when, where, and the hash of what was kept."""

    __table_args__ = (UniqueConstraint("notice_id", "channel"),)

    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id")
    channel: str
    posted_at: datetime
    url: str = ""
    sha256: str = ""
    by: str


class Objection(SQLModel, table=True):
    """An objection or complaint against one dossier; in time it holds that dossier until it is resolved (A7-11)."""

    __table_args__ = (
        UniqueConstraint("round_id", "ref"),
        one_of("via", ObjectionVia),
        one_of("status", ObjectionStatus),
        both_or_neither("resolved_at", "resolved_by"),
        CheckConstraint("(status = 'open') = (resolved_at IS NULL)", name="open_is_unresolved"),
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
