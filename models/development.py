"""The yearly development plan of the county bureau (三; R19): how many of each type it approved, and when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint, select
from sqlmodel import Field, Session, SQLModel, col

from models.base import JsonColumn


class DevelopmentPlan(SQLModel, table=True):
    """A plan as it was approved. An adjusted plan of the same year is another row with its own day; none is changed.

    `evidence` says where the paper lies, `evidence_sha256` is the hash of the file that was kept of it, or empty.
    """

    __tablename__ = "development_plan"
    __table_args__ = (UniqueConstraint("county", "year", "approved_on"),)

    id: int | None = Field(default=None, primary_key=True)
    county: str
    year: int
    title: str
    number: str
    approved_on: date
    approved_by: str
    quota: dict[str, int] = Field(sa_type=JsonColumn)
    evidence: str
    evidence_sha256: str
    recorded_at: datetime
    recorded_by: str


def plans_of(session: Session, county: str, year: int) -> dict[date, DevelopmentPlan]:
    """The recorded plans of a county and year, by the day of approval."""
    same = col(DevelopmentPlan.county) == county, col(DevelopmentPlan.year) == year
    rows = session.execute(select(DevelopmentPlan).where(*same).order_by(col(DevelopmentPlan.approved_on))).scalars()
    return {row.approved_on: row for row in rows}
