"""A dossier counts from the day on which it was received, whenever somebody typed it (A7-1; 三、五(一))."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from flows.act_flow import read_form
from flows.forms import FORMS
from models import Application, ApplicationMaterial, AuditRecord
from models.database import reading
from rules.case import Event
from rules.errors import InputError
from tasks.second_persons import second_person_of
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, beijing
from tests.tasks.test_intake import CORRECTION, HANDED, PHARMACY
from tests.tasks.test_taking_back import is_whole, take_back

FRIDAY = "2025-09-05 16:30"


def submit(rehearsal: Rehearsal, at: str, received: str, *missing: str) -> None:
    codes = [code for code in PHARMACY if code not in missing]
    told = {"received_at": beijing(received), "receipt_number": "收件回执第7号"}
    rehearsal.act(at, "submit_application", applicant_id="P01", materials=codes, **HANDED, **told)


def test_a_dossier_handed_in_on_friday_and_typed_on_monday_counts_from_friday(at_stage: Stage) -> None:
    """Twenty-two working days from 2025-09-05, the make-up day 2025-09-28 one of them, over the holiday week."""
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-08 09:00", FRIDAY)
    case = rehearsal.case("P01")
    assert (case.accepted_on, case.submitted_at) == (date(2025, 9, 5), beijing(FRIDAY))
    assert rehearsal.deadline("P01", "preliminary_review") == ("running", date(2025, 10, 13), None)
    assert {one.received_at for one in rehearsal.rows(ApplicationMaterial)} == {beijing(FRIDAY)}
    [record] = [one for one in rehearsal.rows(AuditRecord) if one.event == "submit_application"]
    assert "收件回执第7号" in str(record.detail)
    rehearsal.is_sound()


@pytest.mark.parametrize(
    ("received", "state"),
    [
        ("2025-09-01 08:29:59", "TOO_EARLY"),
        ("2025-09-01 08:30:00", "ACCEPTED"),
        ("2025-09-12 17:30:00", "ACCEPTED"),
        ("2025-09-12 17:30:01", "NOT_ACCEPTED_LATE"),
    ],
)
def test_the_window_is_that_of_the_receipt(at_stage: Stage, received: str, state: str) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-13 09:00", received)
    assert rehearsal.state("P01") == state


@pytest.mark.parametrize(
    ("received", "sentence"),
    [
        ("2025-09-08 09:00:01", "收到时间晚于登记时间"),
        ("2025-09-08 09:00:00", ""),
        ("2025-08-18 00:00:00", ""),
        ("2025-08-17 23:59:59", "收到日期 2025-08-17 早于本轮公告发布日 2025-08-18"),
    ],
)
def test_a_receipt_lies_between_the_announcement_and_the_entry(at_stage: Stage, received: str, sentence: str) -> None:
    rehearsal = at_stage("announced")
    told = {"received_at": beijing(received), "receipt_number": "7"}
    given = {"applicant_id": "P01", "materials": PHARMACY, **HANDED, **told}
    if sentence:
        assert sentence in rehearsal.refused("2025-09-08 09:00", "submit_application", **given)
        assert rehearsal.state("P01") == "NOT_APPLIED"
    else:
        rehearsal.act("2025-09-08 09:00", "submit_application", **given)


def test_what_was_lacking_counts_from_its_receipt_and_not_from_before_the_application(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-08 09:00", FRIDAY, "P4")
    lacking = {"applicant_id": "P01", "receipt_number": "8", "materials": ["P4"]}
    early = lacking | {"received_at": beijing("2025-09-04 09:00")}
    said = rehearsal.refused("2025-09-09 09:00", "supplement_materials", **early)
    assert "收到日期 2025-09-04 早于申请之日 2025-09-05" in said
    rehearsal.act("2025-09-09 09:00", "supplement_materials", **lacking, received_at=beijing("2025-09-08 09:30"))
    assert rehearsal.case("P01").accepted_on == date(2025, 9, 8)
    assert rehearsal.deadline("P01", "supplement")[::2] == ("met", date(2025, 9, 8))
    assert rehearsal.messages("P01")[-1] == "application_accepted"


def test_what_came_in_the_last_minute_and_was_typed_after_the_window_has_its_way_back(at_stage: Stage) -> None:
    """The window's end had concluded it by itself; the correction brings it back, and the receipt is what counts."""
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-08 09:00", FRIDAY, "P4")
    rehearsal.sweep("2025-09-15 00:05")
    assert rehearsal.state("P01") == "NOT_ACCEPTED_INCOMPLETE"
    rehearsal.act("2025-09-15 09:00", "correct_record", **CORRECTION)
    lacking = {"applicant_id": "P01", "receipt_number": "8", "materials": ["P4"]}
    rehearsal.act("2025-09-15 09:30", "supplement_materials", **lacking, received_at=beijing("2025-09-12 17:30"))
    assert rehearsal.case("P01").accepted_on == date(2025, 9, 12)
    assert rehearsal.deadline("P01", "preliminary_review")[1] == date(2025, 10, 20)
    rehearsal.is_sound()


