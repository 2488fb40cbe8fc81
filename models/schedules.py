"""The working days as they are known now: the published schedules of `policies/`, and those loaded since.

What a loaded one means (a whole year, an amendment, a region's own days) is decided in `rules.amendments`.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from sqlalchemy import select
from sqlmodel import Session, col

from models.records import WorkdaySchedule
from policies.calendars import load_statutory, load_workdays
from rules.amendments import Schedule, understood
from rules.workdays import Workdays

_LOADED = select(
    col(WorkdaySchedule.year), col(WorkdaySchedule.notice), col(WorkdaySchedule.off), col(WorkdaySchedule.working)
).order_by(col(WorkdaySchedule.id))


def known_workdays(session: Session) -> Workdays:
    """The published schedules of `policies/`, and those that operators have loaded since, in that order."""
    rows = session.execute(_LOADED)
    loaded = tuple((year, notice, tuple(map(tuple, off)), tuple(working)) for year, notice, off, working in rows)
    return _with_loaded(loaded)


@lru_cache(maxsize=64)
def _with_loaded(loaded: tuple[tuple[int, str, tuple[tuple[str, str], ...], tuple[str, ...]], ...]) -> Workdays:
    schedules = [
        Schedule(
            year,
            notice,
            tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in off),
            tuple(date.fromisoformat(day) for day in working),
        )
        for year, notice, off, working in loaded
    ]
    return understood(load_workdays(), schedules, load_statutory())
