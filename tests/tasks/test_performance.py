"""An agreement after its signature (六), act by act on both databases: term, findings, suspensions, dissolution."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import col

from models import Agreement, AgreementEnding, Bar, Deadline, Notification, ViolationFinding
from models.database import transaction
from rules.performance.records import AgreementCase
from tasks.agreements import load_agreements, the_agreement
from tasks.case_loading import context_numbered
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal
from tests.tasks.test_workday_schedules import YEAR
from views.agreements import agreements_of

DIRECTOR = "全能员"
NUMBER = {"P01": "样例县特药协议〔2025〕2号"}
SHOP = {"applicant_id": "P01"}


class Life:
    """The agreement of P01, in force since 3 November 2025, with acts that need not say everything each time."""

    def __init__(self, office: Rehearsal) -> None:
        self.office = office

    @property
    def now(self) -> AgreementCase:
        with transaction(self.office.url) as session:
            return the_agreement(session, 1, SHOP)

    def did(self, at: str, do: str, **fields: Any) -> str:
        by = fields.pop("by", BOSS)
        return self.office.act(at, do, by=by, **{**SHOP, **fields}).summary

    def refused(self, at: str, do: str, **fields: Any) -> str:
        by = fields.pop("by", BOSS)
        self.office.sweep(at)  # what is due comes first, and is no part of the refused act
        return self.office.refused(at, do, by=by, **{**SHOP, **fields})

    def found(self, on: str, code: str = "V7") -> str:
        """A finding proposed by one and established by another the same day, the institution having stated its view."""
        case = self.now
        facts = {"code": code, "facts": "重复收费三笔", "evidence": "检查记录"}
        self.did(f"{on} 09:00", "record_finding", by=OFFICE, **facts)
        ref = str(len(case.findings) + 1)
        self.did(f"{on} 10:00", "confirm_finding", finding=ref, statement_on=on, statement="已听取")
        return ref

    def suspended(self, on: str, number: str, *refs: str) -> str:
        decision = {"decision_no": number, "findings": list(refs), "from_on": on, "confirmed_by": OFFICE}
        return self.did(f"{on} 11:00", "suspend_agreement", **decision)

    def mended(self, on: str, *refs: str) -> None:
        """Ordered, handed in, inspected again and resumed within a day or two."""
        order = str(len(self.now.orders) + 1)
        self.did(f"{on} 12:00", "order_rectification", findings=list(refs), items=["退还多收费用"], served_on=on)
        at = {"handed_in_at": f"{on}T15:00:00+08:00", "via": "counter"}
        self.did(f"{on} 15:30", "hand_in_rectification", order=order, **at)
        self.did(f"{on} 16:00", "re_inspect", order=order, inspected_on=on, result="done")
        self.did(f"{on} 16:30", "resume_agreement", reason="整改到位")

    def told(self) -> list[str]:
        """The messages about the agreement, in order."""
        rows = self.office.rows(Notification)
        return [row.event for row in rows if row.subject == "agreement" and row.channel == "email"]

    def clock(self, kind: str) -> tuple[str, date | None]:
        rows = [row for row in self.office.rows(Deadline) if (row.subject, row.kind) == ("agreement", kind)]
        found = [row for row in rows if row.subject_id == self.now.id]
        return found[0].status, found[0].due_on


@pytest.fixture
def life(at_stage: Stage) -> Life:
    office = at_stage("published", "kept")
    office.sweep("2025-11-06 00:05")
    return Life(office)


def test_a_signed_agreement_comes_into_force_on_its_first_day_and_expires_after_its_last(life: Life) -> None:
    now = life.now
    assert (now.state.value, now.effective_on, now.expires_on) == ("IN_FORCE", date(2025, 11, 3), date(2026, 11, 2))
    life.office.sweep("2026-11-02 23:59")
    assert life.now.state.value == "IN_FORCE"
    life.office.sweep("2026-11-03 00:01")
    assert life.now.state.value == "EXPIRED"
    assert life.told()[-1] == "agreement_expired"
    assert life.office.rows(Bar) == []
    life.office.is_sound()


def test_a_round_that_does_not_keep_them_has_no_life_of_agreements(at_stage: Stage) -> None:
    office = at_stage("published")
    assert {row.state for row in office.rows(Agreement)} == {"DRAFT"}
    said = office.refused("2025-11-10 09:00", "resume_agreement", applicant_id="P01", reason="整改到位")
    assert "没有选择登记协议履行" in said


def test_who_proposed_does_not_establish_and_the_institution_is_heard_first(life: Life) -> None:
    facts = {"code": "V7", "facts": "重复收费三笔", "evidence": "检查记录"}
    life.did("2025-11-10 09:00", "record_finding", by=OFFICE, **facts)
    assert "认定人须与登记人不同" in life.refused("2025-11-10 10:00", "confirm_finding", by=OFFICE, finding="1")
    assert life.clock("hearing") == ("running", date(2025, 11, 17))  # five working days over a weekend
    assert "陈述期限至 2025-11-17" in life.refused("2025-11-17 18:00", "confirm_finding", finding="1")
    life.did("2025-11-18 09:00", "confirm_finding", finding="1")
    assert life.now.findings[0].established_on == date(2025, 11, 18)
    assert life.told()[-2:] == ["finding_proposed", "finding_confirmed"]
    assert "已经作出" in life.refused("2025-11-18 10:00", "confirm_finding", finding="1")


def test_an_order_ends_on_its_last_day_at_midnight_on_line_and_at_closing_time_at_the_counter(life: Life) -> None:
    ref = life.found("2025-11-10")
    order = {"findings": [ref], "items": ["退还多收费用"], "served_on": "2025-11-10"}
    life.did("2025-11-10 12:00", "order_rectification", **order)
    assert life.clock("rectification") == ("running", date(2025, 12, 1))  # fifteen working days
    late = {"order": "1", "handed_in_at": "2025-12-01T17:30:01+08:00", "via": "counter"}
    assert "已逾期" in life.refused("2025-12-01 18:00", "hand_in_rectification", **late)
    life.did(
        "2025-12-02 00:30",
        "hand_in_rectification",
        **{**late, "handed_in_at": "2025-12-01T23:59:59+08:00", "via": "online"},
    )
    assert life.clock("rectification")[0] == "met"
    assert life.clock("re_inspection") == ("running", date(2025, 12, 15))  # from the day it was handed in
    life.did(
        "2025-12-03 09:00", "re_inspect", order="1", inspected_on="2025-12-03", result="insufficient", note="未全退"
    )
    assert life.now.state.value == "IN_FORCE"
    assert [one.code for one in life.now.findings] == ["V7"]  # no suspension: too little is no ground by itself


def test_late_in_a_suspension_is_proposed_by_the_clock_and_established_by_a_person(life: Life) -> None:
    ref = life.found("2025-11-10")
    life.suspended("2025-11-10", "暂停1号", ref)
    life.did(
        "2025-11-10 12:00",
        "order_rectification",
        findings=[ref],
        items=["退还"],
        served_on="2025-11-10",
        due_on="2025-11-20",
    )
    life.office.sweep("2025-11-20 23:59")
    assert life.now.orders[0].result == ""
    life.office.sweep("2025-11-21 00:05")
    now = life.now
    assert (now.orders[0].result, now.state.value) == ("late", "SUSPENDED")
    assert [(one.code, one.established_on) for one in now.findings][-1] == ("D4b", None)
    assert life.told()[-1] == "order_late"
    life.did("2025-11-21 09:00", "confirm_finding", finding="2")
    assert life.now.state.value == "TO_BE_DISSOLVED"
    assert "只能办理" in life.refused("2025-11-21 10:00", "resume_agreement", reason="整改到位")


def test_the_third_suspension_of_the_term_leaves_nothing_but_dissolution(life: Life) -> None:
    for number, on in enumerate(("2025-11-10", "2025-12-10", "2026-01-12"), 1):
        ref = life.found(on)
        said = life.suspended(on, f"暂停{number}号", ref)
        assert f"累计第 {number} 次，限 3 次" in said
        if number < 3:
            life.mended(on, ref)
    now = life.now
    assert (now.state.value, now.count, [one.code for one in now.grounds]) == ("TO_BE_DISSOLVED", 3, ["D4a"])
    assert life.told()[-2:] == ["agreement_suspended", "dissolution_due"]
    assert life.clock("dissolution") == ("running", date(2026, 1, 26))


def dissolved(life: Life, served_on: str = "2026-02-03") -> None:
    ref = life.found("2026-01-12", "D1")
    assert ref == str(len(life.now.findings))
    life.did("2026-01-13 09:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=OFFICE)
    service = {"served_on": served_on, "how": "直接送达", "proof": "回证1号"}
    life.did(f"{served_on} 15:00", "record_service", **service)


def test_a_dissolution_has_its_effect_when_it_is_served_and_bars_for_three_years(life: Life) -> None:
    dissolved(life)
    [bar] = life.office.rows(Bar)
    assert (life.now.state.value, bar.from_on, bar.last_day) == ("DISSOLVED", date(2026, 2, 4), date(2029, 2, 3))
    assert [one for one in life.told() if "dissol" in one] == ["dissolution_due", "agreement_dissolved"]
    assert life.clock("dissolution") == ("breached", date(2026, 1, 26))  # the office was late, to nobody's harm
    life.office.sweep("2026-11-03 00:05")
    assert life.now.state.value == "DISSOLVED"  # its term over changes nothing
    life.office.is_sound()


def test_waiting_for_the_end_of_the_term_does_not_escape_the_bar(life: Life) -> None:
    life.found("2026-10-30", "D1")
    life.office.sweep("2026-11-10 00:05")
    assert life.now.state.value == "TO_BE_DISSOLVED"
    life.did("2026-11-10 09:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=OFFICE)
    life.did("2026-11-11 09:00", "record_service", served_on="2026-11-11", how="直接送达", proof="回证1号")
    assert (life.now.state.value, len(life.office.rows(Bar))) == ("DISSOLVED", 1)


def test_two_persons_are_two(life: Life) -> None:
    life.found("2026-01-12", "D1")
    same = life.refused("2026-01-13 09:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=BOSS)
    assert "复核人须是另一名工作人员" in same
    nobody = life.refused("2026-01-13 09:00", "dissolve_agreement", decision_no="解除1号", confirmed_by="查无此人")
    assert "不在在岗人员名单中" in nobody


def test_an_overturned_finding_takes_with_it_all_that_stood_on_it(life: Life) -> None:
    first = life.found("2025-11-10")
    life.suspended("2025-11-10", "暂停1号", first)
    life.mended("2025-11-10", first)
    for number, on in ((2, "2025-12-10"), (3, "2026-01-12")):
        ref = life.found(on)
        life.suspended(on, f"暂停{number}号", ref)
        if number == 2:
            life.mended(on, ref)
    assert life.now.state.value == "TO_BE_DISSOLVED"
    undo = {"finding": first, "reason": "复核不成立", "evidence": "复核决定1号", "confirmed_by": OFFICE}
    said = life.did("2026-01-20 09:00", "overturn_finding", **undo)
    now = life.now
    assert (now.state.value, now.count, now.grounds) == ("SUSPENDED", 2, ())
    assert "累计暂停由 3 次改为 2 次" in said
    assert "D4a" in said
    assert life.clock("dissolution")[0] == "ended"
    life.office.is_sound()


def test_an_overturned_dissolution_lifts_the_bar_and_the_term_goes_on(life: Life) -> None:
    dissolved(life)
    undo = {"reason": "法院判决撤销", "evidence": "判决书1号", "confirmed_by": OFFICE}
    life.did("2026-03-10 09:00", "overturn_ending", **undo)
    assert life.now.state.value == "IN_FORCE"
    [bar], [ending] = life.office.rows(Bar), life.office.rows(AgreementEnding)
    assert (bar.lifted_on, ending.overturned_on) == (date(2026, 3, 10), date(2026, 3, 10))
    assert life.clock("agreement_term") == ("running", date(2026, 11, 2))
    life.office.sweep("2026-11-03 00:05")
    assert life.now.state.value == "EXPIRED"
    life.office.is_sound()


def test_a_renewed_agreement_follows_with_a_count_of_its_own(life: Life) -> None:
    ref = life.found("2025-11-10")
    life.suspended("2025-11-10", "暂停1号", ref)
    life.mended("2025-11-10", ref)
    assert "没有通过的续签申请" in life.refused("2026-07-01 09:00", "sign_renewal", signed_on="2026-07-01")
    life.did("2026-07-01 09:00", "apply_renewal", applied_on="2026-07-01")
    life.did("2026-09-01 09:00", "sign_renewal", signed_on="2026-09-01")
    with transaction(life.office.url) as session:
        old, new = load_agreements(session, col(Agreement.application_id) == life_application(life))
    assert (new.state.value, new.effective_on, new.expires_on) == ("SIGNED", date(2026, 11, 3), date(2027, 11, 2))
    assert (old.state.value, old.successor) == ("IN_FORCE", new.number)
    life.office.sweep("2026-11-03 00:05")
    with transaction(life.office.url) as session:
        old, new = load_agreements(session, col(Agreement.application_id) == life_application(life))
    assert (old.state.value, new.state.value, new.count, old.count) == ("SUPERSEDED", "IN_FORCE", 0, 1)
    assert life.now.number == new.number
    life.office.is_sound()


def life_application(life: Life) -> int:
    [row] = [row for row in life.office.rows(Agreement) if row.number == life.now.number]
    return int(row.application_id)


def test_a_late_application_for_renewal_is_taken_and_noted(life: Life) -> None:
    assert "少于提前期" not in life.did("2026-08-02 09:00", "apply_renewal", applied_on="2026-08-02")
    assert "已经登记并通过" in life.refused("2026-08-03 09:00", "apply_renewal", applied_on="2026-08-03")


def test_a_late_application_for_renewal_is_noted(life: Life) -> None:
    assert "少于提前期" in life.did("2026-08-03 09:00", "apply_renewal", applied_on="2026-08-03")


def test_whoever_leaves_gives_three_months_notice_and_is_not_barred(life: Life) -> None:
    leaving = {"notice_on": "2026-01-15", "is_public_hospital": False}
    early = life.refused("2026-01-15 09:00", "leave_agreement", leaves_on="2026-04-14", **leaving)
    assert "最早 2026-04-15" in early
    public = {**leaving, "leaves_on": "2026-04-15", "is_public_hospital": True}
    assert "公立医疗机构" in life.refused("2026-01-15 09:00", "leave_agreement", **public)
    life.did("2026-01-15 09:00", "leave_agreement", leaves_on="2026-04-15", **leaving)
    life.office.sweep("2026-04-15 23:00")
    assert life.now.state.value == "IN_FORCE"
    life.office.sweep("2026-04-16 00:05")
    assert (life.now.state.value, life.office.rows(Bar)) == ("LEFT", [])


@pytest.mark.parametrize(("reported_on", "is_late"), [("2025-12-22", False), ("2025-12-23", True)])
def test_a_change_is_reported_within_thirty_working_days(life: Life, reported_on: str, is_late: bool) -> None:
    change = {"change": "address", "described": "由甲路1号迁至乙路2号", "changed_on": "2025-11-10"}
    said = life.did("2025-12-24 09:00", "report_change", reported_on=reported_on, **change)
    assert ("逾期报告" in said) is is_late


def test_an_inspection_is_held_by_two(life: Life) -> None:
    held = {"kind": "routine", "held_on": "2025-11-12", "minutes": "查看冷链和处方", "refused": False}
    assert "2 名以上" in life.refused("2025-11-12 17:00", "record_inspection", inspectors=[OFFICE], **held)
    life.did("2025-11-12 17:00", "record_inspection", inspectors=[OFFICE, BOSS], corrections=["补挂标识"], **held)
    assert life.told()[-1] == "inspection_held"


@pytest.mark.parametrize("code", ["D4a", "D4b", "D4c"])
def test_what_follows_from_the_records_is_not_entered_by_hand(life: Life, code: str) -> None:
    finding = {"code": code, "facts": "x", "evidence": "y"}
    with pytest.raises(ValueError, match="不在可选之列"):
        life.did("2025-11-12 17:00", "record_finding", **finding)
    assert life.office.rows(ViolationFinding) == []


def proposed(life: Life, on: str, code: str = "V7", **fields: Any) -> None:
    facts = {"code": code, "facts": "重复收费三笔", "evidence": "检查记录"}
    life.did(f"{on} 09:00", "record_finding", by=OFFICE, **facts, **fields)


def ordered(life: Life, on: str, due_on: str, *refs: str) -> None:
    fields = {"findings": list(refs), "items": ["退还"], "served_on": on, "due_on": due_on}
    life.did(f"{on} 12:00", "order_rectification", **fields)


def test_a_second_finding_is_told_its_own_day_while_the_first_is_still_heard(life: Life) -> None:
    proposed(life, "2025-11-10")
    proposed(life, "2025-11-12", "V1")
    letters = [row for row in life.office.rows(Notification) if row.event == "finding_proposed"]
    days = [row.params["statement_due"] for row in letters if row.channel == "email"]
    assert days == ["2025-11-17", "2025-11-19"]
    assert life.clock("hearing") == ("running", date(2025, 11, 17))
    life.office.sweep("2025-11-18 00:05")
    assert life.clock("hearing") == ("running", date(2025, 11, 19))
    life.office.sweep("2025-11-20 00:05")
    assert life.clock("hearing")[0] == "met"
    proposed(life, "2025-11-24")  # neither of the two was confirmed: they wait for nobody any more
    assert life.clock("hearing") == ("running", date(2025, 12, 1))


def test_a_statement_between_service_and_record_counts(life: Life) -> None:
    proposed(life, "2025-11-12", served_on="2025-11-10")
    early = {"finding": "1", "statement_on": "2025-11-09"}
    assert "须在告知日 2025-11-10 与今日之间" in life.refused("2025-11-12 10:00", "confirm_finding", **early)
    life.did("2025-11-12 10:00", "confirm_finding", finding="1", statement_on="2025-11-10", statement="已听取")


def test_a_proposal_that_waits_at_the_end_of_the_term_stops_no_sweep(life: Life) -> None:
    proposed(life, "2026-10-30")
    life.office.sweep("2026-11-10 00:05")
    assert (life.now.state.value, life.clock("hearing")[0]) == ("EXPIRED", "ended")


def test_what_was_mended_in_one_suspension_does_not_lift_the_next(life: Life) -> None:
    first = life.found("2025-11-10")
    life.suspended("2025-11-10", "暂停1号", first)
    life.mended("2025-11-10", first)
    second = life.found("2025-12-10", "V1")
    life.suspended("2025-12-10", "暂停2号", second)
    said = life.refused("2025-12-10 12:00", "resume_agreement", reason="整改到位")
    assert "请先责令限期整改并复查" in said
    life.mended("2025-12-10", second)
    assert life.now.state.value == "IN_FORCE"


def test_too_little_is_made_good_by_a_second_order_on_the_same_finding(life: Life) -> None:
    ref = life.found("2025-11-10")
    life.suspended("2025-11-10", "暂停1号", ref)
    ordered(life, "2025-11-10", "2025-11-20", ref)
    at = {"handed_in_at": "2025-11-11T09:00:00+08:00", "via": "online"}
    life.did("2025-11-11 10:00", "hand_in_rectification", order="1", **at)
    life.did("2025-11-12 10:00", "re_inspect", order="1", inspected_on="2025-11-12", result="insufficient")
    assert "不能恢复" in life.refused("2025-11-12 11:00", "resume_agreement", reason="整改到位")
    life.mended("2025-11-13", ref)
    assert life.now.state.value == "IN_FORCE"


def test_who_found_the_rectification_insufficient_does_not_establish_the_ground(life: Life) -> None:
    ref = life.found("2025-11-10")
    life.suspended("2025-11-10", "暂停1号", ref)
    ordered(life, "2025-11-10", "2025-11-20", ref)
    at = {"handed_in_at": "2025-11-11T09:00:00+08:00", "via": "online"}
    life.did("2025-11-11 10:00", "hand_in_rectification", order="1", **at)
    looked = {"order": "1", "inspected_on": "2025-11-12", "result": "insufficient"}
    life.did("2025-11-12 10:00", "re_inspect", by=BOSS, **looked)
    assert "认定人须与登记人不同" in life.refused("2025-11-12 11:00", "confirm_finding", by=BOSS, finding="2")
    life.did("2025-11-12 11:00", "confirm_finding", by=OFFICE, finding="2")
    assert life.now.state.value == "TO_BE_DISSOLVED"


def test_a_report_waits_for_nobody_once_its_finding_fell(life: Life) -> None:
    ref = life.found("2025-11-10")
    ordered(life, "2025-11-10", "2025-11-20", ref)
    at = {"handed_in_at": "2025-11-11T09:00:00+08:00", "via": "online"}
    life.did("2025-11-11 10:00", "hand_in_rectification", order="1", **at)
    undo = {"finding": ref, "reason": "复核不成立", "evidence": "复核决定1号", "confirmed_by": OFFICE}
    life.did("2025-11-12 09:00", "overturn_finding", **undo)
    assert life.clock("re_inspection")[0] == "ended"


def test_the_second_report_does_not_lengthen_the_days_for_the_first(life: Life) -> None:
    ref = life.found("2025-11-10")
    ordered(life, "2025-11-10", "2025-11-20", ref)
    ordered(life, "2025-11-10", "2025-11-21", ref)
    for order, on in (("1", "2025-11-11"), ("2", "2025-11-14")):
        at = {"handed_in_at": f"{on}T09:00:00+08:00", "via": "online"}
        life.did(f"{on} 10:00", "hand_in_rectification", order=order, **at)
    assert life.clock("re_inspection") == ("running", date(2025, 11, 25))
    life.did("2025-11-17 10:00", "re_inspect", order="1", inspected_on="2025-11-17", result="done")
    assert life.clock("re_inspection") == ("running", date(2025, 11, 28))


def test_a_report_is_taken_while_the_dissolution_is_due(life: Life) -> None:
    ref = life.found("2025-11-10")
    ordered(life, "2025-11-10", "2025-11-20", ref)
    life.found("2025-11-11", "D1")
    at = {"handed_in_at": "2025-11-12T09:00:00+08:00", "via": "online"}
    life.did("2025-11-12 10:00", "hand_in_rectification", order="1", **at)
    life.did("2025-11-13 10:00", "re_inspect", order="1", inspected_on="2025-11-13", result="done")
    assert (life.now.state.value, life.clock("re_inspection")[0]) == ("TO_BE_DISSOLVED", "met")


def thrice_suspended(life: Life) -> None:
    for number, on in enumerate(("2025-11-10", "2025-12-10", "2026-01-12"), 1):
        ref = life.found(on)
        life.suspended(on, f"暂停{number}号", ref)
        if number < 3:
            life.mended(on, ref)


UNDO = {"reason": "复核不成立", "evidence": "复核决定1号", "confirmed_by": OFFICE}


def test_the_count_is_not_overturned_but_what_it_counted(life: Life) -> None:
    thrice_suspended(life)
    assert "不能单独撤销" in life.refused("2026-01-13 09:00", "overturn_finding", finding="4", **UNDO)
    life.did("2026-01-13 09:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=OFFICE)
    life.did("2026-01-14 09:00", "record_service", served_on="2026-01-14", how="直接送达", proof="回证1号")
    assert "不能单独撤销" in life.refused("2026-01-15 09:00", "overturn_ending", **UNDO)
    life.did("2026-01-15 09:00", "overturn_finding", finding="1", **UNDO)
    [bar] = life.office.rows(Bar)
    assert (life.now.state.value, life.now.count, bar.lifted_on) == ("SUSPENDED", 2, date(2026, 1, 15))
    life.office.is_sound()


def test_a_finding_beside_the_ground_falls_and_the_dissolution_stands(life: Life) -> None:
    life.found("2026-01-05")
    dissolved(life)
    life.did("2026-02-10 09:00", "overturn_finding", finding="1", **UNDO)
    [bar] = life.office.rows(Bar)
    assert (life.now.state.value, bar.lifted_on) == ("DISSOLVED", None)


def test_after_an_overturned_dissolution_the_other_clocks_go_on(life: Life) -> None:
    leaving = {"notice_on": "2026-01-05", "leaves_on": "2026-04-05", "is_public_hospital": False}
    life.did("2026-01-05 09:00", "leave_agreement", **leaving)
    first = life.found("2026-01-06")
    ordered(life, "2026-01-06", "2026-04-02", first)
    dissolved(life)
    assert life.clock("leaving")[0] == life.clock("rectification")[0] == "ended"
    life.did("2026-03-10 09:00", "overturn_ending", **UNDO)
    assert life.clock("leaving") == ("running", date(2026, 4, 5))
    assert life.clock("rectification") == ("running", date(2026, 4, 2))
    life.office.sweep("2026-04-06 00:05")
    assert (life.now.state.value, life.clock("rectification")[0]) == ("LEFT", "lapsed")


def renewed(life: Life) -> None:
    life.did("2026-01-05 09:00", "apply_renewal", applied_on="2026-01-05")
    life.did("2026-01-06 09:00", "sign_renewal", signed_on="2026-01-06", new_number="续1号")


def both(life: Life) -> list[str]:
    with transaction(life.office.url) as session:
        every = load_agreements(session, col(Agreement.round_id) == 1)
    return [one.state.value for one in every if one.applicant_id == "P01"]


def test_a_renewal_does_not_outlive_the_dissolution_of_what_it_renews(life: Life) -> None:
    renewed(life)
    dissolved(life)
    assert both(life) == ["DISSOLVED", "DISSOLVED"]
    assert len(life.office.rows(Bar)) == 1
    life.office.sweep("2026-11-04 00:05")
    assert both(life) == ["DISSOLVED", "DISSOLVED"]
    with transaction(life.office.url) as session:
        told = agreements_of(session, context_numbered(session, 1))["agreements"]["P01"]
    assert (told["number"], told["ground"]["code"], told["bar"]["from"]) == (life.now.number, "D1", "2026-02-04")
    life.office.is_sound()


@pytest.mark.parametrize(("on", "states"), [("2026-03-10", "IN_FORCE SIGNED"), ("2026-11-10", "SUPERSEDED IN_FORCE")])
def test_a_renewal_comes_back_with_what_it_renews(life: Life, on: str, states: str) -> None:
    renewed(life)
    dissolved(life)
    life.did(f"{on} 09:00", "overturn_ending", **UNDO)
    assert both(life) == states.split()
    life.office.sweep("2026-11-12 00:05")
    assert both(life) == ["SUPERSEDED", "IN_FORCE"]
    life.office.is_sound()


def test_a_renewal_in_force_ends_when_the_dissolution_of_the_old_one_is_served(life: Life) -> None:
    renewed(life)
    life.found("2026-10-30", "D1")
    life.office.sweep("2026-11-04 00:05")
    assert both(life) == ["TO_BE_DISSOLVED", "IN_FORCE"]
    life.did("2026-11-10 09:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=OFFICE)
    life.did("2026-11-11 09:00", "record_service", served_on="2026-11-11", how="直接送达", proof="回证1号")
    assert both(life) == ["DISSOLVED", "DISSOLVED"]


def test_whoever_leaves_leaves_the_renewal_too(life: Life) -> None:
    renewed(life)
    leaving = {"notice_on": "2026-01-15", "leaves_on": "2026-04-15", "is_public_hospital": False}
    life.did("2026-01-15 09:00", "leave_agreement", **leaving)
    life.office.sweep("2026-04-16 00:05")
    assert both(life) == ["LEFT", "LEFT"]


def test_whoever_has_given_notice_does_not_renew(life: Life) -> None:
    life.did("2026-01-05 09:00", "apply_renewal", applied_on="2026-01-05")
    leaving = {"notice_on": "2026-01-15", "leaves_on": "2026-04-15", "is_public_hospital": False}
    life.did("2026-01-15 09:00", "leave_agreement", **leaving)
    assert "已申请退出" in life.refused("2026-01-16 09:00", "sign_renewal", signed_on="2026-01-16")


def test_the_office_still_files_what_was_dissolved(at_stage: Stage) -> None:
    office = at_stage("signed", "kept")
    office.sweep("2025-11-04 00:05")
    life = Life(office)
    life.found("2025-11-05", "D1")
    life.did("2025-11-05 11:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=OFFICE)
    life.did("2025-11-06 09:00", "record_service", served_on="2025-11-06", how="直接送达", proof="回证1号")
    office.act("2025-11-06 10:00", "file_agreement", applicant_id="P01", filed_on="2025-11-06")
    assert (life.now.state.value, life.now.filed_on) == ("DISSOLVED", date(2025, 11, 6))


def test_a_renewal_that_was_dissolved_with_the_old_one_leaves_with_it(life: Life) -> None:
    """The dissolution proves wrong after the day on which the institution was to leave: both are left."""
    renewed(life)
    leaving = {"notice_on": "2026-01-07", "leaves_on": "2026-04-07", "is_public_hospital": False}
    life.did("2026-01-07 09:00", "leave_agreement", **leaving)
    dissolved(life)
    life.did("2026-04-10 09:00", "overturn_ending", **UNDO)
    assert both(life) == ["LEFT", "LEFT"]


def test_the_applicants_number_means_the_dissolved_one_and_not_the_renewal_that_ended_with_it(life: Life) -> None:
    renewed(life)
    dissolved(life)
    assert life.now.number == NUMBER["P01"]
    life.did("2026-03-10 09:00", "overturn_ending", **UNDO)
    assert both(life) == ["IN_FORCE", "SIGNED"]


def test_a_schedule_that_is_published_gives_the_clocks_of_agreements_their_days(life: Life) -> None:
    renewed(life)
    life.office.sweep("2026-12-01 00:05")
    life.found("2026-12-28", "D1")
    proposed(life, "2026-12-28")
    assert life.clock("hearing")[1] is life.clock("dissolution")[1] is None
    latest = life.now.findings[-1].heard_until
    life.office.act("2026-12-29 09:00", "load_workdays", **YEAR)
    assert life.clock("dissolution") == ("running", date(2027, 1, 12))
    assert life.clock("hearing") == ("running", date(2027, 1, 5))
    assert latest
    assert latest > date(2027, 1, 5)
    assert life.told()[-1] == "deadline_moved"
    assert "陈述期限至 2027-01-05" in life.refused("2027-01-05 09:00", "confirm_finding", finding="2")
    life.did("2027-01-06 09:00", "confirm_finding", finding="2")
    life.office.sweep("2027-01-13 00:05")
    assert life.clock("dissolution")[0] == "breached"
    life.office.is_sound()


@pytest.mark.parametrize(
    "pasted",
    [
        "样例县特药协议[2025]2号",
        "样例县特药协议〔２０２５〕２号",
        " 样例县特药协议（2025） 2 号 ",
        "样例县特药协议【2025】2号",
    ],
)
def test_a_number_is_found_as_it_was_pasted(life: Life, pasted: str) -> None:
    life.office.sweep("2025-11-10 00:05")
    change = {
        "change": "address",
        "described": "由甲路迁至乙路",
        "changed_on": "2025-11-10",
        "reported_on": "2025-11-10",
    }
    life.office.act("2025-11-10 09:00", "report_change", agreement_number=pasted, **change)
    other = {"agreement_number": "样例县特药协议〔2025〕9号", **change}
    assert "没有已签订的协议" in life.office.refused("2025-11-10 09:00", "report_change", **other)
