"""The procedure file: what it must say, and that every slip in it is refused with file and line."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from policies import yamlfile
from policies.loader import FOLDER, PROCEDURE, UNITS, load_policy
from rules.eligibility import TESTS
from rules.errors import PolicyError
from rules.policy import Policy
from rules.vocabulary import ApplicantType
from tasks.acts import ACTS

FILE = FOLDER / "special_drug.yaml"
TEXT = FILE.read_text(encoding="utf-8")


def line_of(text: str, fragment: str) -> int:
    """The line (from 1) on which a fragment stands; it must stand there once."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if fragment in line]
    assert len(lines) == 1, (fragment, lines)
    return lines[0]


def edited(folder: Path, old: str, new: str) -> str:
    """A copy of the real file with one place changed."""
    assert TEXT.count(old) == 1, old
    text = TEXT.replace(old, new)
    (folder / "special_drug.yaml").write_text(text, encoding="utf-8")
    return text


SLIPS: list[dict[str, str]] = yamlfile.read(Path(__file__).with_name("slips.yaml")).data["cases"]


@pytest.mark.parametrize("slip", SLIPS, ids=[slip["name"] for slip in SLIPS])
def test_a_slip_is_refused_with_file_and_line(tmp_path: Path, slip: dict[str, str]) -> None:
    text = edited(tmp_path, slip["old"], slip["new"])
    place = f"{tmp_path / 'special_drug.yaml'}:{line_of(text, slip['line'])}: {slip['expect']}"
    with pytest.raises(PolicyError, match="^" + re.escape(place)):
        load_policy("special_drug", date(2026, 1, 1), tmp_path)


@pytest.mark.parametrize("key", ["choice", "choices", "clause", "question", "why"])
def test_a_reading_says_all_of_it(tmp_path: Path, key: str) -> None:
    entry = next(line for line in TEXT.splitlines() if line.startswith("  signing_start:"))
    text = edited(tmp_path, entry, re.sub(rf"\b{key}:", f"{key}_:", entry, count=1))
    with pytest.raises(PolicyError) as caught:
        load_policy("special_drug", date(2026, 1, 1), tmp_path)
    assert caught.value.line == line_of(text, "  signing_start:")
    assert f"readings.signing_start.{key}" in str(caught.value)


def test_the_unchanged_copy_is_good_and_is_the_same_policy(tmp_path: Path) -> None:
    (tmp_path / "special_drug.yaml").write_text(TEXT, encoding="utf-8")
    assert load_policy("special_drug", date(2026, 1, 1), tmp_path) == load_policy("special_drug", date(2026, 1, 1))


def test_a_procedure_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=re.escape(f"{tmp_path / 'other.yaml'}:1: 读不到文件")):
        load_policy("other", date(2026, 1, 1), tmp_path)


def test_a_later_value_counts_from_its_day(tmp_path: Path) -> None:
    value = "[{effective_on: 2018-01-01, value: 22}]"
    edited(tmp_path, f"values: {value}", f"values: {value[:-1]}, {{effective_on: 2026-07-01, value: 15}}]")
    periods = [str(load_policy("special_drug", day, tmp_path).clocks["preliminary_review"].period) for day in DAYS]
    assert periods == ["22wd", "22wd", "15wd"]


DAYS = (date(2018, 1, 1), date(2026, 6, 30), date(2026, 7, 1))


def test_a_rule_that_was_introduced_later_has_no_clock_before_its_day() -> None:
    before, after = (load_policy(on=day) for day in (date(2021, 1, 31), date(2021, 2, 1)))
    assert "supplement_notice" not in before.clocks
    assert "supplement_notice" not in before.numbers
    assert str(after.clocks["supplement_notice"].period) == "5wd"


def test_every_number_of_the_law_has_unit_clause_and_day() -> None:
    numbers = load_policy().numbers.values()
    assert {one.unit for one in numbers} <= UNITS
    assert [one.name for one in numbers if not one.clause.strip()] == []
    assert {type(one.effective_on) for one in numbers} == {date}
    assert {type(one.value) for one in numbers} == {Decimal, time}


