"""Messages that are owed, written in the same commit as the change that causes them, and what became of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, both_or_neither, one_of
from rules.vocabulary import Audience, Channel, HandDelivery, MessageStatus


class Notification(SQLModel, table=True):
    """One message to one party by one channel, about a subject (a round, where it is about no single dossier).

    `dedupe_key` makes it once; `lease_token` fences whoever sends it.

    `next_at` is when it may be tried; NULL once it needs no further try. `priority` 1 goes first; `due_on` is the due
    day it is about, `expires_at` when it is not worth sending any more. `to_bidx` is the blind index of the number or
    address last used; `recipient` the role whose group a message to staff goes to. `generation` counts resends by hand
    (`resend_of` with `reason` and `created_by`). One that is `held` waits for somebody else than
    `created_by`, who did the act. `digest_id` is the message it was folded into. `purged_at`: the parameters are gone,
    the evidence stays.
    """

    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        one_of("audience", Audience),
        one_of("channel", Channel),
        one_of("status", MessageStatus),
        CheckConstraint("audience <> 'applicant' OR applicant_pk IS NOT NULL", name="applicant_is_named"),
        Index("ix_notification_subject_subject_id", "subject", "subject_id"),
        Index(
            "ix_notification_next_at",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(
            "ix_notification_to_bidx",
            "to_bidx",
            sqlite_where=text("to_bidx <> ''"),
            postgresql_where=text("to_bidx <> ''"),
        ),
        Index(
            "ix_notification_unknown",
            "status",
            sqlite_where=text("status = 'unknown'"),
            postgresql_where=text("status = 'unknown'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    dedupe_key: str
    event: str
    audience: str
    channel: str = Channel.EMAIL
    round_id: int = Field(foreign_key="round.id")
    subject: str
    subject_id: int
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
    priority: int = Field(default=3, sa_column_kwargs={"server_default": "3"})
    is_mandatory: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    due_on: date | None = None
    expires_at: datetime | None = None
    recipient: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    provider_ref: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    to_bidx: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    waits_for_channel: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    generation: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    resend_of: int | None = None
    reason: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    created_by: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    digest_id: int | None = None
    purged_at: datetime | None = None


class NotificationAttempt(SQLModel, table=True):
    """One try to hand a message over, recorded before the call and settled after it; then nobody changes it.

    `is_reconcile`: it looked after an earlier try whose end nobody saw. `to_masked` and `content_sha256` are the
    evidence of what went where, `enclosed` of its documents: one a line, name and SHA-256.
    """

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
    is_reconcile: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    to_masked: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    content_sha256: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    enclosed: str = Field(default="", sa_column_kwargs={"server_default": text("''")})


class ChannelState(SQLModel, table=True):
    """How a channel does. `faults` in a row; `since` and `reason` of the trouble; no call before `paused_until`."""

    __tablename__ = "channel_state"
    __table_args__ = (one_of("channel", Channel),)

    channel: str = Field(primary_key=True)
    faults: int = 0
    pauses: int = 0
    since: datetime | None = None
    paused_until: datetime | None = None
    reason: str = ""
    mended_at: datetime | None = None


class Suppression(SQLModel, table=True):
    """A number or address that is not written to any more, by blind index; `until` NULL is for good."""

    __table_args__ = (one_of("channel", Channel), Index("ix_suppression_bidx", "bidx"))

    id: int | None = Field(default=None, primary_key=True)
    channel: str
    bidx: str
    sealed: str
    masked: str
    reason: str
    created_by: str
    created_at: datetime
    until: datetime | None = None


class ManualTask(SQLModel, table=True):
    """A notice that a person has to deliver: why, and when it is done, who, how, with which proof."""

    __tablename__ = "manual_task"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        CheckConstraint(f"how IN ('', {', '.join(repr(one.value) for one in HandDelivery)})", name="how"),
        both_or_neither("done_at", "done_by"),
        CheckConstraint("done_at IS NULL OR (how <> '' AND proof <> '')", name="done_is_proved"),
    )

    id: int | None = Field(default=None, primary_key=True)
    dedupe_key: str
    notification_id: int = Field(foreign_key="notification.id", index=True)
    event: str
    reason: str
    created_at: datetime
    done_at: datetime | None = None
    done_by: str | None = None
    delivered_on: date | None = None
    how: str = ""
    proof: str = ""


class MessageAct(SQLModel, table=True):
    """What a person did with messages or channels, and why; only added to."""

    __tablename__ = "message_act"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    by: str
    act: str
    subject: str
    reason: str
