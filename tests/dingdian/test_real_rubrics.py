"""Rounds whose scoring standard is like real ones: veto items, deductions, a mark to be exceeded, a later lot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dingdian.replay import replay
from dingdian.scenario import check
from rules.draw import draw, key_of
from rules.errors import ScenarioError
from tests.support.rounds import SOURCE_VALUES, small_round

VETO = {"code": "P-v", "item": "处方留存", "veto": True}
DEDUCTION = {"code": "P-x", "item": "投诉扣分", "max": 10, "deduction": True}


def with_items(scenario: dict[str, Any], marks: dict[str, list[str]]) -> dict[str, Any]:
    """The scenario with a veto item and a deduction; `marks` of an applicant: `veto/deducted`, sheet by sheet."""
    scenario["rubric"]["pharmacy"] += [VETO, DEDUCTION]
    given = {one: iter(values) for one, values in marks.items()}
    for event in scenario["events"]:
        if event["do"] == "record_score_sheet" and event["applicant_id"].startswith("P"):
            met, deducted = next(given.get(event["applicant_id"], iter(["1/0"])), "1/0").split("/")
            event["items"] |= {"P-v": met, "P-x": deducted}
    return scenario


def outcome_of(scenario: dict[str, Any], folder: Path) -> dict[str, Any]:
    return replay(check(scenario), f"sqlite:///{folder}/round.db")["applicants"]


def test_a_veto_fails_a_dossier_whatever_its_mean_and_deductions_change_the_order(tmp_path: Path) -> None:
    scores = {"P01": "95", "P02": "90", "P03": "88"}
    marks = {"P01": ["0/0", "0/0", "1/0"], "P02": ["1/5"] * 3, "P03": ["1/0"] * 3}
    scenario = with_items(
        small_round(1, 3, quota={"hospital": 1, "pharmacy": 2}, scores=scores, until="concluded"), marks
    )
    told = outcome_of(scenario, tmp_path)
    assert (told["P01"]["outcome"], [one["code"] for one in told["P01"]["reasons"]]) == (
        "BELOW_THRESHOLD",
        ["VETO_ITEM"],
    )
    assert [(told[one]["rank"], told[one]["mean_score"]) for one in ("P03", "P02")] == [(1, "88.00"), (2, "85.00")]


def test_one_no_of_three_fails_nobody(tmp_path: Path) -> None:
    scenario = with_items(small_round(1, 1, until="concluded"), {"P01": ["0/0", "1/0", "1/0"]})
    assert outcome_of(scenario, tmp_path)["P01"]["outcome"] == "IN_PROGRESS"


@pytest.mark.parametrize(
    ("reading", "outcome", "shown"),
    [("at_mark_passes", "IN_PROGRESS", "70.00"), ("above_mark_only", "BELOW_THRESHOLD", "70.00")],
)
def test_the_mark_may_have_to_be_exceeded(reading: str, outcome: str, shown: str, tmp_path: Path) -> None:
    scenario = small_round(1, 1, scores={"P01": "70"}, until="concluded")
    scenario["announcement"]["readings"] = {"pass_mark": reading}
    told = outcome_of(scenario, tmp_path)["P01"]
    assert (told["outcome"], told["mean_score"]) == (outcome, shown)


def test_a_lot_by_a_later_result_waits_for_it_and_is_drawn_by_it(tmp_path: Path) -> None:
    scenario = small_round(1, 2, scores={"P01": "80", "P02": "80"}, until="concluded")
    scenario["announcement"]["readings"] = {"tie_key": "later_source"}
    conclude = next(event for event in scenario["events"] if event["do"] == "conclude_evaluation")
    early = {**conclude, "at": conclude["at"]}
    conclude |= {"tie_source": "双色球第2025110期红球（虚构）", "tie_values": [2, 7, 11, 19, 23, 31]}
    scenario["events"].insert(scenario["events"].index(conclude), early)
    told = replay(check(scenario), f"sqlite:///{tmp_path}/round.db")
    [refused] = told["refused"]
    assert refused["reason"].startswith("P01、P02 同分，须抽签定先后：请等方案所列第一种公开结果")
    key = key_of(SOURCE_VALUES) + key_of([[2, 7, 11, 19, 23, 31]])
    assert told["ranking"]["pharmacy"] == [("P01", "P02")[pick - 1] for pick in draw(f"{key}2./1./", 2, 2).picks]


@pytest.mark.parametrize(
    ("item", "what"),
    [
        ({"code": "P-z", "item": "x", "veto": True, "deduction": True, "max": 1}, "不能既是否决项又是扣分项"),
        ({"code": "P-z", "item": "x"}, "须写明满分 max"),
    ],
)
def test_an_item_is_of_one_kind_and_says_what_it_is_worth(item: dict[str, Any], what: str) -> None:
    scenario = small_round(1, 1)
    scenario["rubric"]["pharmacy"].append(item)
    with pytest.raises(ScenarioError, match=what):
        check(scenario)


def test_a_scenario_may_ask_for_a_safeguard_by_name(tmp_path: Path) -> None:
    scenario = small_round(1, 1, until="concluded") | {"safeguards": {"site_check": True}}
    told = replay(check(scenario), f"sqlite:///{tmp_path}/round.db")
    assert {one["do"] for one in told["refused"]} >= {"sign_preliminary_opinion"}
    assert "须先到实地核查" in told["refused"][0]["reason"]
