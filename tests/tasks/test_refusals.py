"""Bad input: each is refused with its own sentence, and not one row of any table changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models import Staff
from models.journal import say
from policies import yamlfile
from rules.case import Event
from rules.errors import RefusedError
from tasks.perform import perform
from tests.support.database import changed, dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import CHANNELS, beijing, items

PLAN = {"wanted": 3, "sources": ["双色球第2025109期红球（虚构）"]}
OBJECTION = {"applicant_id": "P01", "ref": "Y-1", "via": "online", "allegation": "营业面积不足"}
EARLY = "2025-08-21 09:00"


def one(channel: str, at: str) -> dict[str, Any]:
    return {"kind": "evaluation_result", "postings": [{"channel": channel, "posted_at": beijing(at).isoformat()}]}


CASES: list[dict[str, Any]] = yamlfile.read(Path(__file__).with_name("refusals.yaml")).data["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_bad_input_is_refused_with_its_sentence_and_writes_nothing(at_stage: Stage, case: dict[str, Any]) -> None:
    rehearsal = at_stage(case["stage"])
    sentence = case["expect"].replace("{panel}", "、".join(rehearsal.panel()))
    assert rehearsal.refused(case["at"], case["do"], **case["given"]) == sentence


SHEETS: dict[str, tuple[dict[str, str], str]] = {
    "above its maximum": (
        {**items("P01", 70), "P-a": "30.01"},
        "项目 P-a（专业服务能力）得分 30.01 须在 0 至 30 之间",
    ),
    "below nothing": ({**items("P01", 70), "P-b": "-0.01"}, "项目 P-b（冷链与仓储）得分 -0.01 须在 0 至 30 之间"),
    "without an item": ({"P-a": "30", "P-b": "30"}, "评分表缺少项目 P-c、P-d，须逐项评分"),
    "with an item of another rubric": (
        {**items("P01", 70), "H-a": "3"},
        "评分表中的 H-a 不是评分项目，请按本轮评分标准填写",
    ),
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_bad_sheet_is_refused_with_its_item(at_stage: Stage, name: str) -> None:
    rehearsal = at_stage("drawn")
    sheet, sentence = SHEETS[name]
    seated = rehearsal.panel()[0]
    fields = {"applicant_id": "P01", "expert_id": seated, "items": sheet}
    assert rehearsal.refused("2025-09-22 10:00", "record_score_sheet", **fields) == sentence


@pytest.mark.parametrize("score", ["0", "30", "30.0000", "0.0"])
def test_the_ends_of_the_range_are_good_scores(at_stage: Stage, score: str) -> None:
    rehearsal = at_stage("drawn")
    sheet = {**items("P01", 70), "P-a": score}
    fields = {"applicant_id": "P01", "expert_id": rehearsal.panel()[0], "items": sheet}
    assert rehearsal.act("2025-09-22 10:00", "record_score_sheet", **fields).applicants == ("P01",)


def test_an_expert_who_is_not_on_the_panel_cannot_score(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    panel = rehearsal.panel()
    outside = next(expert for expert in ("Z01", "Z02", "Z03", "Z04") if expert not in panel)
    fields = {"applicant_id": "P01", "expert_id": outside, "items": items("P01")}
    assert rehearsal.refused("2025-09-22 10:00", "record_score_sheet", **fields) == (
        f"专家 {outside} 不是 P01 的评分专家（应为 {'、'.join(panel)}），评分表不予录入"
    )


def test_one_expert_scores_one_dossier_once(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    fields = {"applicant_id": "P01", "expert_id": rehearsal.panel()[0], "items": items("P01")}
    rehearsal.act("2025-09-22 10:00", "record_score_sheet", **fields)
    assert rehearsal.refused("2025-09-22 10:01", "record_score_sheet", **fields) == (
        f"专家 {fields['expert_id']} 对 P01 的评分表已录入，不能重复录入"
    )


def test_a_recusal_is_recorded_once(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    for fields in ({"expert_id": "Z01"}, {"expert_id": "Z01", "applicant_id": "P01"}):
        rehearsal.act("2025-09-16 13:00", "recuse_expert", reason="亲属任职", **fields)
        assert rehearsal.refused("2025-09-16 14:00", "recuse_expert", reason="亲属任职", **fields) == (
            "专家 Z01 的该项回避已登记过，无需重复办理"
        )


def test_a_pool_that_recusals_made_too_small_cannot_be_published(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    for number in range(1, 7):
        rehearsal.act("2025-09-16 13:00", "recuse_expert", expert_id=f"Z{number:02}", reason="亲属任职")
    assert rehearsal.refused("2025-09-17 10:00", "publish_draw_plan", **PLAN) == (
        "回避后名册只有 2 人，不足 3 人：请市局扩充专家库后再公布"
    )


def test_an_objection_is_resolved_once_and_its_number_is_used_once(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    objection = {**OBJECTION, "received_at": "2025-09-24T09:00:00+08:00"}
    rehearsal.act("2025-09-24 10:00", "record_objection", **objection)
    assert rehearsal.refused("2025-09-24 10:01", "record_objection", **objection) == (
        "异议编号 Y-1 已登记，请换用新的编号"
    )
    finding = {"ref": "Y-1", "substantiated": False, "finding": "不属实"}
    rehearsal.act("2025-09-25 10:00", "resolve_objection", **finding)
    assert rehearsal.refused("2025-09-26 10:00", "resolve_objection", **finding) == (
        "异议 Y-1 已于 2025-09-25 作出结论，不能再次认定"
    )


def test_a_channel_is_proved_once(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded")
    rehearsal.act("2025-09-23 09:05", "publish_notice", **one(CHANNELS[0], "2025-09-23 09:00"))
    assert rehearsal.refused("2025-09-23 09:10", "publish_notice", **one(CHANNELS[0], "2025-09-23 09:00")) == (
        "县政府网站的发布凭证已登记过"
    )


@pytest.mark.parametrize(
    ("staff", "sentence"),
    [
        ("无此人", "工号“无此人”不在在岗人员名单中：请核对工号，或由管理员登记"),
        ("已离岗", "工号“已离岗”不在在岗人员名单中：请核对工号，或由管理员登记"),
        ("只经办", "工号“只经办”的岗位（经办）不能办理此事项：“签订协议”由主任岗位办理，请交 "),
    ],
)
def test_who_may_not_act_is_told_so(at_stage: Stage, staff: str, sentence: str) -> None:
    rehearsal = at_stage("signing")
    with rehearsal.session() as session:
        say(session, "staff_added", "1000")
        session.add(Staff(staff_no="已离岗", name="离", roles=["all"], is_active=False))
        session.add(Staff(staff_no="只经办", name="办", roles=["operator"]))
    fields = {"applicant_id": "P01", "signed_on": "2025-10-24"}
    assert rehearsal.refused("2025-10-24 10:00", "sign_agreement", by=staff, **fields).startswith(sentence)


def test_a_batch_does_its_good_members_and_names_the_others(at_stage: Stage) -> None:
    rehearsal = at_stage("passed")
    rehearsal.act("2025-09-12 09:00", "withdraw_application", applicant_id="P02", reason="自愿")
    receipt = rehearsal.act(
        "2025-09-12 10:00", "request_evaluation", to="city_bureau", applicant_ids=["P01", "P02", "P99", "P01"]
    )
    assert receipt.applicants == ("P01",)
    assert [name for name, _ in receipt.refused] == ["P02", "P99"]
    assert receipt.refusal == (
        "2 家未办理：P02：P02 现处“申请人撤回”，不能办理此事项；本案已办结（依据：流程）；"
        "P99：本轮没有这个申请人，请核对编号。其余：已向市医疗保障局提出履约能力评估申请：1 家。"
    )
    assert rehearsal.states() == {
        "H01": "PRELIM_PASSED",
        "P01": "EVALUATING",
        "P02": "WITHDRAWN",
        "P03": "PRELIM_PASSED",
    }


def test_an_act_in_a_round_that_does_not_exist_is_refused(database: str) -> None:
    before = dump(database)
    with pytest.raises(RefusedError, match="还没有轮次：请先用“发布公告”建立本轮评估"):
        perform(database, Event("conclude_evaluation", beijing(EARLY), "经办员甲"))
    assert changed(before, dump(database)) == {}
