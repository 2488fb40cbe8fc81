"""The rules of rounds: whole texts of procedure files under their hash, and which of them a round runs on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, one_of
from rules.vocabulary import PinnedBy


class PolicyText(SQLModel, table=True):
    """The whole text of a procedure file, by the SHA-256 of its UTF-8. Triggers refuse UPDATE and DELETE."""

    __tablename__ = "policy_text"

    sha256: str = Field(primary_key=True)
    text: str
    kept_at: datetime


class PolicyPin(SQLModel, table=True):
    """A text that a round runs on, from then on; the newest of a round counts (R20). Triggers refuse UPDATE and DELETE.

    `identity` is the edition that the text calls itself. A round that adopts another text says why, and what differs
    (`difference`: rows of section, entry, before, after).
    """

    __tablename__ = "policy_pin"
    __table_args__ = (
        one_of("pinned_by", PinnedBy),
        CheckConstraint("(pinned_by = 'adoption') = (reason <> '')", name="reason_of_adoption"),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id", index=True)
    sha256: str = Field(foreign_key="policy_text.sha256")
    identity: str
    pinned_by: str
    pinned_at: datetime
    acted_by: str = ""
    reason: str = ""
    difference: list[Json] = Field(default_factory=list, sa_type=JsonColumn)
