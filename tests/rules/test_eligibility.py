"""The conditions of application: a table with every limit at N-1, N, N+1; judgements; missing facts; the bar."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from rules.case import Refused
from rules.eligibility import Question, checked, failures, is_barred, unjudged
from rules.errors import InputError
from rules.evaluation import EVALUATION
from rules.facts import FACTS as LABELLED
from rules.vocabulary import ConditionResult, State
from tests.rules.cases import ANNOUNCEMENT, FACTS, POLICY, WORKDAYS, case, context, event, names, table

CASES = table("eligibility.yaml")
BARS = table("bar.yaml")
ONCOLOGY = {"uses_oncology_targeted": True, "oncology_qualification": True, "gene_testing": "none"}


def question(kind: str, as_of: date = date(2025, 9, 1), **given: Any) -> Question:
    penalties = [{"authority": one, "date": str(day), "kind": "罚款"} for one, day in given.get("penalties", [])]
    facts = {**FACTS[kind], "penalties": penalties, **given.get("facts", {})}
    judgements = {"gene_testing": given["gene_testing"]} if "gene_testing" in given else {}
    return Question(facts, as_of, ANNOUNCEMENT, judgements, POLICY, WORKDAYS)


@pytest.mark.parametrize("row", CASES, ids=names(CASES))
def test_the_table(row: dict[str, Any]) -> None:
    given = dict(row["given"])
    kind = given.pop("type")
    asked = question(kind, row["as_of"], **given)
    assert [one.code for one in failures(asked, kind)] == row["expect"]
    failed = [one.code for one, result in checked(asked, kind) if result is ConditionResult.FAILED]
    assert list(dict.fromkeys(failed)) == row["expect"]
    assert unjudged(asked, kind) == ()


def test_the_table_reaches_every_condition_of_the_policy() -> None:
    reached = {(row["given"]["type"], code) for row in CASES for code in row["expect"]}
    assert reached == {(kind, one.code) for one in POLICY.conditions for kind in one.types}


def test_every_failure_carries_the_clause_of_its_condition() -> None:
    clauses = {one.code: one.clause for one in failures(question("hospital", facts={"grade": "未定级"}), "hospital")}
    assert clauses == {"GRADE_TOO_LOW": "二(一)2"}


@pytest.mark.parametrize("judgement", [None, {"accepted": True, "reason": ""}, {"accepted": False, "reason": "  "}])
def test_gene_testing_without_a_reasoned_judgement_stays_open(judgement: dict[str, Any] | None) -> None:
    given = {"facts": ONCOLOGY} | ({"gene_testing": judgement} if judgement else {})
    assert [one.code for one in unjudged(question("hospital", **given), "hospital")] == ["NO_GENE_TESTING"]


def test_an_opinion_is_refused_while_a_judgement_is_missing_and_names_it() -> None:
    dossier = case(State.ACCEPTED, "hospital", facts={**FACTS["hospital"], **ONCOLOGY})
    answer = EVALUATION.decide(dossier, event("sign_preliminary_opinion", judgements={}), context())
    assert answer == Refused("须先对以下事项作出有理由的判断：基因检测能力（不具备基因检测能力，二(一)5）", "二(一)5")


@pytest.mark.parametrize("fact", ["cold_chain", "area_m2", "penalties", "county", "staff_total"])
def test_a_fact_that_was_never_given_is_asked_for_not_guessed(fact: str) -> None:
    facts = {name: value for name, value in FACTS["pharmacy"].items() if name != fact}
    asked = Question(facts, date(2025, 9, 1), ANNOUNCEMENT, {}, POLICY, WORKDAYS)
    with pytest.raises(InputError, match=re.escape(f"缺少事实“{LABELLED[fact].label}”：请在实地核查中补录")):
        failures(asked, "pharmacy")
    assert {result for one, result in checked(asked, "pharmacy") if fact in one.facts} == {ConditionResult.UNKNOWN}


def test_what_is_not_known_of_one_condition_leaves_the_others_as_they_stand() -> None:
    facts = {name: value for name, value in FACTS["hospital"].items() if name != "uses_oncology_targeted"}
    asked = Question(facts, date(2025, 9, 1), ANNOUNCEMENT, {}, POLICY, WORKDAYS)
    unknown = {one.code for one, result in checked(asked, "hospital") if result is ConditionResult.UNKNOWN}
    assert unknown == {"NO_ONCOLOGY_QUALIFICATION", "NO_GENE_TESTING"}


@pytest.mark.parametrize(
    ("kind", "fact", "value", "sentence"),
    [
        ("pharmacy", "area_m2", "约180", "事实“营业用房使用面积（平方米）”的值“约180”不是数字：请在实地核查中更正"),
        ("hospital", "grade", "二级", "事实“医院等级”的值“二级”不是等级"),
    ],
)
def test_a_fact_that_cannot_be_compared_is_named(kind: str, fact: str, value: str, sentence: str) -> None:
    with pytest.raises(InputError, match=re.escape(sentence)):
        failures(question(kind, facts={fact: value}), kind)


def test_conditions_are_tested_on_the_day_of_application_not_on_the_day_of_the_opinion() -> None:
    penalty = {"authority": "县医保局", "date": "2022-09-01", "kind": "罚款"}
    dossier = case(State.ACCEPTED, facts={**FACTS["pharmacy"], "penalties": [penalty]})
    answer = EVALUATION.decide(dossier, event("sign_preliminary_opinion", "2025-09-25 10:00", judgements={}), context())
    assert not isinstance(answer, Refused)
    assert [one.code for one in answer.reasons] == ["PENALTY_WITHIN_3Y"]


@pytest.mark.parametrize("row", BARS, ids=names(BARS))
def test_the_bar_on_applying_again(row: dict[str, Any]) -> None:
    assert is_barred(row["given"], row["as_of"], POLICY, WORKDAYS) is row["expect"]


@pytest.mark.parametrize(
    ("termination", "state"),
    [
        ({"date": "2023-06-01", "kind": "解除"}, State.NOT_ACCEPTED_BAN),
        ({"date": "2023-06-01", "kind": "自愿退出"}, State.ACCEPTED),
        (None, State.ACCEPTED),
    ],
)
def test_only_a_dissolution_bars(termination: dict[str, str] | None, state: State) -> None:
    dossier = case(
        State.NOT_APPLIED, facts={**FACTS["pharmacy"], "prior_termination": termination}, materials=frozenset()
    )
    fields = {"materials": [f"P{n}" for n in range(1, 13)], "copies": 3, "official_seal": True}
    handed = event("submit_application", "2025-09-02 09:00", **fields, legal_rep_seal=True, originals_shown=True)
    answer = EVALUATION.decide(dossier, handed, context())
    assert not isinstance(answer, Refused)
    assert answer.to is state
