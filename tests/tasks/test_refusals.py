"""Bad input: each is refused with its own sentence, and not one row of any table changes."""

from __future__ import annotations

from typing import Any

import pytest

from rules.errors import RefusedError
from tests.support.database import changed, dump
from tests.tasks.conftest import Stage
from tests.tasks.rehearsal import CHANNELS, TOPICS, beijing, items, posted

PLAN = {"wanted": 3, "sources": ["双色球第2025109期红球（虚构）"]}
VALUES = {"source_values": [[3, 9, 14, 20, 27, 33], 11], "unavailable": []}
SHEET = {"applicant_id": "P01", "expert_id": "Z07"}
OBJECTION = {"applicant_id": "P01", "ref": "Y-1", "via": "online", "allegation": "营业面积不足"}
HANDED = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}
EARLY = "2025-08-21 09:00"


def one(channel: str, at: str) -> dict[str, Any]:
    return {"kind": "evaluation_result", "postings": [{"channel": channel, "posted_at": beijing(at).isoformat()}]}


# stage, when, act, fields, sentence
REFUSALS: dict[str, tuple[str, str, str, dict[str, Any], str]] = {
    "an applicant that is not registered": (
        "announced",
        "2025-09-02 10:00",
        "submit_application",
        {"applicant_id": "P99", "materials": ["P1"], **HANDED},
        "本轮没有申请人“P99”：请核对编号（看板可查），或先登记该机构",
    ),
    "a material of the other type": (
        "announced",
        "2025-09-02 10:00",
        "submit_application",
        {"applicant_id": "P01", "materials": ["H1"], **HANDED},
        "材料代码 H1 不属于该类机构，请按材料清单填写（依据：四）",
    ),
    "an act out of turn": (
        "announced",
        "2025-09-02 10:00",
        "sign_agreement",
        {"applicant_id": "P01", "signed_on": "2025-09-02"},
        "P01 现处“未申请”，不能办理此事项；该机构尚未提交申请，请先登记申请（依据：流程）",
    ),
    "a second application": (
        "accepted",
        "2025-09-03 10:00",
        "submit_application",
        {"applicant_id": "P01", "materials": ["P1"], **HANDED},
        "P01 现处“已受理，初审中”，不能办理此事项；请先签署初审意见（依据：流程）",
    ),
    "a supplement where nothing is missing": (
        "accepted",
        "2025-09-03 10:00",
        "request_supplement",
        {"applicant_id": "P01", "missing": ["P1"]},
        "P01 现处“已受理，初审中”，不能办理此事项；请先签署初审意见（依据：流程）",
    ),
    "a second preliminary opinion": (
        "passed",
        "2025-09-12 10:00",
        "sign_preliminary_opinion",
        {"applicant_id": "P01", "judgements": {}},
        "P01 现处“初审合格”，不能办理此事项；请先向县医疗保障局提出评估申请（依据：流程）",
    ),
    "an evaluation for a dossier that nobody knows": (
        "passed",
        "2025-09-12 10:00",
        "request_evaluation",
        {"to": "county_bureau", "applicant_ids": ["P98", "P99"]},
        "已向县医疗保障局提出履约能力评估申请：0 家。 以下 2 家未办理："
        "P98：本轮没有这个申请人，请核对编号；P99：本轮没有这个申请人，请核对编号",
    ),
    "a recusal of nobody": (
        "evaluating",
        "2025-09-16 13:00",
        "recuse_expert",
        {"expert_id": "Z99", "reason": "亲属任职"},
        "专家库中没有“Z99”：请核对专家编号",
    ),
    "a draw before its plan": (
        "evaluating",
        "2025-09-17 10:00",
        "draw_experts",
        VALUES,
        "尚未公布抽取方案：请先公布名册、人数和随机源",
    ),
    "a panel of two": (
        "evaluating",
        "2025-09-17 10:00",
        "publish_draw_plan",
        {**PLAN, "wanted": 2},
        "专家组人数 2 须为 3 至 5 人（五(二)）",
    ),
    "a panel of six": (
        "evaluating",
        "2025-09-17 10:00",
        "publish_draw_plan",
        {**PLAN, "wanted": 6},
        "专家组人数 6 须为 3 至 5 人（五(二)）",
    ),
    "a second plan": (
        "planned",
        "2025-09-18 10:00",
        "publish_draw_plan",
        PLAN,
        "本轮抽取方案已公布，名册已冻结，不能再次公布",
    ),
    "a draw on the day of the plan": (
        "planned",
        "2025-09-17 23:59",
        "draw_experts",
        VALUES,
        "抽取须在方案公布之后，最早 2025-09-18：随机源须为公布时尚未产生的结果",
    ),
    "a draw with one source of two": (
        "planned",
        "2025-09-18 10:00",
        "draw_experts",
        {**VALUES, "source_values": [7]},
        "方案公布了 2 个随机源，须逐一给出结果：双色球第2025109期红球（虚构）、双色球第2025109期蓝球（虚构）",
    ),
    "a pool number that does not exist": (
        "planned",
        "2025-09-18 10:00",
        "draw_experts",
        {**VALUES, "unavailable": [1, 9, 0]},
        "名册编号 [9, 0] 不存在，编号为 1 至 8",
    ),
    "so many absent that the panel cannot be seated": (
        "planned",
        "2025-09-18 10:00",
        "draw_experts",
        {**VALUES, "unavailable": [1, 2, 3, 4, 5, 6]},
        "可到场的专家只有 2 人，不足 3 人：请市局扩充专家库后重新公布方案",
    ),
    "a second draw": ("drawn", "2025-09-19 13:00", "draw_experts", VALUES, "本轮已经抽取过专家，抽取只能进行一次"),
    "scores before the draw": (
        "planned",
        "2025-09-18 10:00",
        "record_score_sheet",
        {**SHEET, "items": items("P01")},
        "尚未抽取专家：请先公布抽取方案并抽取",
    ),
    "a conclusion without scores": (
        "drawn",
        "2025-09-19 13:00",
        "conclude_evaluation",
        {},
        "评分表未齐，不能汇总：H01 缺 {panel}；P01 缺 {panel}；P02 缺 {panel}；P03 缺 {panel}（每家不少于 3 名专家）",
    ),
    "a conclusion with nobody under evaluation": (
        "announced",
        EARLY,
        "conclude_evaluation",
        {},
        "没有处于实地评估环节的机构，无法汇总：请先提出评估申请并录入评分",
    ),
    "a second conclusion": (
        "concluded",
        "2025-09-22 19:00",
        "conclude_evaluation",
        {},
        "本轮评估结果已经汇总，不能重复汇总",
    ),
    "a recusal after the conclusion": (
        "concluded",
        "2025-09-22 19:00",
        "recuse_expert",
        {"expert_id": "Z01", "reason": "亲属任职"},
        "评估结果已汇总，不能再登记回避；有异议的请按公示异议办理",
    ),
    "a notice of nothing": (
        "evaluating",
        "2025-09-16 13:00",
        "publish_notice",
        {"kind": "evaluation_result", "postings": posted("2025-09-16 12:30")},
        "没有“拟进入谈判，待公示”的机构，无可发布的评估结果公示",
    ),
    "a posting before there was something to post": (
        "concluded",
        "2025-09-23 09:05",
        "publish_notice",
        one(CHANNELS[0], "2025-09-22 17:29"),
        "“县政府网站”的发布时间早于评估结果公示内容形成的时间（2025-09-22 17:30），请核对",
    ),
    "a posting in the future": (
        "concluded",
        "2025-09-23 09:05",
        "publish_notice",
        one(CHANNELS[1], "2025-09-23 09:06"),
        "““医保”公众号”的发布时间晚于录入时间，请在实际发布之后登记",
    ),
    "a channel that was not announced": (
        "concluded",
        "2025-09-23 09:05",
        "publish_notice",
        one("某报", "2025-09-23 09:00"),
        "渠道“某报”不在公告之列，须为：县政府网站、“医保”公众号",
    ),
    "one channel twice": (
        "concluded",
        "2025-09-23 09:05",
        "publish_notice",
        {"kind": "evaluation_result", "postings": one(CHANNELS[0], "2025-09-23 09:00")["postings"] * 2},
        "同一渠道的发布凭证只能登记一次",
    ),
    "a second notice of the same dossiers": (
        "result_notice",
        "2025-09-24 10:00",
        "publish_notice",
        {"kind": "evaluation_result", "postings": posted("2025-09-24 09:30")},
        "没有“拟进入谈判，待公示”的机构，无可发布的评估结果公示",
    ),
    "an objection before any notice": (
        "concluded",
        "2025-09-22 19:00",
        "record_objection",
        {**OBJECTION, "received_at": "2025-09-22T18:30:00+08:00"},
        "P01 不在任何公示名单中，不能登记公示异议；一般举报请另行受理",
    ),
    "an objection that comes tomorrow": (
        "result_notice",
        "2025-09-24 10:00",
        "record_objection",
        {**OBJECTION, "received_at": "2025-09-24T10:01:00+08:00"},
        "异议的收到时间晚于登记时间，请核对日期和时间",
    ),
    "a finding on an objection that nobody made": (
        "result_notice",
        "2025-09-24 10:00",
        "resolve_objection",
        {"ref": "Y-9", "substantiated": False, "finding": "不属实"},
        "没有编号为“Y-9”的异议，请核对",
    ),
    "a negotiation while the notice runs": (
        "result_notice",
        "2025-09-30 23:59",
        "record_negotiation",
        {"applicant_id": "P01", "topics": TOPICS, "consensus": True, "open_point": ""},
        "P01 现处“评估结果公示中”，不能办理此事项；请等待公示期届满且无未结异议，系统巡查后进入谈判（依据：流程）",
    ),
    "consensus on three topics of four": (
        "negotiating",
        "2025-10-15 09:00",
        "record_negotiation",
        {"applicant_id": "P01", "topics": TOPICS[:3], "consensus": True, "open_point": ""},
        "达成共识须就全部事项协商：缺少 结算方式（依据：五(三)）",
    ),
    "a signature while the notice runs": (
        "proposed_notice",
        "2025-10-23 23:59",
        "sign_agreement",
        {"applicant_id": "P01", "signed_on": "2025-10-23"},
        "P01 现处“拟签约名单公示中”，不能办理此事项；拟签约公示尚未届满，届满且无未结投诉后方可签订协议（依据：流程）",
    ),
    "a signature dated on the last day of the notice": (
        "signing",
        "2025-10-24 10:00",
        "sign_agreement",
        {"applicant_id": "P01", "signed_on": "2025-10-23"},
        "拟签约公示至 2025-10-23 届满，签订日须在其后（依据：五(三)）",
    ),
    "a signature in the future": (
        "signing",
        "2025-10-24 10:00",
        "sign_agreement",
        {"applicant_id": "P01", "signed_on": "2025-10-25"},
        "签订日 2025-10-25 晚于录入日，请核对日期（依据：五(三)）",
    ),
    "a delay that ends before it begins": (
        "signing",
        "2025-11-03 10:00",
        "record_agency_delay",
        {"applicant_id": "P01", "delay_from": "2025-10-31", "delay_to": "2025-10-30", "cause": "系统联调"},
        "占用起始日不能晚于结束日（依据：五(三)）",
    ),
    "a delay before the clock started": (
        "signing",
        "2025-11-03 10:00",
        "record_agency_delay",
        {"applicant_id": "P01", "delay_from": "2025-10-20", "delay_to": "2025-10-23", "cause": "系统联调"},
        "签约期限自 2025-10-23 次日起算，此前的占用不影响期限（依据：五(三)）",
    ),
    "a filing dated before the signature": (
        "signed",
        "2025-11-04 10:00",
        "file_agreement",
        {"applicant_id": "P01", "filed_on": "2025-11-02"},
        "备案日 2025-11-02 早于签订日 2025-11-03，请核对日期（依据：五(三)）",
    ),
    "a filing in the future": (
        "signed",
        "2025-11-04 10:00",
        "file_agreement",
        {"applicant_id": "P01", "filed_on": "2025-11-05"},
        "备案日 2025-11-05 晚于录入日，请核对日期（依据：五(三)）",
    ),
    "a correction of nothing": (
        "signing",
        "2025-11-03 10:00",
        "correct_record",
        {"applicant_id": "P01", "what": "误判", "reason": "录入迟延", "evidence": "协议原件"},
        "P01 现处“待签订协议”，不能办理此事项；请在签约期限内签订协议（依据：流程）",
    ),
    "a withdrawal after signing": (
        "signed",
        "2025-11-04 10:00",
        "withdraw_application",
        {"applicant_id": "P01", "reason": "自愿"},
        "P01 现处“已签订，待备案”，不能办理此事项；请将协议备案（依据：流程）",
    ),
    "an act after the end": (
        "published",
        "2025-11-07 10:00",
        "file_agreement",
        {"applicant_id": "P01", "filed_on": "2025-11-07"},
        "P01 现处“已签订、备案并公布”，不能办理此事项；本案已办结；自动作出的结论有误的，可凭证据更正（依据：流程）",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_bad_input_is_refused_with_its_sentence_and_writes_nothing(at_stage: Stage, name: str) -> None:
    stage, at, do, fields, sentence = REFUSALS[name]
    rehearsal = at_stage(stage)
    panel = "、".join(rehearsal.panel())
    assert rehearsal.refused(at, do, **fields) == sentence.replace("{panel}", panel)


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
        "“县政府网站”的发布凭证已登记过"
    )


@pytest.mark.parametrize(
    ("staff", "sentence"),
    [
        ("无此人", "工号“无此人”不在在岗人员名单中：请核对工号，或由管理员登记"),
        ("已离岗", "工号“已离岗”不在在岗人员名单中：请核对工号，或由管理员登记"),
        ("只经办", "工号“只经办”的岗位不能办理此事项，请由有权限的人员办理"),
    ],
)
def test_who_may_not_act_is_told_so(at_stage: Stage, staff: str, sentence: str) -> None:
    rehearsal = at_stage("signing")
    with rehearsal.session() as session:
        from models import Staff

        session.add(Staff(staff_no="已离岗", name="离", roles=["all"], is_active=False))
        session.add(Staff(staff_no="只经办", name="办", roles=["operator"]))
    fields = {"applicant_id": "P01", "signed_on": "2025-10-24"}
    assert rehearsal.refused("2025-10-24 10:00", "sign_agreement", by=staff, **fields) == sentence


def test_a_batch_does_its_good_members_and_names_the_others(at_stage: Stage) -> None:
    rehearsal = at_stage("passed")
    rehearsal.act("2025-09-12 09:00", "withdraw_application", applicant_id="P02", reason="自愿")
    receipt = rehearsal.act(
        "2025-09-12 10:00", "request_evaluation", to="city_bureau", applicant_ids=["P01", "P02", "P99", "P01"]
    )
    assert receipt.applicants == ("P01",)
    assert [name for name, _ in receipt.refused] == ["P02", "P99"]
    assert rehearsal.states() == {
        "H01": "PRELIM_PASSED",
        "P01": "EVALUATING",
        "P02": "WITHDRAWN",
        "P03": "PRELIM_PASSED",
    }


def test_an_act_in_a_round_that_does_not_exist_is_refused(database: str) -> None:
    from rules.case import Event
    from tasks.perform import perform

    before = dump(database)
    with pytest.raises(RefusedError, match="没有轮次：请先用“发布公告”建立本轮评估"):
        perform(database, Event("conclude_evaluation", beijing(EARLY), "经办员甲"))
    assert changed(before, dump(database)) == {}
