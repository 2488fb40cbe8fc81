"""A month against what was agreed: at the limit, one step beyond, the worst tenth, months running, ends of months."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from policies.loader import load_policy
from rules.indicators import Compared, Value, compare, fault_of, owed, running, worst
from rules.months import first_day, last_day, months_up_to
from rules.terms import Term

FIELDS = load_policy().terms_of("hospital", "二级甲等")
BY_CODE = {one.code: one for one in FIELDS}
DAY = date(2026, 1, 1)


def term(code: str, value: str, waived_why: str = "") -> Term:
    return Term(code, value, waived_why, DAY, "协议1号")


def compared(code: str, limit: str, value: str) -> Compared:
    [one] = compare(FIELDS, {code: term(code, limit)}, {code: Value(code, value)})
    return one


@pytest.mark.parametrize(
    ("code", "limit", "value", "over"),
    [
        ("drug_share", "30", "29.9999", "0"),
        ("drug_share", "30", "30.0000", "0"),
        ("drug_share", "30", "30.0001", "0.0001"),
        ("stock_rate", "80", "80.0001", "0"),
        ("stock_rate", "80", "80", "0"),
        ("stock_rate", "80", "79.9999", "0.0001"),
        ("avg_cost", "8000.10", "8000.11", "0.01"),
    ],
)
def test_a_value_at_its_limit_keeps_it_and_the_next_does_not(code: str, limit: str, value: str, over: str) -> None:
    one = compared(code, limit, value)
    assert one.over == Decimal(over)
    assert one.is_beyond is (Decimal(over) > 0)


def test_both_workings_are_told() -> None:
    value = Value("drug_share", "32.1", "321", "1000")
    [one] = compare(FIELDS, {"drug_share": term("drug_share", "30")}, {"drug_share": value})
    assert one.told == {
        "code": "drug_share",
        "label": "药品费用占医疗总费用",
        "value": "32.1%（321÷1000）",
        "limit": "不高于 30%（协议1号，自 2026-01-01 起）",
        "over": "超出 2.1个百分点",
    }
    assert compared("stock_rate", "80", "75.5").told["over"] == "低于约定 4.5个百分点"
    assert compared("avg_days", "9", "8").told["over"] == ""


def test_what_is_waived_or_not_agreed_is_compared_with_nothing() -> None:
    terms = {"drug_share": term("drug_share", "", "县里未定"), "settlement_method": term("settlement_method", "按项目")}
    assert compare(FIELDS, terms, {"drug_share": Value("drug_share", "99")}) == ()
    assert owed(FIELDS, terms) == []
    assert [one.code for one in owed(FIELDS, {"avg_days": term("avg_days", "9")})] == ["avg_days"]


@pytest.mark.parametrize(
    ("value", "parts", "is_sound"),
    [
        ("33.3", ("1", "3"), True),
        ("33.4", ("1", "3"), True),
        ("33.5", ("1", "3"), False),
        ("33.33", ("1", "3"), True),
        ("33.35", ("1", "3"), False),
        ("33.3", ("1", ""), False),
        ("33.3", ("1", "0"), False),
        ("100.0001", ("", ""), False),
        ("100", ("", ""), True),
        ("", ("", ""), False),
    ],
)
def test_numerator_and_denominator_give_the_value(value: str, parts: tuple[str, str], is_sound: bool) -> None:
    assert (fault_of(BY_CODE["drug_share"], Value("drug_share", value, *parts)) == "") is is_sound


@pytest.mark.parametrize(("count", "marked"), [(9, 0), (10, 1), (19, 1), (20, 2)])
def test_the_worst_tenth_is_rounded_down(count: int, marked: int) -> None:
    values = [(f"H{place:02}", compared("avg_days", "9", str(place))) for place in range(count)]
    assert len(worst(values, 10).get("avg_days", ())) == marked
    assert worst(values, 0) == {}


def test_of_a_least_value_the_lowest_are_the_worst_and_equals_stand_together() -> None:
    values = [
        (f"P{place}", compared("stock_rate", "80", value)) for place, value in enumerate(["70", "70", *["90"] * 8])
    ]
    assert worst(values, 10) == {"stock_rate": {"P0", "P1"}}


def test_months_running_count_to_the_last() -> None:
    beyond = {"2025-12": {"a", "b"}, "2026-01": {"a", "b"}, "2026-02": {"a"}}
    assert running(beyond, "2026-02", 3) == {"a"}
    assert running(beyond, "2026-02", 4) == set()
    assert running(beyond, "2026-01", 2) == {"a", "b"}
    assert running(beyond, "2026-02", 0) == set()


def test_a_month_has_its_first_and_last_day_in_leap_years_too() -> None:
    assert [last_day(one) for one in ("2026-02", "2028-02", "2026-12")] == [
        *(date(2026, 2, 28), date(2028, 2, 29), date(2026, 12, 31))
    ]
    assert months_up_to("2026-01", 3) == ["2025-11", "2025-12", "2026-01"]
    for wrong in ("2026-13", "2026-3", "2026", "2026-00"):
        with pytest.raises(ValueError, match="应如 2026-03"):
            first_day(wrong)
