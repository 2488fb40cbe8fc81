"""No more places than were announced, each with one holder, whoever comes back or comes late (五(二); A7-3, A7-18)."""

from __future__ import annotations

from datetime import date

import pytest

from models import Round
from rules.case import SYSTEM, Event
from rules.clocks import ONE_DAY
from rules.errors import RefusedError
from tasks.advance import advance
from tasks.case_loading import context_of, newest_round, the_case
from tasks.decisions import decided
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, beijing, posted

BACK = {"what": "deemed_abandoned", "reason": "期限内已签", "evidence": "协议原件"}


def lapsed(at_stage: Stage) -> Rehearsal:
    """Two places; P02 signs, P01 lapses, P03 moves up."""
    rehearsal = at_stage("signing", "next_in_rank")
    rehearsal.act("2025-11-03 15:00", "sign_agreement", applicant_id="P02", signed_on="2025-11-03")
    rehearsal.sweep("2026-01-19 00:05")
    assert rehearsal.states()["P03"] == "SELECTED"
    return rehearsal


def correct(rehearsal: Rehearsal, at: str, applicant_id: str) -> str:
    return rehearsal.act(at, "correct_record", applicant_id=applicant_id, **BACK).summary


def test_who_is_brought_back_takes_the_place_from_who_moved_up_and_both_are_told(at_stage: Stage) -> None:
    rehearsal = lapsed(at_stage)
    said = correct(rehearsal, "2026-01-20 09:00", "P01")
    assert said.endswith("P03 此前据以递补的名额已收回，现为“评估合格，名额已满”。")
    assert rehearsal.states() | {"H01": ""} == {"H01": "", "P01": "SIGNING", "P02": "SIGNED", "P03": "OUT_OF_QUOTA"}
    assert rehearsal.messages("P03")[-2:] == ["evaluation_result", "effect_reversed"]
    assert rehearsal.reasons("P03") == ["RANK_BEYOND_QUOTA"]
    rehearsal.is_sound()


def test_who_gave_a_place_back_moves_up_again_through_a_notice_of_its_own(at_stage: Stage) -> None:
    rehearsal = lapsed(at_stage)
    rehearsal.act("2026-01-20 08:05", "publish_notice", kind="evaluation_result", postings=posted("2026-01-20 08:00"))
    correct(rehearsal, "2026-01-20 09:00", "P01")
    assert rehearsal.deadline("P03", "result_notice") == ("ended", date(2026, 1, 27), date(2026, 1, 20))
    rehearsal.act("2026-01-21 09:00", "withdraw_application", applicant_id="P01", reason="自愿")
    assert rehearsal.state("P03") == "SELECTED"
    rehearsal.act("2026-01-22 08:05", "publish_notice", kind="evaluation_result", postings=posted("2026-01-22 08:00"))
    assert rehearsal.deadline("P03", "result_notice") == ("running", date(2026, 1, 29), None)
    rehearsal.is_sound()


def test_a_place_that_an_agreement_has_taken_is_not_taken_again(at_stage: Stage) -> None:
    rehearsal = lapsed(at_stage)
    rehearsal.act("2026-01-20 08:05", "publish_notice", kind="evaluation_result", postings=posted("2026-01-20 08:00"))
    rehearsal.sweep("2026-01-28 00:05")
    topics = ["服务人群", "服务范围", "服务内容", "结算方式"]
    agreed = {"applicant_id": "P03", "topics": topics, "consensus": True}
    rehearsal.act("2026-01-28 09:00", "record_negotiation", **agreed)
    rehearsal.act("2026-01-29 08:05", "publish_notice", kind="proposed_agreements", postings=posted("2026-01-29 08:00"))
    rehearsal.sweep("2026-02-06 00:05")
    rehearsal.act("2026-02-06 09:00", "sign_agreement", applicant_id="P03", signed_on="2026-02-06")
    said = rehearsal.refused("2026-02-06 10:00", "correct_record", applicant_id="P01", **BACK)
    assert said == (
        "公告的零售药店名额 2 家均已由名次在前或者已签订协议的机构占用，P01 不能再占用名额："
        "请报主管领导，先依法处理已占用的名额"
    )


