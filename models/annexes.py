"""Annexes of agreements that change with them (R54)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn


class StockList(SQLModel, table=True):
    """One edition of the drugs that an institution keeps: in force from `valid_from` until the first day of a later
    one; none is changed. Each of `entries` has `generic`, `brand`, `dosage_form`, `specification`, `maker`, `price`
    (exact, as it was written), `since`, `until` (ISO or empty)."""

    __tablename__ = "stock_list"
    __table_args__ = (UniqueConstraint("agreement_id", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id")
    ref: str
    valid_from: date
    entries: list[Json] = Field(sa_type=JsonColumn)
    sha256: str
    recorded_at: datetime
    recorded_by: str
