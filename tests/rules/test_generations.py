"""Which copies are kept: the newest of each of so many days, weeks and months, at their limits."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from policies.upkeep import load_generations
from rules.generations import Generations, kept

MONDAY = datetime(2026, 3, 2, 1, 10)


def daily(count: int, last: datetime) -> dict[str, datetime]:
    return {f"{number}": last - timedelta(days=number) for number in range(count)}


@pytest.mark.parametrize(("days", "expected"), [(1, {"0"}), (2, {"0", "1"}), (3, {"0", "1", "2"}), (9, set("01234"))])
def test_days_are_kept_up_to_their_number(days: int, expected: set[str]) -> None:
    assert kept(daily(5, MONDAY), Generations(days, 1, 1)) == expected


def test_of_a_day_its_newest_is_kept() -> None:
    made = {"early": MONDAY, "late": MONDAY + timedelta(hours=3)}
    assert kept(made, Generations(1, 1, 1)) == {"late"}


def test_a_week_ends_on_sunday_and_a_month_on_its_last_day() -> None:
    """0 is Monday 2 March, 1 Sunday 1 March, 2 Saturday 28 February."""
    assert kept(daily(60, MONDAY), Generations(1, 2, 1)) == {"0", "1"}
    assert kept(daily(60, MONDAY), Generations(1, 1, 2)) == {"0", "2"}
    assert kept(daily(60, MONDAY), Generations(1, 3, 3)) == {"0", "1", "2", "8", "30"}


def test_a_pause_loses_nothing() -> None:
    old = {name: at - timedelta(days=400) for name, at in daily(2, MONDAY).items()}
    assert kept(old, Generations(2, 2, 2)) == {"0", "1"}


def test_the_house_keeps_two_weeks_two_months_two_years() -> None:
    assert load_generations() == Generations(days=14, weeks=9, months=24)
