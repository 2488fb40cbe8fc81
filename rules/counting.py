"""How the days of a period are counted, one by one: the single walker behind `rules.periods`.

Days are ordinals (`date.toordinal()`); whether a day is a working day is asked of the caller's `works`, so that the
same walk serves the published schedules and the bounds of a year without one.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Literal

from rules.errors import InputError
from rules.workdays import IsWorking

_FORMS = re.compile(r"([1-9][0-9]{0,3})(wd|d|m|y)")
_LAST_ORDINAL = date.max.toordinal()

StepEffect = Literal["start", "counted", "skipped", "suspended", "nominal", "rolled", "due"]
Step = tuple[int, StepEffect, int]  # ordinal of the day, what it does to the period, units counted so far
Span = tuple[int, int]  # ordinals of the first and the last suspended day


class Unit(StrEnum):
    """What a period is counted in."""

    WORKING_DAYS = "wd"
    DAYS = "d"
    MONTHS = "m"
    YEARS = "y"


_UNIT_NAMES = {Unit.WORKING_DAYS: "个工作日", Unit.DAYS: "日", Unit.MONTHS: "个月", Unit.YEARS: "年"}


@dataclass(frozen=True, slots=True)
class Period:
    """A number of units, at least one: `22wd`, `7d`, `3m`, `3y`."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise InputError(f"期间至少为 1，现为 {self.amount}")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Reads the short form. Raises InputError naming the accepted forms."""
        match = _FORMS.fullmatch(text)
        if match is None:
            forms = "22wd（工作日）、7d（日）、3m（月）、3y（年），数字为 1 至 9999"
            raise InputError(f"period：读不懂期间 {text!r}；可用的写法：{forms}")
        return cls(int(match[1]), Unit(match[2]))

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @property
    def label(self) -> str:
        """As a person reads it: `22个工作日`."""
        return f"{self.amount}{_UNIT_NAMES[self.unit]}"


@dataclass(frozen=True, slots=True)
class Clock:
    """A period with its start and suspensions, in ordinals."""

    period: Period
    start: int
    roll: bool
    spans: tuple[Span, ...]

    def is_suspended(self, ordinal: int) -> bool:
        return any(first <= ordinal <= last for first, last in self.spans)

    def days_after_start(self) -> range:
        return range(self.start + 1, _LAST_ORDINAL + 1)


def walk(clock: Clock, works: IsWorking) -> Iterator[Step]:
    """The days of a period in order, the start first, the due day last: the one place where days are counted."""
    yield clock.start, "start", 0
    if clock.period.unit is Unit.WORKING_DAYS:
        yield from _working_days(clock, works)
    elif clock.period.unit is Unit.DAYS:
        yield from _days(clock, clock.period.amount, works)
    else:
        yield from _months(clock, works)


def _working_days(clock: Clock, works: IsWorking) -> Iterator[Step]:
    count, amount, has_spans = 0, clock.period.amount, bool(clock.spans)
    for ordinal in clock.days_after_start():
        if has_spans and clock.is_suspended(ordinal):
            yield ordinal, "suspended", count
        elif not works(ordinal):
            yield ordinal, "skipped", count
        elif (count := count + 1) == amount:
            yield ordinal, "due", count
            return
        else:
            yield ordinal, "counted", count
    raise _beyond(clock)


def _days(clock: Clock, amount: int, works: IsWorking) -> Iterator[Step]:
    """Calendar days; the amount is given apart, because suspended months go on as days."""
    count = 0
    for ordinal in clock.days_after_start():
        if clock.is_suspended(ordinal):
            yield ordinal, "suspended", count
        elif (count := count + 1) == amount:
            yield from _last_day(clock, ordinal, count, works)
            return
        else:
            yield ordinal, "counted", count
    raise _beyond(clock)


def _months(clock: Clock, works: IsWorking) -> Iterator[Step]:
    """The corresponding day, then as many days more as were suspended up to it."""
    target, amount = corresponding_day(clock), clock.period.amount
    suspended = _suspended_days(clock, target)
    for ordinal in suspended:
        yield ordinal, "suspended", 0
    if not suspended:
        yield from _last_day(clock, target, amount, works)
        return
    if target != suspended[-1]:
        yield target, "counted", amount
    rest = replace(clock, start=target)
    for ordinal, effect, _ in _days(rest, len(suspended), works):
        yield ordinal, effect, amount


def _suspended_days(clock: Clock, target: int) -> list[int]:
    """Suspended days after the start, up to and including the corresponding day, each once."""
    days: set[int] = set()
    for first, last in clock.spans:
        days.update(range(max(first, clock.start + 1), min(last, target) + 1))
    return sorted(days)


def corresponding_day(clock: Clock) -> int:
    """Ordinal of the day of the same number in the last month, else that month's last day (民法典 202)."""
    start, is_years = date.fromordinal(clock.start), clock.period.unit is Unit.YEARS
    months = start.year * 12 + start.month - 1 + clock.period.amount * (12 if is_years else 1)
    year, month = divmod(months, 12)
    if year > date.max.year:
        raise _beyond(clock)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last)).toordinal()


def _last_day(clock: Clock, ordinal: int, count: int, works: IsWorking) -> Iterator[Step]:
    """The nominal last day, rolled past days off (民法典 203) and suspended days."""
    if not clock.roll or works(ordinal):
        yield ordinal, "due", count
        return
    yield ordinal, "nominal", count
    for later in range(ordinal + 1, _LAST_ORDINAL + 1):
        if clock.is_suspended(later):
            yield later, "suspended", count
        elif works(later):
            yield later, "due", count
            return
        else:
            yield later, "rolled", count
    raise _beyond(clock)


def _beyond(clock: Clock) -> InputError:
    start = date.fromordinal(clock.start)
    return InputError(f"从 {start} 起算 {clock.period.label}，末日超出公元 {date.max.year} 年；请核对起算日和期间")
