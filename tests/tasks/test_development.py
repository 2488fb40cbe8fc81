"""The yearly development plan: recorded before or after the announcement, which must agree with it (三; R19)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from dingdian.scenario import check
from models import Applicant, Application, AuditRecord, DevelopmentPlan, Round
from models.database import transaction
from rules.case import Event
from rules.errors import RefusedError
from tasks.announce import announce_round, register_staff
from tasks.development import record_plan
from tests.support.database import broken_chains, dump
from tests.support.rounds import COUNTY, small_round
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, KEYS, Rehearsal, beijing
from views.board import overview

PLAN: dict[str, Any] = {
    **{"county": COUNTY, "year": 2025, "title": "样例县2025年度发展计划", "number": "样医保〔2025〕3号"},
    **{"approved_on": date(2025, 8, 11), "approved_by": "样例县医疗保障局"},
    **{"quota": {"hospital": 1, "pharmacy": 2}, "evidence": "发文卷第 3 号", "evidence_sha256": "ab" * 32},
}
IN_A_FILE = {name: PLAN[name] for name in PLAN if name not in ("county", "year")} | {"approved_on": "2025-08-11"}


def record(url: str, at: str = "2025-08-12 09:00", **changes: Any) -> str:
    return record_plan(url, Event("record_development_plan", beijing(at), BOSS, PLAN | changes)).summary


def announce(url: str, **head: Any) -> str:
    scenario = check(small_round(1, 2, until="announced") | head)
    event = Event("announce_round", beijing("2025-08-18 09:00"), BOSS)
    return announce_round(url, scenario.head, event, KEYS).summary


def refused(url: str, act: Any, **given: Any) -> str:
    before = dump(url)
    with pytest.raises(RefusedError) as caught:
        act(url, **given)
    assert dump(url) == before
    return str(caught.value)


@pytest.fixture
def office(database: str) -> Rehearsal:
    """An office with staff and no round."""
    with transaction(database) as session:
        register_staff(session, [{"staff_no": BOSS, "name": BOSS, "roles": ["all"]}])
        register_staff(session, [{"staff_no": "9", "name": "九", "roles": ["reviewer"]}])
    return Rehearsal(database)


def test_a_plan_is_recorded_before_there_is_a_round_and_comes_into_its_chain(office: Rehearsal) -> None:
    assert record(office.url) == "已登记《样例县2025年度发展计划》（2025-08-11 批准）：医疗机构 1 家，零售药店 2 家。"
    announce(office.url)
    (row,) = office.rows(DevelopmentPlan)
    assert (row.approved_on, row.quota, row.recorded_by) == (date(2025, 8, 11), {"hospital": 1, "pharmacy": 2}, BOSS)
    (announced,) = office.rows(AuditRecord)
    assert announced.detail["development_plan"]["evidence_sha256"] == "ab" * 32
    assert broken_chains(dump(office.url)) == []


def test_a_round_file_may_bring_its_plan(office: Rehearsal) -> None:
    announce(office.url, development_plan=IN_A_FILE)
    (row,) = office.rows(DevelopmentPlan)
    assert (row.county, row.year, row.title) == (COUNTY, 2025, PLAN["title"])
    with transaction(office.url) as session:
        told = overview(session, beijing("2025-08-19 09:00"), 1)["plan"]
    assert told == (
        "《样例县2025年度发展计划》样医保〔2025〕3号，样例县医疗保障局 2025-08-11 批准：医疗机构 1 家，零售药店 2 家"
    )


def test_the_same_plan_by_form_and_by_file_is_one(office: Rehearsal) -> None:
    record(office.url)
    announce(office.url, development_plan=IN_A_FILE)
    assert len(office.rows(DevelopmentPlan)) == 1


def test_a_round_without_a_plan_goes_as_before(office: Rehearsal) -> None:
    announce(office.url)
    assert office.rows(DevelopmentPlan) == []
    assert "development_plan" not in office.rows(AuditRecord)[0].detail
    with transaction(office.url) as session:
        assert overview(session, beijing("2025-08-19 09:00"), 1)["plan"] == ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"approved_on": date(2025, 8, 10)},
            f"公告写明计划于 2025-08-11 批准，与已登记的发展计划（《{PLAN['title']}》2025-08-10 批准）不一致",
        ),
        (
            {"quota": {"hospital": 1, "pharmacy": 1}},
            f"合计 2 家（已办结的批次按实有家数），超过《{PLAN['title']}》的 1 家",
        ),
    ],
)
def test_an_announcement_agrees_with_its_plan(office: Rehearsal, changes: dict[str, Any], sentence: str) -> None:
    record(office.url, **changes)
    assert sentence in refused(office.url, announce)
    assert office.rows(Round) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"approved_on": date(2025, 8, 12)}, "与已登记的发展计划"),
        ({"quota": {"hospital": 0, "pharmacy": 9}}, "公告的医疗机构名额合计 1 家（已办结的批次按实有家数），超过"),
    ],
)
def test_a_plan_that_comes_later_agrees_with_what_was_announced(
    at_stage: Stage, changes: dict[str, Any], sentence: str
) -> None:
    rehearsal = at_stage("accepted")
    assert sentence in refused(rehearsal.url, record, at="2025-09-03 09:00", **changes)
    record(rehearsal.url, "2025-09-03 09:00")
    newest = max(rehearsal.rows(AuditRecord), key=lambda one: one.id)
    assert (newest.subject, newest.event, newest.detail["fields"]["title"]) == (
        *("round", "record_development_plan", PLAN["title"]),
    )
    rehearsal.is_sound()


def test_an_adjusted_plan_of_the_year_is_another_row(office: Rehearsal) -> None:
    record(office.url)
    assert "内容不同" in refused(office.url, record, title="另一份计划")
    announce(office.url)
    record(office.url, "2025-10-09 09:00", approved_on=date(2025, 10, 8), quota={"hospital": 2, "pharmacy": 4})
    assert len(office.rows(DevelopmentPlan)) == 2


def test_a_plan_is_approved_before_it_is_recorded_and_by_those_who_may(office: Rehearsal) -> None:
    assert "计划批准日期 2025-08-13 晚于录入日" in refused(office.url, record, approved_on=date(2025, 8, 13))
    with pytest.raises(
        RefusedError, match="工号“9”的岗位（复核）不能办理此事项：“登记年度发展计划”由经办、主任岗位办理"
    ):
        record_plan(office.url, Event("record_development_plan", beijing("2025-08-12 09:00"), "9", PLAN))


def test_a_plan_cannot_be_rewritten(office: Rehearsal) -> None:
    record(office.url)
    for harm in ("UPDATE development_plan SET title = 'x'", "DELETE FROM development_plan"):
        with pytest.raises(DBAPIError, match="append-only"), transaction(office.url) as session:
            session.execute(text(harm))


@pytest.mark.parametrize(
    ("stage", "quota", "is_refused"), [("published", 1, False), ("published", 2, True), ("signing", 1, True)]
)
def test_the_next_batch_may_offer_what_the_last_one_left_vacant(
    at_stage: Stage, stage: str, quota: int, is_refused: bool
) -> None:
    """Of two pharmacies' places one was left: who withdrew before the result holds none."""
    rehearsal = at_stage(stage)
    with rehearsal.session() as session:
        lost = session.exec(select(Application).join(Applicant).where(col(Applicant.applicant_id) == "P02")).one()
        lost.state = "DEEMED_ABANDONED"
        session.add(lost)
    places = {"hospital": 1, "pharmacy": 2}
    record(rehearsal.url, "2025-11-20 09:00", quota=places)
    made = small_round(1, 3, until="announced", quota={"hospital": 0, "pharmacy": quota})
    made["announcement"]["batch"] = 2
    head = check(made).head
    event = Event("announce_round", beijing("2025-11-20 09:00"), BOSS)
    if is_refused:
        with pytest.raises(RefusedError, match="零售药店名额合计 3 家（已办结的批次按实有家数），超过"):
            announce_round(rehearsal.url, head, event, KEYS)
    else:
        assert "第2批" in announce_round(rehearsal.url, head, event, KEYS).summary
