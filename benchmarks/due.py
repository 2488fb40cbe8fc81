"""A thousand periods with their working-day arithmetic, beside a plain loop over the days of the same calendar."""

from __future__ import annotations

from datetime import date, timedelta

from benchmarks.beside import Figures, beside, timed
from policies.calendars import load_workdays
from rules.periods import Period, due_day
from rules.workdays import Workdays

COUNT = 1000
RUNS = 5
BUDGETS = (22, 60)


def measure() -> Figures:
    """Medians over several runs of both."""
    workdays = load_workdays()
    starts = [date(2018, 6, 1) + timedelta(days=2 * n) for n in range(COUNT)]
    ours = [timed(lambda: _ours(starts, workdays)) for _ in range(RUNS)]
    theirs = [timed(lambda: _loop(starts, workdays)) for _ in range(RUNS)]
    if _ours(starts, workdays) != _loop(starts, workdays):
        raise AssertionError("the two ways do not agree")
    return {"bench": "due", "due": COUNT, **beside(ours, "a plain loop over the days", theirs)}


def _ours(starts: list[date], workdays: Workdays) -> list[date | None]:
    periods = [Period.parse(f"{budget}wd") for budget in BUDGETS]
    return [due_day(periods[n % 2], start, workdays).due for n, start in enumerate(starts)]


def _loop(starts: list[date], workdays: Workdays) -> list[date | None]:
    return [_counted(start, BUDGETS[n % 2], workdays) for n, start in enumerate(starts)]


def _counted(day: date, left: int, workdays: Workdays) -> date:
    while left:
        day += timedelta(days=1)
        left -= workdays.is_working(day)
    return day
