"""Where the acts after the signature meet: agreements of before, the city, the year, inspections, lists, renewals."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from models import Agreement, AssessmentResult, Deadline, DoubleRandomDraw
from publication.settlement import lines_of
from publication.site import build_site
from rules.performance.settlement import DayState
from tests.support.offices import credit_code
from tests.support.stages import Stage
from tests.tasks.rehearsal import OFFICE, Rehearsal, beijing
from tests.tasks.test_agreement_batches import batch
from tests.tasks.test_assessment import TABLE, Office
from tests.tasks.test_city import ANSWER, REPORT
from tests.tasks.test_lists import ADD, kept
from tests.tasks.test_migration import OLD, SHOP, agreement, assess, entry, take_in
from tests.tasks.test_monthly_indicators import with_terms
from tests.tasks.test_performance import Life

UNFIT = {"result": "unfit", "decision_no": "取消1号", "criteria": ["NO_COLD_CHAIN"]}
SERVICE = {"how": "直接送达", "proof": "回证1号"}


@pytest.fixture
def database_kind() -> str:
    """What is asked here of both databases the acts' own tests ask."""
    return "sqlite"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """A round that is announced, with yearly assessments; nobody has applied yet."""
    return at_stage("announced", "assessed")


def clocks(office: Rehearsal, number: str = OLD) -> dict[str, tuple[str, date | None]]:
    id_ = agreement(office, number).id
    rows = [one for one in office.rows(Deadline) if (one.subject, one.subject_id) == ("agreement", id_)]
    return {one.kind: (one.status, one.due_on) for one in rows}


def dissolved(office: Rehearsal, shop: dict[str, str], day: str) -> None:
    """Found, decided and served on a day."""
    facts = {"code": "D1", "facts": "套取基金", "evidence": "检查记录"}
    office.act(f"{day} 09:00", "record_finding", by=OFFICE, **shop, **facts)
    office.act(f"{day} 10:00", "confirm_finding", **shop, finding="1", statement_on=day, statement="无")
    office.act(f"{day} 11:00", "dissolve_agreement", **shop, decision_no="解除1号", confirmed_by=OFFICE)
    office.act(f"{day} 12:00", "record_service", **shop, served_on=day, **SERVICE)


# --- agreements of before ----------------------------------------------------------------------------------------


def test_what_was_cancelled_is_not_settled_nor_assessed_afterwards(office: Rehearsal) -> None:
    take_in(office)
    assess(office, "2025-10-13 10:00", **UNFIT, served_on="2025-10-13")
    assert agreement(office).performed_until == date(2025, 10, 12)
    with office.session() as session:
        [line] = lines_of(session, "2025-10", 1)
        assert dict(line.days)[date(2025, 10, 12)] is DayState.IN_FORCE
        assert dict(line.days)[date(2025, 10, 13)] is DayState.OVER
        assert lines_of(session, "2025-11", 1) == []
    cost = {"month": "2025-11", "kind": "refused", "amount": "1", "ground": "超范围", "not_charged_to_patients": True}
    office.sweep("2025-11-10 08:00")
    assert "没有履行" in office.refused("2025-11-10 09:00", "record_cost_decision", **SHOP, **cost)


def test_the_year_of_an_agreement_of_before_is_assessed_from_the_year_of_its_intake_on(office: Rehearsal) -> None:
    later = entry(agreement_number="旧2号", credit_code=credit_code(8), effective_on="2025-09-01")
    take_in(office, entry(), later)
    office.sweep("2025-09-01 00:05")
    assert clocks(office)["assessment"] == ("running", date(2026, 3, 31))
    assert clocks(office, "旧2号")["assessment"] == ("running", date(2026, 3, 31))


def test_one_institution_is_taken_in_once_within_a_file(office: Rehearsal) -> None:
    receipt = take_in(office, entry(), entry(agreement_number="旧2号"))
    assert [one for one, _ in receipt.refused] == ["旧2号"]
    assert len(office.rows(Agreement)) == 1