@pytest.mark.parametrize(
    ("entered", "swept", "state"),
    [("2026-02-03", "2026-02-03", "SIGNING"), ("2026-02-03", "2026-02-04", "DEEMED_ABANDONED")],
)
def test_what_was_brought_back_must_be_done_within_ten_working_days(
    at_stage: Stage, entered: str, swept: str, state: str
) -> None:
    rehearsal = lapsed(at_stage)
    correct(rehearsal, "2026-01-20 09:00", "P01")
    assert rehearsal.deadline("P01", "correction") == ("running", date.fromisoformat(entered), None)
    rehearsal.sweep(f"{swept} 00:05")
    assert rehearsal.state("P01") == state
    assert rehearsal.states()["P03"] == ("SELECTED" if state == "DEEMED_ABANDONED" else "OUT_OF_QUOTA")


def test_a_signature_of_the_limit_meets_both_limits(at_stage: Stage) -> None:
    rehearsal = lapsed(at_stage)
    correct(rehearsal, "2026-01-20 09:00", "P01")
    rehearsal.act("2026-01-21 09:00", "sign_agreement", applicant_id="P01", signed_on="2026-01-16")
    assert rehearsal.deadline("P01", "correction") == ("met", date(2026, 2, 3), date(2026, 1, 21))
    assert rehearsal.deadline("P01", "signing") == ("met", date(2026, 1, 16), date(2026, 1, 16))


def late(rehearsal: Rehearsal, day: str, total: int) -> None:
    """P03, left out of the evaluation by the office, comes to it and is scored."""
    for to in ("county_bureau", "city_bureau"):
        rehearsal.act(f"{day} 09:00", "request_evaluation", to=to, applicant_ids=["P03"])
    rehearsal.score(f"{day} 10:00", "P03", total)


def concluded_without_p03(at_stage: Stage, quota_variant: str = "") -> Rehearsal:
    """P03 has passed and was forgotten; P01 (90) and P02 (80) have the two places."""
    rehearsal = at_stage("passed", quota_variant)
    for to in ("county_bureau", "city_bureau"):
        rehearsal.act("2025-09-16 09:00", "request_evaluation", to=to, applicant_ids=["H01", "P01", "P02"])
    rehearsal.act("2025-09-17 15:00", "publish_draw_plan", wanted=3, sources=["红球（虚构）"])
    rehearsal.act("2025-09-19 09:30", "draw_experts", source_values=[[3, 9, 14]], unavailable=[])
    for applicant_id, total in (("H01", 90), ("P01", 90), ("P02", 80)):
        rehearsal.score("2025-09-22 10:00", applicant_id, total)
    said = rehearsal.act("2025-09-22 17:30", "conclude_evaluation").summary
    assert said.endswith("另有 P03 尚未完成初审或者评估申请，其后须补充评分并再次汇总，名次一并重排。")
    return rehearsal


def test_a_late_dossier_gets_the_place_that_it_would_have_had(at_stage: Stage) -> None:
    rehearsal = concluded_without_p03(at_stage)
    late(rehearsal, "2025-09-24", 85)
    rehearsal.act("2025-09-24 17:30", "conclude_evaluation")
    assert rehearsal.states() == {"H01": "SELECTED", "P01": "SELECTED", "P02": "OUT_OF_QUOTA", "P03": "SELECTED"}
    assert [rehearsal.case(one).rank for one in ("P01", "P02", "P03")] == [1, 3, 2]
    assert rehearsal.messages("P02")[-2:] == ["evaluation_result", "effect_reversed"]
    assert [one["applicant_id"] for one in rehearsal.rows(Round)[0].ranking["pharmacy"]["order"]] == [
        *("P01", "P03", "P02")
    ]
    rehearsal.is_sound()


@pytest.mark.parametrize(("total", "state"), [(79, "OUT_OF_QUOTA"), (69, "BELOW_THRESHOLD")])
def test_a_late_dossier_that_ranks_behind_takes_nothing(at_stage: Stage, total: int, state: str) -> None:
    rehearsal = concluded_without_p03(at_stage)
    late(rehearsal, "2025-09-24", total)
    rehearsal.act("2025-09-24 17:30", "conclude_evaluation")
    assert rehearsal.states() == {"H01": "SELECTED", "P01": "SELECTED", "P02": "SELECTED", "P03": state}
    assert rehearsal.messages("P02")[-1] == "evaluation_result"


