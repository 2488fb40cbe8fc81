"""Negotiation and agreement."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import JsonColumn, both_or_neither


class Negotiation(SQLModel, table=True):
    """How the negotiation of one dossier ended (五(三))."""

    __table_args__ = (UniqueConstraint("application_id"),)

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id")
    topics: list[str] = Field(sa_type=JsonColumn)
    consensus: bool
    open_point: str = ""
    held_at: datetime
    by: str


class Agreement(SQLModel, table=True):
    """A signed service agreement and its filing (五(三))."""

    __table_args__ = (
        UniqueConstraint("application_id"),
        both_or_neither("filed_on", "filed_by"),
        CheckConstraint("filed_on IS NULL OR filed_on >= signed_on", name="filed_after_signed"),
    )

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id")
    signed_on: date
    signed_by: str
    recorded_at: datetime
    filed_on: date | None = None
    filed_by: str | None = None
