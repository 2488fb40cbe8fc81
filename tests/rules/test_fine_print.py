"""Small words of the rules that no table asks for by itself: letters of either case, one fact of several."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from rules.case import Outcome
from rules.conflicts import Interest, Person, conflicts
from rules.evaluation import EVALUATION
from rules.materials import needed
from rules.objections import matter_of
from rules.vocabulary import ClockStatus, State
from tests.rules.cases import PHARMACY, POLICY, beijing, case, clock, context, event

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


FOUND: dict[str, Any] = {
    **{"ref": "Y-1", "is_in_time": True, "holds": True, "next_inquiry_from": None, "substantiated": False},
    **{"notice_kind": "proposed_agreements", "finding": "经核查", "recorded_at": beijing("2026-01-12 09:00")},
}


@pytest.mark.parametrize(("found_on", "is_given_back"), [("2026-01-15", False), ("2026-01-16", True)])
def test_who_is_free_only_on_the_very_last_day_for_signing_gets_the_days_back(
    found_on: str, is_given_back: bool
) -> None:
    signing = clock("signing", date(2025, 10, 23), date(2026, 1, 16))
    held = case(State.SIGNING, "pharmacy", signing, holds=1)
    outcome = EVALUATION.decide(held, event("resolve_objection", f"{found_on} 16:00", **FOUND), context())
    assert isinstance(outcome, Outcome)
    days = [(one.from_on, one.to_on) for _, one in outcome.suspends]
    assert days == ([(date(2026, 1, 12), date.fromisoformat(found_on))] if is_given_back else [])


def test_the_limit_of_the_whole_procedure_is_met_by_a_withdrawal_and_that_of_the_review_ends() -> None:
    whole = clock("whole_procedure", date(2025, 9, 1), date(2025, 12, 1))
    review = clock("preliminary_review", date(2025, 9, 1), date(2025, 10, 9))
    withdrawn = event("withdraw_application", "2025-09-10 10:00", reason="自愿")
    outcome = EVALUATION.decide(case(State.ACCEPTED, "pharmacy", whole, review), withdrawn, context())
    assert isinstance(outcome, Outcome)
    settled = {one.kind: one.status for one in outcome.sets}
    assert settled == {"whole_procedure": ClockStatus.MET, "preliminary_review": ClockStatus.ENDED}
