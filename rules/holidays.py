"""Long holidays inside a range of days: those that a notice has made, and those that an unpublished year may bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rules.clocks import ONE_DAY
from rules.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Touch:
    """Days of a range that lie in one long holiday; not `is_sure` where the year's schedule is not published."""

    name: str
    first: date
    last: date
    is_sure: bool

    @property
    def days(self) -> int:
        """How many days of the range it takes."""
        return (self.last - self.first).days + 1


def long_holidays_in(
    first: date, last: date, workdays: Workdays, at_least: int, windows: tuple[str, ...]
) -> tuple[Touch, ...]:
    """Every long holiday that a range (inclusive) touches: at least so many days off in a row.

    Of an unpublished year only the windows named may bring one. The last day of a range that rolled past a holiday is
    itself a working day: the holiday before it counts.
    """
    touches: list[Touch] = []
    for offset in range((last - first).days + 1):
        day = first + offset * ONE_DAY
        if found := _holiday_of(day, workdays, at_least, windows):
            touches = _joined(touches, Touch(found[0], day, day, found[1]))
    return tuple(touches)


def _joined(touches: list[Touch], one: Touch) -> list[Touch]:
    """A day more: it lengthens the holiday before it, or begins another."""
    if touches and (touches[-1].name, touches[-1].is_sure) == (one.name, one.is_sure):
        return [*touches[:-1], Touch(one.name, touches[-1].first, one.last, one.is_sure)]
    return [*touches, one]


def _holiday_of(day: date, workdays: Workdays, at_least: int, windows: tuple[str, ...]) -> tuple[str, bool] | None:
    if not workdays.is_published(day):
        window = workdays.bounds.off_window(day)
        return (window.name, False) if window and window.name in windows else None
    run = _run_of(day, workdays)
    if len(run) < at_least:
        return None
    marks = (workdays.marks.get(one) for one in run)
    return next((mark.name for mark in marks if mark and mark.name), "连休"), True


def _run_of(day: date, workdays: Workdays) -> list[date]:
    """The days off in a row around a day, as far as they are published; none for a working day."""

    def is_off(one: date) -> bool:
        return workdays.is_published(one) and not workdays.is_working(one)

    if not is_off(day):
        return []
    first = last = day
    while is_off(first - ONE_DAY):
        first -= ONE_DAY
    while is_off(last + ONE_DAY):
        last += ONE_DAY
    return [first + offset * ONE_DAY for offset in range((last - first).days + 1)]
