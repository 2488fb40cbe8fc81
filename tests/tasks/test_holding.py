"""An objection in time holds its dossier wherever it stands, one outside the period nowhere (五(二)、五(三); A7-11)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from flows.forms.round_file import RoundFile, as_at_the_desk
from models import Deadline, DrawChallenge, Notice, Notification, Objection, Suspension
from policies.loader import load_policy
from tests.support.rounds import small_round
from tests.support.stages import Stage
from tests.tasks.rehearsal import TOPICS, Rehearsal, beijing, posted
from tests.tasks.test_challenges import challenge, drawn, sheet

LETTER = {"via": "post", "postmarked_on": "2025-09-30"}  # of the first notice's last day
COMPLAINT = {"via": "post", "postmarked_on": "2025-10-23"}  # of the second's
HELD = "尚有 1 件期内异议未核查完结，暂停进入下一环节（依据：五(二)、五(三)）"


def object_to(rehearsal: Rehearsal, at: str, received: str = "", applicant_id: str = "P01", **fields: Any) -> str:
    about = {"applicant_id": applicant_id, "ref": "Y-1", "via": "online", "allegation": "营业面积不足", **fields}
    return rehearsal.act(at, "record_objection", received_at=beijing(received or at).isoformat(), **about).summary


def dismiss(rehearsal: Rehearsal, at: str) -> None:
    rehearsal.act(at, "resolve_objection", ref="Y-1", substantiated=False, finding="经核查不属实")


def publish(rehearsal: Rehearsal, day: str, kind: str = "proposed_agreements") -> str:
    return rehearsal.act(f"{day} 09:05", "publish_notice", kind=kind, postings=posted(f"{day} 09:00")).summary


def named(rehearsal: Rehearsal) -> list[list[str]]:
    return [[one["applicant_id"] for one in row.snapshot["entries"]] for row in rehearsal.rows(Notice)]


def test_who_is_held_in_negotiation_does_not_negotiate(at_stage: Stage) -> None:
    rehearsal = at_stage("negotiating")
    assert "期内异议" in object_to(rehearsal, "2025-10-15 09:00", **LETTER)
    for reached in (True, False):
        about = {"applicant_id": "P01", "topics": TOPICS, "consensus": reached, "open_point": ""}
        assert rehearsal.refused("2025-10-15 10:00", "record_negotiation", **about) == HELD


def test_who_is_held_at_consensus_waits_for_a_later_notice_and_the_others_go_on(at_stage: Stage) -> None:
    rehearsal = at_stage("consensus")
    object_to(rehearsal, "2025-10-16 08:00", **LETTER)
    said = publish(rehearsal, "2025-10-16")
    assert said.endswith("P01 有期内异议尚未核查完结，本次暂停。")
    assert rehearsal.states() == {
        "H01": "NOTICE_PROPOSED",
        "P01": "CONSENSUS",
        "P02": "NOTICE_PROPOSED",
        "P03": "OUT_OF_QUOTA",
    }
    sentence = rehearsal.refused(
        "2025-10-17 09:05", "publish_notice", kind="proposed_agreements", postings=posted("2025-10-17 09:00")
    )
    assert sentence == ("P01 有期内异议尚未核查完结，暂停进入下一环节，不能列入拟签约名单公示（依据：五(二)、五(三)）")
    dismiss(rehearsal, "2025-10-20 09:00")
    publish(rehearsal, "2025-10-21")
    assert named(rehearsal)[1:] == [["H01", "P02"], ["P01"]]
    rehearsal.is_sound()


def test_who_is_held_after_signing_is_not_filed_and_not_published(at_stage: Stage) -> None:
    rehearsal = at_stage("signed")
    object_to(rehearsal, "2025-11-04 09:00", **COMPLAINT)
    assert rehearsal.refused("2025-11-04 10:00", "file_agreement", applicant_id="P01", filed_on="2025-11-04") == HELD
    rehearsal.act("2025-11-04 10:00", "file_agreement", applicant_id="P02", filed_on="2025-11-04")
    dismiss(rehearsal, "2025-11-05 09:00")
    rehearsal.act("2025-11-05 10:00", "file_agreement", applicant_id="P01", filed_on="2025-11-05")


def test_the_final_list_leaves_out_who_is_held(at_stage: Stage) -> None:
    rehearsal = at_stage("filed")
    object_to(rehearsal, "2025-11-05 08:00", **COMPLAINT)
    publish(rehearsal, "2025-11-05", "final_result")
    assert (named(rehearsal)[-1], rehearsal.state("P01")) == (["H01", "P02"], "FILED")
    dismiss(rehearsal, "2025-11-06 09:00")
    publish(rehearsal, "2025-11-07", "final_result")
    assert (named(rehearsal)[-1], rehearsal.state("P01")) == (["P01"], "PUBLISHED")


def test_one_that_was_held_after_the_final_list_was_frozen_is_not_designated_by_its_posting(at_stage: Stage) -> None:
    rehearsal = at_stage("filed")
    rehearsal.act("2025-11-05 08:00", "publish_notice", kind="final_result", postings=[])
    object_to(rehearsal, "2025-11-05 08:30", **COMPLAINT)
    publish(rehearsal, "2025-11-05", "final_result")
    assert (rehearsal.state("P01"), rehearsal.state("P02")) == ("FILED", "PUBLISHED")


def test_what_was_received_before_the_list_was_posted_does_not_hold(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    said = object_to(rehearsal, "2025-09-24 10:00", "2025-09-22 20:00")
    assert "公示开始之前收到，按一般投诉核查，不暂停程序" in said
    assert rehearsal.case("P01").holds == 0
    rehearsal.act("2025-09-25 10:00", "resolve_objection", ref="Y-1", substantiated=True, finding="属实")
    assert rehearsal.state("P01") == "DISQUALIFIED_PUBLICITY_1"


def test_an_earlier_postmark_decides_nothing_where_the_receipt_is_in_the_period(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00", via="post", postmarked_on="2025-09-20")
    assert rehearsal.case("P01").holds == 1
    late = at_stage("negotiating")
    object_to(late, "2025-10-14 19:00", via="post", postmarked_on="2025-09-20")
    assert late.case("P01").holds == 0


def test_one_to_a_list_that_has_no_posting_yet_is_judged_when_it_has(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded")
    rehearsal.act("2025-09-23 08:00", "publish_notice", kind="evaluation_result", postings=[])
    object_to(rehearsal, "2025-09-23 08:30", applicant_id="P01")
    object_to(rehearsal, "2025-09-23 12:00", applicant_id="P02", ref="Y-2")
    assert [rehearsal.case(one).holds for one in ("P01", "P02")] == [1, 1]
    rehearsal.act("2025-09-23 17:00", "publish_notice", kind="evaluation_result", postings=posted("2025-09-23 09:00"))
    assert [rehearsal.case(one).holds for one in ("P01", "P02")] == [0, 1]
    assert [(one.ref, one.is_in_time) for one in rehearsal.rows(Objection)] == [("Y-1", False), ("Y-2", True)]
    assert rehearsal.messages("P01")[-2:] == ["objection_rejudged", "decision_review"]
    rehearsal.is_sound()


def test_a_letter_of_the_first_period_is_no_complaint_to_the_second_notice(at_stage: Stage) -> None:
    rehearsal = at_stage("proposed_notice")
    object_to(rehearsal, "2025-10-17 10:00", **LETTER)
    first, second = rehearsal.rows(Notice)
    assert [one.notice_id for one in rehearsal.rows(Objection)] == [first.id]
    object_to(rehearsal, "2025-10-17 11:00", ref="Y-2")
    assert [one.notice_id for one in rehearsal.rows(Objection)] == [first.id, second.id]
    rehearsal.act("2025-10-18 10:00", "resolve_objection", ref="Y-1", substantiated=True, finding="属实")
    assert rehearsal.state("P01") == "DISQUALIFIED_PUBLICITY_1"


@pytest.mark.parametrize(
    ("postmark", "sentence"),
    [
        ("2025-09-25", "邮戳日期 2025-09-25 晚于收到日期 2025-09-24，寄出不会晚于收到：请对照信封核对两个日期"),
        (
            "2024-09-23",
            "邮戳日期 2024-09-23 早于本轮公告发布日 2025-08-18，请对照信封核对年月日；邮戳看不清的留空，以收到日期为准",
        ),
    ],
)
def test_a_postmark_that_cannot_be(at_stage: Stage, postmark: str, sentence: str) -> None:
    rehearsal = at_stage("result_notice")
    about = {"applicant_id": "P01", "ref": "Y-1", "via": "post", "allegation": "x", "postmarked_on": postmark}
    received = beijing("2025-09-24 09:30").isoformat()
    assert rehearsal.refused("2025-09-24 10:00", "record_objection", received_at=received, **about) == sentence


@pytest.mark.parametrize("postmark", ["2025-09-23", "2025-09-16"])
def test_a_postmark_of_a_challenge_that_cannot_be(at_stage: Stage, postmark: str) -> None:
    rehearsal = drawn(at_stage)
    about = {"ref": "Z-1", "via": "post", "content": "x", "received_on": "2025-09-22", "received_time": "09:00"}
    said = rehearsal.refused("2025-09-22 10:00", "challenge_draw", **about, postmarked_on=postmark)
    assert said.startswith(f"邮戳日期 {postmark} ")


def test_a_challenge_from_before_the_draw_keeps_nobody_from_scoring(at_stage: Stage) -> None:
    rehearsal = drawn(at_stage)
    assert "抽取之前收到，照常核查，不暂停评分" in challenge(rehearsal, "2025-09-22 10:00", "2025-09-18 09:00")
    assert [one.is_in_time for one in rehearsal.rows(DrawChallenge)] == [False]
    rehearsal.act("2025-09-23 09:00", "record_score_sheet", **sheet(rehearsal))


def test_the_announced_last_day_for_challenges_stands_when_the_schedule_changes(at_stage: Stage) -> None:
    rehearsal = drawn(at_stage)
    longer = {"year": 2025, "notice": "国办发明电〔虚构〕9号", "off": ["2025-09-22..2025-09-23"], "working": []}
    rehearsal.act("2025-09-20 09:00", "load_workdays", **longer)
    rehearsal.act("2025-09-23 09:00", "record_score_sheet", **sheet(rehearsal))


@pytest.mark.parametrize(
    ("stage", "code", "at"),
    [
        ("result_notice", "OBJECTION_TRUE", "2025-09-24 10:00"),
        ("proposed_notice", "COMPLAINT_TRUE", "2025-10-17 10:00"),
    ],
)
def test_the_letter_to_who_is_out_gives_the_finding(at_stage: Stage, stage: str, code: str, at: str) -> None:
    rehearsal = at_stage(stage)
    object_to(rehearsal, at)
    finding = "经实地丈量，营业面积 170 平方米"
    rehearsal.act(at.replace("10:00", "15:00"), "resolve_objection", ref="Y-1", substantiated=True, finding=finding)
    [told] = [one.params for one in rehearsal.rows(Notification) if one.event == "disqualified"]
    assert (told["ref"], told["finding"], told["reasons"][0]["code"]) == ("Y-1", finding, code)


# --- days of an inquiry ------------------------------------------------------------------------------------------


def held_beyond_the_notice(rehearsal: Rehearsal) -> None:
    object_to(rehearsal, "2025-10-23 12:00")
    dismiss(rehearsal, "2025-10-28 16:00")
    rehearsal.sweep("2025-10-29 00:05")


def test_a_file_that_says_nothing_leaves_inquiry_days_to_the_operator(at_stage: Stage) -> None:
    rehearsal = at_stage("proposed_notice")
    held_beyond_the_notice(rehearsal)
    assert rehearsal.deadline("P01", "signing")[1] == date(2026, 1, 16)


def test_inquiry_days_are_added_by_themselves_where_the_announcement_reads_so(at_stage: Stage) -> None:
    rehearsal = at_stage("proposed_notice", "inquiry days")
    held_beyond_the_notice(rehearsal)
    starts = {one.subject_id: one.start_on for one in rehearsal.rows(Deadline) if one.kind == "signing"}
    assert starts[rehearsal.case("P01").id] == date(2025, 10, 28)
    assert rehearsal.deadline("P01", "signing")[1] == date(2026, 1, 21)


def test_inquiry_days_while_signing_is_open_are_added_too(at_stage: Stage) -> None:
    rehearsal = at_stage("signing", "inquiry days")
    object_to(rehearsal, "2025-10-27 09:00", **COMPLAINT)
    dismiss(rehearsal, "2025-10-31 16:00")
    assert [(one.from_on, one.to_on) for one in rehearsal.rows(Suspension)] == [
        (date(2025, 10, 27), date(2025, 10, 31))
    ]
    assert rehearsal.deadline("P01", "signing")[1] == date(2026, 1, 23)


def test_the_desk_takes_what_is_recommended_and_what_a_file_says_stands() -> None:
    assert load_policy().recommended["inquiry_days"] == "added_by_themselves"
    head = {name: small_round()[name] for name in ("announcement", "rubric", "expert_library", "applicants")}
    silent = RoundFile.model_validate(head).plain()
    assert "readings" not in silent["announcement"]
    assert as_at_the_desk(silent)["announcement"]["readings"]["inquiry_days"] == "added_by_themselves"
    head["announcement"] |= {"readings": {"inquiry_days": "by_operator"}}
    said = as_at_the_desk(RoundFile.model_validate(head).plain())
    assert said["announcement"]["readings"]["inquiry_days"] == "by_operator"


@pytest.mark.parametrize(
    ("readings", "what"),
    [
        ({"notice_start": "first_channel"}, "公告不能选择读法“notice_start”；可选：.*inquiry_days"),
        ({"inquiry_days": "never"}, "读法 inquiry_days 没有“never”；可选：by_operator、added_by_themselves"),
    ],
)
def test_a_reading_that_cannot_be_chosen_is_refused_at_the_announcement(readings: dict[str, str], what: str) -> None:
    head = {name: small_round()[name] for name in ("announcement", "rubric", "expert_library", "applicants")}
    head["announcement"] |= {"readings": readings}
    with pytest.raises(ValueError, match=what):
        RoundFile.model_validate(head)
