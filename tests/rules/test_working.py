"""The working in short says what the engine counted: every day from the start to the last day is accounted for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.calendars import load_workdays
from policies.loader import load_policy
from rules.clocks import compute_deadline
from rules.periods import Suspension
from rules.working import Days, Limit, Working, working_of

POLICY = load_policy("special_drug", date(2025, 8, 18))
WORKDAYS = load_workdays()
NOTICE_2025, NOTICE_2026 = "国办发明电〔2024〕12号", "国办发明电〔2025〕7号"
COUNTED = [kind for kind, rule in POLICY.clocks.items() if rule.period]


def worked(kind: str, start_on: date, *suspensions: Suspension, due_on: date | None = None) -> Working:
    """The working of a clock as the engine derives it."""
    clock = compute_deadline(POLICY.clocks[kind], start_on, WORKDAYS, suspensions=suspensions, due_on=due_on)
    days = (clock.due_on, clock.earliest_on, clock.latest_on)
    return working_of(POLICY.clocks[kind], Limit(kind, start_on, *days, suspensions), WORKDAYS)


def delay(first: date, last: date) -> Suspension:
    return Suspension(first, last, "经办机构系统停机", "五(三)", "1001")


def count(spans: Iterable[Days]) -> int:
    return sum((one.last_on - one.first_on).days + 1 for one in spans)


def test_a_holiday_week_and_both_make_up_days_are_named_with_their_notice() -> None:
    one = worked("preliminary_review", date(2025, 9, 10))
    assert (one.length, one.due_on, one.weekends) == ("22个工作日", date(2025, 10, 16), 6)
    assert one.off == (Days(date(2025, 10, 1), date(2025, 10, 8), f"国庆节、中秋节放假（{NOTICE_2025}）"),)
    made_up = f"调休上班（{NOTICE_2025}）"
    assert one.added == tuple(Days(day, day, made_up) for day in (date(2025, 9, 28), date(2025, 10, 11)))


def test_the_turn_of_the_year_names_the_notice_of_the_new_year() -> None:
    one = worked("signing", date(2025, 10, 23))
    assert (one.due_on, one.off) == (
        date(2026, 1, 16),
        (Days(date(2026, 1, 1), date(2026, 1, 3), f"元旦放假（{NOTICE_2026}）"),),
    )
    assert one.added == (Days(date(2026, 1, 4), date(2026, 1, 4), f"调休上班（{NOTICE_2026}）"),)


def test_a_last_day_off_is_rolled_and_the_days_passed_over_are_named() -> None:
    one = worked("result_notice", date(2025, 9, 25))
    assert (one.nominal_on, one.due_on) == (date(2025, 10, 2), date(2025, 10, 9))
    assert one.rolled == (Days(date(2025, 10, 2), date(2025, 10, 8), f"国庆节、中秋节放假（{NOTICE_2025}）"),)
    assert (one.off, one.weekends, one.added) == ((), 0, ())


def test_a_roll_that_ends_on_a_make_up_working_day_says_so() -> None:
    one = worked("result_notice", date(2025, 12, 27))
    assert (one.nominal_on, one.due_on) == (date(2026, 1, 3), date(2026, 1, 4))
    assert one.added == (Days(date(2026, 1, 4), date(2026, 1, 4), f"调休上班（{NOTICE_2026}）"),)


def test_days_that_an_agency_took_are_named_with_cause_and_clause_and_nobody() -> None:
    one = worked("signing", date(2025, 10, 23), delay(date(2025, 11, 3), date(2025, 11, 7)))
    why = "暂停计算：经办机构系统停机（五(三)）"
    assert (one.due_on, one.suspended) == (date(2026, 1, 23), (Days(date(2025, 11, 3), date(2025, 11, 7), why),))
    assert "1001" not in repr(one)


def test_a_day_that_needs_an_unpublished_year_has_bounds_and_no_date() -> None:
    one = worked("signing", date(2026, 11, 23))
    assert (one.due_on, one.reckoned_on, one.unpublished_from) == (None, None, date(2027, 1, 1))
    assert one.earliest_on < one.latest_on


def test_a_day_that_the_announcement_fixes_is_not_counted() -> None:
    one = worked("supplement", date(2025, 9, 2), due_on=date(2025, 9, 12))
    assert (one.length, one.due_on, one.reckoned_on) == ("", date(2025, 9, 12), date(2025, 9, 12))


def test_a_day_that_stands_though_the_schedule_was_amended_shows_both() -> None:
    amended = WORKDAYS.with_year(2025, "国办发明电〔2025〕9号", [(date(2025, 9, 22), date(2025, 9, 24))], [])
    clock = compute_deadline(POLICY.clocks["preliminary_review"], date(2025, 9, 1), WORKDAYS)
    limit = Limit(clock.kind, clock.start_on, clock.due_on, clock.earliest_on, clock.latest_on)
    one = working_of(POLICY.clocks[clock.kind], limit, amended)
    assert (one.due_on, one.reckoned_on) == (date(2025, 9, 30), date(2025, 10, 6))


@pytest.mark.parametrize("kind", COUNTED)
@given(
    start=st.dates(date(2024, 1, 1), date(2026, 6, 1)),
    held=st.lists(st.tuples(st.integers(1, 80), st.integers(0, 12)), max_size=2),
)
def test_every_day_up_to_the_last_is_accounted_for(kind: str, start: date, held: list[tuple[int, int]]) -> None:
    spans = [(start + timedelta(days=first), start + timedelta(days=first + more)) for first, more in held]
    suspensions = tuple(delay(*span) for span in spans)
    rule = POLICY.clocks[kind]
    assert rule.period is not None
    one = worked(kind, start, *suspensions)
    assert one.due_on is not None
    assert (one.reckoned_on, one.unpublished_from) == (one.due_on, None)
    days = (one.due_on - start).days
    if rule.period.unit == "wd":
        assert days == rule.period.amount + one.weekends + count(one.off) + count(one.suspended)
    elif rule.period.unit == "d":
        assert days == rule.period.amount + count(one.rolled) + count(one.suspended)
