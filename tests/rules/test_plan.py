"""Plans of a round: the table, the inverse of counting, and what holds for every plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.planning import load_plan_rules
from rules.clocks import ONE_DAY
from rules.errors import InputError
from rules.holidays import Touch
from rules.periods import Period, due_day
from rules.plan import Frame, Plan
from rules.schedule import candidates, latest_start, lay, ranked
from tests.rules.cases import POLICY, WORKDAYS, names, table

CASES = table("plan.yaml")
RULES = load_plan_rules()


def plan_of(row: dict[str, Any]) -> Plan:
    assumed = {step: Period.parse(text) for step, text in row["given"].get("assumed", {}).items()}
    return lay(row["given"]["announced_on"], Frame(RULES, POLICY, WORKDAYS, assumed))


def told(plan: Plan, expect: dict[str, Any]) -> dict[str, Any]:
    """What a plan says of everything that a row expects."""
    whole = plan.whole.on
    said: dict[str, Any] = {
        "on": {one: plan.step(one).on.earliest for one in expect.get("on", {}) if plan.step(one).on.is_firm},
        "span": {one: [plan.step(one).on.earliest, plan.step(one).on.latest] for one in expect.get("span", {})},
        "allowed": {one: plan.step(one).allowed_on for one in expect.get("allowed", {})},
        "whole": whole.earliest if whole.is_firm else [whole.earliest, whole.latest],
        "slack": plan.slack_days,
        "breaks_at": plan.breaks_at and plan.breaks_at.rule.step,
        "breaks_at_full_use": plan.breaks_at_full_use and plan.breaks_at_full_use.rule.step,
        "holidays": {
            one.rule.step: [touch.name, touch.first, touch.last] for one in plan.notices for touch in one.holidays
        },
        "is_firm": plan.is_firm,
    }
    return {name: said[name] for name in expect}


@pytest.mark.parametrize("row", CASES, ids=names(CASES))
def test_the_table(row: dict[str, Any]) -> None:
    assert told(plan_of(row), row["expect"]) == row["expect"]


@given(
    st.sampled_from(["1wd", "5wd", "22wd", "1d", "7d", "30d"]),
    st.dates(date(2019, 6, 1), date(2026, 10, 1)),
    st.booleans(),
)
def test_the_latest_start_is_the_last_that_ends_in_time(text: str, due_on: date, roll: bool) -> None:
    period = Period.parse(text)
    start = latest_start(period, due_on, WORKDAYS.works, roll=roll)
    assert due_day(period, start, WORKDAYS, roll=roll).latest <= due_on
    assert due_day(period, start + ONE_DAY, WORKDAYS, roll=roll).latest > due_on


@settings(max_examples=60)
@given(st.dates(date(2019, 1, 10), date(2027, 6, 1)), st.integers(1, 30))
def test_a_firm_plan_has_slack_exactly_when_it_keeps_the_limit(announced_on: date, scoring: int) -> None:
    plan = lay(announced_on, Frame(RULES, POLICY, WORKDAYS, {"scoring": Period.parse(f"{scoring}wd")}))
    chain = [one for one in plan.steps if one.allowed_on and not one.limits]
    if plan.is_firm:
        assert (plan.breaks_at is None) == all((one.slack_days or 0) >= 0 for one in chain)
    for before, after in zip(plan.steps, plan.steps[1:], strict=False):
        assert before.on.earliest < after.on.earliest
        assert before.on.latest < after.on.latest


@settings(max_examples=30)
@given(st.dates(date(2024, 1, 10), date(2026, 9, 1)))
def test_the_bounds_hold_what_the_notices_say_later(announced_on: date) -> None:
    """A plan laid before the next year's notice came bounds the plan laid with it."""
    years = {year: notice for year, notice in WORKDAYS.years.items() if year <= announced_on.year}
    marks = {day: mark for day, mark in WORKDAYS.marks.items() if (mark.schedule or day.year) in years}
    before = lay(announced_on, Frame(RULES, POLICY, replace(WORKDAYS, marks=marks, years=years)))
    for early, late in zip(before.steps, lay(announced_on, Frame(RULES, POLICY, WORKDAYS)).steps, strict=True):
        assert early.on.earliest <= late.on.earliest
        assert late.on.latest <= early.on.latest or not late.on.is_firm


def test_a_scan_puts_a_plan_that_keeps_limit_and_holidays_before_all_others() -> None:
    frame = Frame(RULES, POLICY, WORKDAYS)
    plans = ranked(candidates(date(2026, 2, 2), date(2026, 2, 2) + timedelta(weeks=12, days=-1), frame))
    assert [plan.announced_on for plan in plans][:2] == [date(2026, 3, 9), date(2026, 3, 11)]
    touched = [bool([touch for notice in plan.notices for touch in notice.holidays]) for plan in plans]
    assert touched == sorted(touched)
    assert {plan.announced_on for plan in plans} == {
        day for offset in range(84) if WORKDAYS.is_working(day := date(2026, 2, 2) + timedelta(days=offset))
    }


def with_notice(plan: Plan, *touches: Touch, slack: int = 0) -> Plan:
    """The plan with these holidays inside its first notice, and so many days more on the whole procedure's limit."""
    first = plan.notices[0]
    steps = tuple(replace(one, holidays=touches if one is first else (), slack_days=None) for one in plan.steps)
    on = plan.whole.on
    moved = replace(on, earliest=on.earliest + timedelta(days=slack), latest=on.latest + timedelta(days=slack))
    return replace(plan, steps=steps, whole=replace(plan.whole, on=moved))


def test_unsure_holidays_rank_behind_none_before_sure_ones_and_by_how_many_there_are() -> None:
    """A holiday that an unpublished year may bring counts once, however long; days of a sure one count before it; and
    both count before what slack is left."""
    plan = plan_of({"given": {"announced_on": date(2026, 3, 9)}})
    assert plan.is_firm
    day = date(2026, 5, 1)
    maybe, other = Touch("劳动节", day, day, False), Touch("国庆节", day, day, False)
    long_maybe = Touch("春节", day, day + timedelta(days=6), False)
    sure = Touch("劳动节", day, day, True)
    wanted = [
        with_notice(plan),
        with_notice(plan, long_maybe, slack=10),
        with_notice(plan, maybe, other, slack=20),
        with_notice(plan, sure, slack=30),
        with_notice(plan, sure, maybe, slack=40),
    ]
    assert ranked(reversed(wanted)) == wanted
    assert [one.slack_days - wanted[0].slack_days for one in wanted] == [0, 10, 20, 30, 40]


@pytest.mark.parametrize(
    ("assumed", "said"),
    [({"tea": "1wd"}, "没有可以假定办理时间的步骤“tea”"), ({"scoring": "1m"}, "须以日（d）或工作日（wd）计")],
)
def test_a_duration_that_cannot_be_used_is_refused(assumed: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Frame(RULES, POLICY, WORKDAYS, {step: Period.parse(text) for step, text in assumed.items()})
