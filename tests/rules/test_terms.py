"""The terms of an agreement: which fields apply, what is complete and sound, what is in force on a day."""

from __future__ import annotations

from datetime import date

import pytest

from policies.loader import load_policy
from rules.terms import Drafted, Term, asked, changes_of, fault_of, faults_of, faults_of_change, in_force, told

POLICY = load_policy()
HOSPITAL = POLICY.terms_of("hospital", "二级甲等")
BY_CODE = {one.code: one for one in HOSPITAL}


def test_a_hospital_is_asked_by_its_level_and_its_way_of_settlement() -> None:
    assert len([one for one in HOSPITAL if one.code == "drug_share"]) == 1
    assert "二级" in BY_CODE["drug_share"].clause
    assert "一级" in next(one.clause for one in POLICY.terms_of("hospital", "未定级") if one.code == "drug_share")
    assert {one.code for one in asked(HOSPITAL, "按服务单元")} - {one.code for one in asked(HOSPITAL, "按项目")} == {
        *("admission_rate", "transfer_rate", "readmission_rate")
    }
    pharmacy = [one.code for one in POLICY.terms_of("pharmacy")]
    assert pharmacy == [
        "stock_rate",
        "settlement_method",
        "settlement_standard",
        "pay_day",
        "annual_cap",
        "consumables",
    ]


@pytest.mark.parametrize(
    ("value", "is_sound"),
    [
        ("0", True),
        ("99.9999", True),
        ("100", True),
        ("100.0001", False),
        ("30.12345", False),
        ("-1", False),
        ("", False),
    ],
)
def test_a_share_is_a_number_from_0_to_100_with_four_decimals_at_most(value: str, is_sound: bool) -> None:
    assert (fault_of(BY_CODE["drug_share"], Drafted("drug_share", value)) == "") is is_sound


def test_a_term_is_filled_or_waived_and_not_both() -> None:
    cost = BY_CODE["avg_cost"]
    assert fault_of(cost, Drafted("avg_cost", "", "县里未定")) == ""
    assert "二者填一项" in fault_of(cost, Drafted("avg_cost", "8000", "县里未定"))
    assert "按服务单元" in fault_of(BY_CODE["settlement_method"], Drafted("settlement_method", "随意"))


def test_what_is_missing_doubled_or_of_another_type_is_named() -> None:
    pharmacy = POLICY.terms_of("pharmacy")
    given = [Drafted("stock_rate", "80"), Drafted("stock_rate", "90"), Drafted("avg_days", "9")]
    faults = faults_of(pharmacy, given, complete=True)
    assert faults == [
        "条款“avg_days”不适用于该机构",
        "条款“目录内备药率”写了两次",
        "尚未约定：结算方式、结算标准、结算时间、年度总额控制、一次性医用材料管理；不约定的须写明原因",
    ]
    assert faults_of(pharmacy, given[:1], complete=False) == []


def test_the_later_of_two_terms_holds_from_its_day_on() -> None:
    first = Term("drug_share", "30", "", date(2026, 1, 1), "1号")
    later = Term("drug_share", "28.5", "", date(2026, 7, 1), "补1号")
    corrected = Term("drug_share", "28", "", date(2026, 7, 1), "补2号")
    assert in_force([first, later], date(2025, 12, 31)) == {}
    assert in_force([first, later], date(2026, 6, 30)) == {"drug_share": first}
    assert in_force([first, later], date(2026, 7, 1)) == {"drug_share": later}
    assert in_force([later, first], date(2026, 7, 2)) == {"drug_share": later}
    assert in_force([first, later, corrected], date(2026, 7, 1)) == {"drug_share": corrected}


def test_a_term_is_told_with_its_bound_and_unit() -> None:
    assert told(BY_CODE["drug_share"], Drafted("drug_share", "30.50")) == "不高于 30.50%"
    assert told(BY_CODE["stock_rate"], Drafted("stock_rate", "80")) == "不低于 80%"
    assert told(BY_CODE["settlement_method"], Drafted("settlement_method", "按项目")) == "按项目"
    assert told(BY_CODE["avg_cost"], Drafted("avg_cost", "", "县里未定")) == "不约定（县里未定）"


WAYS = [one.code for one in HOSPITAL if one.method == "按服务单元"]


def test_another_way_of_settlement_asks_for_its_own_fields() -> None:
    before = {"settlement_method": Term("settlement_method", "按项目", "", date(2026, 1, 1), "1号")}
    way = Drafted("settlement_method", "按服务单元")
    [fault] = faults_of_change(HOSPITAL, before, [way])
    assert fault == "按新的结算方式还须约定：住院率、转院率、二次返院率；不约定的须写明原因"
    assert faults_of_change(HOSPITAL, before, [way, *(Drafted(code, "10") for code in WAYS)]) == []


def test_a_change_says_what_was_before_and_what_stays_is_none() -> None:
    before = {"avg_days": Term("avg_days", "", "县里未定", date(2026, 1, 1), "1号")}
    new = [Drafted("avg_cost", "9000"), Drafted("avg_days", "10")]
    assert changes_of(HOSPITAL, before, new) == [
        {"field": "avg_days", "label": "次均住院天数", "before": "不约定（县里未定）", "after": "不高于 10天"},
        {"field": "avg_cost", "label": "次均住院费用", "before": "未约定", "after": "不高于 9000元"},
    ]
    [fault] = faults_of_change(HOSPITAL, before, [Drafted("avg_days", "", "县里未定")])
    assert fault == "“次均住院天数”与现行约定相同，没有变动"