def signing_without_p03(at_stage: Stage, *signed: str) -> Rehearsal:
    """As `concluded_without_p03`, up to the signing; these have signed."""
    rehearsal = concluded_without_p03(at_stage)
    rehearsal.act("2025-09-23 08:05", "publish_notice", kind="evaluation_result", postings=posted("2025-09-23 08:00"))
    rehearsal.sweep("2025-10-09 00:05")
    topics = ["服务人群", "服务范围", "服务内容", "结算方式"]
    for one in ("P01", "P02"):
        rehearsal.act("2025-10-09 09:00", "record_negotiation", applicant_id=one, topics=topics, consensus=True)
    rehearsal.act("2025-10-10 08:05", "publish_notice", kind="proposed_agreements", postings=posted("2025-10-10 08:00"))
    rehearsal.sweep("2025-10-20 00:05")
    for one in signed:
        rehearsal.act("2025-10-20 09:00", "sign_agreement", applicant_id=one, signed_on="2025-10-20")
    return rehearsal


def test_who_ranks_before_a_late_dossier_never_gives_way_to_it(at_stage: Stage) -> None:
    rehearsal = signing_without_p03(at_stage, "P02")
    late(rehearsal, "2025-10-21", 85)
    rehearsal.act("2025-10-21 17:30", "conclude_evaluation")
    states = rehearsal.states()
    assert (states["P01"], states["P02"], states["P03"]) == ("SIGNING", "SIGNED", "OUT_OF_QUOTA")
    assert [rehearsal.case(one).rank for one in ("P01", "P03", "P02")] == [1, 2, 3]


def test_of_two_who_could_give_way_the_one_that_ranks_last_does(at_stage: Stage) -> None:
    rehearsal = signing_without_p03(at_stage)
    late(rehearsal, "2025-10-21", 95)
    rehearsal.act("2025-10-21 17:30", "conclude_evaluation")
    states = rehearsal.states()
    assert (states["P03"], states["P01"], states["P02"]) == ("SELECTED", "SIGNING", "OUT_OF_QUOTA")


def test_who_has_signed_keeps_the_place_and_the_late_dossier_is_told_its_rank(at_stage: Stage) -> None:
    rehearsal = signing_without_p03(at_stage, "P01", "P02")
    late(rehearsal, "2025-10-21", 95)
    rehearsal.act("2025-10-21 17:30", "conclude_evaluation")
    states = rehearsal.states()
    assert (states["P01"], states["P02"], states["P03"]) == ("SIGNED", "SIGNED", "OUT_OF_QUOTA")
    assert [rehearsal.case(one).rank for one in ("P03", "P01", "P02")] == [1, 2, 3]


def test_nothing_is_left_to_conclude_twice(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded")
    assert rehearsal.refused("2025-09-23 09:00", "conclude_evaluation") == (
        "本轮评估结果已经汇总，没有尚待汇总的机构，不能重复汇总"
    )


def test_a_limit_that_delays_of_the_office_moved_beyond_the_correction_s_is_waited_for(at_stage: Stage) -> None:
    rehearsal = lapsed(at_stage)
    correct(rehearsal, "2026-01-20 09:00", "P01")
    delay = {"delay_from": "2025-12-01", "delay_to": "2026-01-16", "cause": "医保系统联调"}
    rehearsal.act("2026-01-20 10:00", "record_agency_delay", applicant_id="P01", **delay)
    last = rehearsal.deadline("P01", "signing")[1]
    assert last is not None
    assert last > date(2026, 2, 3)
    for day, state in ((last, "SIGNING"), (last + ONE_DAY, "DEEMED_ABANDONED")):
        rehearsal.sweep(f"{day} 00:05")
        assert rehearsal.state("P01") == state


def test_the_one_writer_refuses_one_holder_too_many_whoever_asks(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded", "next_in_rank")
    before = rehearsal.states()
    with pytest.raises(RefusedError, match="公告的零售药店名额为 2 家，本次办理将超出名额"):
        move_up(rehearsal, "P03")
    assert rehearsal.states() == before


def move_up(rehearsal: Rehearsal, applicant_id: str) -> None:
    moved = Event("move_up", beijing("2025-09-23 09:00"), SYSTEM, {"mean_score": "80.00", "rank": 3})
    with rehearsal.session() as session:
        ctx = context_of(session, newest_round(session))
        case = the_case(session, ctx.round.id, applicant_id)
        advance(session, ctx, [decided(case, moved, ctx)])
