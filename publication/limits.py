"""The limits of a round as anybody can work them out: by the day of acceptance, and for signing by the second notice.

Nothing here is about one dossier: whoever knows the day its clock started finds the same last day and the same working.
Days that an agency's delay adds belong to a dossier and are not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from publication.summaries import NoticeHead, RoundView
from rules.clocks import compute_deadline
from rules.localtime import local_day
from rules.periods import WorkingDay, explain
from rules.policy import ClockRule
from rules.vocabulary import NoticeKind
from rules.workdays import Workdays

BY_DAY = ("supplement_notice", "preliminary_review", "whole_procedure")
SIGNING = "signing"


@dataclass(frozen=True, slots=True)
class LimitView:
    """One limit from one start day (not counted). `due_on` is None while a schedule that it needs is unpublished."""

    kind: str
    label: str
    length: str
    clause: str
    start_on: date
    due_on: date | None
    earliest: date
    latest: date
    working: Sequence[WorkingDay]

    @property
    def anchor(self) -> str:
        """Its place on the page of limits."""
        return anchor_of(self.kind, self.start_on)


def anchor_of(kind: str, start_on: date) -> str:
    """The place of a limit on the page of limits: `preliminary_review-2025-09-01`."""
    return f"{kind}-{start_on}"


def limits_by_day(of: RoundView, workdays: Workdays) -> list[tuple[date, list[LimitView]]]:
    """For every day of the window in which applications are taken: the limits that start on it."""
    rules = [of.policy.clocks[kind] for kind in BY_DAY if kind in of.policy.clocks]
    return [(day, [_limit(rule, day, workdays) for rule in rules]) for day in _window(of)]


def signing_limit(of: RoundView, head: NoticeHead, workdays: Workdays) -> LimitView | None:
    """The limit for signing, from the second notice's last day (五(三); A7-13); None before that day is firm."""
    if head.kind is not NoticeKind.PROPOSED_AGREEMENTS or head.last_day is None:
        return None
    return _limit(of.policy.clocks[SIGNING], head.last_day, workdays)


def _window(of: RoundView) -> Iterator[date]:
    first, last = (local_day(datetime.fromisoformat(of.announcement[name])) for name in ("accept_from", "accept_until"))
    yield from (first + timedelta(days=n) for n in range((last - first).days + 1))


def _limit(rule: ClockRule, start_on: date, workdays: Workdays) -> LimitView:
    assert rule.period is not None
    reckoned = compute_deadline(rule, start_on, workdays)
    return LimitView(
        kind=rule.kind,
        label=rule.label,
        length=rule.period.label,
        clause=rule.clause,
        start_on=start_on,
        due_on=reckoned.due_on,
        earliest=reckoned.earliest_on,
        latest=reckoned.latest_on,
        working=explain(rule.period, start_on, workdays, roll=rule.roll),
    )
