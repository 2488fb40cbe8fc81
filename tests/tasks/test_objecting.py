"""Objections on a real database: what they hold, what they move, what they end (五(二)、五(三); A7-8, A7-11, A7-12)."""

from __future__ import annotations

from datetime import date

import pytest

from models import Deadline, Notification, Suspension
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, beijing


def object_to(
    rehearsal: Rehearsal, at: str, received: str = "", *, ref: str = "Y-1", via: str = "online", postmark: str = ""
) -> str:
    fields = {"applicant_id": "P01", "ref": ref, "via": via, "allegation": "营业面积不足", "postmarked_on": postmark}
    received_at = beijing(received or at).isoformat()
    return rehearsal.act(at, "record_objection", received_at=received_at, **fields).summary


def resolve(rehearsal: Rehearsal, at: str, *, true: bool, ref: str = "Y-1") -> None:
    rehearsal.act(at, "resolve_objection", ref=ref, substantiated=true, finding="经核查")


def test_an_objection_in_time_holds_the_dossier_that_it_names_and_no_other(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-30 23:59:59")
    report = rehearsal.sweep("2025-10-01 00:05")
    assert (report.held, rehearsal.states()) == (
        1,
        {"H01": "NEGOTIATING", "P01": "NOTICE_RESULT", "P02": "NEGOTIATING", "P03": "OUT_OF_QUOTA"},
    )
    resolve(rehearsal, "2025-10-14 11:00", true=False)
    rehearsal.sweep("2025-10-14 11:01")
    assert rehearsal.state("P01") == "NEGOTIATING"
    assert rehearsal.deadline("P01", "result_notice") == ("met", date(2025, 9, 30), date(2025, 10, 14))
    rehearsal.is_sound()


def test_an_objection_that_is_true_ends_the_dossier_and_lets_the_others_go_on(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-30 12:00")
    resolve(rehearsal, "2025-09-30 17:00", true=True)
    rehearsal.sweep("2025-10-01 00:05")
    assert rehearsal.states() == {
        "H01": "NEGOTIATING",
        "P01": "DISQUALIFIED_PUBLICITY_1",
        "P02": "NEGOTIATING",
        "P03": "OUT_OF_QUOTA",
    }
    assert rehearsal.reasons("P01") == ["OBJECTION_TRUE"]
    assert rehearsal.deadline("P01", "whole_procedure")[0] == "met"


def test_signing_opens_with_the_last_finding_and_counts_from_the_last_day_of_the_notice(at_stage: Stage) -> None:
    rehearsal = at_stage("proposed_notice")
    object_to(rehearsal, "2025-10-20 09:00", ref="Y-1")
    object_to(rehearsal, "2025-10-23 23:59:59", ref="Y-2")
    rehearsal.sweep("2025-10-24 00:05")
    resolve(rehearsal, "2025-10-24 09:00", true=False, ref="Y-1")
    rehearsal.sweep("2025-10-25 00:05")
    assert rehearsal.state("P01") == "NOTICE_PROPOSED"
    resolve(rehearsal, "2025-10-28 16:00", true=False, ref="Y-2")
    rehearsal.sweep("2025-10-29 00:05")
    assert rehearsal.state("P01") == "SIGNING"
    starts = [one.start_on for one in rehearsal.rows(Deadline) if one.kind == "signing"]
    assert starts == [date(2025, 10, 23)] * 3
    assert rehearsal.deadline("P01", "signing") == ("running", date(2026, 1, 16), None)
    opened = [one.params for one in rehearsal.rows(Notification) if one.event == "signing_opened"]
    assert {(one["starts_on"], one["due_on"]) for one in opened} == {("2025-10-23", "2026-01-16")}
    closed = {one: rehearsal.deadline(one, "whole_procedure")[2] for one in ("H01", "P01", "P02")}
    assert closed == {"H01": date(2025, 10, 23), "P01": date(2025, 10, 28), "P02": date(2025, 10, 23)}
    assert rehearsal.deadline("P01", "proposed_notice") == ("met", date(2025, 10, 23), date(2025, 10, 28))


def test_resolved_within_the_period_the_notice_still_runs_to_its_last_day(at_stage: Stage) -> None:
    rehearsal = at_stage("proposed_notice")
    object_to(rehearsal, "2025-10-20 09:00")
    resolve(rehearsal, "2025-10-21 09:00", true=False)
    rehearsal.sweep("2025-10-23 23:59:59")
    assert rehearsal.state("P01") == "NOTICE_PROPOSED"
    rehearsal.sweep("2025-10-24 00:00:00")
    assert rehearsal.deadline("P01", "signing")[1] == date(2026, 1, 16)


@pytest.mark.parametrize(
    ("received", "via", "postmark", "holds"),
    [
        ("2025-10-23 23:59:59", "online", "", 1),
        ("2025-10-24 00:00:00", "online", "", 0),
        ("2025-10-23 17:30:00", "counter", "", 1),
        ("2025-10-23 17:30:01", "counter", "", 0),
        ("2025-10-27 10:00:00", "post", "2025-10-23", 1),
        ("2025-10-27 10:00:00", "post", "2025-10-24", 0),
        ("2025-10-27 10:00:00", "post", "", 0),
    ],
)
def test_the_last_moment_by_each_way(at_stage: Stage, received: str, via: str, postmark: str, holds: int) -> None:
    rehearsal = at_stage("proposed_notice")
    summary = object_to(rehearsal, "2025-10-28 09:00", received, via=via, postmark=postmark)
    assert rehearsal.case("P01").holds == holds
    assert ("期内异议" in summary, "已过公示期" in summary) == (bool(holds), not holds)


def test_a_late_complaint_holds_nothing_but_found_true_before_signing_it_still_ends_the_dossier(
    at_stage: Stage,
) -> None:
    rehearsal = at_stage("signing")
    object_to(rehearsal, "2025-10-27 09:00")
    assert rehearsal.case("P01").holds == 0
    resolve(rehearsal, "2025-10-30 09:00", true=True)
    assert rehearsal.state("P01") == "DISQUALIFIED_PUBLICITY_2"
    assert rehearsal.reasons("P01") == ["COMPLAINT_TRUE"]
    assert rehearsal.deadline("P01", "signing")[0] == "ended"


def test_found_true_after_signing_it_changes_no_agreement(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    object_to(rehearsal, "2025-10-27 09:00")
    rehearsal.act("2025-10-28 09:00", "sign_agreement", applicant_id="P01", signed_on="2025-10-28")
    resolve(rehearsal, "2025-10-30 09:00", true=True)
    assert rehearsal.state("P01") == "SIGNED"
    assert rehearsal.reasons("P01") == ["SIGNED"]


def test_while_a_complaint_that_came_in_time_is_open_nobody_signs_and_nothing_lapses(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    object_to(rehearsal, "2026-01-12 09:00", "2026-01-12 08:50", via="post", postmark="2025-10-23")
    sentence = rehearsal.refused("2026-01-13 09:00", "sign_agreement", applicant_id="P01", signed_on="2026-01-13")
    assert sentence == "尚有 1 件期内异议未核查完结，暂停进入下一环节（依据：五(二)、五(三)）"
    report = rehearsal.sweep("2026-01-20 00:05")
    assert (report.held, rehearsal.state("P01"), rehearsal.state("P02")) == (1, "SIGNING", "DEEMED_ABANDONED")


def held_twice(rehearsal: Rehearsal) -> None:
    """Two complaints of one dossier that came in time by post and are entered days before the last day for signing."""
    for ref in ("Y-1", "Y-2"):
        object_to(rehearsal, "2026-01-12 09:00", "2026-01-12 08:50", ref=ref, via="post", postmark="2025-10-23")


def test_a_limit_that_ran_out_during_an_inquiry_gives_its_days_back_once(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    held_twice(rehearsal)
    for ref in ("Y-1", "Y-2"):
        resolve(rehearsal, "2026-01-20 09:00", true=False, ref=ref)
    assert [(one.from_on, one.to_on) for one in rehearsal.rows(Suspension)] == [(date(2026, 1, 12), date(2026, 1, 20))]
    assert rehearsal.deadline("P01", "signing") == ("running", date(2026, 1, 27), None)
    rehearsal.sweep("2026-01-20 09:05")
    assert (rehearsal.state("P01"), rehearsal.case("P01").holds) == ("SIGNING", 0)


def test_the_days_of_an_inquiry_are_given_back_once_when_the_agency_records_them(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    held_twice(rehearsal)
    days = {"delay_from": "2026-01-12", "delay_to": "2026-01-20", "cause": "核查投诉"}
    rehearsal.act("2026-01-20 08:50", "record_agency_delay", applicant_id="P01", **days)
    for ref in ("Y-1", "Y-2"):
        resolve(rehearsal, "2026-01-20 09:00", true=False, ref=ref)
    assert [(one.from_on, one.to_on) for one in rehearsal.rows(Suspension)] == [(date(2026, 1, 12), date(2026, 1, 20))]
    assert rehearsal.deadline("P01", "signing") == ("running", date(2026, 1, 27), None)
    rehearsal.sweep("2026-01-27 23:59:59")
    assert rehearsal.state("P01") == "SIGNING"
    rehearsal.sweep("2026-01-28 00:05")
    assert rehearsal.state("P01") == "DEEMED_ABANDONED"


def test_an_objection_to_a_dossier_that_withdrew_is_still_resolved(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00")
    rehearsal.act("2025-09-25 10:00", "withdraw_application", applicant_id="P01", reason="自愿")
    resolve(rehearsal, "2025-09-26 10:00", true=True)
    case = rehearsal.case("P01")
    assert (case.state.value, case.holds) == ("WITHDRAWN", 0)
    assert rehearsal.reasons("P01") == ["WITHDRAWN_BY_APPLICANT"]


def test_neither_the_complainant_nor_the_allegation_is_told_to_anybody(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    object_to(rehearsal, "2025-09-24 10:00")
    told = [str(one.params) for one in rehearsal.rows(Notification)]
    assert [text for text in told if "营业面积" in text] == []