def test_an_agreement_of_before_on_the_refusal_list_is_not_renewed(office: Rehearsal) -> None:
    kept(office)
    take_in(office)
    assess(office, "2025-10-10 10:00")
    office.act("2025-10-11 09:00", "list_add", round="2", applicant_id="M0001", **ADD)
    said = office.act("2025-10-12 09:00", "apply_renewal", **SHOP, applied_on="2025-10-12").summary
    assert "续签申请未通过：列入不受理申请名单" in said


def test_the_second_renewal_of_an_agreement_of_before(office: Rehearsal) -> None:
    take_in(office)
    assess(office, "2025-10-10 10:00")
    office.act("2026-03-01 09:00", "apply_renewal", **SHOP, applied_on="2026-03-01")
    office.act("2026-04-01 09:00", "sign_renewal", **SHOP, signed_on="2026-04-01", new_number="新1号")
    office.sweep("2026-06-01 00:05")
    said = office.act("2027-01-10 09:00", "apply_renewal", agreement_number="新1号", applied_on="2027-01-10").summary
    assert "续签申请已通过" in said


def test_a_dissolution_that_proves_wrong_leaves_the_clocks_as_they_were(office: Rehearsal) -> None:
    take_in(office)
    dissolved(office, SHOP, "2025-09-05")
    assert clocks(office)["migrated_assessment"][0] == "ended"
    undo = {"reason": "判决撤销", "evidence": "判决书1号", "confirmed_by": OFFICE}
    office.act("2025-09-10 09:00", "overturn_ending", **SHOP, **undo)
    assert agreement(office).state.value == "IN_FORCE"
    assert clocks(office)["migrated_assessment"] == ("running", date(2025, 12, 31))
    assert clocks(office)["assessment"] == ("running", date(2026, 3, 31))


@pytest.mark.parametrize(("on", "is_refused"), [("2024-05-31", True), ("2024-06-01", False), ("2024-06-02", False)])
def test_an_assessment_is_not_older_than_the_agreement(office: Rehearsal, on: str, is_refused: bool) -> None:
    take_in(office)
    about = {**SHOP, "result": "fit", "assessed_on": on, "confirmed_by": OFFICE}
    if is_refused:
        assert "早于协议生效日" in office.refused("2025-08-22 09:00", "assess_migrated", **about)
    else:
        office.act("2025-08-22 09:00", "assess_migrated", **about)


# --- the city ----------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(at_stage: Stage) -> Rehearsal:
    """An agreement of before where the city determines, with a decision of 10 September to dissolve it."""
    office = at_stage("announced", "city")
    take_in(office)
    facts = {"code": "D1", "facts": "套取基金", "evidence": "检查记录"}
    office.act("2025-09-09 09:00", "record_finding", by=OFFICE, **SHOP, **facts)
    office.act("2025-09-09 10:00", "confirm_finding", **SHOP, finding="1", statement_on="2025-09-09", statement="无")
    office.act("2025-09-10 11:00", "dissolve_agreement", **SHOP, decision_no="解除1号", confirmed_by=OFFICE)
    return office


@pytest.mark.parametrize(("on", "is_refused"), [("2025-09-09", True), ("2025-09-10", False), ("2025-09-11", False)])
def test_a_dissolution_is_reported_after_it_was_decided(asked: Rehearsal, on: str, is_refused: bool) -> None:
    about = SHOP | REPORT | {"reported_on": on}
    if is_refused:
        assert "早于决定日" in asked.refused("2025-09-11 09:00", "report_to_city", **about)
    else:
        asked.act("2025-09-11 09:00", "report_to_city", **about)


@pytest.mark.parametrize(("on", "is_refused"), [("2025-09-14", True), ("2025-09-15", False), ("2025-09-16", False)])
def test_a_dissolution_is_served_after_the_city_agreed(asked: Rehearsal, on: str, is_refused: bool) -> None:
    asked.act("2025-09-11 09:00", "report_to_city", **SHOP | REPORT | {"reported_on": "2025-09-11"})
    yes = SHOP | ANSWER | {"decided_on": "2025-09-15", "decision": "confirmed"}
    asked.act("2025-09-16 09:00", "record_city_decision", **yes)
    if is_refused:
        said = asked.refused("2025-09-16 10:00", "record_service", **SHOP, served_on=on, **SERVICE)
        assert "早于市级同意之日 2025-09-15" in said
    else:
        asked.act("2025-09-16 10:00", "record_service", **SHOP, served_on=on, **SERVICE)


