"""Negotiation and agreement."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
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
    """A signed service agreement and its filing (五(三)): its number, and its term from `effective_on` to `expires_on`,
    both days included. Agreements signed before numbers were kept have neither."""

    __table_args__ = (
        UniqueConstraint("application_id"),
        both_or_neither("filed_on", "filed_by"),
        both_or_neither("effective_on", "expires_on"),
        CheckConstraint("filed_on IS NULL OR filed_on >= signed_on", name="filed_after_signed"),
        CheckConstraint("expires_on IS NULL OR expires_on > effective_on", name="term"),
        Index(
            "uq_agreement_number",
            "number",
            unique=True,
            sqlite_where=text("number <> ''"),
            postgresql_where=text("number <> ''"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id")
    signed_on: date
    signed_by: str
    recorded_at: datetime
    number: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    effective_on: date | None = None
    expires_on: date | None = None
    filed_on: date | None = None
    filed_by: str | None = None
