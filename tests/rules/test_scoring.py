"""Sheets by the announced rubric: points, deductions, items of met and not met, and marks that must be exceeded."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from rules.scoring import PassRule, failed_vetoes, total_of

RUBRIC: list[dict[str, Any]] = [
    {"code": "a", "item": "专业服务", "max": 60},
    {"code": "b", "item": "冷链", "max": 40},
    {"code": "c", "item": "投诉扣分", "max": 10, "deduction": True},
    {"code": "v", "item": "处方留存", "veto": True},
]


def sheet(**scores: str) -> dict[str, Decimal]:
    return {code: Decimal(score) for code, score in {"a": "50", "b": "30", "c": "0", "v": "1", **scores}.items()}


@pytest.mark.parametrize(
    ("scores", "total"),
    [({}, "80"), ({"c": "4.5"}, "75.5"), ({"v": "0"}, "80"), ({"a": "3", "b": "2", "c": "10"}, "0")],
)
def test_deductions_are_taken_off_and_items_of_met_and_not_met_have_no_points(
    scores: dict[str, str], total: str
) -> None:
    assert total_of(RUBRIC, sheet(**scores)) == Decimal(total)


@pytest.mark.parametrize(
    ("against", "of", "by_most", "by_any"),
    [
        (0, 3, False, False),
        (1, 3, False, True),
        (2, 3, True, True),
        (2, 4, False, True),
        (3, 4, True, True),
    ],
)
def test_an_item_fails_a_dossier_by_more_than_half_of_the_panel_or_by_any_as_read(
    against: int, of: int, by_most: bool, by_any: bool
) -> None:
    sheets = [sheet(v="0" if number < against else "1") for number in range(of)]
    assert failed_vetoes(RUBRIC, sheets, one_is_enough=False) == (("v",) if by_most else ())
    assert failed_vetoes(RUBRIC, sheets, one_is_enough=True) == (("v",) if by_any else ())


@pytest.mark.parametrize(("score", "inclusive", "exclusive"), [("69.99", 0, 0), ("70", 1, 0), ("70.01", 1, 1)])
def test_the_mark_itself_is_enough_or_not(score: str, inclusive: int, exclusive: int) -> None:
    assert PassRule(Decimal(70)).passes(Decimal(score)) is bool(inclusive)
    assert PassRule(Decimal(70), is_inclusive=False).passes(Decimal(score)) is bool(exclusive)
