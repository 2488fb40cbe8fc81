"""What was reported to the city bureau where it determines who is designated (R75; A7-27), and its answers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from models.base import Json, JsonColumn, both_or_neither
from rules.vocabulary import CityDecision


class CityStep(SQLModel, table=True):
    """One report of one dossier (`told`: its score, rank and negotiation), or of the decision `about` to dissolve an
    agreement; empty `decision` until the city has answered. What was returned is reported again in a row of its own."""

    __tablename__ = "city_step"
    __table_args__ = (
        CheckConstraint("(application_id IS NULL) <> (agreement_id IS NULL)", name="one_subject"),
        CheckConstraint(f"decision IN ('', {', '.join(repr(one.value) for one in CityDecision)})", name="decision"),
        CheckConstraint("(decision = '') = (decided_on IS NULL)", name="decided"),
        CheckConstraint("decided_on IS NULL OR decided_on >= reported_on", name="answered_after_report"),
        both_or_neither("decided_on", "decided_by"),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id", index=True)
    application_id: int | None = Field(default=None, foreign_key="application.id", index=True)
    agreement_id: int | None = Field(default=None, foreign_key="agreement.id", index=True)
    about: str
    reported_on: date
    report_no: str
    minutes: str
    told: Json = Field(sa_type=JsonColumn)
    recorded_at: datetime
    recorded_by: str
    decision: str = ""
    decided_on: date | None = None
    decision_no: str = ""
    reason: str = ""
    decided_by: str | None = None
