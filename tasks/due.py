"""What is to be done about a clock that a sweep found: the legal effect of its end, or a reminder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from rules.case import SYSTEM, Case, Context, Event, Refused
from rules.clocks import ONE_DAY, next_check, passed_rungs
from rules.evaluation import EVALUATION
from rules.evaluation.clock_effects import CORRECTION
from rules.localtime import local_day
from rules.vocabulary import ClockKind, ClockStatus
from tasks.advance import Change

ORDER = {ClockKind.PERIOD.value: 0, ClockKind.APPLICANT.value: 1, ClockKind.AUTHORITY.value: 2}


@dataclass
class Due:
    """A clock on which a sweep has something to do."""

    case_id: int
    round_id: int
    kind: str
    holder: str
    due_on: date
    status: str
    deadline_id: int
    applicant_id: str = ""
    label: str = ""

    @property
    def order(self) -> tuple[date, int]:
        """Of two clocks of one case the earlier goes first; on one day a period ends before anybody is late."""
        return self.due_on, ORDER[self.holder]


@dataclass(frozen=True, slots=True)
class Reminder:
    """Rungs of a ladder whose day has come; one message is sent, for the last of them."""

    case: Case
    due: Due
    rungs: tuple[int, ...]
    next_check: date | None


def decide_due(case: Case, due: Due, as_of: datetime, ctx: Context) -> Change | Reminder | Refused:
    """The effect once the last day is over; before that, and for an authority that is already late, a reminder."""
    today = local_day(as_of)
    if due.due_on >= today or due.status == ClockStatus.BREACHED:
        return _reminder(case, due, today, ctx)
    if (last := _last_of_both(case, due)) and today <= last:
        return Reminder(case, due, (), last + ONE_DAY)
    event = _event(case, due, as_of, ctx)
    outcome = EVALUATION.decide(case, event, ctx)
    return outcome if isinstance(outcome, Refused) else Change(case, event, outcome)


def _last_of_both(case: Case, due: Due) -> date | None:
    """After a correction the limit itself and the limit of the correction must both be over (更正规则)."""
    correction, limit = case.clock(CORRECTION), case.clock("signing")
    if due.kind not in (CORRECTION, "signing") or correction is None or not correction.is_open:
        return None
    return max(correction.latest_on, limit.latest_on) if limit else correction.latest_on


def _event(case: Case, due: Due, as_of: datetime, ctx: Context) -> Event:
    """What the table says of the end of the clock; of one that is late, sweeps also keep the day of the next look."""
    told: dict[str, object] = {"kind": due.kind, "due_on": due.due_on}
    if due.holder == ClockKind.AUTHORITY:
        told["check_on"] = next_check(ctx.policy.clocks[due.kind], due.due_on, local_day(as_of), ctx.workdays)
    return Event(EVALUATION.over(due.kind, case.state), as_of, SYSTEM, told)


def _reminder(case: Case, due: Due, today: date, ctx: Context) -> Reminder:
    rule = ctx.policy.clocks[due.kind]
    passed = passed_rungs(rule, due.due_on, today, ctx.workdays)
    rungs = tuple(rung for rung in passed if (rung > 0) is (due.due_on < today))
    return Reminder(case, due, rungs, next_check(rule, due.due_on, today, ctx.workdays))
