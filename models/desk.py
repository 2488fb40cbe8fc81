"""Who stands in for whom in the office, and who looks after which dossier. Neither gives anybody a right he has not."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from models.base import both_or_neither


class StaffAbsence(SQLModel, table=True):
    """Days, both included, on which what waits for one member of the office shows at another's page as well; `ended_at`
    when it ended before its last day."""

    __tablename__ = "staff_absence"
    __table_args__ = (
        CheckConstraint("from_on <= to_on", name="order"),
        CheckConstraint("deputy <> staff_no", name="two_persons"),
        both_or_neither("ended_at", "ended_by"),
    )

    id: int | None = Field(default=None, primary_key=True)
    staff_no: str = Field(foreign_key="staff.staff_no", index=True)
    deputy: str = Field(foreign_key="staff.staff_no", index=True)
    from_on: date
    to_on: date
    recorded_at: datetime
    recorded_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None


class DossierHandler(SQLModel, table=True):
    """Who looks after a dossier (负责人) from an instant on; the newest row of a dossier counts, an empty number is
    nobody. Triggers refuse UPDATE and DELETE."""

    __tablename__ = "dossier_handler"

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id", index=True)
    staff_no: str = Field(index=True)
    at: datetime
    by: str
