"""How long a draw can be challenged (五(二), silent; the days are those of the announcement)."""

from __future__ import annotations

from datetime import date

from rules.periods import Period, Unit, due_day
from rules.workdays import Workdays


def challenge_ends_on(days: int, drawn_on: date, workdays: Workdays) -> date | None:
    """The last day on which a draw can be challenged: calendar days, the day of the draw not counted, a last day off
    rolls (民法典201, 203). None where there are no such days; one that needs an unpublished year is its latest."""
    if not days:
        return None
    worked = due_day(Period(days, Unit.DAYS), drawn_on, workdays)
    return worked.due or worked.latest


def firm_challenge_end(days: int, drawn_on: date, workdays: Workdays) -> date | None:
    """As `challenge_ends_on`, but None while the day is provisional."""
    return due_day(Period(days, Unit.DAYS), drawn_on, workdays).due if days else None
