"""The city determines (R75; A7-27): the county reports, the city confirms, returns or refuses; before a dissolution is
served, too. Where the announcement does not say so, the county determines as before."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models import CityStep, Notice, Notification
from publication.site import build_site
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal, beijing, posted

REPORT = {"reported_on": "2025-10-16", "report_no": "样例县医保报〔2025〕3号", "minutes": "会议纪要5号"}
ANSWER = {"decision_no": "样例市医保函〔2025〕8号", "decided_on": "2025-10-20"}
NOTICE = {"kind": "proposed_agreements"}


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """P01 and H01 with consensus, where the city determines."""
    return at_stage("consensus", "city")


def answered(office: Rehearsal, decision: str, at: str = "2025-10-20 10:00", **more: Any) -> str:
    return office.act(at, "record_city_decision", decision=decision, **{**ANSWER, **more}).summary


def test_nothing_is_published_before_the_city_has_confirmed(office: Rehearsal) -> None:
    here = {"postings": posted("2025-10-16 09:00"), **NOTICE}
    assert "没有“市级已确定，待公示”的机构" in office.refused("2025-10-16 09:30", "publish_notice", **here)
    said = office.act("2025-10-16 10:00", "report_to_city", **REPORT).summary
    assert "已上报市级确定（样例县医保报〔2025〕3号）：3 家" in said
    assert sorted(office.states().values()) == ["AWAITING_CITY"] * 3 + ["OUT_OF_QUOTA"]
    told = {one.application_id: one.told for one in office.rows(CityStep)}
    assert [one["rank"] for one in told.values()] == [1, 1, 2]
    assert all(one["mean_score"] and one["topics"] for one in told.values())
    assert "同意" in answered(office, "confirmed", applicant_ids=["P01", "H01"])
    assert office.states() == {"H01": "DETERMINED", "P01": "DETERMINED", "P02": "AWAITING_CITY", "P03": "OUT_OF_QUOTA"}
    office.act("2025-10-21 09:00", "publish_notice", postings=posted("2025-10-21 08:30"), **NOTICE)
    assert office.state("P01") == "NOTICE_PROPOSED"
    assert office.state("P02") == "AWAITING_CITY"
    office.is_sound()


def test_the_public_pages_say_that_the_city_determines(office: Rehearsal, tmp_path: Path) -> None:
    office.act("2025-10-16 10:00", "report_to_city", **REPORT)
    answered(office, "confirmed")
    office.act("2025-10-21 09:00", "publish_notice", postings=posted("2025-10-21 08:30"), **NOTICE)
    build_site(office.url, tmp_path, as_of=beijing("2025-10-21 12:00"))
    assert "由市医疗保障局确定" in (tmp_path / "index.html").read_text(encoding="utf-8")
    [notice] = [one for one in office.rows(Notice) if one.kind == "proposed_agreements"]
    said = (tmp_path / f"notice-{notice.id}.html").read_text(encoding="utf-8")
    assert "达成共识，并报经市医疗保障局确定，现将" in said


def test_what_is_returned_is_reported_again(office: Rehearsal) -> None:
    office.act("2025-10-16 10:00", "report_to_city", **REPORT, applicant_ids=["P01"])
    assert "须写明“问题或理由”" in office.refused(
        "2025-10-20 10:00", "record_city_decision", decision="returned", **ANSWER
    )
    answered(office, "returned", reason="补充药师在岗证明")
    assert (office.state("P01"), office.messages("P01")[-1]) == ("CONSENSUS", "city_returned")
    office.act("2025-10-21 10:00", "report_to_city", **REPORT | {"reported_on": "2025-10-21"}, applicant_ids=["P01"])
    early = {"decision": "confirmed", **ANSWER}
    assert "早于上报日期 2025-10-21" in office.refused("2025-10-21 11:00", "record_city_decision", **early)
    answered(office, "confirmed", "2025-10-21 11:00", decided_on="2025-10-21")
    assert [one.decision for one in office.rows(CityStep)] == ["returned", "confirmed"]
    assert office.state("P01") == "DETERMINED"


def test_what_is_refused_is_an_end_with_reasons_and_a_letter(office: Rehearsal) -> None:
    office.act("2025-10-16 10:00", "report_to_city", **REPORT, applicant_ids=["P01"])
    answered(office, "refused", reason="区域内已有足够的定点机构")
    assert (office.state("P01"), office.reasons("P01")) == ("NOT_DETERMINED", ["CITY_REFUSED"])
    assert office.messages("P01")[-1] == "city_refused"
    assert office.deadline("P01", "whole_procedure")[0] == "met"
    assert "已办结" in office.refused("2025-10-21 10:00", "report_to_city", **REPORT, applicant_ids=["P01"])


def test_no_answer_is_no_breach_the_office_is_reminded_again_and_again(office: Rehearsal) -> None:
    office.act("2025-10-16 10:00", "report_to_city", **REPORT, applicant_ids=["P01"])
    assert office.deadline("P01", "city_reply")[:2] == ("running", date(2025, 10, 30))  # ten working days

    def reminders() -> int:
        return sum(row.event == "city_reminder" and row.channel == "email" for row in office.rows(Notification))

    office.sweep("2025-10-30 23:00")
    assert reminders() == 0
    office.sweep("2025-10-31 00:05")
    once = reminders()
    assert (once > 0, office.state("P01")) == (True, "AWAITING_CITY")
    assert office.deadline("P01", "city_reply")[:2] == ("running", date(2025, 11, 14))
    office.sweep("2025-11-15 00:05")
    assert reminders() == 2 * once
    office.sweep("2025-12-10 00:05")  # three months from the acceptance are over meanwhile: that clock ran on
    assert office.deadline("P01", "whole_procedure")[0] == "breached"
    answered(office, "confirmed", "2025-12-10 10:00", decided_on="2025-12-09")
    assert office.deadline("P01", "city_reply")[0] == "ended"


def test_each_that_cannot_be_reported_is_named_and_the_others_go(office: Rehearsal) -> None:
    receipt = office.act("2025-10-16 10:00", "report_to_city", **REPORT, applicant_ids=["P01", "P03", "P09"])
    assert (receipt.applicants, [one for one, _ in receipt.refused]) == (("P01",), ["P03", "P09"])
    ahead = REPORT | {"reported_on": "2025-10-17"}
    assert "尚未到来" in office.refused("2025-10-16 10:00", "report_to_city", **ahead, applicant_ids=["P02"])
    assert "没有“已报市级" not in office.refused(
        "2025-10-16 10:00", "record_city_decision", decision="confirmed", **ANSWER, applicant_ids=["P02"]
    )


def test_where_the_county_determines_nothing_is_reported(at_stage: Stage) -> None:
    office = at_stage("consensus")
    assert "本轮由县级确定" in office.refused("2025-10-16 10:00", "report_to_city", **REPORT, applicant_ids=["P01"])
    office.act("2025-10-16 12:00", "publish_notice", postings=posted("2025-10-16 09:00"), **NOTICE)
    assert office.state("P01") == "NOTICE_PROPOSED"


def test_a_dissolution_is_served_only_after_the_city_has_agreed(at_stage: Stage) -> None:
    office = at_stage("consensus", "city")
    office.act("2025-10-16 10:00", "report_to_city", **REPORT)
    answered(office, "confirmed")
    office.act("2025-10-21 09:00", "publish_notice", postings=posted("2025-10-21 08:30"), **NOTICE)
    office.sweep("2025-10-29 00:05")
    office.act("2025-10-29 09:00", "sign_agreement", applicant_id="P01", signed_on="2025-10-29")
    office.sweep("2025-10-30 00:05")
    shop = {"applicant_id": "P01"}
    facts = {"code": "D1", "facts": "套取基金", "evidence": "检查记录"}
    office.act("2025-11-10 09:00", "record_finding", by=OFFICE, **shop, **facts)
    office.act("2025-11-10 10:00", "confirm_finding", **shop, finding="1", statement_on="2025-11-10", statement="无")
    number = {"agreement_number": "样例县特药协议〔2025〕1号"}
    report = number | REPORT | {"reported_on": "2025-11-11"}
    service = {**shop, "served_on": "2025-11-20", "how": "直接送达", "proof": "回证1号"}
    assert "尚无解除决定" in office.refused("2025-11-11 08:00", "report_to_city", **report)
    office.act("2025-11-11 09:00", "dissolve_agreement", **shop, decision_no="解除1号", confirmed_by=OFFICE)
    office.sweep("2025-11-20 08:00")  # the reminders of the ladder are no part of what is refused
    assert "请先办理“上报市级确定”" in office.refused("2025-11-20 09:00", "record_service", **service)
    office.act("2025-11-20 09:10", "report_to_city", **report)
    assert "尚未答复" in office.refused("2025-11-20 09:20", "record_service", **service)
    no = number | ANSWER | {"decided_on": "2025-11-18", "decision": "refused", "reason": "证据不足"}
    assert "撤销认定" in office.act("2025-11-20 09:30", "record_city_decision", **no).summary
    assert "市级没有同意" in office.refused("2025-11-20 09:40", "record_service", **service)
    office.act("2025-11-20 10:00", "report_to_city", **report | {"reported_on": "2025-11-19"})
    yes = number | ANSWER | {"decided_on": "2025-11-19", "decision": "confirmed"}
    office.act("2025-11-20 11:00", "record_city_decision", **yes)
    assert "已同意" in office.refused("2025-11-20 12:00", "report_to_city", **report)
    assert "没有等候市级意见" in office.refused("2025-11-20 12:00", "record_city_decision", by=BOSS, **yes)
    assert "已于 2025-11-20 送达" in office.act("2025-11-20 13:00", "record_service", **service).summary
    office.is_sound()
