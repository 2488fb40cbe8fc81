"""Which measures are administrative penalties, as registers write them; and what a person's judgement does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from rules.case import Refused
from rules.eligibility import Question, doubtful, failures, flagged
from rules.evaluation import EVALUATION
from rules.vocabulary import State
from tests.rules.cases import ANNOUNCEMENT, FACTS, POLICY, WORKDAYS, case, context, event, names, table

CASES = table("penalties.yaml")
UNKNOWN = "责令暂停医药服务"


def question(kind: str, judged: dict[str, Any] | None = None, authority: str = "县医疗保障局") -> Question:
    facts = {**FACTS["hospital"], "penalties": [{"authority": authority, "date": "2025-03-01", "kind": kind}]}
    return Question(facts, date(2025, 9, 1), ANNOUNCEMENT, {"penalties": judged} if judged else {}, POLICY, WORKDAYS)


@pytest.mark.parametrize("row", CASES, ids=names(CASES))
def test_the_table(row: dict[str, Any]) -> None:
    assert POLICY.penalty_kinds.standing_of(row["given"]).value == row["expect"]
    bars = [one.code for one in failures(question(row["given"]), "hospital")]
    assert bars == ([] if row["expect"] == "does_not_count" else ["PENALTY_WITHIN_3Y"])


@pytest.mark.parametrize(
    ("kind", "judged", "bars"),
    [
        (UNKNOWN, {"accepted": True, "reason": "属协议处理"}, False),
        (UNKNOWN, {"accepted": True, "reason": " "}, True),
        (UNKNOWN, {"accepted": False, "reason": "限制开展生产经营活动"}, True),
        (UNKNOWN, None, True),
        ("罚款", {"accepted": True, "reason": "数额很小"}, True),
    ],
)
def test_only_a_doubt_is_judged_and_only_with_a_reason(kind: str, judged: dict[str, Any] | None, bars: bool) -> None:
    assert bool(failures(question(kind, judged), "hospital")) is bars


def test_a_doubt_is_told_until_it_is_judged() -> None:
    assert doubtful(question(UNKNOWN), "hospital") == (UNKNOWN,)
    assert doubtful(question(UNKNOWN, {"accepted": False, "reason": "属行政处罚"}), "hospital") == ()
    assert doubtful(question("约谈"), "hospital") == doubtful(question("罚款"), "hospital") == ()
    assert doubtful(question(UNKNOWN, authority="县消防救援大队"), "hospital") == ()


def test_a_talk_by_another_authority_is_no_penalty_to_look_at() -> None:
    assert flagged(question("罚款", authority="县消防救援大队"), "hospital") == ("县消防救援大队",)
    assert flagged(question("约谈", authority="县消防救援大队"), "hospital") == ()


def test_the_opinion_passes_a_dossier_that_was_only_talked_to() -> None:
    talk = {"authority": "县医保局", "date": "2025-03-01", "kind": "约谈"}
    dossier = case(State.ACCEPTED, facts={**FACTS["pharmacy"], "penalties": [talk]})
    answer = EVALUATION.decide(dossier, event("sign_preliminary_opinion", judgements={}), context())
    assert not isinstance(answer, Refused)
    assert answer.to is State.PRELIM_PASSED


@pytest.mark.parametrize(("number", "bars"), [("penalty_lookback", True), ("past_evaluation", False)])
def test_a_condition_looks_back_as_far_as_the_number_that_it_names(number: str, bars: bool) -> None:
    conditions = tuple(
        replace(one, number=number) if one.test == "no_recent_penalty" else one for one in POLICY.conditions
    )
    asked = replace(question("罚款"), policy=replace(POLICY, conditions=conditions), applied_on=date(2026, 9, 1))
    assert bool(failures(asked, "hospital")) is bars
    doubted = replace(asked, facts=question(UNKNOWN).facts)
    assert bool(doubtful(doubted, "hospital")) is bars
