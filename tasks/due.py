"""What is to be done about a clock that a sweep found: the legal effect of its end, or a reminder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rules.case import SYSTEM, Change, Event, Refused, Setting, Subject
from rules.clocks import ONE_DAY, next_check, passed_rungs
from rules.localtime import local_day
from rules.procedure import ClockRow
from rules.vocabulary import ClockKind, ClockStatus
from tasks.decisions import asked
from tasks.procedures import kind_of

ORDER = {ClockKind.PERIOD.value: 0, ClockKind.APPLICANT.value: 1, ClockKind.AUTHORITY.value: 2}


@dataclass
class Due:
    """A clock on which a sweep has something to do."""

    subject_id: int
    group_id: int
    kind: str
    holder: str
    due_on: date
    status: str
    deadline_id: int
    number: str = ""
    label: str = ""

    @property
    def order(self) -> tuple[date, int]:
        """Of two clocks of one subject the earlier goes first; on one day a period ends before anybody is late."""
        return self.due_on, ORDER[self.holder]


@dataclass(frozen=True, slots=True)
class Reminder:
    """Rungs of a ladder whose day has come; one message is sent, for the last of them."""

    case: Subject
    due: Due
    rungs: tuple[int, ...]
    next_check: date | None


def decide_due(case: Subject, due: Due, as_of: datetime, ctx: Setting) -> Change[Any] | Reminder | Refused:
    """The effect once the last day is over; before that, and for an authority that is already late, a reminder."""
    today = local_day(as_of)
    if due.due_on >= today or due.status == ClockStatus.BREACHED:
        return _reminder(case, due, today, ctx)
    if (last := _last_of_all(case, due)) and today <= last:
        return Reminder(case, due, (), last + ONE_DAY)
    event = _event(case, due, as_of, ctx)
    return asked(case, event, ctx)


def _last_of_all(case: Subject, due: Due) -> date | None:
    """Where a clock has its effect only with others: the last day of all of them that are open (更正规则)."""
    others = (case.clock(kind) for kind in _row(case, due).with_)
    open_ones = [clock for clock in others if clock and clock.is_open]
    return max(clock.latest_on for clock in (*open_ones, case.clocks[due.kind])) if open_ones else None


def _row(case: Subject, due: Due) -> ClockRow:
    return kind_of(case).procedure.clocks[due.kind]


def _event(case: Subject, due: Due, as_of: datetime, ctx: Setting) -> Event:
    """What the table says of the end of the clock; of one that is late, sweeps also keep the day of the next look."""
    told: dict[str, object] = {"kind": due.kind, "due_on": due.due_on}
    if due.holder == ClockKind.AUTHORITY:
        told["check_on"] = next_check(ctx.clocks[due.kind], due.due_on, local_day(as_of), ctx.workdays)
    return Event(kind_of(case).procedure.over(due.kind, case.state), as_of, SYSTEM, told)


def _reminder(case: Subject, due: Due, today: date, ctx: Setting) -> Reminder:
    rule = ctx.clocks[due.kind]
    passed = passed_rungs(rule, due.due_on, today, ctx.workdays)
    rungs = tuple(rung for rung in passed if (rung > 0) is (due.due_on < today))
    return Reminder(case, due, rungs, next_check(rule, due.due_on, today, ctx.workdays))
