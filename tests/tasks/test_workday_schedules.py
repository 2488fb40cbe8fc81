"""A schedule that is published or amended while clocks run: provisional days become firm, every move is recorded."""

from __future__ import annotations

from datetime import date

import pytest

from models import AuditRecord, Deadline, Notification
from tests.support.database import changed, dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, posted
from views.casefile import case_file

# What the State Council might publish for 2027 (invented): a week off from 5 February, Saturday 20 February working.
REST_OF_2027 = [
    *("2027-04-03..2027-04-05", "2027-05-01..2027-05-05", "2027-06-09..2027-06-09"),
    *("2027-09-15..2027-09-15", "2027-10-01..2027-10-07"),
]
YEAR = {
    "year": 2027,
    "notice": "国办发明电〔2026〕9号",
    "off": ["2027-01-01..2027-01-03", "2027-02-05..2027-02-12", *REST_OF_2027],
    "working": ["2027-02-20"],
}


def signing_from_november(at_stage: Stage) -> Rehearsal:
    """Signing opens on 23 November 2026: 60 working days later is 2027, which has no calendar yet."""
    rehearsal = at_stage("consensus")
    proposed = {"kind": "proposed_agreements", "postings": posted("2026-11-16 09:00")}
    rehearsal.act("2026-11-16 09:05", "publish_notice", **proposed)
    rehearsal.sweep("2026-11-24 00:05")
    return rehearsal


def naive_due(start: date, count: int) -> date:
    """Counted by hand with the schedule above; 2026 has nothing moved between 23 November and the year's end."""
    off = {date(2027, 1, day) for day in (1, 2, 3)} | {date(2027, 2, day) for day in range(5, 13)}
    day = start
    while count:
        day = date.fromordinal(day.toordinal() + 1)
        count -= day == date(2027, 2, 20) or (day.weekday() < 5 and day not in off)
    return day


def test_a_day_that_needs_an_unpublished_year_is_bounded_and_never_fires(at_stage: Stage) -> None:
    rehearsal = signing_from_november(at_stage)
    clock = next(one for one in rehearsal.rows(Deadline) if one.kind == "signing")
    assert (clock.status, clock.due_on, clock.check_on) == ("provisional", None, None)
    assert clock.earliest_on <= naive_due(date(2026, 11, 23), 60) <= clock.latest_on
    rehearsal.sweep("2027-12-31 00:05")
    assert rehearsal.state("P01") == "SIGNING"


def test_signing_is_possible_while_the_last_day_is_provisional(at_stage: Stage) -> None:
    rehearsal = signing_from_november(at_stage)
    rehearsal.act("2026-12-01 09:00", "sign_agreement", applicant_id="P01", signed_on="2026-12-01")
    assert rehearsal.deadline("P01", "signing")[0] == "met"


def test_the_calendar_makes_it_firm_records_the_move_and_tells_the_applicant(at_stage: Stage) -> None:
    rehearsal = signing_from_november(at_stage)
    receipt = rehearsal.act("2026-11-25 09:00", "load_workdays", **YEAR)
    due = naive_due(date(2026, 11, 23), 60)
    assert receipt.applicants == ("H01", "P01", "P02")
    assert rehearsal.deadline("P01", "signing") == ("running", due, None)
    assert rehearsal.messages("P01")[-1] == "deadline_moved"
    record = [one for one in rehearsal.rows(AuditRecord) if one.subject == "application"][-1]
    assert (record.event, record.detail["before"], record.detail["clocks"]) == (
        "load_workdays",
        {"signing": None},
        {"signing": due.isoformat()},
    )
    rehearsal.sweep(f"{due} 23:59")
    assert rehearsal.state("P01") == "SIGNING"
    rehearsal.sweep(f"{date.fromordinal(due.toordinal() + 1)} 00:05")
    assert rehearsal.state("P01") == "DEEMED_ABANDONED"
    rehearsal.is_sound()