def test_a_receipt_typed_for_another_dossier_is_taken_back_with_its_materials(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-08 09:00", FRIDAY)
    take_back(rehearsal, "2025-09-08 10:00", "P01", "submit_application")
    assert rehearsal.state("P01") == "NOT_APPLIED"
    assert rehearsal.rows(ApplicationMaterial) == []
    submit(rehearsal, "2025-09-08 11:00", "2025-09-08 10:30")
    assert rehearsal.case("P01").accepted_on == date(2025, 9, 8)
    assert rehearsal.deadline("P01", "preliminary_review") == ("running", date(2025, 10, 14), None)
    is_whole(rehearsal)


def test_what_came_after_the_window_is_refused(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submit(rehearsal, "2025-09-08 09:00", FRIDAY, "P4")
    rehearsal.sweep("2025-09-12 18:00")
    late = {"received_at": beijing("2025-09-12 17:30:01"), "receipt_number": "8", "materials": ["P4"]}
    said = rehearsal.refused("2025-09-12 18:00", "supplement_materials", applicant_id="P01", **late)
    assert "受理时间已截止" in said


@pytest.mark.parametrize(("received_on", "is_asked"), [("2025-09-05", False), ("2025-09-04", True)])
def test_who_types_it_more_than_three_days_later_asks_a_second_person(
    at_stage: Stage, received_on: str, is_asked: bool
) -> None:
    rehearsal = at_stage("announced")
    fields = {"applicant_id": "P01", "received_at": beijing(f"{received_on} 09:00")}
    for act in ("submit_application", "supplement_materials"):
        for told, asked in ((fields, is_asked), ({"applicant_id": "P01"}, False)):
            with reading(rehearsal.url) as session:
                wish = Event(act, beijing("2025-09-08 09:00"), "1001", told, 1)
                assert (second_person_of(session, wish) is not None) == asked


def test_the_form_asks_for_the_whole_receipt_or_none() -> None:
    given: dict[str, Any] = {"by": "1", "applicant_id": "P01", "materials": ["P4"]}
    form = FORMS["supplement_materials"]
    assert set(read_form(form, given).fields()) == {"applicant_id", "materials"}
    whole = {"received_on": "2025年9月5日", "received_time": "16：30", "receipt_number": "7"}
    assert read_form(form, given | whole).fields()["received_at"] == beijing(FRIDAY)
    for name in whole:
        with pytest.raises(InputError, match="要么都填，要么都留空"):
            read_form(form, given | whole | {name: ""})
    assert form.model_validate(given | {"received_at": "2025-09-05T16:30:00+08:00", "receipt_number": "7"}).fields()[
        "received_at"
    ] == beijing(FRIDAY)


def test_without_a_receipt_the_entry_is_it(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    rehearsal.act("2025-09-08 09:00", "submit_application", applicant_id="P01", materials=PHARMACY, **HANDED)
    [row] = [one for one in rehearsal.rows(Application) if one.submitted_at]
    assert row.submitted_at == beijing("2025-09-08 09:00")
