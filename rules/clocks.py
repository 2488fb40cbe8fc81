"""Clocks: from rule, start day, budget and suspensions to the due day, and to the day a sweep must look next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rules.case import Clock
from rules.periods import Period, Suspension, Unit, due_day, shift_working_days
from rules.policy import ClockRule, Ladder
from rules.vocabulary import ClockKind, ClockStatus
from rules.workdays import Workdays

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ComputedDeadline:
    """A clock worked out. `check_on` is the first day on which a sweep has something to do; None: nothing, ever."""

    kind: str
    holder: ClockKind
    period: str
    roll: bool
    start_on: date
    due_on: date | None
    nominal_on: date | None
    earliest_on: date
    latest_on: date
    status: ClockStatus
    check_on: date | None


def compute_deadline(
    rule: ClockRule,
    start_on: date,
    workdays: Workdays,
    *,
    suspensions: Sequence[Suspension] = (),
    due_on: date | None = None,
    after: date | None = None,
) -> ComputedDeadline:
    """Works a clock out from its start day (not counted). `due_on` fixes the last day where the announcement does.

    A due day that needs an unpublished year is provisional and never fires. `after` is the day up to which sweeps
    have already looked (default: the start day); a due day that lies before it is looked at all the same.
    """
    nominal: date | None
    if rule.period is not None:
        worked = due_day(rule.period, start_on, workdays, roll=rule.roll, suspensions=suspensions)
        due_on, nominal, earliest, latest = worked.due, worked.nominal, worked.earliest, worked.latest
    elif due_on is not None:
        nominal = earliest = latest = due_on
    else:
        raise ValueError(f"clock {rule.kind} has no period and no day")
    status = ClockStatus.PROVISIONAL if due_on is None else ClockStatus.RUNNING
    check_on = None if due_on is None else next_check(rule, due_on, min(after or start_on, due_on), workdays)
    about = (rule.kind, rule.holder, str(rule.period or ""), rule.roll)
    return ComputedDeadline(*about, start_on, due_on, nominal, earliest, latest, status, check_on)


def running_rule(rule: ClockRule, begun_with: tuple[str, bool] | None) -> ClockRule:
    """The rule of a clock that was started: as long, and rolling, as it was then; all else as the rules say now."""
    if begun_with is None:
        return rule
    period, roll = begun_with
    return replace(rule, period=Period.parse(period) if period else None, roll=roll)


def settled_status(clock: Clock, holder: ClockKind, due_on: date | None, today: date) -> ClockStatus:
    """The status of a clock whose last day was worked out anew.

    An authority's that was met while the day was provisional is met or late by the firm one; one that is late stays so
    unless the new day is still to come. One that is over otherwise stays what it is.
    """
    status = ClockStatus(clock.status)
    if clock.is_open:
        if due_on is None:
            return ClockStatus.PROVISIONAL
        is_late = status is ClockStatus.BREACHED and due_on < today
        return ClockStatus.BREACHED if is_late else ClockStatus.RUNNING
    was_met_provisionally = status is ClockStatus.MET and clock.due_on is None and holder is ClockKind.AUTHORITY
    if was_met_provisionally and due_on and clock.closed_on and clock.closed_on > due_on:
        return ClockStatus.BREACHED
    return status


def effect_after_notice(
    clock: Clock, now: ComputedDeadline, notice_days: int, today: date, workdays: Workdays
) -> date | None:
    """The day from which an applicant's limit has its effect, where its last day is found to be over, or to be today,
    only now: its holder is told first and has `notice_days` working days. None where the day was known in time."""
    is_late = now.due_on is not None and now.due_on <= today
    if not (is_late and clock.is_open and now.holder is ClockKind.APPLICANT):
        return None
    last = due_day(Period(notice_days, Unit.WORKING_DAYS), today, workdays).latest
    return max(last + ONE_DAY, clock.effect_from or last)


def rungs(ladder: Ladder | None, due_on: date, workdays: Workdays) -> tuple[tuple[int, date], ...]:
    """The rungs of a ladder as (working days from the due day, day), in time order; -10 is ten before, 3 three after.
    A rung that would need an unpublished year is left out."""
    if ladder is None:
        return ()
    offsets = sorted([-n for n in ladder.before] + list(ladder.after))
    days = ((offset, shift_working_days(due_on, offset, workdays)) for offset in offsets)
    return tuple((offset, day) for offset, day in days if day is not None)


def next_check(rule: ClockRule, due_on: date, after: date, workdays: Workdays) -> date | None:
    """The first day later than `after` on which a rung is due or the limit is over; None when all is past."""
    days = [
        day for _, day in rungs(rule.ladder, due_on, workdays) if rule.holder is ClockKind.AUTHORITY or day <= due_on
    ]
    return min((day for day in [*days, due_on + ONE_DAY] if day > after), default=None)


def passed_rungs(rule: ClockRule, due_on: date, today: date, workdays: Workdays) -> tuple[int, ...]:
    """Every rung whose day has come, in order."""
    return tuple(offset for offset, day in rungs(rule.ladder, due_on, workdays) if day <= today)


def working_days_left(today: date, due_on: date, workdays: Workdays) -> int:
    """Working days after today up to the due day, that day included; negative: working days since it."""
    first, last, sign = (today, due_on, 1) if today <= due_on else (due_on, today, -1)
    days = (first + n * ONE_DAY for n in range(1, (last - first).days + 1))
    return sign * sum(workdays.is_working(day) for day in days)
