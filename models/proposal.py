"""Acts that wait for their second person (复核)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from models.base import JsonColumn, both_or_neither, one_of
from rules.vocabulary import ProposalStatus

STILL_OPEN = text("status = 'open'")


class Proposal(SQLModel, table=True):
    """An act that one person wishes and another must confirm; until then nothing else has happened.

    `fields_sealed` are the fields of the act, sealed to the row, for an announcement holds contacts, and cleared with
    the decision; `digest` is their hash, so that nobody wishes the same twice. `shown` are titles and values as they
    stood in the form. `asked` is whom the form names, where it does; else whoever has the role may confirm, until
    `last_day` is over. `round_id` is empty where the act belongs to none.
    """

    __table_args__ = (
        one_of("status", ProposalStatus),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="open_is_undecided"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_persons"),
        CheckConstraint("status <> 'returned' OR reason <> ''", name="returned_with_reason"),
        both_or_neither("decided_at", "decided_by"),
        Index("uq_proposal_digest", "digest", unique=True, sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN),
    )

    id: int | None = Field(default=None, primary_key=True)
    act: str
    round_id: int | None = Field(default=None, foreign_key="round.id", index=True)
    about: str
    shown: list[list[str]] = Field(sa_type=JsonColumn)
    fields_sealed: str
    digest: str
    asked: str = ""
    proposed_by: str
    proposed_at: datetime
    last_day: date = Field(index=True)
    status: str = ProposalStatus.OPEN
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    audit_seq: int = 0
    audit_head: str = ""
