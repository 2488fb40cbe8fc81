"""What is kept of a dossier beside its state: scans of its materials, visits to the place, who holds its copies, the
receipt of its filing.

All of it is only added to (五(一)、五(三); R23, R24, R39).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import JsonColumn, both_or_neither, one_of
from rules.vocabulary import CopyHolder


class SiteVisit(SQLModel, table=True):
    """One visit: the day, who went (staff numbers), and the minutes."""

    __tablename__ = "site_visit"

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id", index=True)
    visited_on: date
    visitors: list[str] = Field(sa_type=JsonColumn)
    minutes: str
    recorded_at: datetime
    recorded_by: str


class FilingReceipt(SQLModel, table=True):
    """What the county bureau gave for dossier and agreement: who took them, under which number, on which day."""

    __tablename__ = "filing_receipt"
    __table_args__ = (UniqueConstraint("application_id"),)

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id")
    number: str
    received_by: str
    received_on: date
    recorded_at: datetime
    recorded_by: str


class DossierCopy(SQLModel, table=True):
    """Where one of the three copies is: with whom, who took it, since when."""

    __tablename__ = "dossier_copy"
    __table_args__ = (UniqueConstraint("application_id", "holder"), one_of("holder", CopyHolder))

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id")
    holder: str
    kept_by: str
    held_since: date
    recorded_at: datetime
    recorded_by: str


class MaterialScan(SQLModel, table=True):
    """A scan of one material of a dossier, kept as a file by its hash (`tasks.scans`); `withdrawn_at` when it was put
    there by mistake."""

    __tablename__ = "material_scan"
    __table_args__ = (
        CheckConstraint("pages > 0", name="pages"),
        both_or_neither("withdrawn_at", "withdrawn_by"),
    )

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id", index=True)
    code: str
    sha256: str
    kind: str
    size: int
    pages: int
    at: datetime
    by: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
