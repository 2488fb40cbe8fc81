"""Applications on a real database: the window to the second, gaps and supplements, the sweep that closes the window."""

from __future__ import annotations

from datetime import date

import pytest

from models import Application, ApplicationMaterial
from policies.loader import load_policy
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal

P4 = next(one.name for one in load_policy().materials_of("pharmacy") if one.code == "P4")
PHARMACY = [f"P{number}" for number in range(1, 13)]
HANDED = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}
CORRECTION = {"applicant_id": "P01", "what": "材料已在期限内补正", "reason": "窗口漏录", "evidence": "收件回执第7号"}


def submit(rehearsal: Rehearsal, at: str, *missing: str, **formal: object) -> None:
    codes = [code for code in PHARMACY if code not in missing]
    rehearsal.act(at, "submit_application", applicant_id="P01", materials=codes, **{**HANDED, **formal})


def supplement(rehearsal: Rehearsal, at: str, *codes: str) -> None:
    rehearsal.act(at, "supplement_materials", applicant_id="P01", materials=list(codes))


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2025-09-01 08:29:59", "TOO_EARLY"),
        ("2025-09-01 08:30:00", "ACCEPTED"),
        ("2025-09-12 17:30:00", "ACCEPTED"),
        ("2025-09-12 17:30:01", "NOT_ACCEPTED_LATE"),
    ],
)
def test_the_window_to_the_second(at_stage: Stage, at: str, state: str) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, at)
    assert rehearsal.state("P01") == state
    assert rehearsal.reasons("P01") == ([] if state == "ACCEPTED" else ["OUTSIDE_WINDOW"])


