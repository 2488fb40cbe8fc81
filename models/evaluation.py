"""Experts, who stands aside, the draw, and what the experts scored."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, both_or_neither, one_of
from rules.vocabulary import ObjectionStatus, ObjectionVia

EMPTY_TEXT = {"server_default": text("''")}
EMPTY_LIST: dict[str, Any] = {"server_default": text("'[]'")}
EMPTY_OBJECT: dict[str, Any] = {"server_default": text("'{}'")}


class Expert(SQLModel, table=True):
    """An expert of the city library as the round knew it. Contacts are sealed to the row and shown masked only."""

    __table_args__ = (UniqueConstraint("round_id", "expert_id"), UniqueConstraint("round_id", "position"))

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    expert_id: str
    position: int
    name: str
    specialty: str
    employer: str
    contact_sealed: str = Field(default="", sa_column_kwargs=EMPTY_TEXT)
    email_masked: str = Field(default="", sa_column_kwargs=EMPTY_TEXT)
    phone_masked: str = Field(default="", sa_column_kwargs=EMPTY_TEXT)


class ExpertAbsence(SQLModel, table=True):
    """Days on which an expert told that he cannot come, both included; entered before the pool is frozen. One that was
    entered by mistake is withdrawn."""

    __tablename__ = "expert_absence"
    __table_args__ = (
        CheckConstraint("from_on <= to_on", name="order"),
        both_or_neither("withdrawn_at", "withdrawn_by"),
    )

    id: int | None = Field(default=None, primary_key=True)
    expert_pk: int = Field(foreign_key="expert.id", index=True)
    from_on: date
    to_on: date
    evidence: str
    recorded_at: datetime
    recorded_by: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


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
    evidence: str = Field(default="", sa_column_kwargs=EMPTY_TEXT)
    by: str
    recorded_at: datetime


class ExpertDeclaration(SQLModel, table=True):
    """What an expert declared for the round: ties to institutions (`institution`, `kind`, `until`). The newest counts;
    an empty list says that there are none, and no row says nothing at all."""

    __tablename__ = "expert_declaration"

    id: int | None = Field(default=None, primary_key=True)
    expert_pk: int = Field(foreign_key="expert.id", index=True)
    interests: list[Json] = Field(sa_type=JsonColumn)
    signed_on: date
    recorded_at: datetime
    recorded_by: str


class Draw(SQLModel, table=True):
    """The draw of a round: the frozen, numbered pool first; the public results and the whole order later.

    `strata`: the parts of the pool that are drawn apart (`specialty`, `suffix`, `wanted`, `members`); none: it is drawn
    whole. `source_rules`: for each source its figures, the day it is expected on, and what happens when it does not
    come (`fallback`), with where it stands; none: only names were announced. `excluded`: who is not in the pool, and
    why. `challenge_days` after the draw nobody scores yet, until `challenge_until`, which stands once it is firm
    (民法典204). `values_evidence` is where the results are published, `absence_note` why somebody could not come that
    day; both are told to the public. A challenge that was upheld annuls it, a plan with a mistake is withdrawn before
    anything is drawn: another may follow.
    """

    __table_args__ = (
        CheckConstraint("wanted > 0", name="wanted"),
        CheckConstraint("challenge_days >= 0", name="challenge_days"),
        CheckConstraint("annulled_at IS NULL OR drawn_at IS NOT NULL", name="annulled_was_drawn"),
        both_or_neither("drawn_at", "drawn_by"),
        both_or_neither("annulled_at", "annulled_by"),
        Index(
            "uq_draw_that_stands",
            "round_id",
            unique=True,
            sqlite_where=text("annulled_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("annulled_at IS NULL AND withdrawn_at IS NULL"),
        ),
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
    strata: list[Json] = Field(default_factory=list, sa_type=JsonColumn, sa_column_kwargs=EMPTY_LIST)
    source_rules: list[Json] = Field(default_factory=list, sa_type=JsonColumn, sa_column_kwargs=EMPTY_LIST)
    excluded: list[Json] = Field(default_factory=list, sa_type=JsonColumn, sa_column_kwargs=EMPTY_LIST)
    challenge_days: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    challenge_until: date | None = None
    values_evidence: str = Field(default="", sa_column_kwargs=EMPTY_TEXT)
    absence_note: str = Field(default="", sa_column_kwargs=EMPTY_TEXT)
    annulled_at: datetime | None = None
    annulled_by: str | None = None
    annulled_because: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_because: str = Field(default="", sa_column_kwargs={"server_default": text("''")})


class DrawChallenge(SQLModel, table=True):
    """Somebody challenges a draw; while one that came in time is open, nobody scores. Upheld, it annuls the draw."""

    __tablename__ = "draw_challenge"
    __table_args__ = (
        UniqueConstraint("draw_id", "ref"),
        one_of("via", ObjectionVia),
        CheckConstraint("status IN ('open', 'upheld', 'dismissed')", name="status"),
        CheckConstraint("(status = 'open') = (resolved_at IS NULL)", name="open_is_unresolved"),
        both_or_neither("resolved_at", "resolved_by"),
    )

    id: int | None = Field(default=None, primary_key=True)
    draw_id: int = Field(foreign_key="draw.id")
    ref: str
    via: str
    received_at: datetime
    postmarked_on: date | None = None
    is_in_time: bool
    content: str
    recorded_at: datetime
    recorded_by: str
    status: str = ObjectionStatus.OPEN
    finding: str = ""
    resolved_at: datetime | None = None
    resolved_by: str | None = None


class ScoreSheet(SQLModel, table=True):
    """What one expert, seated by one draw, gave one dossier; decimals are kept as they were written. `notes` and
    `evidence` (hashes of kept files) by item, as far as there are any."""

    __tablename__ = "score_sheet"
    __table_args__ = (UniqueConstraint("application_id", "expert_pk", "draw_id"),)

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id")
    expert_pk: int = Field(foreign_key="expert.id")
    draw_id: int = Field(foreign_key="draw.id")
    items: Json = Field(sa_type=JsonColumn)
    by: str
    recorded_at: datetime
    notes: Json = Field(default_factory=dict, sa_type=JsonColumn, sa_column_kwargs=EMPTY_OBJECT)
    evidence: Json = Field(default_factory=dict, sa_type=JsonColumn, sa_column_kwargs=EMPTY_OBJECT)


class EvaluationSummary(SQLModel, table=True):
    """What the panel of a round wrote together after scoring (五(二); R31), and which experts signed it."""

    __tablename__ = "evaluation_summary"
    __table_args__ = (UniqueConstraint("round_id"),)

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    text: str
    signed_by: list[str] = Field(sa_type=JsonColumn)
    recorded_at: datetime
    recorded_by: str
