"""Honest mistakes on a real database: an act that was recorded by mistake is taken back, both stay on record, clocks
run again from their own facts, and whoever was told is told (更正规则)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from flows.forms import FORMS
from models import (
    Agreement,
    ApplicationMaterial,
    AuditRecord,
    Draw,
    Expert,
    Negotiation,
    Notice,
    Notification,
    Objection,
    Posting,
    Proposal,
    ScoreSheet,
    SetAside,
    SiteVisit,
)
from models.corrections import stands
from models.database import transaction
from publication.draws import draw_view
from rules.case import Event
from rules.errors import NotEntitledError, RefusedError
from tasks.act_result import Receipt, Submitted
from tasks.perform import perform
from tasks.preview import take_back_effect
from tasks.proposing import confirm, submit
from tasks.surroundings import surrounded
from tests.support.database import changed, dump
from tests.support.rounds import MATERIALS
from tests.support.stages import Stage
from tests.tasks.drawing import RED, declare
from tests.tasks.drawing import plan as announce_plan
from tests.tasks.rehearsal import CHANNELS, KEYS, TOPICS, Rehearsal, beijing, items, posted
from tests.tasks.test_proposals import staffed
from upkeep.proof import prove
from views.caseparts import changes_of

WHY = "应为另一家的，误录在此"
OPINION, NEGOTIATION, SIGNATURE = "sign_preliminary_opinion", "record_negotiation", "sign_agreement"
DUE = {"preliminary_review": date(2025, 9, 30), "signing": date(2026, 1, 16)}


def looked_at(rehearsal: Rehearsal, at: str, one: str, act: str, number: int = 0) -> dict[str, Any]:
    """The preview; it writes nothing."""
    before = dump(rehearsal.url)
    asked = {"applicant_id": one, "act": act, "record_no": number}
    effect = take_back_effect(rehearsal.url, asked, beijing(at), rehearsal.round_id)
    assert changed(before, dump(rehearsal.url)) == {}
    return effect


def take_back(rehearsal: Rehearsal, at: str, one: str, act: str, number: int = 0) -> Receipt:
    code = looked_at(rehearsal, at, one, act, number)["code"]
    asked = {"applicant_id": one, "act": act, "record_no": number, "reason": WHY, "preview_code": code}
    return rehearsal.act(at, "take_back_act", **asked)


def refused(rehearsal: Rehearsal, at: str, one: str, act: str, number: int = 0) -> str:
    """Why an act may not be taken back: the preview says it, and so does the act."""
    with pytest.raises(RefusedError) as caught:
        looked_at(rehearsal, at, one, act, number)
    asked = {"applicant_id": one, "act": act, "record_no": number, "reason": WHY, "preview_code": "0" * 8}
    assert rehearsal.refused(at, "take_back_act", **asked) == str(caught.value)
    return str(caught.value)


def history(rehearsal: Rehearsal, one: str) -> list[str]:
    id_ = rehearsal.case(one).id
    records = [row for row in rehearsal.rows(AuditRecord) if (row.subject, row.subject_id) == ("application", id_)]
    return [row.event for row in records]


def letter(rehearsal: Rehearsal, one: str) -> dict[str, Any]:
    """The parameters of the last letter about a case."""
    id_ = rehearsal.case(one).id
    letters = [row for row in rehearsal.rows(Notification) if row.subject_id == id_ and row.subject == "application"]
    return dict(letters[-1].params)


def is_whole(rehearsal: Rehearsal) -> None:
    """Chains and journal hold."""
    rehearsal.is_sound()
    with transaction(rehearsal.url) as session:
        assert prove(session).faults == ()


# --- 08 ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def signed_off(at_stage: Stage) -> Rehearsal:
    """P01's opinion was meant for another."""
    rehearsal = at_stage("accepted")
    assert rehearsal.deadline("P01", "preliminary_review") == ("running", DUE["preliminary_review"], None)
    rehearsal.act("2025-09-03 10:00", OPINION, applicant_id="P01", judgements=[])
    return rehearsal


def test_an_opinion_on_the_wrong_dossier_is_taken_back_and_signed_anew(signed_off: Rehearsal) -> None:
    effect = looked_at(signed_off, "2025-09-04 09:00", "P01", OPINION)
    assert [(one["from"], one["to"]) for one in effect["moved"]] == [("初审合格", "已受理，初审中")]
    assert [one["message"] for one in effect["messages"]] == ["更正告知书"]
    receipt = take_back(signed_off, "2025-09-04 09:00", "P01", OPINION)
    assert "已撤回第" in receipt.summary
    assert "原记录保留" in receipt.summary
    assert signed_off.state("P01") == "ACCEPTED"
    assert signed_off.deadline("P01", "preliminary_review") == ("running", DUE["preliminary_review"], None)
    assert history(signed_off, "P01")[-2:] == [OPINION, "take_back_act"]
    assert signed_off.messages("P01")[-2:] == ["preliminary_opinion", "effect_reversed"]
    told = letter(signed_off, "P01")
    assert told["what"] == "2025-09-03 签署初审意见，结果为“初审合格”"
    assert told["reason"] == (
        "该事项登记有误，已于 2025-09-04 撤回，不再有效；你单位的申请现为“已受理，初审中”，有关期限按其本来的起算日计算"
    )
    case = signed_off.case("P01")
    with signed_off.session() as session:
        words = changes_of(session, signed_off.context(session), case.id)[-1]
    number = len(history(signed_off, "P01")) - 1
    assert words == [f"理由：{WHY}", f"撤回第 {number} 号记录“签署初审意见”", "初审期限：至 2025-09-30"]
    signed_off.act("2025-09-04 10:00", OPINION, applicant_id="P01", judgements=[])
    assert signed_off.state("P01") == "PRELIM_PASSED"
    assert signed_off.deadline("P01", "preliminary_review") == (
        "met",
        DUE["preliminary_review"],
        date(2025, 9, 4),
    )
    is_whole(signed_off)


