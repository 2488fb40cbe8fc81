"""What was decided while a last day was provisional is held to the firm one, both ways; every clock that may still have
an effect follows a changed schedule; a printed last day stands (民法典203, 204)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models import AuditRecord, Deadline, DrawChallenge, Notice, Notification, Objection
from policies.loader import load_policy
from tests.support.stages import Stage
from tests.tasks.drawing import DRAWN, RED, declare, plan
from tests.tasks.rehearsal import Rehearsal, beijing, posted
from tests.tasks.test_workday_schedules import REST_OF_2027, naive_due, signing_from_november
from tests.tasks.test_workday_schedules import YEAR as YEAR_2027

SPRING = "2027-02-05..2027-02-11"
LONG = {**YEAR_2027, "off": ["2027-01-01..2027-01-06", SPRING, *REST_OF_2027], "working": []}
SHORT = {**YEAR_2027, "off": ["2027-01-01..2027-01-03", SPRING, *REST_OF_2027], "working": []}


def provisional_notice(at_stage: Stage, stage: str = "concluded", kind: str = "evaluation_result") -> Rehearsal:
    """From 28 December 2026; seven days later it is 4 January at the earliest, whatever 2027 brings."""
    rehearsal = at_stage(stage)
    rehearsal.act("2026-12-28 09:05", "publish_notice", kind=kind, postings=posted("2026-12-28 09:00"))
    return rehearsal


def object_to(rehearsal: Rehearsal, at: str, received: str, ref: str = "Y-1", **fields: Any) -> str:
    about = {"applicant_id": "P01", "ref": ref, "via": "online", "allegation": "营业面积不足", **fields}
    return rehearsal.act(at, "record_objection", received_at=beijing(received).isoformat(), **about).summary


def reviews(rehearsal: Rehearsal) -> list[str]:
    """What a person was asked to look at."""
    rows = [one for one in rehearsal.rows(Notification) if one.event == "decision_review"]
    assert {one.audience for one in rows} <= {"supervisor"}
    return [one.params["found"] for one in rows]


def test_an_objection_that_is_late_by_the_firm_day_holds_no_longer(at_stage: Stage) -> None:
    rehearsal = provisional_notice(at_stage)
    assert "期内异议" in object_to(rehearsal, "2027-01-05 10:00", "2027-01-05 09:00")
    assert rehearsal.case("P01").holds == 1
    said = rehearsal.act("2027-01-20 10:00", "load_workdays", **SHORT).summary
    assert "1 家的异议按确定的公示末日重新认定" in said
    [row] = rehearsal.rows(Objection)
    assert (row.is_in_time, row.holds, row.status, rehearsal.case("P01").holds) == (False, False, "open", 0)
    assert rehearsal.rows(Notice)[0].last_day == date(2027, 1, 4)
    record = [one for one in rehearsal.rows(AuditRecord) if one.event == "rejudge_objections"]
    assert [one.detail["objections"] for one in record] == [[{"ref": "Y-1", "is_in_time": False, "holds": False}]]
    assert rehearsal.messages("P01")[-2:] == ["objection_rejudged", "decision_review"]
    assert "不在公示期内" in reviews(rehearsal)[0]
    rehearsal.sweep("2027-01-21 00:05")
    assert rehearsal.state("P01") == "NEGOTIATING"
    rehearsal.is_sound()


def test_an_objection_that_is_in_time_by_the_firm_day_too_goes_on_holding(at_stage: Stage) -> None:
    rehearsal = provisional_notice(at_stage)
    object_to(rehearsal, "2027-01-07 10:00", "2027-01-04 23:59")
    rehearsal.act("2027-01-20 10:00", "load_workdays", **SHORT)
    rehearsal.sweep("2027-01-21 00:05")
    assert (rehearsal.case("P01").holds, rehearsal.state("P01"), rehearsal.state("P02")) == (
        1,
        "NOTICE_RESULT",
        "NEGOTIATING",
    )
    assert reviews(rehearsal) == []


def test_one_beyond_every_day_that_the_notice_may_end_on_never_holds(at_stage: Stage) -> None:
    rehearsal = provisional_notice(at_stage)
    latest = next(one.latest_on for one in rehearsal.rows(Deadline) if one.kind == "result_notice")
    day = date.fromordinal(latest.toordinal() + 1)
    assert "已过公示期" in object_to(rehearsal, f"{day} 10:00", f"{day} 09:00")
    assert rehearsal.case("P01").holds == 0


def test_one_taken_as_late_that_is_in_time_by_the_firm_day_holds(at_stage: Stage) -> None:
    """A break longer than any before it: the firm day lies beyond the latest that was reckoned with."""
    rehearsal = provisional_notice(at_stage)
    latest = next(one.latest_on for one in rehearsal.rows(Deadline) if one.kind == "result_notice")
    day = date.fromordinal(latest.toordinal() + 1)
    object_to(rehearsal, f"{day} 10:00", f"{day} 09:00")
    long = {**LONG, "off": [f"2027-01-01..{date.fromordinal(day.toordinal() + 1)}", SPRING, *REST_OF_2027]}
    rehearsal.act("2027-01-20 10:00", "load_workdays", **long)
    [row] = rehearsal.rows(Objection)
    assert (row.is_in_time, row.holds, rehearsal.case("P01").holds) == (True, True, 1)
    rehearsal.sweep("2027-02-01 00:05")
    assert (rehearsal.state("P01"), rehearsal.state("P02")) == ("NOTICE_RESULT", "NEGOTIATING")


def test_what_was_concluded_on_a_late_objection_goes_to_a_person(at_stage: Stage) -> None:
    rehearsal = provisional_notice(at_stage)
    object_to(rehearsal, "2027-01-05 10:00", "2027-01-05 09:00")
    rehearsal.act("2027-01-08 10:00", "resolve_objection", ref="Y-1", substantiated=True, finding="属实")
    rehearsal.act("2027-01-20 10:00", "load_workdays", **SHORT)
    assert rehearsal.state("P01") == "DISQUALIFIED_PUBLICITY_1"
    assert "原处理结果未作改动" in reviews(rehearsal)[0]
    assert "objection_rejudged" not in rehearsal.messages("P01")


def test_a_printed_last_day_stands_when_the_schedule_changes(at_stage: Stage) -> None:
    reading = load_policy().readings["notice_changed_schedule"]
    assert (reading.choice, reading.clause) == ("printed_day_stands", "民法典204")
    rehearsal = at_stage("result_notice")
    longer = {"year": 2025, "notice": "国办发明电〔虚构〕9号", "off": ["2025-09-29..2025-10-12"], "working": []}
    rehearsal.act("2025-09-25 09:00", "load_workdays", **longer)
    assert rehearsal.deadline("P01", "result_notice") == ("running", date(2025, 9, 30), None)
    assert rehearsal.rows(Notice)[0].last_day == date(2025, 9, 30)
    rehearsal.sweep("2025-10-01 00:05")
    assert rehearsal.state("P01") == "NEGOTIATING"


WEEK_MORE = {"year": 2026, "notice": "国办发明电〔虚构〕1号", "off": ["2026-01-01..2026-01-09"], "working": []}


def test_a_lapsed_limit_that_can_run_again_follows_and_a_person_looks(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-17 00:05")
    assert rehearsal.deadline("P01", "signing")[:2] == ("lapsed", date(2026, 1, 16))
    rehearsal.act("2026-01-18 09:00", "load_workdays", **WEEK_MORE)
    assert rehearsal.deadline("P01", "signing")[:2] == ("lapsed", date(2026, 1, 26))
    assert reviews(rehearsal)[-1] == "按现行放假安排，最后一日为 2026-01-26，原按 2026-01-16 认定逾期"
    why = {"what": "deemed_abandoned", "reason": "放假安排调整", "evidence": "国办通知"}
    rehearsal.act("2026-01-19 09:00", "correct_record", applicant_id="P01", **why)
    rehearsal.sweep("2026-01-26 23:59")
    assert (rehearsal.state("P01"), rehearsal.deadline("P01", "signing")[0]) == ("SIGNING", "running")
    rehearsal.sweep("2026-01-27 00:05")
    assert rehearsal.state("P01") == "DEEMED_ABANDONED"
    rehearsal.is_sound()


def test_the_whole_procedure_of_who_may_move_up_follows_though_it_was_met(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded", "next_in_rank")
    status, due, closed_on = rehearsal.deadline("P03", "whole_procedure")
    assert (status, due) == ("met", date(2025, 12, 1))
    longer = {"year": 2025, "notice": "国办发明电〔虚构〕9号", "off": ["2025-12-01..2025-12-02"], "working": []}
    rehearsal.act("2025-09-25 09:00", "load_workdays", **longer)
    assert rehearsal.deadline("P03", "whole_procedure") == ("met", date(2025, 12, 3), closed_on)


def test_a_breach_that_was_none_by_the_schedule_known_now_runs_on_and_is_looked_at(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    due = rehearsal.deadline("P01", "preliminary_review")[1]
    assert due is not None
    rehearsal.sweep(f"{date.fromordinal(due.toordinal() + 1)} 00:05")
    assert rehearsal.deadline("P01", "preliminary_review")[0] == "breached"
    late = date.fromordinal(due.toordinal() + 2)
    off = [f"{due}..{late}"]
    longer = {"year": 2025, "notice": "国办发明电〔虚构〕9号", "off": off, "working": []}
    rehearsal.act(f"{date.fromordinal(due.toordinal() + 1)} 09:00", "load_workdays", **longer)
    status, now, _ = rehearsal.deadline("P01", "preliminary_review")
    assert now is not None
    assert (status, now > late) == ("running", True)
    assert "此前按" in reviews(rehearsal)[-1]


def test_a_limit_of_the_office_met_while_provisional_is_late_by_the_firm_day(at_stage: Stage) -> None:
    rehearsal = provisional_notice(at_stage, "consensus", "proposed_agreements")
    with rehearsal.session() as session:
        clock = next(one for one in rehearsal.rows(Deadline) if one.kind == "whole_procedure")
        case_id = clock.subject_id
        found = session.get(Deadline, clock.id)
        days = {"start_on": date(2026, 10, 2), "earliest_on": date(2027, 1, 2), "latest_on": date(2027, 1, 8)}
        for name, value in {**days, "due_on": None, "status": "met", "closed_on": date(2027, 1, 6)}.items():
            setattr(found, name, value)
        found.check_on = None
        session.add(found)
    rehearsal.act("2027-01-20 10:00", "load_workdays", **SHORT)
    row = next(one for one in rehearsal.rows(Deadline) if one.subject_id == case_id and one.kind == "whole_procedure")
    assert (row.status, row.due_on, row.closed_on) == ("breached", date(2027, 1, 4), date(2027, 1, 6))
    assert "于 2027-01-06 办结，办结时该日尚未确定" in reviews(rehearsal)[0]


def test_an_agreement_signed_after_the_firm_day_goes_to_a_person(at_stage: Stage) -> None:
    rehearsal = signing_from_november(at_stage)
    due = naive_due(date(2026, 11, 23), 60)
    signed_on = date.fromordinal(due.toordinal() + 1)
    rehearsal.act(f"{signed_on} 09:00", "sign_agreement", applicant_id="P01", signed_on=str(signed_on))
    rehearsal.act("2027-06-01 09:00", "load_workdays", **YEAR_2027)
    assert rehearsal.deadline("P01", "signing") == ("met", due, signed_on)
    assert rehearsal.state("P01") == "SIGNED"
    assert reviews(rehearsal) == [f"按现行放假安排，最后一日为 {due}，而此事项于 {signed_on} 办结，办结时该日尚未确定"]


@pytest.mark.parametrize(("received", "in_time"), [("2027-01-04 23:59:59", True), ("2027-01-05 00:00:00", False)])
def test_a_challenge_of_a_draw_is_held_to_the_firm_day_too(at_stage: Stage, received: str, in_time: bool) -> None:
    rehearsal = at_stage("evaluating", "safeguards")
    declare(rehearsal, *(f"Z{number:02}" for number in range(1, 9)))
    plan(rehearsal, {**RED, "due_on": "2026-12-31"}, at="2026-12-30 09:00")
    rehearsal.act("2026-12-31 09:00", "draw_experts", source_values=[DRAWN], unavailable=[])
    day, clock = received.split(" ")
    about = {"ref": "Z-1", "via": "online", "content": "名册有误", "received_on": day, "received_time": clock}
    rehearsal.act("2027-01-05 09:00", "challenge_draw", **about)
    assert [one.is_in_time for one in rehearsal.rows(DrawChallenge)] == [True]
    rehearsal.act("2027-01-06 09:00", "load_workdays", **SHORT)
    assert [one.is_in_time for one in rehearsal.rows(DrawChallenge)] == [in_time]
    recorded = [one for one in rehearsal.rows(AuditRecord) if one.event == "rejudge_challenge"]
    assert (len(recorded), len(reviews(rehearsal))) == ((0, 0) if in_time else (1, 1))
    rehearsal.is_sound()


@pytest.mark.parametrize(("corrected", "watched"), [("2026-01-26", ["signing"]), ("2026-01-27", ["correction"])])
def test_a_correction_has_a_limit_of_its_own_only_where_the_limit_has_passed(
    at_stage: Stage, corrected: str, watched: list[str]
) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-17 00:05")
    rehearsal.act("2026-01-18 09:00", "load_workdays", **WEEK_MORE)
    why = {"what": "deemed_abandoned", "reason": "放假安排调整", "evidence": "国办通知"}
    rehearsal.act(f"{corrected} 09:00", "correct_record", applicant_id="P01", **why)
    case = rehearsal.case("P01")
    looked_at = [one for one in rehearsal.rows(Deadline) if one.subject_id == case.id and one.check_on]
    assert [one.kind for one in looked_at] == watched
