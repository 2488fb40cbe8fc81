"""Public notices on a real database: when the clock starts, whom the notice names, a year without a calendar."""

from __future__ import annotations

from datetime import date

from models import Notice
from tests.support.stages import Stage
from tests.tasks.rehearsal import posted
from tests.tasks.test_workday_schedules import REST_OF_2027


def test_a_notice_whose_last_day_needs_an_unpublished_year_is_published_and_provisional(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded")
    rehearsal.act("2026-12-28 09:05", "publish_notice", kind="evaluation_result", postings=posted("2026-12-28 09:00"))
    assert rehearsal.deadline("P01", "result_notice") == ("provisional", None, None)
    assert rehearsal.rows(Notice)[0].last_day is None
    rehearsal.sweep("2027-03-01 00:05")
    assert rehearsal.state("P01") == "NOTICE_RESULT"


def test_the_calendar_of_the_year_gives_such_a_notice_its_last_day(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded")
    rehearsal.act("2026-12-28 09:05", "publish_notice", kind="evaluation_result", postings=posted("2026-12-28 09:00"))
    year = {
        "year": 2027,
        "notice": "国办发明电〔2026〕9号",
        "off": ["2027-01-01..2027-01-03", "2027-02-05..2027-02-11", *REST_OF_2027],
        "working": [],
    }
    rehearsal.act("2026-12-29 09:00", "load_workdays", **year)
    assert rehearsal.deadline("P01", "result_notice") == ("running", date(2027, 1, 4), None)
    assert rehearsal.rows(Notice)[0].last_day == date(2027, 1, 4)
    rehearsal.sweep("2027-01-05 00:05")
    assert rehearsal.state("P01") == "NEGOTIATING"
