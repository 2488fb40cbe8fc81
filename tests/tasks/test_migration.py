"""先纳入、后规范 (R74): agreements of before on the register, assessed by the county's day; later acts work on them."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from models import Agreement, Applicant, Bar, Deadline, Institution, Notification, Round
from publication.settlement import lines_of
from publication.site import build_site
from rules.performance.settlement import DayState
from tasks.agreements import load_agreements
from tests.support.offices import credit_code
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal, beijing
from views.agreement_file import acts_for_agreement, agreement_lines
from views.board import rounds

OLD = "样例县特药旧协〔2024〕3号"
SHOP = {"agreement_number": OLD}


def entry(**changes: Any) -> dict[str, Any]:
    told = {"type": "pharmacy", "name": "样例大药房旧店", "credit_code": credit_code(7), "agreement_number": OLD}
    return {**told, "effective_on": "2024-06-01", "expires_on": "2026-05-31", "suspensions": 1, **changes}


def take_in(office: Rehearsal, *entries: dict[str, Any], at: str = "2025-08-21 09:00", **more: Any) -> Any:
    return office.act(at, "import_agreements", entries=list(entries) or [entry()], **more)


def refused(office: Rehearsal, **changes: Any) -> str:
    return office.refused("2025-08-21 09:00", "import_agreements", entries=[entry(**changes)])


def agreement(office: Rehearsal, number: str = OLD) -> Any:
    with office.session() as session:
        [found] = load_agreements(session, col(Agreement.number) == number)
    return found


def assess(office: Rehearsal, at: str, **more: Any) -> str:
    about = {**SHOP, "result": "fit", "assessed_on": at[:10], "confirmed_by": OFFICE}
    return office.act(at, "assess_migrated", **{**about, **more}).summary


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """A round that is announced; nobody has applied yet."""
    return at_stage("announced")


def clock(office: Rehearsal, kind: str) -> tuple[str, date | None]:
    [row] = [one for one in office.rows(Deadline) if (one.subject, one.kind) == ("agreement", kind)]
    return row.status, row.due_on


def test_an_agreement_of_before_is_in_force_with_its_term_and_its_count(office: Rehearsal) -> None:
    later = entry(agreement_number="旧2号", credit_code=credit_code(8), effective_on="2025-09-01", suspensions=0)
    said = take_in(office, entry(), later).summary
    assert "已登记 2 份在册协议，请在 2025-12-31 以前审核" in said
    now = agreement(office)
    assert (now.state.value, now.count, now.limit, now.expires_on) == ("IN_FORCE", 1, 3, date(2026, 5, 31))
    assert agreement(office, "旧2号").state.value == "SIGNED"
    office.sweep("2025-09-01 00:05")
    assert agreement(office, "旧2号").state.value == "IN_FORCE"
    assert clock_of(office, now.id, "migrated_assessment") == ("running", date(2025, 12, 31))
    told = [one.event for one in office.rows(Notification) if one.subject == "agreement" and one.channel == "email"]
    assert told.count("migration_assess_by") == 2
    [home] = [one for one in office.rows(Round) if one.kind == "intake"]
    assert (home.name, home.batch) == ("样例县2025年在册协议", 0)
    office.is_sound()


def clock_of(office: Rehearsal, id_: int, kind: str) -> tuple[str, date | None]:
    rows = [one for one in office.rows(Deadline) if (one.subject, one.subject_id, one.kind) == ("agreement", id_, kind)]
    return rows[0].status, rows[0].due_on


def test_the_same_again_changes_nothing(office: Rehearsal) -> None:
    take_in(office)
    before = [office.rows(model) for model in (Agreement, Applicant, Round, Notification, Deadline)]
    assert "没有改变" in take_in(office, entry(name="样例大药房 旧店")).summary
    assert [office.rows(model) for model in (Agreement, Applicant, Round, Notification, Deadline)] == before
    receipt = take_in(office, entry(), entry(agreement_number="旧2号", credit_code=credit_code(8)))
    assert "已登记 1 份在册协议" in receipt.summary
    assert "此前已登记 1 份" in receipt.summary
    assert {one.applicant_id for one in office.rows(Applicant) if one.round_id == 2} == {"M0001", "M0002"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"credit_code": "91110105MA01ABCD27"}, "统一社会信用代码"),
        ({"expires_on": "2024-06-01"}, "须晚于生效日"),
        ({"expires_on": "2025-08-20"}, "已于 2025-08-20 到期"),
        ({"effective_on": "2026-01-01"}, "在审核截止日 2025-12-31 之后"),
        ({"suspensions": 3}, "达到规定的 3 次，应予解除"),
    ],
)
def test_what_cannot_be_taken_in_is_refused(office: Rehearsal, changes: dict[str, Any], said: str) -> None:
    assert said in refused(office, **changes)


def test_the_last_days_on_which_one_can_be_taken_in(office: Rehearsal) -> None:
    edge = (
        entry(effective_on="2025-12-31", suspensions=2),
        entry(agreement_number="旧2号", credit_code=credit_code(8), expires_on="2025-08-21"),
    )
    assert "已登记 2 份" in take_in(office, *edge).summary
    other = {"agreement_number": OLD, "suspensions": 1, "effective_on": "2025-12-31"}
    assert "内容与已登记的不同" in refused(office, **other)
    assert "已有履行中的协议" in refused(office, agreement_number="旧9号")
    past = {"entries": [entry(agreement_number="旧5号", credit_code=credit_code(9))], "year": "2024"}
    assert "审核截止日 2024-12-31 已经过去" in office.refused("2025-08-21 09:00", "import_agreements", **past)


def test_the_bad_are_named_and_the_good_are_done(office: Rehearsal) -> None:
    receipt = take_in(office, entry(), entry(agreement_number="旧2号", expires_on="2025-01-01"), entry())
    assert [one for one, _ in receipt.refused] == ["旧2号", OLD]
    assert receipt.applicants == ("M0001",)


def test_fit_loses_the_badge_and_may_be_renewed(office: Rehearsal) -> None:
    take_in(office)
    renewal = {**SHOP, "applied_on": "2025-10-10"}
    office.sweep("2025-10-10 08:00")
    assert "尚未审核" in office.refused("2025-10-10 09:00", "apply_renewal", **renewal)
    twice = {**SHOP, "result": "fit", "assessed_on": "2025-10-10", "confirmed_by": BOSS}
    assert "复核人须是另一名" in office.refused("2025-10-10 09:00", "assess_migrated", **twice)
    assert "审核合格" in assess(office, "2025-10-10 10:00")
    assert agreement(office).is_to_be_assessed is False
    assert clock(office, "migrated_assessment")[0] == "met"
    again = twice | {"confirmed_by": OFFICE}
    assert "不能重复审核" in office.refused("2025-10-11 09:00", "assess_migrated", **again)
    assert "已通过" in office.act("2025-10-11 09:00", "apply_renewal", **renewal).summary


def test_unfit_is_cancelled_with_reasons_and_without_a_bar(office: Rehearsal) -> None:
    take_in(office)
    unfit = {"result": "unfit", "decision_no": "取消1号", "served_on": "2025-10-13"}
    office.sweep("2025-10-13 08:00")
    base = {**SHOP, "assessed_on": "2025-10-13", "confirmed_by": OFFICE}
    for changes, said in (
        ({**unfit, "criteria": []}, "须填“不符合的条件”"),
        ({**unfit, "criteria": ["GRADE_TOO_LOW"]}, "不是该类机构的条件"),
        ({**unfit, "criteria": ["NO_COLD_CHAIN"], "served_on": ""}, "决定文号"),
        ({**unfit, "criteria": ["NO_COLD_CHAIN"], "served_on": "2025-10-12"}, "早于审核日期"),
        ({**unfit, "criteria": ["NO_COLD_CHAIN"], "served_on": "2025-10-14"}, "尚未到来"),
        ({"result": "fit", "criteria": ["NO_COLD_CHAIN"]}, "合格的不填"),
    ):
        assert said in office.refused("2025-10-13 09:00", "assess_migrated", **base, **changes)
    said = assess(office, "2025-10-13 10:00", **unfit, criteria=["NO_COLD_CHAIN", "STAFF_LICENSED"])
    assert "取消定点，不受三年限制" in said
    [row] = office.rows(Agreement)
    assert (row.state, [one["code"] for one in row.reasons]) == ("CANCELLED", ["NO_COLD_CHAIN", "STAFF_LICENSED"])
    assert office.rows(Bar) == []
    assert [one.event for one in office.rows(Notification) if one.channel == "email"][-1] == "agreement_cancelled"
    told = {one.kind: one.status for one in office.rows(Deadline) if one.subject == "agreement"}
    assert told == {"agreement_term": "ended", "migrated_assessment": "met", "assessment": "running"}
    office.is_sound()


def test_a_cancelled_one_was_performed_and_is_settled_until_the_day_before(office: Rehearsal) -> None:
    take_in(office)
    office.sweep("2025-10-13 08:00")
    unfit = {"result": "unfit", "decision_no": "取消1号", "criteria": ["NO_COLD_CHAIN"], "served_on": "2025-10-13"}
    assess(office, "2025-10-13 10:00", **unfit)
    assert agreement(office).performed_until == date(2025, 10, 12)
    with office.session() as session:
        [line] = lines_of(session, "2025-10", 1)
        assert lines_of(session, "2025-11", 1) == []
    assert [day.day for day, state in line.days if state is DayState.IN_FORCE] == list(range(1, 13))


def test_the_year_in_which_it_was_taken_in_is_the_first_to_be_assessed(office: Rehearsal) -> None:
    """As of every other agreement (R51), not the year in which its term began."""
    later = entry(agreement_number="旧2号", credit_code=credit_code(8), effective_on="2025-09-01", suspensions=0)
    take_in(office, entry(), later)
    office.sweep("2025-09-01 00:05")
    due = [one.due_on for one in office.rows(Deadline) if (one.subject, one.kind) == ("agreement", "assessment")]
    assert due == [date(2026, 3, 31)] * 2


def test_not_assessed_in_time_is_the_authoritys_breach_and_nothing_for_the_institution(office: Rehearsal) -> None:
    take_in(office, assess_by="2025-09-30")
    office.sweep("2025-09-30 23:59")
    assert clock(office, "migrated_assessment")[0] == "running"
    office.sweep("2025-10-01 00:05")
    assert clock(office, "migrated_assessment") == ("breached", date(2025, 9, 30))
    assert agreement(office).state.value == "IN_FORCE"
    assert "审核合格" in assess(office, "2025-10-09 10:00")


def test_import_inspection_suspension_dissolution_and_the_bar_at_the_next_application(office: Rehearsal) -> None:
    """P01 of the round is the institution of the old agreement: by its code, whatever it is called."""
    with office.session() as session:
        query = update(Institution).where(col(Institution.id) == office.rows(Applicant)[1].institution_id)
        session.execute(query.values(credit_code=credit_code(7)))
    assert office.rows(Applicant)[1].applicant_id == "P01"
    take_in(office, entry(suspensions=2))
    went = {"kind": "routine", "held_on": "2025-08-22", "inspectors": [BOSS, OFFICE], "minutes": "账目不符"}
    office.act("2025-08-22 09:00", "record_inspection", **SHOP, **went, corrections=[], evidence=[], refused=False)
    facts = {"code": "V7", "facts": "重复收费三笔", "evidence": "检查记录"}
    office.act("2025-08-22 10:00", "record_finding", by=OFFICE, **SHOP, **facts)
    office.act("2025-08-22 11:00", "confirm_finding", **SHOP, finding="1", statement_on="2025-08-22", statement="无")
    pause = {"findings": ["1"], "decision_no": "暂停1号", "from_on": "2025-08-22", "confirmed_by": OFFICE}
    said = office.act("2025-08-22 12:00", "suspend_agreement", **SHOP, **pause).summary
    assert "累计第 3 次，限 3 次" in said  # two that it brought along, and this one
    assert agreement(office).state.value == "TO_BE_DISSOLVED"
    office.act("2025-08-25 09:00", "dissolve_agreement", **SHOP, decision_no="解除1号", confirmed_by=OFFICE)
    service = {"served_on": "2025-08-26", "how": "直接送达", "proof": "回证1号"}
    office.act("2025-08-26 09:00", "record_service", **SHOP, **service)
    [bar] = office.rows(Bar)
    assert (bar.from_on, bar.last_day) == (date(2025, 8, 27), date(2028, 8, 26))
    assert "三年限制期内（至 2028-08-26）" in office.refused(
        "2025-08-27 09:00", "import_agreements", entries=[entry(agreement_number="旧2号")]
    )
    materials = [f"P{number}" for number in range(1, 13)]
    formal = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}
    office.act("2025-09-01 10:00", "submit_application", applicant_id="P01", materials=materials, **formal)
    with office.session() as session:
        assert office.rows(Applicant)[1].applicant_id == "P01"
    states = {one.applicant_id: one for one in office.rows(Applicant)}
    assert states["P01"].round_id == 1
    assert office.states()["P01"] == "NOT_ACCEPTED_BAN"
    office.is_sound()


def test_the_public_register_shows_them_until_when_they_are_assessed_and_what_was_cancelled(
    office: Rehearsal, tmp_path: Path
) -> None:
    hospital = {"agreement_number": "旧2号", "name": "样例旧医院", "type": "hospital", "credit_code": credit_code(8)}
    take_in(office, entry(), entry(**hospital))
    office.sweep("2025-10-13 08:00")
    unfit = {"result": "unfit", "decision_no": "取消1号", "served_on": "2025-10-13", "criteria": ["NO_COLD_CHAIN"]}
    assess(office, "2025-10-13 10:00", **unfit)
    build_site(office.url, tmp_path, as_of=beijing("2025-10-14 12:00"))
    assert 'href="results-2.html">在册协议登记册' in (tmp_path / "index.html").read_text(encoding="utf-8")
    said = re.sub(r"<[^>]+>|\s+", "", (tmp_path / "results-2.html").read_text(encoding="utf-8"))
    assert "样例旧医院" in said
    assert "应于2025年12月31日以前审核" in said
    assert "已取消2025年10月13日起" in said
    assert "2025年10月13日审核不合格" in said
    assert "定点资格取消" in (tmp_path / "feed.atom").read_text(encoding="utf-8")
    told = json.loads((tmp_path / "results-2.json").read_text(encoding="utf-8"))
    assert [one["state"] for one in told["agreements"]] == ["IN_FORCE", "CANCELLED"]
    assert not (tmp_path / "limits-2.html").exists()


def test_the_board_marks_what_is_to_be_assessed_and_lists_no_round_of_it(office: Rehearsal) -> None:
    take_in(office)
    with office.session() as session:
        [line] = agreement_lines(session)["lines"]
        assert line["state_label"] == "有效（待审核）"
        acts = [act.do for act in acts_for_agreement(session, line["id"])]
        assert "assess_migrated" in acts
        assert [one["id"] for one in rounds(session)] == [1]
    assess(office, "2025-08-25 10:00")
    with office.session() as session:
        assert agreement_lines(session)["lines"][0]["state_label"] == "有效"
        assert "assess_migrated" not in [act.do for act in acts_for_agreement(session, line["id"])]