def test_who_came_too_early_may_come_again(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-08-25 09:00")
    submit(rehearsal, "2025-09-03 09:00")
    case = rehearsal.case("P01")
    assert (case.state.value, case.accepted_on) == ("ACCEPTED", date(2025, 9, 3))
    assert rehearsal.reasons("P01") == []
    assert rehearsal.deadline("P01", "preliminary_review") == ("running", date(2025, 10, 10), None)
    rehearsal.is_sound()


def test_an_accepted_dossier_has_two_clocks_of_the_authority(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-01 10:00")
    assert rehearsal.deadline("P01", "preliminary_review") == ("running", date(2025, 9, 30), None)
    assert rehearsal.deadline("P01", "whole_procedure") == ("running", date(2025, 12, 1), None)
    assert rehearsal.messages("P01") == ["application_accepted"]


def test_the_day_of_acceptance_is_the_day_of_the_last_material(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-01 10:00", "P4", "P10")
    assert rehearsal.deadline("P01", "supplement") == ("running", date(2025, 9, 12), None)
    assert rehearsal.deadline("P01", "supplement_notice") == ("running", date(2025, 9, 8), None)
    rehearsal.act("2025-09-02 09:00", "request_supplement", applicant_id="P01", missing=["P4", "P10"])
    assert rehearsal.deadline("P01", "supplement_notice")[::2] == ("met", date(2025, 9, 2))
    supplement(rehearsal, "2025-09-03 09:00", "P4")
    assert rehearsal.state("P01") == "INCOMPLETE"
    supplement(rehearsal, "2025-09-12 17:30:00", "P10")
    assert rehearsal.case("P01").accepted_on == date(2025, 9, 12)
    assert rehearsal.deadline("P01", "supplement")[::2] == ("met", date(2025, 9, 12))


def test_two_partial_submissions_make_one_dossier(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-01 10:00", "P4")
    submit(rehearsal, "2025-09-02 10:00", *[code for code in PHARMACY if code != "P4"])
    assert rehearsal.state("P01") == "ACCEPTED"
    assert len(rehearsal.rows(ApplicationMaterial)) == len(PHARMACY) + len(HANDED)


def test_a_formality_is_supplemented_like_a_material(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-01 10:00", copies=2)
    rehearsal.act("2025-09-02 09:00", "request_supplement", applicant_id="P01", missing=["COPIES"])
    supplement(rehearsal, "2025-09-03 09:00", "COPIES")
    assert rehearsal.state("P01") == "ACCEPTED"


def test_after_the_window_nothing_is_supplemented(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-01 10:00", "P4")
    rehearsal.sweep("2025-09-12 17:30:01")
    sentence = rehearsal.refused("2025-09-12 17:30:01", "supplement_materials", applicant_id="P01", materials=["P4"])
    assert sentence == "受理时间已截止，不能再补正材料；系统巡查将作出不予受理的结论（依据：三）"


def test_the_sweep_after_the_window_says_what_was_missing(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-01 10:00", "P4")
    rehearsal.sweep("2025-09-12 23:59:59")
    assert rehearsal.state("P01") == "INCOMPLETE"
    rehearsal.sweep("2025-09-13 00:00:00")
    assert rehearsal.state("P01") == "NOT_ACCEPTED_INCOMPLETE"
    assert rehearsal.reasons("P01") == ["MATERIALS_MISSING"]
    assert rehearsal.deadline("P01", "supplement")[0] == "lapsed"
    assert rehearsal.messages("P01")[-1] == "application_not_accepted"


def test_a_wrong_conclusion_is_corrected_and_the_material_still_counts(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-01 10:00", "P4")
    rehearsal.sweep("2025-09-15 00:05")
    rehearsal.act("2025-09-16 09:00", "correct_record", **CORRECTION)
    assert rehearsal.state("P01") == "INCOMPLETE"
    rehearsal.sweep("2025-09-17 00:05")
    supplement(rehearsal, "2025-09-17 09:00", "P4")
    assert (rehearsal.state("P01"), rehearsal.case("P01").accepted_on) == ("ACCEPTED", date(2025, 9, 17))
    rehearsal.is_sound()


def test_what_a_correction_brought_back_and_is_not_completed_names_only_what_is_missing(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-01 10:00", "P4")
    rehearsal.sweep("2025-09-15 00:05")
    rehearsal.act("2025-09-16 09:00", "correct_record", **CORRECTION)
    rehearsal.sweep("2025-09-29 23:59")
    assert rehearsal.state("P01") == "INCOMPLETE"
    rehearsal.sweep("2025-09-30 00:05")
    assert rehearsal.state("P01") == "NOT_ACCEPTED_INCOMPLETE"
    [reason] = next(one.reasons for one in rehearsal.rows(Application) if one.reasons)
    assert reason["text"] == f"受理截止时申请材料不齐全：{P4}"
    assert rehearsal.deadline("P01", "correction")[0] == "lapsed"


def test_a_missed_notice_of_gaps_is_a_breach_of_the_office_and_not_of_the_applicant(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-01 10:00", "P4")
    rehearsal.sweep("2025-09-09 00:05")
    assert rehearsal.deadline("P01", "supplement_notice") == ("breached", date(2025, 9, 8), None)
    assert rehearsal.state("P01") == "INCOMPLETE"
    rehearsal.act("2025-09-10 09:00", "request_supplement", applicant_id="P01", missing=["P4"])
    assert rehearsal.deadline("P01", "supplement_notice") == ("breached", date(2025, 9, 8), date(2025, 9, 10))


def test_a_missed_review_is_a_breach_and_the_opinion_is_still_signed(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    rehearsal.sweep("2025-09-30 23:59:59")
    assert rehearsal.deadline("P01", "preliminary_review") == ("running", date(2025, 9, 30), None)
    rehearsal.sweep("2025-10-01 00:00:00")
    assert rehearsal.deadline("P01", "preliminary_review") == ("breached", date(2025, 9, 30), None)
    assert "authority_breach" in rehearsal.messages("P01")
    rehearsal.act("2025-10-15 09:00", "sign_preliminary_opinion", applicant_id="P01", judgements={})
    assert rehearsal.state("P01") == "PRELIM_PASSED"
    assert rehearsal.deadline("P01", "preliminary_review") == ("breached", date(2025, 9, 30), date(2025, 10, 15))


def test_an_opinion_on_the_last_day_is_in_time(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    rehearsal.act("2025-09-30 23:59:59", "sign_preliminary_opinion", applicant_id="P01", judgements={})
    assert rehearsal.deadline("P01", "preliminary_review")[::2] == ("met", date(2025, 9, 30))


def test_what_the_visit_found_overrides_what_was_declared(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    rehearsal.act("2025-09-05 09:00", "verify_site", applicant_id="P01", findings={"area_m2": "179.99"}, note="实测")
    rehearsal.act("2025-09-08 09:00", "sign_preliminary_opinion", applicant_id="P01", judgements={})
    assert rehearsal.state("P01") == "PRELIM_FAILED"
    assert rehearsal.reasons("P01") == ["AREA_TOO_SMALL"]


def test_a_second_visit_adds_to_the_first_and_may_correct_it(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    found = [{"cold_chain": False, "area_m2": "170"}, {"area_m2": "190"}, {"tier1_distribution_agreement": False}]
    for day, findings in enumerate(found, 3):
        rehearsal.act(f"2025-09-0{day} 09:00", "verify_site", applicant_id="P01", findings=findings, note="")
    rehearsal.act("2025-09-08 09:00", "sign_preliminary_opinion", applicant_id="P01", judgements={})
    assert rehearsal.reasons("P01") == ["NO_TIER1_AGREEMENT", "NO_COLD_CHAIN"]
