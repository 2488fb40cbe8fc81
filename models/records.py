"""What must never change once written."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn


class AuditRecord(SQLModel, table=True):
    """One change of a subject, named by its kind (`round`, `application`) and its number, chained by hash to the one
    before it. Triggers refuse UPDATE and DELETE."""

    __tablename__ = "audit_record"
    __table_args__ = (UniqueConstraint("subject", "subject_id", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    subject: str
    subject_id: int
    seq: int
    at: datetime = Field(index=True)
    event: str
    by: str
    from_state: str
    to_state: str
    clause: str
    detail: Json = Field(default_factory=dict, sa_type=JsonColumn)
    prev_hash: str
    hash: str


class AuditCheckpoint(SQLModel, table=True):
    """All records of one day (Beijing) bound by one hash, chained to the day before. `last_id` is the last record that
    is bound; those after the one of the day before belong to the day. Triggers refuse UPDATE and DELETE."""

    __tablename__ = "audit_checkpoint"
    __table_args__ = (UniqueConstraint("previous"), CheckConstraint("records >= 0", name="records"))

    day: date = Field(primary_key=True)
    records: int
    last_id: int
    root: str
    previous: str
    hash: str


class JournalEntry(SQLModel, table=True):
    """What one transaction did to the rows of every bound table (`models.journal`), chained to the entry before it,
    numbered without a gap and signed. `said`: what it was about where no audit record tells. Triggers refuse UPDATE and
    DELETE."""

    __tablename__ = "journal"
    __table_args__ = (UniqueConstraint("prev_hash"),)

    seq: int = Field(primary_key=True)
    at: datetime
    said: list[Json] = Field(default_factory=list, sa_type=JsonColumn)
    rows: str
    prev_hash: str
    hash: str
    key_id: str
    signature: str


class SignedCheckpoint(SQLModel, table=True):
    """The journal as it stood when a day was bound, as others keep it: how many entries, the root over them, and the
    signed note that says so (`rules.tlog`). Triggers refuse UPDATE and DELETE."""

    __tablename__ = "signed_checkpoint"

    day: date = Field(primary_key=True)
    size: int
    root: str
    note: str
    made_at: datetime


class CheckpointStamp(SQLModel, table=True):
    """The time stamp (RFC 3161) of an outside authority over a signed checkpoint: its answer in DER and base64.
    Triggers refuse UPDATE and DELETE."""

    __tablename__ = "checkpoint_stamp"

    day: date = Field(primary_key=True, foreign_key="signed_checkpoint.day")
    authority: str
    stamped_at: datetime
    answer: str


class WorkdaySchedule(SQLModel, table=True):
    """A State Council schedule that an operator loaded; the newest for a year counts."""

    __tablename__ = "workday_schedule"

    id: int | None = Field(default=None, primary_key=True)
    year: int = Field(index=True)
    notice: str
    off: list[list[str]] = Field(sa_type=JsonColumn)
    working: list[str] = Field(sa_type=JsonColumn)
    loaded_at: datetime
    loaded_by: str
