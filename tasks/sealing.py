"""Which rounds' score sheets are sealed: nobody is shown a score or a total until the last sheet is in (五(二))."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from models import Application
from models.database import reading
from rules.vocabulary import State
from tasks.case_loading import context_numbered
from tasks.panel import sheets_out


def sealed_rounds(url: str) -> frozenset[int]:
    """The rounds that still wait for a sheet of their evaluation."""
    evaluating = select(col(Application.round_id)).where(col(Application.state) == State.EVALUATING).distinct()
    with reading(url) as session:
        rounds = list(session.execute(evaluating).scalars())
        return frozenset(one for one in rounds if sheets_out(session, context_numbered(session, one)))