# --- the year, renewals, inspections, warnings -------------------------------------------------------------------


@pytest.fixture
def life(at_stage: Stage) -> Life:
    """The agreement of P01 from 3 November 2025 to 2 November 2026, whose years are assessed."""
    office = at_stage("published", "assessed")
    office.sweep("2025-11-06 00:05")
    return Life(office)


def ending(life: Life, expires_on: date) -> None:
    """The agreement of P01 with another last day, as its signature could have named it; its clock with it."""
    id_ = life.now.id
    with life.office.session() as session:
        of_it = col(Agreement.id) == id_
        session.execute(update(Agreement).where(of_it).values(expires_on=expires_on))
        about = col(Deadline.subject) == "agreement", col(Deadline.subject_id) == id_
        days = dict.fromkeys(("due_on", "nominal_on", "earliest_on", "latest_on"), expires_on)
        days["check_on"] = expires_on + timedelta(days=1)
        session.execute(update(Deadline).where(*about, col(Deadline.kind) == "agreement_term").values(**days))


@pytest.mark.parametrize(
    ("last", "status"), [("2025-12-30", "ended"), ("2025-12-31", "running"), ("2026-01-01", "running")]
)
def test_the_year_before_a_renewal_is_still_assessed(life: Life, last: str, status: str) -> None:
    old = life.now
    ending(life, date.fromisoformat(last))
    life.did("2025-11-10 09:00", "apply_renewal", applied_on="2025-11-10")
    life.did("2025-11-10 10:00", "sign_renewal", signed_on="2025-11-10", new_number="续1号")
    life.office.sweep("2026-01-05 00:05")
    assert clocks(life.office, old.number)["assessment"] == (status, date(2026, 3, 31))
    assert agreement(life.office, old.number).state.value == "SUPERSEDED"
    life.office.sweep("2026-04-01 00:05")
    late = clocks(life.office, old.number)["assessment"]
    assert late == ("breached" if status == "running" else "ended", date(2026, 3, 31))


def drawn(life: Life, from_on: str, to_on: str, drawn_at: str) -> None:
    """A plan that takes in all three institutions, published on 10 November or the day before it begins."""
    sources = [{"name": f"双色球第{n}期红球", "kind": "ssq_red", "due_on": "2025-11-13"} for n in (1, 2)]
    plan = {"from_on": from_on, "to_on": to_on, "count": 3, "sources": sources}
    life.office.act("2025-11-10 09:00", "plan_inspections", **plan)
    values = [[3, 9, 14, 20, 27, 33], [1, 2, 3, 4, 5, 6]]
    life.office.act(drawn_at, "draw_inspections", plan="1", source_values=values)


def went(life: Life, on: str) -> dict[str, Any]:
    """The inspection of P01 by those who were drawn for it."""
    [plan] = life.office.rows(DoubleRandomDraw)
    [place] = [one["number"] for one in plan.institutions if one["applicant_id"] == "P01"]
    [one] = [one for one in plan.assigned if one["institution"] == place]
    staff = [plan.inspectors[number - 1]["staff_no"] for number in one["inspectors"]]
    told = {"kind": "double_random", "held_on": on, "inspectors": staff, "minutes": "账物相符", "refused": False}
    return {"plan": "1", **told}


@pytest.mark.parametrize(("on", "is_refused"), [("2025-11-19", True), ("2025-11-20", False), ("2025-11-21", False)])
def test_nobody_is_inspected_by_a_draw_that_was_not_held_yet(life: Life, on: str, is_refused: bool) -> None:
    drawn(life, "2025-11-14", "2025-12-12", "2025-11-20 09:00")
    if is_refused:
        said = life.refused("2025-11-21 18:00", "record_inspection", **went(life, on))
        assert "早于抽取之日 2025-11-20" in said
    else:
        life.did("2025-11-21 18:00", "record_inspection", **went(life, on))


