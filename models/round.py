"""A round of evaluation: one county, one year, one batch of it, one announcement, and the rules pinned to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, one_of
from rules.vocabulary import RoundKind


class Round(SQLModel, table=True):
    """One announced round. Everything that may differ next year is pinned here at the announcement (五 of the
    procedure; rule R20): announcement, rubric, rules (`models.policy`) and the calendar it was computed with.

    `procedure` is the edition of the rules that it runs on; `policy_sha256` is the hash of the text that it was
    announced with, and never changes. A round of the kind `intake` holds the agreements that were there before (R74):
    it has no procedure, and its batch is 0."""

    __table_args__ = (
        UniqueConstraint("county", "year", "batch"),
        one_of("kind", RoundKind),
        CheckConstraint("accept_from < accept_until", name="window"),
    )

    id: int | None = Field(default=None, primary_key=True)
    county: str
    year: int
    batch: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    kind: str = Field(default=RoundKind.EVALUATION, sa_column_kwargs={"server_default": text("'evaluation'")})
    name: str
    procedure: str
    policy_sha256: str
    workdays_version: str
    announcement: Json = Field(sa_type=JsonColumn)
    rubric: Json = Field(sa_type=JsonColumn)
    accept_from: datetime
    accept_until: datetime
    announced_at: datetime | None = None
    concluded_at: datetime | None = None
    ranking: Json = Field(default_factory=dict, sa_type=JsonColumn)
    version: int = 0
    audit_seq: int = 0
    audit_head: str = ""