def test_a_failed_opinion_gives_the_whole_procedure_back(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    before = rehearsal.deadline("P01", "whole_procedure")
    visit = {"findings": [{"fact": "cold_chain", "value": "否"}], "note": "误录"}
    rehearsal.act("2025-09-03 09:00", "verify_site", applicant_id="P01", **visit)
    rehearsal.act("2025-09-03 10:00", OPINION, applicant_id="P01", judgements=[])
    assert rehearsal.state("P01") == "PRELIM_FAILED"
    assert rehearsal.deadline("P01", "whole_procedure")[0] == "met"
    assert "之后已经办理第" in refused(rehearsal, "2025-09-04 09:00", "P01", "verify_site")
    take_back(rehearsal, "2025-09-04 09:00", "P01", OPINION)
    assert (rehearsal.state("P01"), rehearsal.reasons("P01")) == ("ACCEPTED", [])
    assert rehearsal.deadline("P01", "whole_procedure") == before
    take_back(rehearsal, "2025-09-04 09:10", "P01", "verify_site")
    case = rehearsal.case("P01")
    assert (case.findings, case.site_checked_on, case.facts["cold_chain"]) == ({}, None, True)
    assert rehearsal.messages("P01")[-1] == "effect_reversed"  # of the opinion: of a visit nobody had been told
    rehearsal.act("2025-09-04 10:00", OPINION, applicant_id="P01", judgements=[])
    assert rehearsal.state("P01") == "PRELIM_PASSED"
    is_whole(rehearsal)


def test_an_opinion_that_is_missing_once_it_was_taken_back_is_late_by_its_own_limit(signed_off: Rehearsal) -> None:
    take_back(signed_off, "2025-10-13 09:00", "P01", OPINION)
    assert signed_off.deadline("P01", "preliminary_review") == ("running", DUE["preliminary_review"], None)
    signed_off.sweep("2025-10-13 09:05")
    assert signed_off.deadline("P01", "preliminary_review")[0] == "breached"
    assert history(signed_off, "P01")[-1] == "breach"


def test_a_breach_on_record_stays_and_is_not_told_twice(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    rehearsal.sweep("2025-10-13 00:05")
    rehearsal.act("2025-10-13 10:00", OPINION, applicant_id="P01", judgements=[])
    take_back(rehearsal, "2025-10-14 09:00", "P01", OPINION)
    rehearsal.sweep("2025-10-20 00:05")
    assert rehearsal.deadline("P01", "preliminary_review") == ("breached", DUE["preliminary_review"], None)
    breaches = [row for row in history(rehearsal, "P01") if row == "breach"]
    assert len(breaches) == 1


def test_a_later_act_stands_in_the_way_and_is_named(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    assert "之后已经办理第" in (said := refused(rehearsal, "2025-09-16 13:00", "P01", OPINION))
    assert "“提出评估申请”" in said
    assert "该项不能撤回（评估申请已经报出" in said


def test_an_act_that_was_never_recorded_and_one_that_was_taken_back_already(signed_off: Rehearsal) -> None:
    assert refused(signed_off, "2025-09-04 09:00", "P01", NEGOTIATION) == (
        "P01 没有可以撤回的“录入谈判结果”记录：请在案件经过中核对申请人、事项和记录号"
    )
    assert "第 99 号记录不是仍然有效的“签署初审意见”" in refused(signed_off, "2025-09-04 09:00", "P01", OPINION, 99)
    take_back(signed_off, "2025-09-04 09:00", "P01", OPINION)
    assert "没有可以撤回的“签署初审意见”记录" in refused(signed_off, "2025-09-04 09:10", "P01", OPINION)


def test_the_preview_is_asked_for_and_must_be_of_this_very_record(signed_off: Rehearsal) -> None:
    asked = {"applicant_id": "P01", "act": OPINION, "reason": WHY}
    said = signed_off.refused("2025-09-04 09:00", "take_back_act", **asked, preview_code="0" * 8)
    assert said.startswith("后果与试算时不同，或者试算码不是这一次的：请重新运行“试算撤回”（P01）")
    signed_off.act("2025-09-03 11:00", OPINION, applicant_id="P02", judgements=[])
    of_another = looked_at(signed_off, "2025-09-04 09:00", "P02", OPINION)["code"]
    assert said == signed_off.refused("2025-09-04 09:00", "take_back_act", **asked, preview_code=of_another)


# --- who -----------------------------------------------------------------------------------------------------------


def test_who_may_ask_for_it_and_somebody_else_confirms(signed_off: Rehearsal) -> None:
    staffed(signed_off)
    code = looked_at(signed_off, "2025-09-04 09:00", "P01", OPINION)["code"]
    form = {"applicant_id": "P01", "act": OPINION, "reason": WHY, "preview_code": code}

    def wished(by: str) -> Receipt | Submitted:
        fields = FORMS["take_back_act"].model_validate({"by": by, **form}).fields()
        return submit(signed_off.url, Event("take_back_act", beijing("2025-09-04 09:00"), by, fields), KEYS, [])

    with pytest.raises(NotEntitledError) as caught:
        wished("1001")
    assert str(caught.value) == "撤回“签署初审意见”须由复核、主任岗位提出，工号“1001”不能办理"
    done = wished("1002")
    assert isinstance(done, Submitted)
    assert signed_off.state("P01") == "PRELIM_PASSED"
    [proposal] = signed_off.rows(Proposal)
    confirm(signed_off.url, proposal.id, "1004", beijing("2025-09-04 10:00"), KEYS)
    assert signed_off.state("P01") == "ACCEPTED"
    is_whole(signed_off)


# --- 18 ------------------------------------------------------------------------------------------------------------


def test_a_no_for_the_wrong_dossier_gives_its_place_back(at_stage: Stage) -> None:
    rehearsal = at_stage("negotiating", "next_in_rank")
    rehearsal.act(
        "2025-10-15 10:00", NEGOTIATION, applicant_id="P01", topics=[], consensus=False, open_point="结算方式"
    )
    assert (rehearsal.state("P01"), rehearsal.state("P03")) == ("NEGOTIATION_FAILED", "SELECTED")
    effect = looked_at(rehearsal, "2025-10-15 11:00", "P01", NEGOTIATION)
    assert {one["applicant_id"]: one["to"] for one in effect["moved"]} == {
        "P01": "谈判中",
        "P03": "评估合格，名额已满",
    }
    take_back(rehearsal, "2025-10-15 11:00", "P01", NEGOTIATION)
    assert (rehearsal.state("P01"), rehearsal.state("P03")) == ("NEGOTIATING", "OUT_OF_QUOTA")
    assert rehearsal.messages("P03")[-1] == "effect_reversed"
    assert rehearsal.rows(Negotiation) == []
    [kept] = rehearsal.rows(SetAside)
    assert (kept.of_table, "结算方式" in kept.row) == ("negotiation", True)
    rehearsal.act("2025-10-15 12:00", NEGOTIATION, applicant_id="P01", topics=TOPICS, consensus=True)
    assert rehearsal.state("P01") == "CONSENSUS"
    assert rehearsal.deadline("P01", "whole_procedure")[0] == "running"
    is_whole(rehearsal)


def test_a_yes_is_taken_back_until_the_notice(at_stage: Stage) -> None:
    rehearsal = at_stage("consensus")
    take_back(rehearsal, "2025-10-15 19:00", "P01", NEGOTIATION)
    assert rehearsal.state("P01") == "NEGOTIATING"
    later = at_stage("proposed_notice")
    assert "“发布公示”" in refused(later, "2025-10-17 10:00", "P01", NEGOTIATION)


# --- 20 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", ["", "kept", "terms signed"])
def test_a_signature_of_a_wrong_day_is_taken_back_and_entered_with_its_own(at_stage: Stage, variant: str) -> None:
    rehearsal = at_stage("signing", variant)
    number = "特药2025-7"
    sign = {"applicant_id": "P01", "agreement_number": number}
    rehearsal.act("2025-11-03 10:00", SIGNATURE, **sign, signed_on="2025-10-27")
    take_back(rehearsal, "2025-11-03 11:00", "P01", SIGNATURE)
    assert (rehearsal.state("P01"), rehearsal.reasons("P01")) == ("SIGNING", [])
    assert rehearsal.case("P01").signed_on is None
    assert rehearsal.deadline("P01", "signing") == ("running", DUE["signing"], None)
    assert [(one.state, one.number) for one in rehearsal.rows(Agreement)] == [("DRAFT", "")]
    rehearsal.sweep("2025-11-20 00:05")  # what was not signed comes into force on no day
    assert [one.state for one in rehearsal.rows(Agreement)] == ["DRAFT"]
    rehearsal.act("2025-11-20 12:00", SIGNATURE, **sign, signed_on="2025-10-28")
    [agreement] = rehearsal.rows(Agreement)
    assert (agreement.number, agreement.signed_on) == (number, date(2025, 10, 28))
    assert agreement.state == ("DRAFT" if variant == "" else "SIGNED")
    assert rehearsal.state("P01") == "SIGNED"
    assert rehearsal.deadline("P01", "signing")[2] == date(2025, 10, 28)
    assert rehearsal.messages("P01")[-3:] == ["agreement_signed", "effect_reversed", "agreement_signed"]
    is_whole(rehearsal)


@pytest.mark.parametrize("is_entered", [True, False])
def test_a_signature_taken_back_after_the_limit_leaves_days_to_enter_the_true_one(
    at_stage: Stage, is_entered: bool
) -> None:
    rehearsal = at_stage("signing")
    rehearsal.act("2025-11-03 10:00", SIGNATURE, applicant_id="P01", signed_on="2025-10-27")
    for one in ("P02", "H01"):
        rehearsal.act("2025-11-03 10:00", SIGNATURE, applicant_id=one, signed_on="2025-10-27")
    take_back(rehearsal, "2026-01-19 09:00", "P01", SIGNATURE)
    until = rehearsal.deadline("P01", "correction")[1]
    assert until == date(2026, 2, 2)
    assert f"请在 {until} 以前办完后续手续，逾期未办的按逾期处理" in letter(rehearsal, "P01")["reason"]
    rehearsal.sweep("2026-02-02 23:59")
    assert rehearsal.state("P01") == "SIGNING"
    if is_entered:
        rehearsal.act("2026-02-02 23:59", SIGNATURE, applicant_id="P01", signed_on="2025-10-28")
        assert rehearsal.deadline("P01", "signing") == ("met", DUE["signing"], date(2025, 10, 28))
    rehearsal.sweep("2026-02-03 00:05")
    assert rehearsal.state("P01") == ("SIGNED" if is_entered else "DEEMED_ABANDONED")
    is_whole(rehearsal)


def test_a_filed_agreement_stays(at_stage: Stage) -> None:
    rehearsal = at_stage("filed")
    assert "“协议备案”" in refused(rehearsal, "2025-11-05 09:00", "P01", SIGNATURE)


def test_an_agreement_on_which_something_was_done_stays(at_stage: Stage) -> None:
    rehearsal = at_stage("signed", "kept")
    number = next(one.number for one in rehearsal.rows(Agreement) if one.number.endswith("2号"))
    change = {"change": "地址", "described": "迁址", "changed_on": "2025-11-03", "reported_on": "2025-11-04"}
    rehearsal.act("2025-11-04 09:00", "report_change", agreement_number=number, **change)
    assert "签订之后已经办理“登记机构变更”" in refused(rehearsal, "2025-11-04 10:00", "P01", SIGNATURE)


# --- 13 ------------------------------------------------------------------------------------------------------------


def test_a_score_typed_wrongly_is_taken_back_before_the_conclusion(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    first, second, *_ = rehearsal.panel("P01")
    for expert, total in ((first, 10), (second, 80)):
        sheet = {"applicant_id": "P01", "expert_id": expert, "items": items("P01", total)}
        rehearsal.act("2025-09-22 09:00" if expert == first else "2025-09-22 09:01", "record_score_sheet", **sheet)
    number = len(history(rehearsal, "P01")) - 1
    effect = looked_at(rehearsal, "2025-09-22 10:00", "P01", "record_score_sheet", number)
    assert effect["recorded"]["expert_id"] == first
    assert "items" not in effect["recorded"]
    take_back(rehearsal, "2025-09-22 10:00", "P01", "record_score_sheet", number)
    assert len(rehearsal.rows(ScoreSheet)) == 1
    [kept] = rehearsal.rows(SetAside)
    assert (kept.of_table, kept.subject_id) == ("score_sheet", rehearsal.case("P01").id)
    sheet = {"applicant_id": "P01", "expert_id": first, "items": items("P01", 90)}
    rehearsal.act("2025-09-22 10:10", "record_score_sheet", **sheet)
    assert len(rehearsal.rows(ScoreSheet)) == 2
    assert rehearsal.state("P01") == "EVALUATING"
    is_whole(rehearsal)


def test_a_score_stays_after_the_conclusion(at_stage: Stage) -> None:
    assert "“汇总评估结果”" in refused(at_stage("concluded"), "2025-09-22 19:00", "P01", "record_score_sheet")


# --- 06 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["accepted", "evaluating", "result_notice", "negotiating", "signing"])
def test_a_withdrawal_of_the_wrong_applicant_is_taken_back(at_stage: Stage, stage: str) -> None:
    rehearsal = at_stage(stage)
    before = rehearsal.state("P01"), rehearsal.case("P01").clocks
    at = {"accepted": "2025-09-03", "evaluating": "2025-09-17", "result_notice": "2025-09-25"}.get(stage, "2025-10-27")
    rehearsal.act(f"{at} 09:30", "withdraw_application", applicant_id="P01", reason="自愿")
    take_back(rehearsal, f"{at} 10:00", "P01", "withdraw_application")
    after = rehearsal.case("P01")
    assert (after.state.value, rehearsal.reasons("P01")) == (before[0], [])
    for kind, clock in after.clocks.items():
        assert (clock.status, clock.due_on, clock.closed_on) == (
            before[1][kind].status,
            before[1][kind].due_on,
            before[1][kind].closed_on,
        )
    assert WHY not in letter(rehearsal, "P01")["reason"]
    rehearsal.sweep("2025-10-28 00:05")
    is_whole(rehearsal)


def test_who_waited_beyond_the_quota_takes_a_place_that_fell_free_meanwhile(at_stage: Stage) -> None:
    rehearsal = at_stage("negotiating", "next_in_rank")
    rehearsal.act("2025-10-15 09:00", "withdraw_application", applicant_id="P03", reason="自愿")
    rehearsal.act("2025-10-15 09:10", "withdraw_application", applicant_id="P01", reason="自愿")
    take_back(rehearsal, "2025-10-15 09:20", "P03", "withdraw_application")
    assert rehearsal.state("P03") == "SELECTED"
    take_back(rehearsal, "2025-10-15 09:30", "P01", "withdraw_application")
    assert (rehearsal.state("P01"), rehearsal.state("P03")) == ("NEGOTIATING", "OUT_OF_QUOTA")


# --- 06, really withdrawn ------------------------------------------------------------------------------------------


def test_who_withdrew_may_apply_again_while_the_window_is_open(at_stage: Stage) -> None:
    rehearsal = at_stage("announced", "again")
    hand_in(rehearsal, "2025-09-02 09:00", "P02")
    visit = {"findings": [{"fact": "area_m2", "value": "100"}], "note": ""}
    rehearsal.act("2025-09-02 10:00", "verify_site", applicant_id="P02", **visit)
    rehearsal.act("2025-09-03 09:00", "withdraw_application", applicant_id="P02", reason="材料有误")
    hand_in(rehearsal, "2025-09-12 17:30", "P02", "P4")
    assert rehearsal.state("P02") == "INCOMPLETE"
    case = rehearsal.case("P02")
    assert ("P4" in case.materials, case.findings, case.site_checked_on) == (False, {}, None)
    assert rehearsal.deadline("P02", "preliminary_review")[0] == "ended"
    take_back(rehearsal, "2025-09-12 17:30", "P02", "submit_application")
    assert (rehearsal.state("P02"), rehearsal.reasons("P02")) == ("WITHDRAWN", ["WITHDRAWN_BY_APPLICANT"])
    is_whole(rehearsal)


def test_its_limits_begin_anew_with_the_day_of_the_new_acceptance(at_stage: Stage) -> None:
    rehearsal = at_stage("announced", "again")
    hand_in(rehearsal, "2025-09-02 09:00", "P02")
    rehearsal.act("2025-09-03 09:00", "withdraw_application", applicant_id="P02", reason="材料有误")
    hand_in(rehearsal, "2025-09-08 09:00", "P02")
    assert rehearsal.state("P02") == "ACCEPTED"
    assert rehearsal.case("P02").clocks["preliminary_review"].start_on == date(2025, 9, 8)
    assert rehearsal.deadline("P02", "whole_procedure")[0] == "running"
    said = refused(rehearsal, "2025-09-08 10:00", "P02", "withdraw_application")
    assert "之后已经办理第" in said
    is_whole(rehearsal)


@pytest.mark.parametrize(("variant", "at"), [("again", "2025-09-12 17:31"), ("", "2025-09-12 17:30")])
def test_after_the_window_or_where_the_county_reads_it_so_a_withdrawal_is_the_end(
    at_stage: Stage, variant: str, at: str
) -> None:
    rehearsal = at_stage("announced", variant)
    hand_in(rehearsal, "2025-09-02 09:00", "P02")
    rehearsal.act("2025-09-03 09:00", "withdraw_application", applicant_id="P02", reason="材料有误")
    with pytest.raises(RefusedError) as caught:
        hand_in(rehearsal, at, "P02")
    assert ("受理时间已截止，撤回的申请不能重新提出" if variant else "本案已办结") in str(caught.value)
    assert rehearsal.rows(SetAside) == []


# --- 15, 28 --------------------------------------------------------------------------------------------------------

RESULTS = {"kind": "evaluation_result", "channel": CHANNELS[1]}


def posting_taken_back(rehearsal: Rehearsal, at: str, **which: str) -> Receipt:
    before = dump(rehearsal.url)
    effect = take_back_effect(rehearsal.url, which, beijing(at), rehearsal.round_id)
    assert changed(before, dump(rehearsal.url)) == {}
    return rehearsal.act(at, "take_back_posting", **which, reason=WHY, preview_code=effect["code"])


def post(rehearsal: Rehearsal, at: str, posted_at: str, which: Mapping[str, str] = RESULTS) -> None:
    one = {"channel": which["channel"], "posted_at": beijing(posted_at).isoformat()}
    rehearsal.act(at, "publish_notice", kind=which["kind"], postings=[one])


def test_a_posting_dated_a_day_early_is_taken_back_and_the_period_counted_from_the_true_one(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    first = rehearsal.deadline("P01", "result_notice")
    receipt = posting_taken_back(rehearsal, "2025-09-24 10:00", **RESULTS)
    assert "公示期停止计算" in receipt.summary
    assert rehearsal.deadline("P01", "result_notice") == ("ended", first[1], date(2025, 9, 24))
    [notice] = rehearsal.rows(Notice)
    assert (notice.starts_on, notice.last_day) == (None, None)
    assert [one.channel for one in rehearsal.rows(Posting)] == [CHANNELS[0]]
    assert [one.of_table for one in rehearsal.rows(SetAside)] == ["posting"]
    told = letter(rehearsal, "P01")
    assert told["what"] == "评估结果公示自 2025-09-23 起至 2025-09-30 的公示期"
    assert told["reason"] == "发布时间登记有误，已于 2025-09-24 撤回；公示期自正确的发布时间起算，另行告知"
    rehearsal.sweep("2025-10-10 00:05")
    assert rehearsal.state("P01") == "NOTICE_RESULT"  # what does not run does not run out
    post(rehearsal, "2025-10-10 10:00", "2025-09-24 09:00")
    assert rehearsal.case("P01").clocks["result_notice"].start_on == date(2025, 9, 24)
    rehearsal.sweep("2025-10-15 00:05")
    assert rehearsal.state("P01") == "NEGOTIATING"
    is_whole(rehearsal)


def test_objections_of_the_meantime_are_judged_by_the_true_days(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    received = {"received_at": beijing("2025-09-23 16:00").isoformat(), "via": "online", "allegation": "面积不足"}
    rehearsal.act("2025-09-24 09:30", "record_objection", applicant_id="P01", ref="Y-1", **received)
    assert rehearsal.case("P01").holds == 1
    posting_taken_back(rehearsal, "2025-09-24 10:00", **RESULTS)
    assert rehearsal.case("P01").holds == 1  # until the true day is known
    post(rehearsal, "2025-09-24 10:10", "2025-09-24 09:00")
    with rehearsal.session() as session:
        [row] = session.execute(select(Objection)).scalars()
        judged = row.is_in_time
    assert judged == bool(rehearsal.case("P01").holds)
    is_whole(rehearsal)


def test_a_posting_of_a_notice_that_waits_for_its_other_channel(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded")
    post(rehearsal, "2025-09-24 09:30", "2025-09-24 09:00")
    told = len(rehearsal.messages("P01"))
    assert "公示期尚未起算" in posting_taken_back(rehearsal, "2025-09-24 10:00", **RESULTS).summary
    assert rehearsal.rows(Posting) == []
    assert len(rehearsal.messages("P01")) == told
    rehearsal.act("2025-09-24 11:00", "publish_notice", kind="evaluation_result", postings=posted("2025-09-24 10:30"))
    assert rehearsal.deadline("P01", "result_notice")[0] == "running"
    is_whole(rehearsal)


@pytest.mark.parametrize(
    ("stage", "at", "kind", "why"),
    [
        ("negotiating", "2025-10-14 19:00", "evaluation_result", "评估结果公示已经届满"),
        ("published", "2025-11-07 09:00", "final_result", "定点名单公布已经公布"),
        ("concluded", "2025-09-22 19:00", "evaluation_result", "没有在“县政府网站”登记过发布凭证"),
    ],
)
def test_a_posting_on_which_something_stands_stays(at_stage: Stage, stage: str, at: str, kind: str, why: str) -> None:
    rehearsal = at_stage(stage)
    which = {"kind": kind, "channel": CHANNELS[0]}
    with pytest.raises(RefusedError) as caught:
        posting_taken_back(rehearsal, at, **which)
    assert why in str(caught.value)
    given = {**which, "reason": WHY, "preview_code": "0" * 8}
    assert rehearsal.refused(at, "take_back_posting", **given) == str(caught.value)


def test_the_preview_of_a_posting_is_asked_for(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    said = rehearsal.refused("2025-09-24 10:00", "take_back_posting", **RESULTS, reason=WHY, preview_code="0" * 8)
    assert said == "后果与试算时不同，或者试算码不是这一次的：请重新运行“试算撤回”，核对后填入新的试算码"


# --- 03, 04, 05, 07 ------------------------------------------------------------------------------------------------


def hand_in(rehearsal: Rehearsal, at: str, one: str, *without: str) -> None:
    codes = [code for code in MATERIALS["pharmacy"][:11] if code not in without]
    formal = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}
    rehearsal.act(at, "submit_application", applicant_id=one, materials=codes, **formal)


def test_an_application_entered_for_the_wrong_applicant(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    hand_in(rehearsal, "2025-09-02 09:00", "P02")
    assert rehearsal.state("P02") == "ACCEPTED"
    take_back(rehearsal, "2025-09-02 10:00", "P02", "submit_application")
    assert (rehearsal.state("P02"), rehearsal.case("P02").materials) == ("NOT_APPLIED", frozenset())
    assert rehearsal.case("P02").submitted_at is None
    assert rehearsal.rows(ApplicationMaterial) == []
    rehearsal.sweep("2025-12-31 00:05")
    assert "breach" not in history(rehearsal, "P02")
    assert rehearsal.messages("P02") == ["application_accepted", "effect_reversed"]


def test_it_may_be_entered_again_and_its_clocks_begin_with_the_true_day(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    hand_in(rehearsal, "2025-09-02 09:00", "P02")
    take_back(rehearsal, "2025-09-02 10:00", "P02", "submit_application")
    hand_in(rehearsal, "2025-09-08 09:00", "P02")
    assert rehearsal.state("P02") == "ACCEPTED"
    assert rehearsal.case("P02").clocks["preliminary_review"].start_on == date(2025, 9, 8)
    assert rehearsal.deadline("P02", "preliminary_review")[0] == "running"
    is_whole(rehearsal)


def test_a_materials_tick_and_a_supplement(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    hand_in(rehearsal, "2025-09-02 09:00", "P02", "P4", "P5")
    rehearsal.act("2025-09-03 09:00", "supplement_materials", applicant_id="P02", materials=["P4"])
    rehearsal.act("2025-09-03 09:10", "supplement_materials", applicant_id="P02", materials=["P5"])
    assert rehearsal.state("P02") == "ACCEPTED"
    take_back(rehearsal, "2025-09-04 09:00", "P02", "supplement_materials")
    assert rehearsal.state("P02") == "INCOMPLETE"
    assert "P5" not in rehearsal.case("P02").materials
    assert "P4" in rehearsal.case("P02").materials
    assert rehearsal.deadline("P02", "supplement")[0] == "running"
    take_back(rehearsal, "2025-09-04 09:10", "P02", "supplement_materials")
    assert "P4" not in rehearsal.case("P02").materials
    rehearsal.act("2025-09-05 09:00", "request_supplement", applicant_id="P02", missing=["P4", "P5"])
    assert "“一次性告知补正”" in refused(rehearsal, "2025-09-05 10:00", "P02", "submit_application")
    take_back(rehearsal, "2025-09-05 10:00", "P02", "request_supplement")
    assert rehearsal.deadline("P02", "supplement_notice")[0] == "running"
    assert rehearsal.messages("P02")[-2:] == ["supplement_wanted", "effect_reversed"]
    rehearsal.act("2025-09-05 11:00", "supplement_materials", applicant_id="P02", materials=["P4", "P5"])
    assert rehearsal.state("P02") == "ACCEPTED"
    is_whole(rehearsal)


def test_a_supplement_taken_back_after_the_window_leaves_days_to_enter_the_true_one(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    hand_in(rehearsal, "2025-09-02 09:00", "P02", "P4")
    rehearsal.act("2025-09-03 09:00", "supplement_materials", applicant_id="P02", materials=["P4"])
    take_back(rehearsal, "2025-09-22 09:00", "P02", "supplement_materials")
    until = rehearsal.deadline("P02", "correction")[1]
    assert until is not None
    rehearsal.sweep(f"{until} 23:59")
    assert rehearsal.state("P02") == "INCOMPLETE"
    rehearsal.act(f"{until} 23:59", "supplement_materials", applicant_id="P02", materials=["P4"])
    assert rehearsal.state("P02") == "ACCEPTED"


def test_a_visit_goes_with_what_it_found(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    visit = {"visited_on": "2025-09-03", "visitors": ["经办员甲", "全能员"], "minutes": "笔录 1 号"}
    found = {"findings": [{"fact": "area_m2", "value": "100"}], "note": ""}
    rehearsal.act("2025-09-03 09:00", "verify_site", applicant_id="P01", **visit, **found)
    take_back(rehearsal, "2025-09-03 10:00", "P01", "verify_site")
    assert [one.of_table for one in rehearsal.rows(SetAside)] == ["site_visit"]
    with rehearsal.session() as session:  # the table is append-only: the row stays there, and stands no longer
        assert len(session.execute(select(SiteVisit)).all()) == 1
        assert session.execute(select(SiteVisit).where(stands(SiteVisit))).all() == []
    assert rehearsal.case("P01").findings == {}


def test_what_was_recorded_before_such_things_were_kept_cannot_be_taken_back(signed_off: Rehearsal) -> None:
    forget = {
        "sqlite": ("DROP TRIGGER stood_before_no_delete",),
        "postgresql": ("DROP TRIGGER stood_before_append_only ON stood_before",),
    }
    with transaction(signed_off.url) as session:
        connection = session.connection()
        for statement in (*forget[connection.dialect.name], "DELETE FROM stood_before"):
            connection.exec_driver_sql(statement)
    assert "没有留存当时的期限，不能撤回" in refused(signed_off, "2025-09-04 09:00", "P01", OPINION)


# --- 16 ------------------------------------------------------------------------------------------------------------


def object_to(rehearsal: Rehearsal, at: str, one: str, ref: str) -> None:
    received = {"received_at": beijing(at).isoformat(), "via": "online", "allegation": "面积不足"}
    rehearsal.act(at, "record_objection", applicant_id=one, ref=ref, **received)


def test_an_objection_put_on_the_wrong_institution_is_put_on_the_right_one(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "P01", "Y-1")
    assert rehearsal.case("P01").holds == 1
    take_back(rehearsal, "2025-09-25 10:00", "P01", "record_objection")
    case = rehearsal.case("P01")
    assert (case.holds, case.released_on) == (0, date(2025, 9, 25))
    assert rehearsal.deadline("P01", "objection_inquiry")[0] == "ended"
    assert rehearsal.rows(Objection) == []
    assert rehearsal.messages("P01")[-1] == "effect_reversed"
    object_to(rehearsal, "2025-09-25 11:00", "P02", "Y-1")
    rehearsal.sweep("2025-10-10 00:05")
    assert (rehearsal.state("P01"), rehearsal.state("P02")) == ("NEGOTIATING", "NOTICE_RESULT")
    is_whole(rehearsal)


def test_the_days_it_held_the_signing_by_mistake_do_not_count(at_stage: Stage) -> None:
    rehearsal = at_stage("signing", "inquiry days")
    due = rehearsal.deadline("P01", "signing")[1]
    assert due is not None
    posted_in_time = {"received_at": beijing("2025-10-27 09:00").isoformat(), "via": "post", "allegation": "面积不足"}
    posted_in_time |= {"postmarked_on": "2025-10-22"}
    rehearsal.act("2025-10-27 10:00", "record_objection", applicant_id="P01", ref="Y-1", **posted_in_time)
    assert rehearsal.case("P01").holds == 1
    take_back(rehearsal, "2025-10-31 10:00", "P01", "record_objection")
    later = rehearsal.deadline("P01", "signing")[1]
    assert later is not None
    assert later > due
    is_whole(rehearsal)


def test_an_objection_on_which_something_stands_stays(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", "P01", "Y-1")
    object_to(rehearsal, "2025-09-24 10:10", "P01", "Y-2")
    assert "另有未结异议 Y-1" in refused(rehearsal, "2025-09-24 11:00", "P01", "record_objection")
    found = {"ref": "Y-2", "substantiated": False, "finding": "不属实"}
    rehearsal.act("2025-09-24 12:00", "resolve_objection", **found)
    assert "“异议核查结论”" in refused(rehearsal, "2025-09-24 13:00", "P01", "record_objection")
    other = at_stage("result_notice")
    object_to(other, "2025-09-24 10:00", "P01", "Y-1")
    who = {"ref": "Y-1", "name": "赵某某", "phone": "13900001111", "email": "", "address": "样例县人民路1号"}
    with surrounded(keys=KEYS):
        event = Event("register_complainants", beijing("2025-09-24 11:00"), "全能员", {"complainants": [who]})
        perform(other.url, event)
    assert "异议人已经登记" in refused(other, "2025-09-24 12:00", "P01", "record_objection")


# --- 11 ------------------------------------------------------------------------------------------------------------

TYPO = {"told": "名册漏列增补的专家", "reason": "漏列"}


def test_a_plan_with_a_mistake_is_withdrawn_openly_and_published_anew(at_stage: Stage) -> None:
    rehearsal = at_stage("planned")  # published on the 17th, without days of its sources
    rehearsal.act("2025-09-17 23:59", "withdraw_draw_plan", **TYPO)
    [plan] = rehearsal.rows(Draw)
    assert plan.withdrawn_because == "方案在抽取以前撤回：名册漏列增补的专家"
    assert "尚未公布" in rehearsal.refused(
        "2025-09-18 09:00", "draw_experts", source_values=[[3, 9, 14, 20, 27, 33]], unavailable=[]
    )
    with rehearsal.session() as session:
        ctx = rehearsal.context(session)
        view = draw_view(session, ctx.round.id, ctx.policy, ctx.workdays)
        assert view is not None
        assert (view.annulled, view.withdrawn) == (plan.withdrawn_because, [])
    rehearsal.act("2025-09-18 09:00", "publish_draw_plan", wanted=3, sources=["红球（虚构）"])
    with rehearsal.session() as session:
        view = draw_view(session, ctx.round.id, ctx.policy, ctx.workdays)
        assert view is not None
        [before] = view.withdrawn
        assert (before.because, view.annulled, view.earlier) == (plan.withdrawn_because, "", [])
    rehearsal.act("2025-09-19 12:00", "draw_experts", source_values=[[3, 9, 14, 20, 27, 33]], unavailable=[])
    assert rehearsal.panel()
    is_whole(rehearsal)


def test_a_plan_stays_once_its_results_may_be_known_and_once_it_was_drawn(at_stage: Stage) -> None:
    planned = at_stage("planned")
    assert "随机源自 2025-09-18 起可能已经公布" in planned.refused("2025-09-18 00:00", "withdraw_draw_plan", **TYPO)
    assert "已经抽取" in at_stage("drawn").refused("2025-09-19 13:00", "withdraw_draw_plan", **TYPO)
    assert "没有可以撤回的" in at_stage("evaluating").refused("2025-09-16 13:00", "withdraw_draw_plan", **TYPO)


def test_of_announced_sources_the_first_day_decides(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating", "safeguards")
    declare(rehearsal, *(one.expert_id for one in rehearsal.rows(Expert)))
    announce_plan(rehearsal, RED)  # its results come out on the 18th
    assert "随机源自 2025-09-18 起" in rehearsal.refused("2025-09-18 00:00", "withdraw_draw_plan", **TYPO)
    rehearsal.act("2025-09-17 23:59", "withdraw_draw_plan", **TYPO)
    [row] = rehearsal.rows(Draw)
    assert row.withdrawn_at is not None


# --- 12 ------------------------------------------------------------------------------------------------------------

WRONG_BALL = {"told": "第三个红球应为 15，误录为 14", "evidence": "官网公布页截图"}


def test_a_draw_with_a_wrong_ball_is_taken_back_openly_and_drawn_with_the_true_ones(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    [wrong] = rehearsal.rows(Draw)
    rehearsal.act("2025-09-19 14:00", "take_back_draw", **WRONG_BALL)
    assert rehearsal.panel() == ()
    told = letter(rehearsal, "P01")
    assert told["what"] == "2025-09-19 抽取的评估专家组"
    true = [[1, 2, 15, 20, 27, 33], *wrong.source_values[1:]]
    rehearsal.act("2025-09-19 14:30", "draw_experts", source_values=true, unavailable=[])
    before, now = rehearsal.rows(Draw)
    assert (before.source_values, before.picks, before.annulled_because) == (
        *(wrong.source_values, wrong.picks),
        "随机源结果录入有误：第三个红球应为 15，误录为 14",
    )
    assert (now.source_values, now.pool_sha256, now.published_at) == (true, wrong.pool_sha256, wrong.published_at)
    assert now.picks != before.picks
    with rehearsal.session() as session:
        ctx = rehearsal.context(session)
        view = draw_view(session, ctx.round.id, ctx.policy, ctx.workdays)
        assert view is not None
        assert len(view.earlier) == 1
        assert view.earlier_because == [before.annulled_because]
    rehearsal.score("2025-09-22 10:00", "P01")
    is_whole(rehearsal)


def test_a_draw_stays_once_somebody_has_scored_or_challenged_it(at_stage: Stage) -> None:
    scored = at_stage("scored")
    assert "专家组已经评分" in scored.refused("2025-09-22 17:30", "take_back_draw", **WRONG_BALL)
    challenged = at_stage("drawn")
    received = {"received_on": "2025-09-19", "received_time": "13:00", "via": "counter", "content": "名册有误"}
    challenged.act("2025-09-19 13:10", "challenge_draw", ref="CQ-1", **received)
    assert "已有质疑 CQ-1" in challenged.refused("2025-09-19 14:00", "take_back_draw", **WRONG_BALL)
    assert "尚未抽取专家" in at_stage("planned").refused("2025-09-17 19:00", "take_back_draw", **WRONG_BALL)