def test_who_was_drawn_and_renewed_meanwhile_is_inspected_under_the_new_agreement(life: Life) -> None:
    ending(life, date(2025, 11, 20))
    drawn(life, "2025-11-14", "2025-12-12", "2025-11-14 09:00")
    life.did("2025-11-14 09:00", "apply_renewal", applied_on="2025-11-14")
    life.did("2025-11-14 10:00", "sign_renewal", signed_on="2025-11-14", new_number="续1号")
    life.office.sweep("2025-11-21 00:05")
    assert life.now.number == "续1号"
    life.did("2025-11-24 09:00", "record_inspection", **went(life, "2025-11-24"))
    said = life.office.act("2025-12-15 09:00", "reveal_inspections", plan="1").summary
    assert "2 家未检查" in said


def test_a_warning_is_still_answered_when_a_dissolution_proved_wrong(at_stage: Stage) -> None:
    office = with_terms(at_stage("published", "terms signed"))
    month = {"applicant_id": "P01", "month": "2025-11"}
    reported = {"source": "institution", "received_on": "2025-12-05", "values": {"stock_rate": "75.5"}}
    office.act("2025-12-05 09:00", "record_indicators", **month, **reported)
    office.act("2025-12-08 09:00", "issue_warning", **month, served_on="2025-12-08")
    life = Life(office)
    assert life.clock("warning_answer") == ("running", date(2025, 12, 22))
    dissolved(office, {"applicant_id": "P01"}, "2025-12-09")
    assert life.clock("warning_answer")[0] == "ended"
    undo = {"reason": "判决撤销", "evidence": "判决书1号", "confirmed_by": OFFICE}
    life.did("2025-12-10 09:00", "overturn_ending", **undo)
    assert life.clock("warning_answer") == ("running", date(2025, 12, 22))
    office.is_sound()


@pytest.mark.parametrize(("on", "is_refused"), [("2025-11-30", True), ("2025-12-01", False), ("2025-12-02", False)])
def test_the_figures_of_a_month_come_in_after_it(life: Life, on: str, is_refused: bool) -> None:
    told = {"source": "institution", "received_on": on, "values": {"stock_rate": "75.5"}, "month": "2025-11"}
    if is_refused:
        assert "须在 2025-11 结束以后" in life.refused("2025-12-05 09:00", "record_indicators", **told)
    else:
        life.did("2025-12-05 09:00", "record_indicators", **told)


@pytest.mark.parametrize(("month", "is_refused"), [("2025-12", False), ("2026-01", True)])
def test_no_figures_of_a_month_after_the_end(life: Life, month: str, is_refused: bool) -> None:
    dissolved(life.office, {"applicant_id": "P01"}, "2025-12-09")
    told = {"source": "agency", "received_on": "2026-02-05", "values": {"stock_rate": "75.5"}, "month": month}
    if is_refused:
        assert "不在协议履行期内" in life.refused("2026-02-05 09:00", "record_indicators", **told)
    else:
        life.did("2026-02-05 09:00", "record_indicators", **told)


@pytest.fixture
def graded(life: Life) -> Life:
    """P01 has the gravest grade of 2026, published in January 2027; all three were renewed in time."""
    office = Office(life.office)
    life.office.act("2026-01-05 09:00", "set_assessment_table", **TABLE)
    every = [one.number for one in life.office.rows(Agreement)]
    batch(life.office, "apply_renewals", "2026-08-03 09:00", *every)
    batch(life.office, "sign_renewals", "2026-08-04 09:00")
    office.surveyed("30")
    for number in ("H01", "P01", "P02"):
        office.assessed(number, "5" if number == "P01" else "60")
    office.concluded()
    return life


def test_a_batch_of_renewals_names_the_listed_and_the_gravest_grade_and_renews_neither(graded: Life) -> None:
    kept(graded.office)
    graded.office.act("2027-02-01 09:00", "list_add", applicant_id="P02", **ADD)
    renewed = sorted((one for one in graded.office.rows(Agreement) if one.previous_id), key=lambda one: one.id)
    report = batch(graded.office, "apply_renewals", "2027-06-01 09:00", *[one.number for one in renewed])
    assert len(report.done) == 1
    why = " ".join(said for _, said in report.refused)
    assert "是否续签由人决定" in why
    assert "列入不受理申请名单" in why
    signed = batch(graded.office, "sign_renewals", "2027-07-01 09:00")
    assert [one for one, _ in signed.done] == [one for one, _ in report.done]
    graded.office.is_sound()


