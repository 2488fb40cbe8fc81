"""The keys that a scenario file may give besides: each is optional, and a slip in one is named with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dingdian.scenario import check
from models import DevelopmentPlan, DossierCopy, EvaluationSummary, FilingReceipt, ScoreSheet, SiteVisit
from rules.errors import ScenarioError
from tests.support.rounds import replayed, small_round
from tests.tasks.rehearsal import Rehearsal

PLAN = {
    **{"title": "样例县2025年度发展计划", "approved_on": "2025-08-11", "approved_by": "样例县医疗保障局"},
    **{"quota": {"hospital": 1, "pharmacy": 2}},
}


def place_of(scenario: dict[str, Any], do: str) -> int:
    return next(place for place, one in enumerate(scenario["events"]) if one["do"] == do)


def with_everything() -> dict[str, Any]:
    scenario = small_round()
    events = {do: scenario["events"][place_of(scenario, do)] for do in ("record_score_sheet", "conclude_evaluation")}
    code = next(iter(events["record_score_sheet"]["items"]))
    events["record_score_sheet"] |= {"notes": {code: "记录"}, "evidence": {code: "ab" * 32}}
    events["conclude_evaluation"]["summary"] = "专家组汇总意见"
    receipt = {"received_by": "张某", "number": "7", "on": "2025-11-04"}
    copies = [{"holder": "agency", "kept_by": "档案室", "on": "2025-09-01"}]
    scenario["events"][place_of(scenario, "file_agreement")] |= {"receipt": receipt, "copies": copies}
    scenario["events"][place_of(scenario, "record_negotiation")]["topics"].append("药品供应保障")
    visit = {"visited_on": "2025-09-02", "visitors": ["核查员丁", "核查员戊"], "minutes": "与申报一致"}
    place = {"at": "2025-09-03T10:00:00+08:00", "do": "verify_site", "by": "经办员甲", "applicant_id": "P01"}
    scenario["events"].append(place | {"findings": {}, "note": ""} | visit)
    scenario["events"].sort(key=lambda one: str(one["at"]))
    return scenario | {"development_plan": PLAN}


def test_everything_that_may_be_said_is_kept_and_changes_no_outcome(tmp_path: Path) -> None:
    url, outcome = replayed(tmp_path, with_everything())
    _, without = replayed(tmp_path, small_round(), f"sqlite:///{tmp_path}/without.db")
    assert outcome["refused"] == []
    kept = Rehearsal(url)
    for table in (DevelopmentPlan, SiteVisit, EvaluationSummary, FilingReceipt, DossierCopy):
        assert len(kept.rows(table)) == 1, table
    assert [row.notes for row in kept.rows(ScoreSheet) if row.notes] != []
    for told, before in zip(outcome["applicants"].values(), without["applicants"].values(), strict=True):
        assert (told["outcome"], told["deadlines"]) == (before["outcome"], before["deadlines"])
    assert outcome["ranking"] == without["ranking"]


@pytest.mark.parametrize(
    ("do", "change", "where"),
    [
        ("file_agreement", {"receipt": {"number": "7", "stamp": "x"}}, "receipt.stamp: 未知的键"),
        ("file_agreement", {"copies": [{"holder": "agency"}]}, "copies[0].kept_by: 缺少此项"),
        ("conclude_evaluation", {"summry": "x"}, "summry: 未知的键"),
    ],
)
def test_a_slip_is_named_with_its_place(do: str, change: dict[str, Any], where: str) -> None:
    scenario = small_round()
    place = place_of(scenario, do)
    scenario["events"][place] |= change
    with pytest.raises(ScenarioError) as caught:
        check(scenario)
    assert str(caught.value).startswith(f"events[{place}].{where}")


def test_a_slip_in_the_plan_is_named_too() -> None:
    with pytest.raises(ScenarioError, match=r"^development_plan\.quota: 缺少此项"):
        check(small_round() | {"development_plan": {name: PLAN[name] for name in PLAN if name != "quota"}})


@pytest.mark.parametrize(
    ("do", "change", "sentence"),
    [
        ("file_agreement", {"receipt": {"number": "7"}}, "备案回执的接收人、编号、日期须一并填写"),
        ("conclude_evaluation", {"signed_by": ["Z01"]}, "填了签名专家的，须填写专家组汇总意见"),
        ("record_score_sheet", {"notes": {"X-z": "记录"}}, "notes 应为评分项目代码到内容的键值表：X-z 没有得分"),
        ("record_negotiation", {"topics": [" "]}, "“ ”应为 1 至 40 个字的文字"),
    ],
)
def test_what_cannot_be_is_refused_when_it_comes(do: str, change: dict[str, Any], sentence: str) -> None:
    scenario = small_round()
    scenario["events"][place_of(scenario, do)] |= change
    faults = [one.fault for one in check(scenario).happenings if one.fault]
    assert len(faults) == 1
    assert sentence in faults[0]
