"""The working of a last day in short, for a letter: `rules.periods.explain` with like days put together.

Nothing is counted here: every day comes from the lines of `explain`, so that a letter, a case's page and the engine
cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rules.periods import DueDay, Period, Suspension, Unit, WorkingDay, due_day, explain
from rules.policy import ClockRule
from rules.workdays import Workdays

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """One time limit as it stands: its start day (not counted), its last day (None: provisional) or its bounds.
    `begun_with`: the period and the roll that it was started with (None: those of the rules)."""

    kind: str
    start_on: date
    due_on: date | None
    earliest_on: date
    latest_on: date
    suspensions: tuple[Suspension, ...] = ()
    begun_with: tuple[str, bool] | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """Days, both inclusive, that one cause makes what they are; `why` names the State Council notice, if one does."""

    first_on: date
    last_on: date
    why: str


@dataclass(frozen=True, slots=True)
class Working:
    """How a last day came about.

    `off`: days off that a notice makes, `weekends`: the other days off, `suspended`: days that do not count, `added`:
    make-up working days that count. `nominal_on` and `rolled`: a last day off, and the days off passed over from it.
    `due_on` is the day that holds, `reckoned_on` the one by the schedules known now; `unpublished_from` the first day
    of a year without a schedule. `length` is empty where the announcement fixes the day: then nothing is counted.
    """

    limit: str
    clause: str
    length: str
    start_on: date
    due_on: date | None
    reckoned_on: date | None
    earliest_on: date
    latest_on: date
    nominal_on: date | None = None
    unpublished_from: date | None = None
    weekends: int = 0
    off: tuple[Days, ...] = ()
    added: tuple[Days, ...] = ()
    suspended: tuple[Days, ...] = ()
    rolled: tuple[Days, ...] = ()


def working_of(rule: ClockRule, limit: Limit, workdays: Workdays) -> Working:
    """The working of a limit by its rule and the schedules known now. Raises InputError as `rules.periods.due_day`."""
    days = (limit.earliest_on, limit.latest_on)
    if rule.period is None:
        return Working(rule.label, rule.clause, "", limit.start_on, limit.due_on, limit.due_on, *days)
    due = due_day(rule.period, limit.start_on, workdays, roll=rule.roll, suspensions=limit.suspensions)
    lines = explain(rule.period, limit.start_on, workdays, roll=rule.roll, suspensions=limit.suspensions)
    found = {
        "unpublished_from": next((line.day for line in lines if line.effect == "unknown"), None),
        "added": _added(lines, rule.period, workdays),
        **_skipped(lines),
        **_rolled(lines, due, workdays),
    }
    length = rule.period.label
    return Working(rule.label, rule.clause, length, limit.start_on, limit.due_on, due.due, *days, **found)


def _skipped(lines: Sequence[WorkingDay]) -> dict[str, Any]:
    """What did not count: days off, those that no notice makes so as a number, and suspended days."""
    off = [line for line in lines if line.effect == "skipped"]
    return {
        "weekends": sum(line.notice is None for line in off),
        "off": _together((line.day, line.reason) for line in off if line.notice),
        "suspended": _together((line.day, line.reason) for line in lines if line.effect == "suspended"),
    }


def _rolled(lines: Sequence[WorkingDay], due: DueDay, workdays: Workdays) -> dict[str, Any]:
    """A last day off, with the days off after it; nothing where the last day held."""
    if due.due is None or due.nominal == due.due:
        return {}
    passed = [line.day for line in lines if line.day == due.nominal or line.effect == "rolled"]
    return {"nominal_on": due.nominal, "rolled": _together((day, workdays.why(day)) for day in passed)}


def _added(lines: Sequence[WorkingDay], period: Period, workdays: Workdays) -> tuple[Days, ...]:
    """Make-up working days that the result rests on: each in a period of working days, else a last day that is one."""
    effects = ("counted", "due") if period.unit is Unit.WORKING_DAYS else ("due",)
    days = [line.day for line in lines if line.effect in effects]
    return _together((day, workdays.why(day)) for day in days if (mark := workdays.marks.get(day)) and mark.is_working)


def _together(days: Iterable[tuple[date, str]]) -> tuple[Days, ...]:
    """Days that follow one another and have the same cause, as one entry."""
    found: list[Days] = []
    for day, why in days:
        if found and found[-1].why == why and found[-1].last_on + ONE_DAY == day:
            found[-1] = Days(found[-1].first_on, day, why)
        else:
            found.append(Days(day, day, why))
    return tuple(found)
