"""Slack (余量): what the whole-procedure limit still leaves a dossier, less what the steps ahead need at the least.

Only what nobody can shorten is counted: the day between the plan of the draw and the draw, and the two public notices.
The limit is met on the last day of the second notice (五 末; `rules.evaluation.clock_effects`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from rules.case import Clock
from rules.clocks import ONE_DAY, working_days_left
from rules.evaluation import EVALUATION
from rules.evaluation.clock_effects import NOTICE_CLOCKS
from rules.periods import due_day
from rules.policy import ClockRule, Policy
from rules.vocabulary import State, Term
from rules.workdays import UnpublishedYearError, Workdays


@dataclass(frozen=True, slots=True)
class Slack:
    """`due_on`: the last day of the limit, or the earliest it can be while it is provisional. `finish_on`: the earliest
    day on which the steps ahead can be over. `left` and `spare` are working days (None: a schedule is not published),
    `spare_days` calendar days; negative: the limit can no longer be kept."""

    due_on: date
    finish_on: date
    left: int | None
    spare: int | None
    spare_days: int

    @property
    def is_lost(self) -> bool:
        """Even without a lost day the limit will be missed."""
        return self.spare_days < 0


def slack_between(limit: Clock, finish_on: date, today: date, workdays: Workdays) -> Slack:
    """What an open limit leaves when the steps ahead are over on a day at the earliest."""
    due_on, is_firm = last_day(limit), limit.due_on is not None
    left = _left(today, due_on, workdays) if is_firm else None
    spare = _left(finish_on, due_on, workdays) if is_firm else None
    return Slack(due_on, finish_on, left, spare, (due_on - finish_on).days)


def last_day(clock: Clock) -> date:
    """The due day, or the earliest that it can be while it is provisional."""
    return clock.due_on or clock.earliest_on


def earliest_finish(state: State, running_until: date | None, today: date, policy: Policy, workdays: Workdays) -> date:
    """The earliest last day of the second notice, for a dossier that stands in a state today.

    `running_until` is the last day of the notice that runs. An unpublished schedule gives the earliest possible day.
    """
    start = finish = today
    if _is_before(state, State.EVALUATING):
        start = today + timedelta(days=policy.count("draw_after_plan"))
    for at, kind in NOTICE_CLOCKS.items():
        if _is_before(at, state):
            continue
        is_running = state is at
        finish = max(today, running_until or today) if is_running else _over(policy.clocks[kind], start, workdays)
        start = finish + ONE_DAY
    return finish


def _over(rule: ClockRule, start: date, workdays: Workdays) -> date:
    """The earliest last day of a notice that is posted on a day."""
    return due_day(rule.period, start, workdays, roll=rule.roll).earliest if rule.period else start


def _is_before(state: Term, other: Term) -> bool:
    return EVALUATION.place(state) < EVALUATION.place(other)


def _left(today: date, due_on: date, workdays: Workdays) -> int | None:
    try:
        return working_days_left(today, due_on, workdays)
    except UnpublishedYearError:
        return None