def test_the_numbers_of_the_procedure() -> None:
    policy = load_policy()
    told = {name: (str(one.value), one.unit) for name, one in policy.numbers.items()}
    assert told == {
        "preliminary_review": ("22", "working_days"),
        "supplement_notice": ("5", "working_days"),
        "public_notice": ("7", "days"),
        "signing": ("60", "working_days"),
        "whole_procedure": ("3", "months"),
        "reapplication_bar": ("3", "years"),
        "penalty_lookback": ("3", "years"),
        "panel_min": ("3", "persons"),
        "panel_max": ("5", "persons"),
        "pass_mark": ("70", "points"),
        "full_mark": ("100", "points"),
        "dossier_copies": ("3", "copies"),
        "site_visitors": ("2", "persons"),
        "min_area": ("180", "square_metres"),
        "min_group_revenue": ("100000000", "yuan"),
        "min_licensed_staff": ("1", "persons"),
        "notice_channels": ("2", "channels"),
        "agreement_term": ("1", "years"),
        "draw_after_plan": ("1", "days"),
        "draw_challenge": ("0", "days"),
        "entropy_margin": ("4", "bits"),
        "past_evaluation": ("1", "years"),
        "objection_inquiry": ("15", "working_days"),
        "correction": ("10", "working_days"),
        "firm_after_notice": ("5", "working_days"),
        "city_reply": ("10", "working_days"),
        "migration_assess_by": ("12", "month_of_year"),
        "suspension_limit": ("3", "times"),
        "suspension_limit_national": ("2", "times"),
        "hearing": ("5", "working_days"),
        "rectification": ("15", "working_days"),
        "re_inspection": ("10", "working_days"),
        "dissolution": ("10", "working_days"),
        "renewal_notice": ("3", "months"),
        "leave_notice": ("3", "months"),
        "change_report": ("30", "working_days"),
        "complaint_inquiry": ("15", "working_days"),
        "inspector_rotation": ("1", "years"),
        "analysis_day": ("10", "working_days"),
        "warning_answer": ("10", "working_days"),
        "worst_share": ("10", "percent"),
        "running_months": ("3", "times"),
        "event_report": ("24", "hours"),
        "indicators_most": ("10", "items"),
        "counter_closes": ("17:30:00", "time_of_day"),
    }


def test_every_condition_has_its_clause_test_and_type() -> None:
    policy = load_policy()
    assert [one.code for one in policy.conditions if not (one.clause and one.text and one.facts)] == []
    assert {one.test for one in policy.conditions} <= TESTS
    assert {kind for one in policy.conditions for kind in one.types} == {one.value for one in ApplicantType}


def test_a_condition_names_what_its_test_needs() -> None:
    policy = load_policy()
    wanting = {
        "at_least": lambda one: one.number in policy.numbers,
        "grade_at_least": lambda one: one.value in policy.grades,
        "at_least_announced": lambda one: isinstance(one.value, str),
        "one_of_or_judged": lambda one: isinstance(one.value, tuple),
        "all_of": lambda one: len(one.facts) == 2,
    }
    faults = [one.code for one in policy.conditions if one.test in wanting and not wanting[one.test](one)]
    assert faults == []


def test_what_gives_priority_has_its_clause_and_is_a_fact_of_the_type() -> None:
    policy = load_policy()
    assert policy.priority_facts == {
        "hospital": ("provincial_charity_aid_point",),
        "pharmacy": ("provincial_charity_aid_point", "manufacturer_award"),
    }
    assert [(one.rule, one.clause) for one in policy.priority] == [
        *(("R08", "二(一)7"), ("R16", "二(二)8"), ("R17", "二(二)9")),
    ]


def test_the_materials_are_numbered_without_a_gap() -> None:
    policy = load_policy()
    assert [one.code for one in policy.materials["hospital"]] == [f"H{number}" for number in range(1, 11)]
    assert [one.code for one in policy.materials["pharmacy"]] == [f"P{number}" for number in range(1, 13)]


def test_every_act_is_somebodys_and_every_role_names_acts() -> None:
    named = {act for acts in load_policy().roles.values() for act in acts}
    assert set(ACTS) <= named
    assert named - set(ACTS) == {"announce_round", "register_applicants", "record_development_plan"}


