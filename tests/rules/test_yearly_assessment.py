"""The county's table, the totals, the grade, the months and days of the settlement: pure, at every boundary."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.assessment import (
    GradeRow,
    exact,
    faults_of,
    faults_of_scores,
    grade_of,
    is_in_year,
    table_of,
    total_of,
)
from rules.months import days_of, month_after
from rules.performance.settlement import DayState, Hold, stretches
from rules.vocabulary import GradeEffect

CRITERIA: list[dict[str, Any]] = [
    {"type": "pharmacy", "code": "K1", "item": "备药", "max": "60"},
    {"type": "pharmacy", "code": "K2", "item": "服务", "max": "40"},
]
GRADES: list[dict[str, Any]] = [
    {"label": "A级", "from_score": "90", "from_satisfaction": "90", "effect": "a", "coefficient": "1"},
    {"label": "B级", "from_score": "60", "from_satisfaction": "60", "effect": "b", "coefficient": "0.95"},
    {"label": "C级", "from_score": "0", "from_satisfaction": "", "effect": "c", "coefficient": "0.9"},
]
TABLE = table_of({"criteria": CRITERIA, "grades": GRADES})
FULL = Decimal(100)


def faults(criteria: Any = CRITERIA, grades: Any = GRADES) -> list[str]:
    return list(faults_of(table_of({"criteria": criteria, "grades": grades}), FULL))


@pytest.mark.parametrize(("weight", "said"), [("39.9", "合计 99.9"), ("40", ""), ("40.1", "合计 100.1")])
def test_the_weights_of_a_type_sum_to_the_full_mark(weight: str, said: str) -> None:
    found = faults([CRITERIA[0], {**CRITERIA[1], "max": weight}])
    assert (found == []) if not said else (len(found) == 1 and said in found[0] and "应为 100" in found[0])


@pytest.mark.parametrize(
    ("criteria", "grades", "said"),
    [
        ([], [], "一项也没有"),
        ([CRITERIA[0], {**CRITERIA[1], "code": "K1"}], GRADES, "“K1”写了 2 次"),
        (CRITERIA, [GRADES[0], {**GRADES[1], "label": "A级"}], "等级“A级”写了 2 次"),
        (CRITERIA, [GRADES[1], GRADES[0]], "请由高到低排列"),
        (CRITERIA, [{**GRADES[0], "from_score": "100.01"}], "起始得分 100.01"),
        (CRITERIA, [{**GRADES[0], "from_satisfaction": "100.01"}], "起始满意度 100.01"),
    ],
)
def test_a_table_that_nobody_could_be_graded_by_is_refused(criteria: Any, grades: Any, said: str) -> None:
    assert any(said in one for one in faults(criteria, grades))


def test_an_empty_grade_table_is_sound_and_grades_nobody() -> None:
    assert faults(CRITERIA, []) == []
    assert grade_of((), Decimal(100), Decimal(100)) is None


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ({"K1": "60", "K2": "40"}, ""),
        ({"K1": "0", "K2": "0"}, ""),
        ({"K1": "60.01", "K2": "40"}, "得分 60.01 须在 0 至 60 之间"),
        ({"K1": "60"}, "缺少指标 K2"),
        ({"K1": "60", "K2": "40", "K3": "1"}, "没有指标 K3"),
    ],
)
def test_points_are_inside_their_bounds_and_complete(scores: dict[str, str], said: str) -> None:
    found = list(faults_of_scores(TABLE.of_type("pharmacy"), {code: Decimal(one) for code, one in scores.items()}))
    assert (found == []) if not said else any(said in one for one in found)


@pytest.mark.parametrize(
    ("total", "satisfaction", "label"),
    [
        ("90", "90", "A级"),
        ("89.99", "90", "B级"),
        ("90", "89.99", "B级"),
        ("60", "60", "B级"),
        ("59.99", "60", "C级"),
        ("60", "59.99", "C级"),
        ("95", None, None),  # A, B or C, as the satisfaction is: not guessed
        ("59.99", None, "C级"),  # whatever it is
    ],
)
def test_a_grade_is_what_the_table_says_and_never_a_guess(
    total: str, satisfaction: str | None, label: str | None
) -> None:
    found = grade_of(TABLE.grades, Decimal(total), None if satisfaction is None else Decimal(satisfaction))
    assert (found.label if found else None) == label


points = st.decimals(0, 100, places=2)
rows = st.builds(GradeRow, st.text("ABC", min_size=1), points, st.none() | points, st.sampled_from(GradeEffect), points)


@given(st.lists(rows, max_size=4), points, points)
def test_an_unknown_satisfaction_gives_a_grade_only_where_every_satisfaction_gives_it(
    grades: list[GradeRow], total: Decimal, satisfaction: Decimal
) -> None:
    unknown = grade_of(grades, total, None)
    assert unknown is None or unknown == grade_of(grades, total, satisfaction)


@given(st.lists(points, max_size=8))
def test_a_total_is_exact(given_points: list[Decimal]) -> None:
    total = total_of({str(place): one for place, one in enumerate(given_points)})
    assert total * 100 == sum(int(one * 100) for one in given_points)
    assert Decimal(exact(total)) == total


@pytest.mark.parametrize(("number", "told"), [("1", "1.00"), ("92.5", "92.50"), ("33.3333", "33.3333"), ("0", "0.00")])
def test_a_number_is_told_in_full(number: str, told: str) -> None:
    assert exact(Decimal(number)) == told


@pytest.mark.parametrize(
    ("first", "last", "is_in"),
    [
        ("2025-11-03", "2025-12-31", False),
        ("2025-11-03", "2026-01-01", True),
        ("2026-12-31", "2027-12-30", True),
        ("2027-01-01", "2027-12-31", False),
        ("2026-05-06", "2026-05-05", False),  # was over before it began
    ],
)
def test_an_agreement_is_of_a_year_that_a_day_of_it_touches(first: str, last: str, is_in: bool) -> None:
    assert is_in_year(date.fromisoformat(first), date.fromisoformat(last), 2026) is is_in


@pytest.mark.parametrize(
    ("month", "months", "after"),
    [("2026-03", 0, "2026-03"), ("2026-03", 1, "2026-04"), ("2026-12", 1, "2027-01"), ("2026-11", 14, "2028-01")],
)
def test_months_go_on_over_the_year(month: str, months: int, after: str) -> None:
    assert month_after(month, months) == after


def test_a_month_has_its_days() -> None:
    assert [len(days_of(month)) for month in ("2026-02", "2028-02", "2026-04", "2026-12")] == [28, 29, 30, 31]


@pytest.mark.parametrize(("day", "held"), [("09", False), ("10", True), ("19", True), ("20", False)])
def test_a_hold_lasts_from_its_day_until_the_day_before_it_was_released(day: str, held: bool) -> None:
    hold = Hold(date(2026, 3, 10), date(2026, 3, 20))
    assert hold.holds(date.fromisoformat(f"2026-03-{day}")) is held


def test_days_that_stand_alike_are_told_as_stretches() -> None:
    days = days_of("2026-02")
    states = [(day, DayState.SUSPENDED if 10 <= day.day < 20 else DayState.IN_FORCE) for day in days]
    told = [(one.first.day, one.last.day, one.state.value) for one in stretches(states)]
    assert told == [(1, 9, "in_force"), (10, 19, "suspended"), (20, 28, "in_force")]