def test_who_is_listed_after_the_application_is_not_renewed(life: Life) -> None:
    kept(life.office)
    life.did("2026-08-03 09:00", "apply_renewal", applied_on="2026-08-03")
    life.office.act("2026-08-04 09:00", "list_add", applicant_id="P01", **ADD)
    said = life.refused("2026-08-05 09:00", "sign_renewal", signed_on="2026-08-05")
    assert "列入不受理申请名单" in said


def test_a_grade_s_finding_that_is_overturned_leaves_the_grade(graded: Life) -> None:
    """Dissolved upon the D7 of a grade and overturned: bar and finding fall, the result of the year stands."""
    life = graded
    life.did("2027-01-20 09:00", "confirm_finding", finding="1", statement_on="2027-01-20")
    assert life.now.state.value == "TO_BE_DISSOLVED"
    life.did("2027-01-20 11:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=OFFICE)
    life.did("2027-01-21 11:00", "record_service", served_on="2027-01-21", **SERVICE)
    life.did("2027-02-21 11:00", "overturn_ending", reason="判决撤销", evidence="判决书", confirmed_by=OFFICE)
    assert life.now.state.value == "IN_FORCE"
    assert life.clock("assessment") == ("running", date(2028, 3, 31))
    assert [one.effect for one in life.office.rows(AssessmentResult) if one.effect] == ["c"] * 1
    life.office.is_sound()


def test_a_complaint_s_finding_that_is_overturned_leaves_the_complaint_answered(life: Life) -> None:
    said = {"received_at": "2025-11-10T08:30:00+08:00", "via": "counter", "matter": "套取", "is_anonymous": True}
    life.did("2025-11-10 09:00", "record_complaint", by=OFFICE, **said)
    life.did("2025-11-10 09:30", "record_complaint", by=OFFICE, **said)
    true = {"substantiated": True, "reason": "查实", "code": "D1", "facts": "套取基金", "evidence": "处方"}
    life.did("2025-11-11 09:00", "resolve_complaint", complaint="1", **true)
    life.did("2025-11-11 10:00", "confirm_finding", by=OFFICE, finding="1", statement_on="2025-11-11")
    life.did("2025-11-11 11:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=OFFICE)
    life.did("2025-11-12 11:00", "record_service", served_on="2025-11-12", **SERVICE)
    assert life.clock("complaint_inquiry") == ("running", date(2025, 12, 1))
    life.did("2025-11-13 11:00", "overturn_ending", reason="判决撤销", evidence="判决书", confirmed_by=OFFICE)
    assert life.clock("complaint_inquiry") == ("running", date(2025, 12, 1))
    assert life.now.state.value == "IN_FORCE"
    life.did("2025-11-14 09:00", "resolve_complaint", complaint="2", **true)
    assert life.clock("complaint_inquiry")[0] == "met"
    life.office.is_sound()


def test_the_public_sees_that_a_renewal_is_out_with_what_it_renewed(life: Life, tmp_path: Path) -> None:
    life.did("2026-08-03 09:00", "apply_renewal", applied_on="2026-08-03")
    life.did("2026-08-10 09:00", "sign_renewal", signed_on="2026-08-10", new_number="续1号")
    dissolved(life.office, {"agreement_number": life.now.number}, "2026-10-12")
    life.office.sweep("2026-11-10 00:05")
    build_site(life.office.url, tmp_path, as_of=beijing("2026-11-10 12:00"))
    [page] = tmp_path.glob("results-*.json")
    told = json.loads(page.read_text(encoding="utf-8"))
    assert "续1号" not in [one["number"] for one in told["institutions"]]
    [out] = [one for one in told["ended"] if one["applicant_id"] == "P01"]
    assert (out["state"], out["state_on"], out["clause"]) == ("DISSOLVED", "2026-10-12", "六(二)2①")
