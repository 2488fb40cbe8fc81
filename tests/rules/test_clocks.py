"""Clocks: the ladder of reminders as a table, the next look of a sweep, provisional due days, moved due days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.clocks import ONE_DAY, compute_deadline, next_check, passed_rungs, rungs
from rules.periods import Suspension
from rules.vocabulary import ClockKind, ClockStatus
from tests.rules.cases import POLICY, WORKDAYS, names, table

CASES = table("clocks.yaml")
KINDS = sorted(POLICY.clocks)
days = st.dates(date(2019, 1, 15), date(2026, 11, 30))


@pytest.mark.parametrize("row", CASES, ids=names(CASES))
def test_the_table(row: dict[str, Any]) -> None:
    rule = POLICY.clocks[row["given"]["kind"]]
    assert dict(rungs(rule.ladder, row["given"]["due"], WORKDAYS)) == row["expect"]


@pytest.mark.parametrize("row", CASES, ids=names(CASES))
def test_the_rungs_come_in_the_order_of_time(row: dict[str, Any]) -> None:
    climbed = rungs(POLICY.clocks[row["given"]["kind"]].ladder, row["given"]["due"], WORKDAYS)
    assert [day for _, day in climbed] == sorted(day for _, day in climbed)


def looks(kind: str, due_on: date, start_on: date) -> list[date]:
    """Every day on which a sweep that runs daily looks at a clock."""
    rule, found, after = POLICY.clocks[kind], [], start_on
    while (day := next_check(rule, due_on, after, WORKDAYS)) is not None:
        found.append(day)
        after = day
    return found


@pytest.mark.parametrize("kind", KINDS)
@given(due_on=days, before=st.integers(0, 60))
def test_the_looks_move_forward_and_skip_no_rung_and_not_the_day_after(kind: str, due_on: date, before: int) -> None:
    rule, start_on = POLICY.clocks[kind], due_on - timedelta(days=before)
    found = looks(kind, due_on, start_on)
    climbed = [day for offset, day in rungs(rule.ladder, due_on, WORKDAYS) if offset <= 0 or rule.holder == "authority"]
    assert found == sorted({day for day in [*climbed, due_on + ONE_DAY] if day > start_on})


@pytest.mark.parametrize("kind", KINDS)
@given(due_on=days, gap=st.integers(0, 40))
def test_after_an_outage_every_passed_rung_is_told_in_order(kind: str, due_on: date, gap: int) -> None:
    rule, today = POLICY.clocks[kind], due_on + timedelta(days=gap - 20)
    passed = passed_rungs(rule, due_on, today, WORKDAYS)
    assert list(passed) == sorted(passed)
    assert set(passed) == {offset for offset, day in rungs(rule.ladder, due_on, WORKDAYS) if day <= today}


def test_a_period_without_reminders_is_looked_at_once_the_day_after() -> None:
    assert looks("result_notice", date(2025, 10, 29), date(2025, 10, 22)) == [date(2025, 10, 30)]


def test_an_applicants_limit_has_no_look_after_the_day_of_its_effect() -> None:
    assert looks("signing", date(2026, 2, 5), date(2025, 11, 12))[-2:] == [date(2026, 2, 5), date(2026, 2, 6)]


def test_an_authoritys_limit_is_looked_at_while_it_is_late() -> None:
    found = looks("preliminary_review", date(2025, 10, 9), date(2025, 9, 3))
    assert found[-3:] == [date(2025, 10, 9), date(2025, 10, 10), date(2025, 10, 13)]


@pytest.mark.parametrize("start_on", [date(2026, 10, 12), date(2026, 11, 30), date(2027, 5, 6)])
def test_a_provisional_clock_is_never_looked_at(start_on: date) -> None:
    clock = compute_deadline(POLICY.clocks["signing"], start_on, WORKDAYS)
    assert (clock.status, clock.due_on, clock.check_on) == (ClockStatus.PROVISIONAL, None, None)
    assert start_on < clock.earliest_on <= clock.latest_on


def test_the_last_start_that_is_firm_is_looked_at_ten_working_days_before() -> None:
    clock = compute_deadline(POLICY.clocks["signing"], date(2026, 10, 9), WORKDAYS)
    assert (clock.status, clock.due_on, clock.check_on) == (
        ClockStatus.RUNNING,
        date(2026, 12, 31),
        date(2026, 12, 17),
    )


def test_a_clock_with_an_announced_last_day_takes_that_day_and_does_not_roll() -> None:
    clock = compute_deadline(POLICY.clocks["supplement"], date(2025, 9, 8), WORKDAYS, due_on=date(2025, 9, 14))
    assert (clock.due_on, clock.earliest_on, clock.latest_on) == (date(2025, 9, 14),) * 3
    assert clock.period == ""


def test_a_clock_without_a_length_and_without_a_day_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="clock supplement has no period and no day"):
        compute_deadline(POLICY.clocks["supplement"], date(2025, 9, 8), WORKDAYS)


def test_suspended_days_move_the_due_day_and_the_next_look() -> None:
    delay = Suspension(date(2026, 1, 12), date(2026, 1, 16), "系统联调", "五(三)", "经办员甲")
    clock = compute_deadline(POLICY.clocks["signing"], date(2025, 11, 12), WORKDAYS, suspensions=[delay])
    assert (clock.due_on, clock.check_on) == (date(2026, 2, 12), date(2026, 1, 29))


def test_a_look_after_today_even_where_a_rung_has_passed() -> None:
    clock = compute_deadline(POLICY.clocks["signing"], date(2025, 11, 12), WORKDAYS, after=date(2026, 1, 30))
    assert (clock.due_on, clock.check_on) == (date(2026, 2, 5), date(2026, 2, 3))


def test_a_due_day_that_turns_out_to_lie_in_the_past_is_still_looked_at() -> None:
    clock = compute_deadline(POLICY.clocks["signing"], date(2025, 11, 12), WORKDAYS, after=date(2026, 2, 20))
    assert (clock.due_on, clock.check_on) == (date(2026, 2, 5), date(2026, 2, 6))


@given(st.sampled_from([kind for kind in KINDS if POLICY.clocks[kind].period]), days, st.integers(0, 400))
def test_a_clock_that_is_worked_out_anew_is_never_forgotten(kind: str, start_on: date, later: int) -> None:
    clock = compute_deadline(POLICY.clocks[kind], start_on, WORKDAYS, after=start_on + timedelta(days=later))
    assert (clock.check_on is None) == (clock.due_on is None)


def test_whose_limit_it_is_and_how_long_stands_in_the_policy() -> None:
    told = {kind: (rule.holder, str(rule.period or ""), rule.roll) for kind, rule in POLICY.clocks.items()}
    assert told == {
        "supplement": (ClockKind.APPLICANT, "", True),
        "supplement_notice": (ClockKind.AUTHORITY, "5wd", True),
        "preliminary_review": (ClockKind.AUTHORITY, "22wd", True),
        "whole_procedure": (ClockKind.AUTHORITY, "3m", True),
        "result_notice": (ClockKind.PERIOD, "7d", True),
        "proposed_notice": (ClockKind.PERIOD, "7d", True),
        "objection_inquiry": (ClockKind.AUTHORITY, "15wd", True),
        "correction": (ClockKind.APPLICANT, "10wd", True),
        "signing": (ClockKind.APPLICANT, "60wd", True),
        "city_reply": (ClockKind.PERIOD, "10wd", True),
        "complaint_inquiry": (ClockKind.AUTHORITY, "15wd", True),
        "migrated_assessment": (ClockKind.AUTHORITY, "", False),
        "agreement_begins": (ClockKind.PERIOD, "", False),
        "agreement_term": (ClockKind.APPLICANT, "", False),
        "hearing": (ClockKind.APPLICANT, "5wd", True),
        "rectification": (ClockKind.APPLICANT, "", True),
        "re_inspection": (ClockKind.AUTHORITY, "10wd", True),
        "dissolution": (ClockKind.AUTHORITY, "10wd", True),
        "assessment": (ClockKind.AUTHORITY, "", False),
        "warning_answer": (ClockKind.APPLICANT, "10wd", True),
        "leaving": (ClockKind.PERIOD, "", False),
        "annual_agreement": (ClockKind.AUTHORITY, "", False),
    }
