"""Periods (期间) of the Civil Code and their last day.

Counting (民法典 200 至 204): the start day is never counted (201); months and years end on the corresponding day,
else on the last day of the month (202); a period in days, months or years whose last day is no working day ends on
the next one (203) unless the rule says otherwise (204). Working days count make-up days. Suspended days do not count.

One walker yields the days; `due_day` takes its end and `explain` tells the whole of it, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from rules.counting import Clock, Period, Step, StepEffect, Unit, walk
from rules.errors import InputError
from rules.workdays import IsWorking, UnpublishedYearError, Workdays, unpublished

__all__ = ["DueDay", "Period", "Suspension", "Unit", "WorkingDay", "due_day", "explain", "shift_working_days"]

Status = Literal["firm", "provisional"]
Effect = Literal["start", "counted", "skipped", "suspended", "rolled", "due", "unknown"]


@dataclass(frozen=True, slots=True)
class Suspension:
    """Days, `from_on` to `to_on` inclusive, that do not count; why, by which clause, and who decided it."""

    from_on: date
    to_on: date
    reason: str
    clause: str
    by: str

    def __post_init__(self) -> None:
        if self.to_on < self.from_on:
            raise InputError(f"暂停期间的末日 {self.to_on} 早于首日 {self.from_on}；请更正")


@dataclass(frozen=True, slots=True)
class DueDay:
    """The last day of a period.

    `nominal`: the last day before any roll. `provisional`: a year without a schedule is needed; then `due` is None,
    and the last day will lie from `earliest` to `latest`, whatever that schedule says.
    """

    start: date
    period: Period
    due: date | None
    nominal: date | None
    earliest: date
    latest: date
    status: Status


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """One line of the working: a day, what it does to the period, units counted so far, and why.

    Effects: `start` (not counted), `counted`, `skipped` (a day off in a period of working days), `suspended`,
    `rolled` (a day off after the last day), `due`, and `unknown` where the schedule needed is not published.
    `notice` is the State Council notice that makes the day what it is, if one does.
    """

    day: date
    effect: Effect
    count: int
    reason: str
    notice: str | None = None


def due_day(
    period: Period, start: date, workdays: Workdays, *, roll: bool = True, suspensions: Sequence[Suspension] = ()
) -> DueDay:
    """The last day of `period` from `start`, which is not counted.

    Units: as the period says; suspended days do not count, and a period in months or years is moved by as many
    days as were suspended in it. Raises InputError when the end lies beyond the year 9999.
    """
    clock = _clock(period, start, roll, suspensions)
    try:
        nominal, due = (date.fromordinal(day) for day in _end(clock, workdays.works))
    except UnpublishedYearError:
        return _bounded(clock, workdays)
    return DueDay(start, period, due, nominal, due, due, "firm")


def explain(
    period: Period, start: date, workdays: Workdays, *, roll: bool = True, suspensions: Sequence[Suspension] = ()
) -> list[WorkingDay]:
    """The working of `due_day`: every counted, skipped and suspended day in order, from the start to the due day.

    Months and years list the start, the suspended days, the corresponding day and what comes after it. Where a
    schedule is not published the working ends with an `unknown` day.
    """
    clock = _clock(period, start, roll, suspensions)
    lines: list[WorkingDay] = []
    try:
        for step in walk(clock, workdays.works):
            lines.append(_line(step, workdays, suspensions))
    except UnpublishedYearError as error:
        lines.append(WorkingDay(error.day, "unknown", lines[-1].count, f"{unpublished(error.day.year)}，此后无法确定"))
    return lines


def shift_working_days(day: date, n: int, workdays: Workdays) -> date | None:
    """The n-th working day after `day`, before it for a negative n; `day` itself for 0, whatever day it is.

    None when a year without a schedule would be needed.
    """
    step, ordinal = (1 if n > 0 else -1), day.toordinal()
    try:
        for _ in range(abs(n)):
            ordinal += step
            while not workdays.works(ordinal):
                ordinal += step
    except UnpublishedYearError:
        return None
    return date.fromordinal(ordinal)


def _clock(period: Period, start: date, roll: bool, suspensions: Sequence[Suspension]) -> Clock:
    spans = tuple((one.from_on.toordinal(), one.to_on.toordinal()) for one in suspensions)
    return Clock(period, start.toordinal(), roll, spans)


def _bounded(clock: Clock, workdays: Workdays) -> DueDay:
    """What can be said without the missing schedule: the last day before the roll, and the bounds of the due day."""
    nominal = None
    if clock.period.unit is not Unit.WORKING_DAYS:
        nominal = date.fromordinal(_end(replace(clock, roll=False), workdays.works)[0])
    earliest = date.fromordinal(_end(clock, workdays.at_best())[1])
    latest = date.fromordinal(_end(clock, workdays.at_worst())[1])
    start = date.fromordinal(clock.start)
    return DueDay(start, clock.period, None, nominal, earliest, latest, "provisional")


def _end(clock: Clock, works: IsWorking) -> tuple[int, int]:
    """Ordinals of the nominal last day and of the due day. Raises UnpublishedYearError as `works` does."""
    nominal = ordinal = 0
    for ordinal, effect, _ in walk(clock, works):
        if effect == "nominal":
            nominal = ordinal
    return nominal or ordinal, ordinal


def _line(step: Step, workdays: Workdays, suspensions: Sequence[Suspension]) -> WorkingDay:
    ordinal, effect, count = step
    day = date.fromordinal(ordinal)
    mark = workdays.marks.get(day)
    reason = _reason(day, effect, workdays, suspensions)
    return WorkingDay(day, "counted" if effect == "nominal" else effect, count, reason, mark.notice if mark else None)


def _reason(day: date, effect: StepEffect, workdays: Workdays, suspensions: Sequence[Suspension]) -> str:
    if effect == "start":
        return "起算日，当日不计"
    if effect == "suspended":
        cause = next(one for one in suspensions if one.from_on <= day <= one.to_on)
        return f"暂停计算：{cause.reason}（{cause.clause}）"
    tail = {"nominal": "，末日顺延", "rolled": "，顺延", "due": "，期间届满"}.get(effect, "")
    return workdays.why(day) + tail
