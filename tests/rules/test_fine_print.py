"""Small words of the rules that no table asks for by itself: letters of either case, one fact of several."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rules.conflicts import Interest, Person, conflicts
from rules.materials import needed
from rules.objections import matter_of
from tests.rules.cases import PHARMACY, POLICY

ON = date(2025, 9, 17)


@pytest.mark.parametrize("other", ["该店未取得gsp证书", "该店未取得ＧＳＰ证书！", "该店未取得Gsp 证书"])
def test_capital_letters_make_no_other_matter(other: str) -> None:
    assert matter_of(other) == matter_of("该店未取得GSP证书")


@pytest.mark.parametrize("employer", ["样例dtp药房", "样例ＤＴＰ药房", "样例 Dtp 药房"])
def test_capital_letters_make_no_other_institution(employer: str) -> None:
    person = Person("Z01", employer, (Interest(employer, "顾问"),))
    found = conflicts([person], {"P01": "样例DTP药房"}, [], must_declare=False, on=ON)
    assert [one.kind.value for one in found] == ["employer", "interest"]


@pytest.mark.parametrize(
    ("facts", "is_owed"),
    [((True, True), True), ((True, False), True), ((False, True), True), ((False, False), False)],
)
def test_a_material_that_several_facts_ask_for_is_owed_for_any_of_them(facts: tuple[bool, bool], is_owed: bool) -> None:
    names = ("provincial_charity_aid_point", "manufacturer_award")
    [last, *rest] = reversed(POLICY.materials["pharmacy"])
    of_two = replace(POLICY, materials={"pharmacy": (*reversed(rest), replace(last, needed_if=names))})
    wanted = needed(of_two, "pharmacy", {**PHARMACY, **dict(zip(names, facts, strict=True))})
    assert (last.code in {one.code for one in wanted}) is is_owed
