"""Experts, who stands aside, the draw, and what the experts scored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, both_or_neither


class Expert(SQLModel, table=True):
    """An expert of the city library as the round knew it."""

    __table_args__ = (UniqueConstraint("round_id", "expert_id"), UniqueConstraint("round_id", "position"))

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    expert_id: str
    position: int
    name: str
    specialty: str
    employer: str


class Recusal(SQLModel, table=True):
    """An expert stands aside: for the whole round, or for one dossier only (A7-26)."""

    __table_args__ = (
        UniqueConstraint("expert_pk", "application_id"),
        Index(
            "uq_recusal_whole_round",
            "expert_pk",
            unique=True,
            sqlite_where=text("application_id IS NULL"),
            postgresql_where=text("application_id IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    expert_pk: int = Field(foreign_key="expert.id")
    application_id: int | None = Field(default=None, foreign_key="application.id")
    reason: str
    by: str
    recorded_at: datetime


class Draw(SQLModel, table=True):
    """The draw of a round: the frozen, numbered pool first; the public results and the whole order later."""

    __table_args__ = (
        UniqueConstraint("round_id"),
        CheckConstraint("wanted > 0", name="wanted"),
        both_or_neither("drawn_at", "drawn_by"),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    wanted: int
    pool: list[Json] = Field(sa_type=JsonColumn)
    pool_sha256: str
    sources: list[str] = Field(sa_type=JsonColumn)
    published_at: datetime
    published_by: str
    drawn_at: datetime | None = None
    drawn_by: str | None = None
    source_values: list[list[int]] = Field(default_factory=list, sa_type=JsonColumn)
    key: str = ""
    picks: list[int] = Field(default_factory=list, sa_type=JsonColumn)
    digests: list[str] = Field(default_factory=list, sa_type=JsonColumn)
    unavailable: list[int] = Field(default_factory=list, sa_type=JsonColumn)


class ScoreSheet(SQLModel, table=True):
    """What one expert gave one dossier; decimals are kept as they were written."""

    __tablename__ = "score_sheet"
    __table_args__ = (UniqueConstraint("application_id", "expert_pk"),)

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id")
    expert_pk: int = Field(foreign_key="expert.id")
    items: Json = Field(sa_type=JsonColumn)
    by: str
    recorded_at: datetime
