"""Monthly indicators act by act: values, corrections, warnings single and for all, measures, occurrences."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models import Agreement, Deadline, EventReport, IndicatorReport, IndicatorWarning, Notification
from models.database import transaction
from rules.case import Event
from rules.terms import Drafted
from tasks.agreed_terms import agree
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal, beijing

SHOP = {"applicant_id": "P01"}
OTHER = {"applicant_id": "P02"}
REPORTED = {"source": "institution", "received_on": "2025-12-05"}
FIRST = date(2025, 11, 3)


def with_terms(office: Rehearsal) -> Rehearsal:
    """Both pharmacies agreed on a stock of at least 80 per cent; the agreements run since 3 and 4 November."""
    with transaction(office.url) as session:
        for one in session.execute(select(Agreement)).scalars():
            stock = [Drafted("stock_rate", "80")]
            agree(
                session,
                one.id or 0,
                stock,
                one.effective_on or FIRST,
                one.number,
                Event("x", beijing("2025-11-03 09:00"), BOSS),
            )
    office.sweep("2025-11-06 00:05")
    return office


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    return with_terms(at_stage("published", "terms signed"))


def test_a_month_is_reported_corrected_warned_of_and_answered(office: Rehearsal) -> None:
    month = {**SHOP, "month": "2025-11"}
    office.act("2025-12-05 09:00", "record_indicators", **month, values={"stock_rate": "75.5"}, **REPORTED)
    same = {"values": {"stock_rate": "75.5"}, **REPORTED}
    assert "没有变动" in office.refused("2025-12-05 09:10", "record_indicators", **month, **same)
    parts = {"value": "76", "numerator": "76", "denominator": "100"}
    done = office.act("2025-12-05 09:20", "record_indicators", **month, values={"stock_rate": parts}, **REPORTED)
    assert "更正 1 项" in done.summary
    assert [(one.value, one.version) for one in office.rows(IndicatorReport)] == [("75.5", 1), ("76", 2)]
    office.act("2025-12-08 09:00", "issue_warning", **month, served_on="2025-12-08")
    [warning] = office.rows(IndicatorWarning)
    assert (warning.exceeded[0]["value"], warning.exceeded[0]["over"]) == ("76%（76÷100）", "低于约定 4个百分点")
    assert warning.answer_due == date(2025, 12, 22)  # 10 working days
    told = [one for one in office.rows(Notification) if one.event == "warning" and one.channel == "email"]
    assert (told[0].params["month"], told[0].params["answer_due"]) == ("2025-11", "2025-12-22")
    assert "已经发出" in office.refused("2025-12-08 10:00", "issue_warning", **month, served_on="2025-12-08")
    assert clock(office) == ("running", date(2025, 12, 22))
    answer = {**SHOP, "warning": "1", "measures": "补足备药"}
    office.act("2025-12-22 16:00", "record_measures", **answer, answered_on="2025-12-22")
    assert clock(office)[0] == "met"
    assert "不待答复" in office.refused("2025-12-22 17:00", "record_measures", **answer, answered_on="2025-12-22")
    office.is_sound()


def clock(office: Rehearsal) -> tuple[str, date | None]:
    [found] = [one for one in office.rows(Deadline) if (one.subject, one.kind) == ("agreement", "warning_answer")]
    return found.status, found.due_on


def warned(office: Rehearsal, month: str, received: str, served: str) -> None:
    told = {**SHOP, "month": month}
    values = {"values": {"stock_rate": "70"}, "source": "agency", "received_on": received}
    office.act(f"{received} 09:00", "record_indicators", **told, **values)
    office.act(f"{served} 09:00", "issue_warning", **told, served_on=served)


def test_a_warning_without_an_answer_is_noted_and_has_no_effect(office: Rehearsal) -> None:
    warned(office, "2025-11", "2025-12-05", "2025-12-08")
    office.sweep("2025-12-22 23:59")
    assert clock(office)[0] == "running"
    office.sweep("2025-12-23 00:05")
    assert clock(office)[0] == "lapsed"
    assert {one.state for one in office.rows(Agreement)} == {"IN_FORCE"}
    late = office.act(
        "2025-12-24 09:00", "record_measures", **SHOP, warning="1", answered_on="2025-12-24", measures="补足"
    )
    assert "逾期答复" in late.summary
    office.is_sound()


def test_of_two_warnings_the_clock_follows_the_earlier_and_then_the_later(office: Rehearsal) -> None:
    warned(office, "2025-11", "2025-12-05", "2025-12-31")
    warned(office, "2025-12", "2026-01-05", "2026-01-06")
    assert clock(office) == ("running", date(2026, 1, 15))
    office.act("2026-01-08 09:00", "record_measures", **SHOP, warning="1", answered_on="2026-01-08", measures="补足")
    assert clock(office) == ("running", date(2026, 1, 20))
    office.sweep("2026-01-21 00:05")
    assert clock(office)[0] == "lapsed"


def test_all_that_are_beyond_are_warned_at_once_and_nobody_twice(office: Rehearsal) -> None:
    for number, value in (("P01", "79.9999"), ("P02", "80")):
        told = {"applicant_id": number, "month": "2025-11", "values": {"stock_rate": value}, **REPORTED}
        office.act("2025-12-05 09:00", "record_indicators", **told)
    receipt = office.act("2025-12-08 09:00", "issue_warning", month="2025-11", served_on="2025-12-08")
    assert (receipt.applicants, receipt.refused) == (("P01",), ())
    again = office.refused("2025-12-08 09:10", "issue_warning", month="2025-11", served_on="2025-12-08")
    assert "没有超出协议约定而未预警的机构" in again
    alone = office.refused("2025-12-08 09:20", "issue_warning", **OTHER, month="2025-11", served_on="2025-12-08")
    assert "没有超出" in alone


@pytest.mark.parametrize(
    ("at", "change", "said"),
    [
        ("2025-11-30 23:59", {"received_on": "2025-11-30"}, "尚未结束"),
        ("2025-12-05 09:00", {"month": "2025-10"}, "不在协议履行期内"),
        ("2025-12-05 09:00", {"month": "2025-13"}, "应如 2026-03"),
        ("2025-12-05 09:00", {"received_on": "2025-12-06"}, "尚未到来"),
        ("2025-12-05 09:00", {"values": {"avg_days": "9"}}, "不是该类机构的月度指标"),
        ("2025-12-05 09:00", {"values": {"stock_rate": "101"}}, "0 至 100"),
        ("2025-12-05 09:00", {"values": {"stock_rate": "约八成"}}, "须为数字"),
    ],
)
def test_what_cannot_be_a_value_of_the_month_is_refused(
    office: Rehearsal, at: str, change: dict[str, Any], said: str
) -> None:
    told = {**SHOP, "month": "2025-11", "values": {"stock_rate": "75"}, **REPORTED, **change}
    assert said in office.refused(at, "record_indicators", **told)


@pytest.mark.parametrize(
    ("reported_at", "is_late"),
    [("2025-12-02T08:29:59+08:00", False), ("2025-12-02T08:30:00+08:00", False), ("2025-12-02T08:30:01+08:00", True)],
)
def test_an_occurrence_is_reported_within_its_hours(office: Rehearsal, reported_at: str, is_late: bool) -> None:
    told = {"kind": "trauma", "described": "外科一床", "occurred_at": "2025-12-01T08:30:00+08:00"}
    said = office.act("2025-12-02 10:00", "report_event", **SHOP, **told, reported_at=reported_at).summary
    assert [one.is_late for one in office.rows(EventReport)] == [is_late]
    assert ("超过规定的小时数" in said) is is_late


def test_occurrences_are_registered_only_where_the_announcement_asks(at_stage: Stage) -> None:
    office = at_stage("published", "kept")
    office.sweep("2025-11-06 00:05")
    told = {"kind": "trauma", "described": "外科一床", "occurred_at": "2025-12-01T08:30:00+08:00"}
    said = office.refused(
        "2025-12-02 10:00", "report_event", **SHOP, **told, reported_at="2025-12-01T09:00:00+08:00", by=OFFICE
    )
    assert "没有要求" in said
