"""Slack: what the whole-procedure limit leaves beyond the steps that nobody can shorten."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from policies.calendars import load_workdays
from policies.loader import load_policy
from rules.case import Clock
from rules.slack import earliest_finish, last_day, slack_between
from rules.vocabulary import State

POLICY, WORKDAYS = load_policy(), load_workdays()
MONDAY = date(2025, 11, 3)


def limit(due_on: date | None, earliest_on: date) -> Clock:
    status = "running" if due_on else "provisional"
    return Clock(1, "whole_procedure", date(2025, 9, 1), due_on, earliest_on, earliest_on, status, None)


@pytest.mark.parametrize(
    ("state", "running_until", "finish_on"),
    [
        (State.ACCEPTED, None, date(2025, 11, 19)),  # draw 4th; notice 4th to 11th; notice 12th to 19th
        (State.COUNTY_REQUESTED, None, date(2025, 11, 19)),
        (State.EVALUATING, None, date(2025, 11, 18)),  # notice 3rd to 10th; notice 11th to 18th
        (State.SELECTED, None, date(2025, 11, 18)),
        (State.NOTICE_RESULT, date(2025, 11, 6), date(2025, 11, 14)),
        (State.NOTICE_RESULT, date(2025, 11, 1), date(2025, 11, 11)),  # held open beyond its last day
        (State.NEGOTIATING, None, date(2025, 11, 10)),
        (State.NOTICE_PROPOSED, date(2025, 11, 6), date(2025, 11, 6)),
        (State.NOTICE_PROPOSED, date(2025, 11, 1), MONDAY),
    ],
)
def test_the_earliest_end_counts_the_notices_ahead(state: State, running_until: date | None, finish_on: date) -> None:
    assert earliest_finish(state, running_until, MONDAY, POLICY, WORKDAYS) == finish_on


@pytest.mark.parametrize(("due_on", "spare", "is_lost"), [(13, -1, True), (14, 0, False), (17, 1, False)])
def test_a_day_more_or_less_decides_whether_the_limit_can_be_kept(due_on: int, spare: int, is_lost: bool) -> None:
    slack = slack_between(limit(day := date(2025, 11, due_on), day), date(2025, 11, 14), MONDAY, WORKDAYS)
    assert (slack.spare, slack.is_lost) == (spare, is_lost)


def test_a_limit_without_a_day_gives_bounds_and_no_working_days() -> None:
    open_end = limit(None, date(2027, 1, 20))
    slack = slack_between(open_end, date(2027, 1, 10), date(2026, 12, 1), WORKDAYS)
    assert (slack.left, slack.spare, slack.spare_days, last_day(open_end)) == (None, None, 10, date(2027, 1, 20))


def test_an_earliest_end_beyond_the_published_years_is_a_bound_all_the_same() -> None:
    day = date(2026, 12, 28)
    assert earliest_finish(State.ACCEPTED, None, day, POLICY, WORKDAYS) >= day + timedelta(days=15)