def test_the_same_schedule_again_moves_nothing(at_stage: Stage) -> None:
    rehearsal = signing_from_november(at_stage)
    rehearsal.act("2026-11-25 09:00", "load_workdays", **YEAR)
    before = dump(rehearsal.url)
    assert rehearsal.act("2026-11-26 09:00", "load_workdays", **YEAR).applicants == ()
    assert changed(before, dump(rehearsal.url)) == {"audit_record": 1, "round": 0, "workday_schedule": 1}


def test_a_limit_that_becomes_firm_after_its_day_gives_notice_before_its_effect(at_stage: Stage) -> None:
    rehearsal = signing_from_november(at_stage)
    rehearsal.act("2027-06-01 09:00", "load_workdays", **YEAR)
    due = naive_due(date(2026, 11, 23), 60)
    assert rehearsal.deadline("P01", "signing") == ("running", due, None)
    told = [one.params for one in rehearsal.rows(Notification) if one.event == "deadline_moved"][-1]
    assert told["new_due"] == due.isoformat()
    assert "2027年6月8日以前（含当日）仍可办理" in told["reason"]
    with rehearsal.session() as session:
        clocks = case_file(session, "P01", 1)["deadlines"]
    last = next(one for one in clocks if one["kind"] == "signing")["working"][-1]
    assert (last["day"], last["reason"]) == ("2027-06-08", "期限确定时最后一日已过，先行告知，至此日仍可办理")
    rehearsal.sweep("2027-06-02 00:05")
    assert rehearsal.state("P01") == "SIGNING"
    rehearsal.act("2027-06-08 09:00", "sign_agreement", applicant_id="P02", signed_on="2027-06-08")
    rehearsal.sweep("2027-06-08 23:59")
    assert rehearsal.states() == {"H01": "SIGNING", "P01": "SIGNING", "P02": "SIGNED", "P03": "OUT_OF_QUOTA"}
    rehearsal.sweep("2027-06-09 00:05")
    assert rehearsal.state("P01") == "DEEMED_ABANDONED"
    rehearsal.is_sound()


def test_a_limit_that_becomes_firm_in_time_has_its_effect_on_its_day(at_stage: Stage) -> None:
    rehearsal = signing_from_november(at_stage)
    due = naive_due(date(2026, 11, 23), 60)
    rehearsal.act(f"{date.fromordinal(due.toordinal() - 1)} 09:00", "load_workdays", **YEAR)
    rehearsal.sweep(f"{date.fromordinal(due.toordinal() + 1)} 00:05")
    assert rehearsal.state("P01") == "DEEMED_ABANDONED"


def test_an_amendment_moves_a_firm_day(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    amended = {
        "year": 2026,
        "notice": "国办发明电〔2026〕1号",
        "off": ["2026-01-01..2026-01-09", "2026-02-15..2026-02-23"],
        "working": [],
    }
    rehearsal.act("2025-12-20 09:00", "load_workdays", **amended)
    status, due, _ = rehearsal.deadline("P01", "signing")
    assert (status, due) == ("running", date(2026, 1, 26))
    rehearsal.sweep("2026-01-26 23:59")
    assert rehearsal.state("P01") == "SIGNING"


def test_what_is_over_is_not_moved(at_stage: Stage) -> None:
    rehearsal = at_stage("signed")
    amended = {"year": 2025, "notice": "国办发明电〔2025〕9号", "off": ["2025-10-01..2025-10-20"], "working": []}
    assert rehearsal.act("2025-11-04 09:00", "load_workdays", **amended).applicants == ()


CONTRADICTION = {**YEAR, "working": ["2027-02-06"]}


@pytest.mark.parametrize("stage", ["announced", "accepted", "signing", "published"])
def test_a_schedule_that_contradicts_itself_is_refused_whatever_is_running(at_stage: Stage, stage: str) -> None:
    rehearsal = at_stage(stage)
    at = "2025-11-07 09:00" if stage == "published" else "2025-10-25 09:00"
    rehearsal.sweep(at)
    assert rehearsal.refused(at, "load_workdays", **CONTRADICTION) == (
        "放假安排不能成立：“调休上班日”第 1 项，2027-02-06 已由 国办发明电〔2026〕9号 定为放假，重复或矛盾；"
        "请对照通知原文核对后重新录入"
    )
