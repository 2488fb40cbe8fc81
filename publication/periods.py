"""The period of a public notice as the page tells it: both dates, how they are counted, and every day of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from publication.summaries import NoticeHead, RoundView
from rules.clocks import compute_deadline
from rules.evaluation.clock_effects import NOTICE_CLOCKS, NOTICE_STATES
from rules.periods import Period, Unit, WorkingDay, explain
from rules.policy import ClockRule, Policy
from rules.vocabulary import NoticeKind
from rules.workdays import Workdays


@dataclass(frozen=True, slots=True)
class PeriodView:
    """A notice's period. `starts_on` is None until the proof that starts it is in; it is never counted itself.

    `last_day` is the one the notice was published with; None while a needed schedule is unpublished: then it lies
    from `earliest` to `latest`. `reckoned` is the day by the schedules known now, which may have been amended since.
    """

    label: str
    rolls: bool
    from_later_channel: bool
    counter_closes: time
    postmark_counts: bool
    starts_on: date | None = None
    last_day: date | None = None
    reckoned: date | None = None
    earliest: date | None = None
    latest: date | None = None
    working: Sequence[WorkingDay] = ()

    @property
    def notices(self) -> tuple[str, ...]:
        """The State Council notices that the working rests on, in the order of its days."""
        return tuple(dict.fromkeys(line.notice for line in self.working if line.notice))


def period_of(notice: NoticeHead, policy: Policy, workdays: Workdays) -> PeriodView | None:
    """The period of a notice; None for the final list, which is published and not laid open (五(四))."""
    rule = _rule(notice.kind, policy)
    return PeriodView(**_reading(rule, policy), **_worked(notice, rule, workdays)) if rule else None


def last_day_of(kind: NoticeKind, starts_on: date | None, of: RoundView, workdays: Workdays) -> date | None:
    """The last day by the schedules known now; None before the start, while provisional, and for a final list."""
    if starts_on is None or kind not in NOTICE_STATES:
        return None
    rule = _rule(kind, of.policy)
    return compute_deadline(rule, starts_on, workdays).due_on if rule else None


def plan_working(published_on: date, policy: Policy, workdays: Workdays) -> Sequence[WorkingDay]:
    """From the publication of a draw's plan to the first day on which it may be drawn (五(二)): a span, not an act to
    be done by its last day, so that a day off does not move it."""
    days = policy.count("draw_after_plan")
    return explain(Period(days, Unit.DAYS), published_on, workdays, roll=False) if days else ()


def _rule(kind: NoticeKind, policy: Policy) -> ClockRule | None:
    return policy.clocks[NOTICE_CLOCKS[NOTICE_STATES[kind]]] if kind in NOTICE_STATES else None


def _reading(rule: ClockRule, policy: Policy) -> dict[str, Any]:
    assert rule.period is not None
    return {
        "label": rule.period.label,
        "rolls": rule.roll,
        "from_later_channel": policy.reads("notice_start") == "later_channel",
        "counter_closes": policy.time_of_day("counter_closes"),
        "postmark_counts": policy.reads("posted_objection") == "postmark",
    }


def _worked(notice: NoticeHead, rule: ClockRule, workdays: Workdays) -> Mapping[str, Any]:
    if notice.starts_on is None:
        return {}
    assert rule.period is not None
    reckoned = compute_deadline(rule, notice.starts_on, workdays)
    return {
        "starts_on": notice.starts_on,
        "last_day": notice.last_day,
        "reckoned": reckoned.due_on,
        "earliest": reckoned.earliest_on,
        "latest": reckoned.latest_on,
        "working": explain(rule.period, notice.starts_on, workdays, roll=rule.roll),
    }
