"""What a dossier must contain: the table, conditional materials, formalities, codes of the other type."""

from __future__ import annotations

from typing import Any

import pytest

from rules.case import Refused
from rules.evaluation import EVALUATION
from rules.materials import gaps, handed_in, unknown_codes
from rules.vocabulary import State
from tests.rules.cases import FACTS, FORMAL, MATERIALS, POLICY, case, context, event, names, table

CASES = table("materials.yaml")


@pytest.mark.parametrize("row", CASES, ids=names(CASES))
def test_the_table(row: dict[str, Any]) -> None:
    given, kind = row["given"], row["given"]["type"]
    codes = [one.code for one in POLICY.materials[kind] if one.code not in given.get("without", [])]
    held = handed_in(POLICY, {"materials": codes, **FORMAL, **given.get("formal", {})})
    facts = {**FACTS[kind], **given.get("facts", {})}
    assert [one.code for one in gaps(POLICY, kind, facts, held)] == row["expect"]


@pytest.mark.parametrize(("kind", "code"), [("hospital", "P4"), ("pharmacy", "H1"), ("pharmacy", "P13")])
def test_a_code_of_the_other_type_is_unknown(kind: str, code: str) -> None:
    assert unknown_codes(POLICY, kind, [*MATERIALS[kind], code]) == [code]


def test_a_submission_with_an_unknown_code_is_refused_by_name() -> None:
    handed = event("submit_application", "2025-09-02 09:00", materials=["P1", "H4", "H1"], **FORMAL)
    answer = EVALUATION.decide(case(State.NOT_APPLIED, materials=frozenset()), handed, context())
    assert answer == Refused("材料代码 H1、H4 不属于该类机构，请按材料清单填写", "四")


@pytest.mark.parametrize(
    ("missing", "answer"),
    [
        (["P4"], "补正材料须一次性告知：还缺 P10，请一并列入"),
        (["P4", "P10", "P1"], "P1 不在所缺材料之列，请核对后只列所缺的 P4、P10"),
        ([], "补正材料须一次性告知：还缺 P4、P10，请一并列入"),
    ],
)
def test_one_notice_names_all_that_is_missing_and_nothing_else(missing: list[str], answer: str) -> None:
    dossier = case(State.INCOMPLETE, materials=MATERIALS["pharmacy"] - {"P4", "P10"})
    asked = event("request_supplement", "2025-09-10 10:00", missing=missing)
    assert EVALUATION.decide(dossier, asked, context()) == Refused(answer, "令2、令3")


def test_the_notice_in_any_order_is_good_and_lists_the_gaps_by_clause() -> None:
    dossier = case(State.INCOMPLETE, materials=MATERIALS["pharmacy"] - {"P4", "P10"})
    answer = EVALUATION.decide(
        dossier, event("request_supplement", "2025-09-10 10:00", missing=["P10", "P4"]), context()
    )
    assert not isinstance(answer, Refused)
    assert [one["code"] for one in answer.messages[0].params["missing"]] == ["P4", "P10"]


def test_what_was_handed_in_before_still_counts_when_the_rest_is_submitted_again() -> None:
    dossier = case(State.INCOMPLETE, materials=MATERIALS["pharmacy"] - {"P4"})
    handed = event("submit_application", "2025-09-11 09:00", materials=["P4"], **FORMAL)
    answer = EVALUATION.decide(dossier, handed, context())
    assert not isinstance(answer, Refused)
    assert answer.to is State.ACCEPTED
