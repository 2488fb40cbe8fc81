"""Messages that are owed, written in the same commit as the change that causes them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, one_of
from rules.vocabulary import Audience, Channel, MessageStatus


class Notification(SQLModel, table=True):
    """One message to one party by one channel. `dedupe_key` makes it once; `lease_token` fences whoever sends it.

    `next_at` is when it may be tried; NULL once it needs no further try.
    """

    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        one_of("audience", Audience),
        one_of("channel", Channel),
        one_of("status", MessageStatus),
        CheckConstraint("audience <> 'applicant' OR applicant_pk IS NOT NULL", name="applicant_is_named"),
        Index(
            "ix_notification_next_at",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    dedupe_key: str
    event: str
    audience: str
    channel: str = Channel.EMAIL
    round_id: int = Field(foreign_key="round.id")
    application_id: int | None = Field(default=None, foreign_key="application.id", index=True)
    applicant_pk: int | None = Field(default=None, foreign_key="applicant.id")
    template_version: str
    params: Json = Field(default_factory=dict, sa_type=JsonColumn)
    status: str = MessageStatus.PENDING
    created_at: datetime
    next_at: datetime | None = None
    attempts: int = 0
    lease_owner: str = ""
    lease_token: int = 0
    lease_until: datetime | None = None
    message_ref: str = ""
    last_detail: str = ""
    closed_at: datetime | None = None


class NotificationAttempt(SQLModel, table=True):
    """One try to hand a message over, recorded before the call and settled after it."""

    __tablename__ = "notification_attempt"
    __table_args__ = (UniqueConstraint("notification_id", "lease_token"),)

    id: int | None = Field(default=None, primary_key=True)
    notification_id: int = Field(foreign_key="notification.id")
    lease_token: int
    owner: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = ""
    detail: str = ""
