"""What acts leave behind beside the state, on both databases: visits, notes, the summary, copies, the receipt."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from models import (
    Applicant,
    AuditRecord,
    DossierCopy,
    EvaluationSummary,
    FilingReceipt,
    Negotiation,
    ScoreSheet,
    SiteVisit,
)
from models.database import transaction
from tasks.batch import Portion, do_chunk
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, TOPICS, Rehearsal, beijing, items
from views.casefile import case_file

VISIT: dict[str, Any] = {
    **{"applicant_id": "P01", "findings": {}, "visited_on": "2025-09-02", "visitors": [OFFICE, BOSS]},
    **{"minutes": "现场丈量营业用房\n与申报一致"},
}
RECEIPT = {"received_by": "医药管理科张某", "number": "备〔2025〕7号", "on": "2025-11-04"}
COPY = {"holder": "applicant", "kept_by": "办公室李某", "on": "2025-09-02"}
FILING: dict[str, Any] = {"applicant_id": "P01", "filed_on": "2025-11-04", "receipt": RECEIPT, "copies": [COPY]}
HASH = "ab" * 32


def papers(rehearsal: Rehearsal, applicant_id: str = "P01") -> list[tuple[str, str, str]]:
    with transaction(rehearsal.url) as session:
        file = case_file(session, applicant_id, 1)
    return [(one["kind"], one["title"], one["on"]) for one in file["papers"]]


def newest(rehearsal: Rehearsal, event: str) -> AuditRecord:
    found: AuditRecord = max((one for one in rehearsal.rows(AuditRecord) if one.event == event), key=lambda one: one.id)
    return found


# --- visits ----------------------------------------------------------------------------------------------------


def test_a_visit_is_kept_with_its_day_people_and_minutes(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    rehearsal.act("2025-09-03 10:00", "verify_site", **VISIT)
    (row,) = rehearsal.rows(SiteVisit)
    assert (row.visited_on, row.visitors, row.minutes) == (date(2025, 9, 2), [OFFICE, BOSS], VISIT["minutes"])
    assert newest(rehearsal, "verify_site").detail["fields"]["visited_on"] == "2025-09-02"
    assert ("核查笔录", f"{OFFICE}、{BOSS}：{VISIT['minutes']}", "2025-09-02") in papers(rehearsal)
    rehearsal.is_sound()


def test_a_verification_without_a_visit_is_recorded_as_before(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    rehearsal.act("2025-09-03 10:00", "verify_site", applicant_id="P01", findings={"cold_chain": True}, note="")
    assert rehearsal.rows(SiteVisit) == []
    fields = newest(rehearsal, "verify_site").detail["fields"]
    assert fields == {"applicant_id": "P01", "findings": {"cold_chain": True}, "note": ""}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"visited_on": "2025-09-04"}, "核查日期 2025-09-04 须在申请日 2025-09-01 与录入日之间"),
        ({"visited_on": "2025-08-31"}, "核查日期 2025-08-31 须在申请日 2025-09-01 与录入日之间"),
        ({"visitors": [OFFICE]}, "实地核查须由 2 名以上工作人员进行"),
        ({"visitors": [OFFICE, OFFICE]}, "实地核查须由 2 名以上工作人员进行"),
        ({"visitors": [OFFICE, "7777"]}, "工号“7777”不在在岗人员名单中"),
    ],
)
def test_a_visit_that_cannot_have_been_is_refused(at_stage: Stage, change: dict[str, Any], sentence: str) -> None:
    assert sentence in at_stage("accepted").refused("2025-09-03 10:00", "verify_site", **VISIT | change)


@pytest.mark.parametrize("day", ["2025-09-01", "2025-09-03"])
def test_the_day_of_the_application_and_today_will_do(at_stage: Stage, day: str) -> None:
    rehearsal = at_stage("accepted")
    rehearsal.act("2025-09-03 10:00", "verify_site", **VISIT | {"visited_on": day})
    assert str(rehearsal.rows(SiteVisit)[0].visited_on) == day


# --- scores ----------------------------------------------------------------------------------------------------


def sheet(rehearsal: Rehearsal, **more: Any) -> dict[str, Any]:
    return {"applicant_id": "P01", "expert_id": rehearsal.panel("P01")[0], "items": items("P01"), **more}


def test_notes_and_evidence_stand_with_the_scores(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    told = {"notes": {"P-a": "处方审核记录齐全"}, "evidence": {"P-b": HASH}}
    rehearsal.act("2025-09-22 10:00", "record_score_sheet", **sheet(rehearsal, **told))
    (row,) = rehearsal.rows(ScoreSheet)
    assert (row.notes, row.evidence) == (told["notes"], told["evidence"])
    assert newest(rehearsal, "record_score_sheet").detail["fields"]["evidence"] == {"P-b": HASH}
    assert ("评分表", "1 份，1 条记录，1 件佐证", "2025-09-22") in papers(rehearsal)


def test_a_sheet_without_remarks_is_recorded_as_before(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    rehearsal.act("2025-09-22 10:00", "record_score_sheet", **sheet(rehearsal))
    (row,) = rehearsal.rows(ScoreSheet)
    assert (row.notes, row.evidence) == ({}, {})
    assert set(newest(rehearsal, "record_score_sheet").detail["fields"]) == {"applicant_id", "expert_id", "items"}


def test_evidence_is_a_hash_of_something_kept(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    said = rehearsal.refused("2025-09-22 10:00", "record_score_sheet", **sheet(rehearsal, evidence={"P-b": "a.png"}))
    assert said == "项目 P-b 的佐证应为已存文件的 SHA-256（64 位小写十六进制），请核对"


def test_the_panels_summary_is_kept_with_who_signed_it(at_stage: Stage) -> None:
    rehearsal = at_stage("scored")
    first, *_ = rehearsal.panel()
    told = {"summary": "冷链符合要求。", "signed_by": [first]}
    rehearsal.act("2025-09-22 17:30", "conclude_evaluation", **told)
    (row,) = rehearsal.rows(EvaluationSummary)
    assert (row.text, row.signed_by, row.recorded_by) == ("冷链符合要求。", [first], BOSS)
    on_the_round = [one for one in rehearsal.rows(AuditRecord) if one.subject == "round"]
    assert on_the_round[-1].detail["fields"] == told
    assert ("汇总意见", f"冷链符合要求。（签名：{first}）", "2025-09-22") in papers(rehearsal)
    rehearsal.is_sound()


def test_nobody_signs_who_did_not_sit(at_stage: Stage) -> None:
    rehearsal = at_stage("scored")
    stranger = next(one for one in ("Z01", "Z02", "Z03", "Z04", "Z05") if one not in rehearsal.panel())
    told = {"summary": "冷链符合要求。", "signed_by": [stranger]}
    assert f"{stranger} 不是本轮评分专家" in rehearsal.refused("2025-09-22 17:30", "conclude_evaluation", **told)


def test_a_conclusion_without_a_summary_is_recorded_as_before(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded")
    assert rehearsal.rows(EvaluationSummary) == []
    on_the_round = [one for one in rehearsal.rows(AuditRecord) if one.subject == "round"]
    assert on_the_round[-1].detail["fields"] == {}


# --- negotiation, filing ---------------------------------------------------------------------------------------


def test_more_may_be_negotiated_on_than_the_four(at_stage: Stage) -> None:
    rehearsal = at_stage("negotiating")
    more = [*TOPICS, "药品供应保障"]
    given = {"applicant_id": "P01", "consensus": True, "open_point": ""}
    rehearsal.act("2025-10-15 09:00", "record_negotiation", **given, topics=more)
    rehearsal.act("2025-10-15 09:00", "record_negotiation", **given | {"applicant_id": "P02"}, topics=TOPICS,
                  other_topics=["药品供应保障", "服务人群"])  # fmt: skip
    assert [row.topics for row in rehearsal.rows(Negotiation)] == [more, more]
    assert rehearsal.state("P01") == "CONSENSUS"


def test_another_topic_does_not_stand_for_one_of_the_four(at_stage: Stage) -> None:
    given = {"applicant_id": "P01", "consensus": True, "open_point": "", "topics": [*TOPICS[:3], "药品供应保障"]}
    assert "缺少 结算方式" in at_stage("negotiating").refused("2025-10-15 09:00", "record_negotiation", **given)


def test_the_filing_has_its_receipt_and_its_copies(at_stage: Stage) -> None:
    rehearsal = at_stage("signed")
    rehearsal.act("2025-11-04 16:00", "file_agreement", **FILING)
    (receipt,), (copy,) = rehearsal.rows(FilingReceipt), rehearsal.rows(DossierCopy)
    assert (receipt.number, receipt.received_by, receipt.received_on) == (*_of(RECEIPT), date(2025, 11, 4))
    assert (copy.holder, copy.kept_by, copy.held_since) == ("applicant", "办公室李某", date(2025, 9, 2))
    assert newest(rehearsal, "file_agreement").detail["fields"]["receipt"] == RECEIPT
    assert papers(rehearsal)[-2:] == [
        ("卷宗", "申报单位一份：办公室李某", "2025-09-02"),
        ("备案回执", "备〔2025〕7号，医药管理科张某接收", "2025-11-04"),
    ]
    rehearsal.is_sound()


def _of(receipt: dict[str, str]) -> tuple[str, str]:
    return receipt["number"], receipt["received_by"]


def test_a_filing_without_them_is_recorded_as_before(at_stage: Stage) -> None:
    rehearsal = at_stage("filed")
    assert rehearsal.rows(FilingReceipt) == rehearsal.rows(DossierCopy) == []
    assert set(newest(rehearsal, "file_agreement").detail["fields"]) == {"applicant_id", "filed_on"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"receipt": RECEIPT | {"on": "2025-11-03"}}, "回执日期 2025-11-03 须在备案日 2025-11-04 与录入日之间"),
        ({"receipt": RECEIPT | {"on": "2025-11-05"}}, "回执日期 2025-11-05 须在备案日 2025-11-04 与录入日之间"),
        ({"copies": [COPY | {"on": "2025-08-31"}]}, "卷宗交存日期 2025-08-31 须在申请日 2025-09-01 与录入日之间"),
        ({"copies": [COPY | {"on": "2025-11-05"}]}, "卷宗交存日期 2025-11-05 须在申请日 2025-09-01 与录入日之间"),
    ],
)
def test_a_day_that_cannot_be_is_refused(at_stage: Stage, change: dict[str, Any], sentence: str) -> None:
    assert sentence in at_stage("signed").refused("2025-11-04 16:00", "file_agreement", **FILING | change)


@pytest.mark.parametrize("table", ["site_visit", "filing_receipt", "dossier_copy"])
def test_what_was_recorded_cannot_be_rewritten(at_stage: Stage, table: str) -> None:
    rehearsal = at_stage("accepted") if table == "site_visit" else at_stage("signed")
    if table == "site_visit":
        rehearsal.act("2025-09-03 10:00", "verify_site", **VISIT)
    else:
        rehearsal.act("2025-11-04 16:00", "file_agreement", **FILING)
    for harm in (f"UPDATE {table} SET recorded_by = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"), transaction(rehearsal.url) as session:
            session.execute(text(harm))


# --- penalties, withdrawal -------------------------------------------------------------------------------------

DOUBT = [{"authority": "县医疗保障局", "date": "2025-03-01", "kind": "责令暂停医药服务"}]


def doubted(at_stage: Stage, variant: str = "") -> Rehearsal:
    rehearsal = at_stage("accepted", variant)
    with transaction(rehearsal.url) as session:
        row = session.execute(select(Applicant).where(col(Applicant.applicant_id) == "P01")).scalar_one()
        row.facts = {**row.facts, "penalties": DOUBT}
        session.add(row)
    return rehearsal


def test_a_doubtful_penalty_is_named_on_the_case_and_in_a_batch(at_stage: Stage) -> None:
    rehearsal = doubted(at_stage)
    with transaction(rehearsal.url) as session:
        told = case_file(session, "P01", 1)["to_judge"]
    assert told.startswith("“责令暂停医药服务”是否属于行政处罚须由人判断")
    report = do_chunk(rehearsal.url, Portion("review", 1, ("P01", "P02"), BOSS, beijing("2025-09-05 10:00")))
    assert [one for one, _ in report.refused] == ["P01"]
    assert "是否属于行政处罚须由人判断" in report.refused[0][1]
    assert rehearsal.state("P02") == "PRELIM_PASSED"


@pytest.mark.parametrize(
    ("judgements", "state"),
    [
        ({}, "PRELIM_FAILED"),
        ({"penalties": {"accepted": True, "reason": "属协议处理"}}, "PRELIM_PASSED"),
        ({"penalties": {"accepted": False, "reason": "属行政处罚"}}, "PRELIM_FAILED"),
    ],
)
def test_a_doubtful_penalty_counts_unless_judged(at_stage: Stage, judgements: dict[str, Any], state: str) -> None:
    rehearsal = doubted(at_stage)
    done = rehearsal.act("2025-09-05 10:00", "sign_preliminary_opinion", applicant_id="P01", judgements=judgements)
    assert rehearsal.state("P01") == state
    assert ("已按行政处罚计" in done.summary) is (judgements == {})


HOW_TO_JUDGE = (
    "“责令暂停医药服务”是否属于行政处罚须由人判断：请在“签署初审意见”的“须由人判断的事项”中选处罚种类，"
    "不是行政处罚的“是否认可”选“是”，是行政处罚的选“否”，并写明理由"
)


@pytest.mark.parametrize("judgements", [{}, {"penalties": {"accepted": True, "reason": " "}}])
def test_a_round_that_asks_for_it_has_no_opinion_before_the_judgement(
    at_stage: Stage, judgements: dict[str, Any]
) -> None:
    """Form, batch and case say the same sentence, and it says how to go on."""
    rehearsal = doubted(at_stage, "judged first")
    opinion = {"applicant_id": "P01", "judgements": judgements}
    said = rehearsal.refused("2025-09-05 10:00", "sign_preliminary_opinion", **opinion)
    assert said.startswith(HOW_TO_JUDGE)
    assert "二(一)6、二(二)7" in said
    report = do_chunk(rehearsal.url, Portion("review", 1, ("P01",), BOSS, beijing("2025-09-05 10:00")))
    assert [why.partition("（依据")[0] for _, why in report.refused] == [HOW_TO_JUDGE]
    with transaction(rehearsal.url) as session:
        assert case_file(session, "P01", 1)["to_judge"] == HOW_TO_JUDGE
    assert rehearsal.state("P01") == "ACCEPTED"


@pytest.mark.parametrize(("accepted", "state"), [(True, "PRELIM_PASSED"), (False, "PRELIM_FAILED")])
def test_a_judgement_opens_the_opinion_whichever_way_it_goes(at_stage: Stage, accepted: bool, state: str) -> None:
    rehearsal = doubted(at_stage, "judged first")
    judgements = {"penalties": {"accepted": accepted, "reason": "对照清单和处罚决定书判断"}}
    rehearsal.act("2025-09-05 10:00", "sign_preliminary_opinion", applicant_id="P01", judgements=judgements)
    assert rehearsal.state("P01") == state


def test_who_is_beyond_the_quota_may_withdraw_and_is_not_moved_up(at_stage: Stage) -> None:
    rehearsal = at_stage("negotiating", "next_in_rank")
    assert rehearsal.state("P03") == "OUT_OF_QUOTA"
    rehearsal.act("2025-10-14 18:30", "withdraw_application", applicant_id="P03", reason="不再参加")
    rehearsal.act("2025-10-14 18:40", "withdraw_application", applicant_id="P02", reason="不再参加")
    assert (rehearsal.state("P02"), rehearsal.state("P03")) == ("WITHDRAWN", "WITHDRAWN")
    assert rehearsal.reasons("P03") == ["WITHDRAWN_BY_APPLICANT"]
    rehearsal.is_sound()