def test_a_value_may_bring_its_own_unit_and_the_next_one_keeps_it(tmp_path: Path) -> None:
    value = "rule: R34 R36, values: [{effective_on: 2018-01-01, value: 7}"
    later = "{effective_on: 2026-07-01, value: 5, unit: working_days, clause: 另一条}"
    edited(tmp_path, value, f"{value}, {later}, {{effective_on: 2027-07-01, value: 4}}")
    days = (date(2026, 6, 30), date(2026, 7, 1), date(2027, 7, 1))
    clocks = [load_policy(PROCEDURE, day, tmp_path).clocks["result_notice"] for day in days]
    assert [str(one.period) for one in clocks] == ["7d", "5wd", "4wd"]
    assert [one.clause for one in clocks] == ["五(二)、五(三)", "另一条", "另一条"]


def test_what_the_program_counts_in_one_unit_takes_no_other(tmp_path: Path) -> None:
    old = "draw_after_plan: {unit: days, clause: 五(二), rule: R29, values: [{effective_on: 2018-01-01, value: 1}"
    edited(tmp_path, old, f"{old}, {{effective_on: 2027-01-01, value: 1, unit: working_days}}")
    with pytest.raises(PolicyError, match="只能是 days：程序按此单位计算"):
        load_policy(folder=tmp_path)


# Each kind of dating, by the section that it is tried on: what stands in the file, what is written instead, and what is
# then read the day before, on the first day, on the last and the day after.
DATED: dict[str, tuple[str, str, Callable[[Policy], Any], list[Any]]] = {
    "an item of a list": (
        "  - {code: ORIGINALS, name: 提交相关资质证件原件, clause: 四 末}",
        "  - {code: ORIGINALS, name: 提交相关资质证件原件, clause: 四 末, effective_on: 2027-01-01, until: 2027-12-31}",
        lambda policy: [one.code for one in policy.formalities][3:],
        [[], ["ORIGINALS"], ["ORIGINALS"], []],
    ),
    "an entry under a name": (
        "  public draw: [draw]",
        "  public draw: {value: [draw], effective_on: 2027-01-01, until: 2027-12-31}",
        lambda policy: policy.tie_rules.get("public draw"),
        [None, ("draw",), ("draw",), None],
    ),
    "a text of a list": (
        "topics: [服务人群,",
        "topics: [{value: 服务人群, effective_on: 2027-01-01, until: 2027-12-31},",
        lambda policy: policy.topics[0],
        ["服务范围", "服务人群", "服务人群", "服务范围"],
    ),
    "keys of an entry": (
        "{label: 初审期限, holder",
        "{versions: [{effective_on: 2027-01-01, label: 甲}, {effective_on: 2028-01-01, label: 乙}], "
        "label: 初审期限, holder",
        lambda policy: policy.clocks["preliminary_review"].label,
        ["初审期限", "甲", "甲", "乙"],
    ),
    "a whole list": (
        "  short: {before: [2, 0], after: [1]}",
        "  short: {before: {value: [2, 0], versions: [{effective_on: 2027-01-01, value: [3]}]}, after: [1]}",
        lambda policy: getattr(policy.clocks["supplement"].ladder, "before", None),
        [(2, 0), (3,), (3,), (3,)],
    ),
    "keys of the file": (
        'version: "2025.1"',
        'versions: [{effective_on: 2027-01-01, version: "2027.1", grades: [未定级, 二级乙等]}]\nversion: "2025.1"',
        lambda policy: (policy.version, len(policy.grades)),
        [("2025.1", 11), ("2027.1", 2), ("2027.1", 2), ("2027.1", 2)],
    ),
}


@pytest.mark.parametrize("name", DATED)
def test_anything_can_be_dated(tmp_path: Path, name: str) -> None:
    old, new, read, expected = DATED[name]
    edited(tmp_path, old, new)
    days = (date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 31), date(2028, 1, 1))
    assert [read(load_policy(PROCEDURE, day, tmp_path)) for day in days] == expected


def test_the_file_is_what_its_hash_says(tmp_path: Path) -> None:
    edited(tmp_path, "title: 县特殊药品定点医药机构评估\n", "title: 某县特殊药品定点医药机构评估\n")
    assert load_policy("special_drug", date(2026, 1, 1), tmp_path).sha256 != load_policy().sha256
