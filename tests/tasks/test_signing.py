"""Signing on a real database: day 60 and day 61, late entry, days of the agency, who moves up (五(三))."""

from __future__ import annotations

from datetime import date

import pytest

from models import Deadline, Notice, Suspension
from rules.errors import RefusedError
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, posted

LAST = date(2026, 1, 16)  # 60 working days after 23 October 2025
CORRECTION = {"applicant_id": "P01", "what": "期限内已签约", "reason": "录入迟延", "evidence": "协议原件第3号"}


def sign(rehearsal: Rehearsal, at: str, signed_on: str, applicant_id: str = "P01") -> None:
    rehearsal.act(at, "sign_agreement", applicant_id=applicant_id, signed_on=signed_on)


def test_the_sixtieth_working_day_is_in_time(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    assert rehearsal.deadline("P01", "signing") == ("running", LAST, None)
    rehearsal.sweep("2026-01-16 23:59:59")
    sign(rehearsal, "2026-01-16 23:59:59", "2026-01-16")
    assert rehearsal.state("P01") == "SIGNED"
    assert rehearsal.deadline("P01", "signing") == ("met", LAST, LAST)
    rehearsal.sweep("2026-01-17 00:05")
    assert rehearsal.state("P01") == "SIGNED"
    rehearsal.is_sound()


def test_from_the_day_after_it_the_place_is_deemed_abandoned(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    report = rehearsal.sweep("2026-01-17 00:00:00")
    assert report.done == {"sign_timeout": 3}
    assert rehearsal.state("P01") == "DEEMED_ABANDONED"
    assert rehearsal.reasons("P01") == ["SIGN_TIMEOUT_OWN_FAULT"]
    assert rehearsal.deadline("P01", "signing") == ("lapsed", LAST, None)
    assert rehearsal.messages("P01")[-1] == "deemed_abandoned"


def test_no_sweep_is_needed_for_the_effect_an_act_that_comes_too_late_meets_it(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-17 09:00", only=[])
    assert rehearsal.state("P01") == "SIGNING"
    with pytest.raises(RefusedError) as caught:
        sign(rehearsal, "2026-01-17 09:00", "2026-01-16")
    assert str(caught.value) == (
        "P01 现处“逾期未签约，视作自动放弃”，不能办理此事项；"
        "此结论由系统按期限自动作出，确有错误的可凭证据更正（依据：流程）"
    )
    assert rehearsal.states() == {
        "H01": "SIGNING",
        "P01": "DEEMED_ABANDONED",
        "P02": "SIGNING",
        "P03": "OUT_OF_QUOTA",
    }


def test_signed_in_time_and_entered_late_is_corrected_and_signed(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-19 00:05")
    rehearsal.act("2026-01-20 09:00", "correct_record", **CORRECTION)
    assert rehearsal.state("P01") == "SIGNING"
    assert rehearsal.reasons("P01") == []
    assert rehearsal.refused("2026-01-20 09:05", "sign_agreement", applicant_id="P01", signed_on="2026-01-19") == (
        "签约期限至 2026-01-16 届满，签订日 2026-01-19 已逾期（依据：五(三)）"
    )
    sign(rehearsal, "2026-01-20 09:10", "2026-01-16")
    assert rehearsal.state("P01") == "SIGNED"
    assert rehearsal.deadline("P01", "signing") == ("met", LAST, LAST)
    assert rehearsal.messages("P01")[-3:] == ["deemed_abandoned", "effect_reversed", "agreement_signed"]
    rehearsal.is_sound()


@pytest.mark.parametrize("field", ["reason", "evidence"])
def test_a_correction_needs_reason_and_evidence(at_stage: Stage, field: str) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-19 00:05")
    blank = {**CORRECTION, field: "  "}
    assert rehearsal.refused("2026-01-20 09:00", "correct_record", **blank) == "更正须写明理由和证据（依据：更正规则）"


def test_days_that_the_agency_cost_move_the_last_day(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    delay = {"delay_from": "2025-12-01", "delay_to": "2025-12-05", "cause": "医保系统联调"}
    rehearsal.act("2025-12-08 09:00", "record_agency_delay", applicant_id="P01", **delay)
    assert rehearsal.deadline("P01", "signing") == ("running", date(2026, 1, 23), None)
    assert rehearsal.deadline("P02", "signing") == ("running", LAST, None)
    assert rehearsal.messages("P01")[-1] == "deadline_moved"
    rehearsal.sweep("2026-01-17 00:05")
    assert rehearsal.states()["P01"] == "SIGNING"
    assert rehearsal.states()["P02"] == "DEEMED_ABANDONED"
    sign(rehearsal, "2026-01-23 18:00", "2026-01-23")
    assert rehearsal.state("P01") == "SIGNED"


def test_the_same_days_are_not_added_twice(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    delay = {"applicant_id": "P01", "delay_from": "2025-12-01", "delay_to": "2025-12-05", "cause": "医保系统联调"}
    rehearsal.act("2025-12-08 09:00", "record_agency_delay", **delay)
    assert rehearsal.refused("2025-12-09 09:00", "record_agency_delay", **delay) == (
        "2025-12-01 至 2025-12-05 已登记为不计入期限的日期，请勿重复登记（依据：五(三)）"
    )
    longer = {**delay, "delay_to": "2025-12-08"}
    rehearsal.act("2025-12-09 09:00", "record_agency_delay", **longer)
    assert rehearsal.deadline("P01", "signing")[1] == date(2026, 1, 26)
    assert len(rehearsal.rows(Suspension)) == 2


def test_a_corrected_dossier_that_is_never_signed_lapses_again(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-19 00:05")
    rehearsal.act("2026-01-20 09:00", "correct_record", **CORRECTION)
    delay = {"delay_from": "2026-01-12", "delay_to": "2026-01-16", "cause": "医保系统联调"}
    rehearsal.act("2026-01-20 10:00", "record_agency_delay", applicant_id="P01", **delay)
    assert rehearsal.deadline("P01", "signing") == ("running", date(2026, 1, 23), None)
    rehearsal.sweep("2026-02-03 00:05")
    assert rehearsal.state("P01") == "SIGNING"
    rehearsal.sweep("2026-02-04 00:05")
    assert rehearsal.state("P01") == "DEEMED_ABANDONED"


def test_a_place_that_is_given_up_goes_to_the_next_in_rank_at_once(at_stage: Stage) -> None:
    rehearsal = at_stage("signing", "next_in_rank")
    sign(rehearsal, "2025-11-03 15:00", "2025-11-03", "P02")
    rehearsal.act("2025-11-04 09:00", "withdraw_application", applicant_id="P01", reason="自愿")
    assert rehearsal.states() == {"H01": "SIGNING", "P01": "WITHDRAWN", "P02": "SIGNED", "P03": "SELECTED"}
    rehearsal.is_sound()


def test_a_place_of_the_other_type_is_not_theirs(at_stage: Stage) -> None:
    rehearsal = at_stage("signing", "next_in_rank")
    rehearsal.act("2025-11-04 09:00", "withdraw_application", applicant_id="H01", reason="自愿")
    assert rehearsal.state("P03") == "OUT_OF_QUOTA"


def test_a_place_that_an_objection_or_a_failed_negotiation_freed_is_filled(at_stage: Stage) -> None:
    rehearsal = at_stage("negotiating", "next_in_rank")
    failed = {"applicant_id": "P02", "topics": [], "consensus": False, "open_point": "结算方式"}
    rehearsal.act("2025-10-15 09:00", "record_negotiation", **failed)
    assert rehearsal.states() == {
        "H01": "NEGOTIATING",
        "P01": "NEGOTIATING",
        "P02": "NEGOTIATION_FAILED",
        "P03": "SELECTED",
    }
    rehearsal = at_stage("result_notice", "next_in_rank")
    late = {"applicant_id": "P01", "ref": "Y-1", "via": "online", "allegation": "营业面积不足"}
    rehearsal.act("2025-09-24 10:00", "record_objection", received_at="2025-09-24T09:00:00+08:00", **late)
    rehearsal.act("2025-09-25 10:00", "resolve_objection", ref="Y-1", substantiated=True, finding="属实")
    assert rehearsal.states()["P03"] == "SELECTED"


def test_a_lapsed_place_goes_to_the_next_in_rank_in_the_same_sweep_and_to_one_only(at_stage: Stage) -> None:
    rehearsal = at_stage("signing", "next_in_rank")
    rehearsal.sweep("2026-01-17 00:05")
    assert rehearsal.states() == {
        "H01": "DEEMED_ABANDONED",
        "P01": "DEEMED_ABANDONED",
        "P02": "DEEMED_ABANDONED",
        "P03": "SELECTED",
    }
    assert rehearsal.messages("P03")[-1] == "evaluation_result"


def test_who_moved_up_goes_through_a_notice_of_its_own(at_stage: Stage) -> None:
    rehearsal = at_stage("signing", "next_in_rank")
    rehearsal.sweep("2026-01-17 00:05")
    rehearsal.act("2026-01-20 09:05", "publish_notice", kind="evaluation_result", postings=posted("2026-01-20 09:00"))
    second = rehearsal.rows(Notice)[-1]
    named = [one["applicant_id"] for one in second.snapshot["entries"]]
    assert (second.number, named, second.starts_on, second.last_day) == (
        2,
        ["P03"],
        date(2026, 1, 20),
        date(2026, 1, 27),
    )
    rehearsal.sweep("2026-01-28 00:05")
    assert rehearsal.state("P03") == "NEGOTIATING"
    rehearsal.is_sound()


def test_nobody_moves_up_where_the_announcement_does_not_say_so(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-17 00:05")
    assert rehearsal.state("P03") == "OUT_OF_QUOTA"


def test_signed_filed_and_published_on_the_later_channel(at_stage: Stage) -> None:
    rehearsal = at_stage("filed")
    rehearsal.act(
        "2025-11-07 09:05",
        "publish_notice",
        kind="final_result",
        postings=posted("2025-11-05 09:00", "2025-11-07 09:00"),
    )
    assert rehearsal.states() == {"H01": "PUBLISHED", "P01": "PUBLISHED", "P02": "PUBLISHED", "P03": "OUT_OF_QUOTA"}
    running = [clock.kind for clock in rehearsal.rows(Deadline) if clock.check_on is not None]
    assert running == []
