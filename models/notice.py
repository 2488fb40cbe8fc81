"""Public notices and the proof that they were posted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, one_of
from rules.vocabulary import NoticeKind


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
