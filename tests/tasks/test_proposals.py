"""Acts that want a second person: proposed, confirmed, sent back, lapsed; and nothing happens in between."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from flows.forms import FORMS
from foundation.secrets import Keyring
from models import AgreementSuspension, Applicant, AuditRecord, Draw, Proposal, Recusal, Round, SiteVisit, Staff
from models.database import transaction
from notifications.retention import reseal
from policies.second_persons import load_second_persons
from rules.case import Event
from rules.errors import InputError, RefusedError
from rules.performance.guards.shared import ALONE
from tasks.act_result import Receipt, Submitted
from tasks.announce import register_staff
from tasks.batch import Portion, do_chunk
from tasks.proposing import (
    WITHOUT_A_ROUND,
    announce_as_filed,
    confirm,
    perform_as_filed,
    send_back,
    submit,
    submit_announcement,
    submit_staff_change,
)
from tasks.second_persons import CHECKED_BY_ONESELF, second_person_of
from tasks.sweep import sweep
from tasks.typed_fields import read, written
from tests.support.database import broken_chains, changed, dump
from tests.support.rounds import small_round
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing, items, posted, scenario_until
from upkeep.proof import prove

STAFF = {"1001": "operator", "1002": "reviewer", "1003": "discipline", "1004": "director", "1005": "discipline"}
RECUSAL = {"expert_id": "Z01", "reason": "近亲属任职", "applicant_id": ""}
AFTER_PLAN = "2025-09-18 09:00"


def staffed(rehearsal: Rehearsal) -> Rehearsal:
    with transaction(rehearsal.url) as session:
        for one in session.execute(select(Staff)).scalars():
            one.is_active = False
            session.add(one)
        register_staff(session, [{"staff_no": one, "name": f"员{one}", "roles": [role]} for one, role in STAFF.items()])
    return rehearsal


def wish(rehearsal: Rehearsal, at: str, do: str, by: str, **fields: Any) -> Receipt | Submitted:
    form = FORMS[do].model_validate({"by": by, **fields})
    return submit(rehearsal.url, Event(do, beijing(at), by, form.fields()), KEYS, [("回避事由", "近亲属任职")])


def proposed(rehearsal: Rehearsal, at: str, do: str, by: str, **fields: Any) -> Submitted:
    done = wish(rehearsal, at, do, by, **fields)
    assert isinstance(done, Submitted)
    return done


def refused(rehearsal: Rehearsal, act: Any) -> str:
    before = dump(rehearsal.url)
    with pytest.raises(RefusedError) as caught:
        act()
    assert changed(before, dump(rehearsal.url)) == {}
    return str(caught.value)


@pytest.fixture
def planned(at_stage: Stage) -> Rehearsal:
    return staffed(at_stage("planned"))


def recusal(planned: Rehearsal) -> Submitted:
    return proposed(planned, AFTER_PLAN, "recuse_expert", "1001", **RECUSAL)


def test_a_proposal_is_a_row_with_its_record_and_nothing_else(planned: Rehearsal) -> None:
    before = dump(planned.url)
    done = recusal(planned)
    assert changed(before, dump(planned.url)) == {"proposal": 1, "audit_record": 1}
    assert done.summary == (
        "已提交复核：第 1 号提请“登记专家回避 Z01”。请 1002 员1002、1003 员1003、1004 员1004、1005 员1005 "
        "在 2025-09-21 以前用“44 复核”确认或退回；确认以前没有办理任何事项"
    )
    (row,) = planned.rows(Proposal)
    assert (row.act, row.about, row.proposed_by, row.last_day) == (
        *("recuse_expert", "Z01", "1001"),
        date(2025, 9, 21),
    )
    assert (row.shown, row.status, row.round_id) == ([["回避事由", "近亲属任职"]], "open", 1)
    planned.is_sound()
    with planned.session() as session:
        assert prove(session).faults == ()


def test_confirmed_it_is_done_with_both_names_on_its_record(planned: Rehearsal) -> None:
    number = recusal(planned).number
    act, receipt = confirm(planned.url, number, "1004", beijing("2025-09-18 10:00"), KEYS)
    assert (act, receipt.summary) == ("recuse_expert", "已登记专家 Z01 整轮回避。")
    (gone,) = planned.rows(Recusal)
    assert (gone.by, gone.recorded_at) == ("1001", beijing("2025-09-18 10:00"))
    record = next(one for one in planned.rows(AuditRecord) if one.event == "recuse_expert")
    assert (record.by, record.detail["fields"]["confirmed_by"]) == ("1001", "1004")
    (row,) = planned.rows(Proposal)
    assert (row.status, row.decided_by, row.fields_sealed) == ("confirmed", "1004", "")
    own = [one.event for one in planned.rows(AuditRecord) if one.subject == "proposal"]
    assert own == ["propose", "confirm_proposal"]
    planned.is_sound()


def test_before_the_plan_one_person_registers_a_recusal(at_stage: Stage) -> None:
    rehearsal = staffed(at_stage("evaluating"))
    assert isinstance(wish(rehearsal, "2025-09-16 15:00", "recuse_expert", "1001", **RECUSAL), Receipt)


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ("1001", ALONE),
        ("2001", "工号“2001”不在在岗人员名单中"),
        ("经办员甲", "工号“经办员甲”不在在岗人员名单中"),
    ],
)
def test_who_may_not_confirm(planned: Rehearsal, by: str, why: str) -> None:
    number = recusal(planned).number
    at = beijing("2025-09-18 10:00")
    assert refused(planned, lambda: confirm(planned.url, number, by, at, KEYS)).startswith(why)
    assert refused(planned, lambda: send_back(planned.url, number, by, at, "不属实")).startswith(why)


@pytest.mark.parametrize(("first", "second"), [("1003", "1005"), ("1001", "1001")])
def test_another_of_the_same_role_is_no_second_person(planned: Rehearsal, first: str, second: str) -> None:
    number = proposed(planned, AFTER_PLAN, "recuse_expert", first, **RECUSAL).number
    said = refused(planned, lambda: confirm(planned.url, number, second, beijing("2025-09-18 10:00"), KEYS))
    assert said in (
        ALONE,
        "工号“1005”不能复核“登记专家回避”：须由主任、纪检、复核岗位、且与提请人岗位不同的另一人复核"
        "（依据：五(二)（保障措施））",
    )


def test_sent_back_it_says_why_and_is_over(planned: Rehearsal) -> None:
    number = recusal(planned).number
    before = dump(planned.url)
    said = send_back(planned.url, number, "1004", beijing("2025-09-18 10:00"), "没有证明材料").summary
    assert said == "已退回第 1 号提请“登记专家回避 Z01”：没有证明材料。没有办理任何事项"
    assert changed(before, dump(planned.url)) == {"proposal": 0, "audit_record": 1}
    again = refused(planned, lambda: confirm(planned.url, number, "1004", beijing("2025-09-18 11:00"), KEYS))
    assert again == "第 1 号提请已退回（1004），不能再复核；需要办理的请重新提交"
    planned.is_sound()


def test_the_same_wish_waits_once_and_may_come_again_when_it_was_sent_back(planned: Rehearsal) -> None:
    number = recusal(planned).number
    assert refused(planned, lambda: recusal(planned)) == (
        "同样的内容已在复核中（第 1 号提请，1001 提出），无需重复提交"
    )
    send_back(planned.url, number, "1004", beijing("2025-09-18 10:00"), "没有证明材料")
    assert recusal(planned).number == 2


@pytest.mark.parametrize(("at", "is_open"), [("2025-09-21 23:59:59", True), ("2025-09-22 00:00", False)])
def test_the_last_moment_to_confirm_and_the_sweep_after_it(planned: Rehearsal, at: str, is_open: bool) -> None:
    number = recusal(planned).number
    report = sweep(planned.url, beijing(at), dry_run=True)
    assert report.done["lapse_proposal"] == (not is_open)
    if is_open:
        planned.sweep(at)
        confirm(planned.url, number, "1004", beijing(at), KEYS)
        return
    said = refused(planned, lambda: confirm(planned.url, number, "1004", beijing(at), KEYS))
    assert said == "第 1 号提请的复核期限 2025-09-21 已过：需要办理的请重新提交"
    report = planned.sweep(at)
    assert [one["applicant_id"] for one in report.actions if one["event"] == "lapse_proposal"] == ["第 1 号提请"]
    (row,) = planned.rows(Proposal)
    assert (row.status, row.decided_by, planned.rows(Recusal)) == ("lapsed", "系统时钟", [])
    assert planned.sweep(at).done["lapse_proposal"] == 0
    planned.is_sound()


def test_what_cannot_be_done_is_refused_at_once_with_its_own_sentence(planned: Rehearsal) -> None:
    unknown = {**RECUSAL, "expert_id": "Z99"}
    said = refused(planned, lambda: wish(planned, AFTER_PLAN, "recuse_expert", "1001", **unknown))
    assert said == "专家库中没有“Z99”：请核对专家编号"
    drawn = {"source_values": [[3, 9, 14, 20, 27, 33], 11], "unavailable": []}
    said = refused(planned, lambda: wish(planned, AFTER_PLAN, "draw_experts", "1001", **drawn))
    assert said == (
        "工号“1001”的岗位（经办）不能办理此事项：“抽取专家”由纪检岗位办理，请交 1003 员1003、1005 员1005 办理"
    )


def test_what_became_impossible_is_refused_with_its_own_sentence_and_stays_open(planned: Rehearsal) -> None:
    number = recusal(planned).number
    act = Event("recuse_expert", beijing("2025-09-18 09:30"), "1003", RECUSAL)
    perform_as_filed(planned.url, act, "")
    said = refused(planned, lambda: confirm(planned.url, number, "1004", beijing("2025-09-18 10:00"), KEYS))
    assert said == "专家 Z01 的该项回避已登记过，无需重复办理"
    assert planned.rows(Proposal)[0].status == "open"


def test_somebody_who_left_meanwhile_proposes_nothing(planned: Rehearsal) -> None:
    number = recusal(planned).number
    with planned.session() as session:
        session.execute(update(Staff).where(col(Staff.staff_no) == "1001").values(is_active=False))
    said = refused(planned, lambda: confirm(planned.url, number, "1004", beijing("2025-09-18 10:00"), KEYS))
    assert said.startswith("工号“1001”不在在岗人员名单中")


def test_without_anybody_who_may_confirm_nothing_is_kept(planned: Rehearsal) -> None:
    with planned.session() as session:
        session.execute(update(Staff).where(col(Staff.staff_no) != "1001").values(is_active=False))
    assert refused(planned, lambda: recusal(planned)) == (
        "没有可以复核“登记专家回避”的人员（依据：五(二)（保障措施））：请先登记另一岗位的人员"
    )


def test_the_database_holds_what_a_proposal_may_be(planned: Rehearsal) -> None:
    recusal(planned)
    for values in (
        {"status": "confirmed"},
        {"status": "confirmed", "decided_by": "1001", "decided_at": beijing(AFTER_PLAN)},
        {"status": "returned", "decided_by": "1004", "decided_at": beijing(AFTER_PLAN), "reason": ""},
        {"status": "forgotten"},
    ):
        with pytest.raises(DBAPIError), planned.session() as session:
            session.execute(update(Proposal).values(**values))


def test_fields_stay_what_they_are() -> None:
    fields = {
        "on": date(2025, 9, 1),
        "at": beijing("2025-09-01 10:00"),
        "items": {"H-a": Decimal("18.50")},
        "none": None,
    }
    assert read(written(fields)) == fields
    with pytest.raises(TypeError):
        written({"odd": object()})


# --- which acts ------------------------------------------------------------------------------------------------


def test_a_sheet_wants_nobody_else_and_a_conclusion_does(at_stage: Stage) -> None:
    rehearsal = staffed(at_stage("drawn"))
    for one in ("H01", "P01", "P02", "P03"):
        for expert in rehearsal.panel():
            sheet = {"applicant_id": one, "expert_id": expert, "items": items(one)}
            assert isinstance(wish(rehearsal, "2025-09-22 10:00", "record_score_sheet", "1001", **sheet), Receipt)
    number = proposed(rehearsal, "2025-09-22 17:00", "conclude_evaluation", "1002").number
    assert rehearsal.state("H01") == "EVALUATING"
    act, receipt = confirm(rehearsal.url, number, "1003", beijing("2025-09-22 17:30"), KEYS)
    assert (act, rehearsal.state("H01")) == ("conclude_evaluation", "SELECTED")
    assert "拟进入谈判：H01" in receipt.summary
    record = next(one for one in rehearsal.rows(AuditRecord) if (one.event, one.subject) == (act, "round"))
    assert (record.by, record.detail["fields"]) == ("1002", {"confirmed_by": "1003"})
    assert rehearsal.rows(Round)[0].concluded_at == beijing("2025-09-22 17:30")


def test_values_of_a_draw_are_entered_by_one_and_confirmed_by_another(planned: Rehearsal) -> None:
    values = {"source_values": [[3, 9, 14, 20, 27, 33], 11], "unavailable": []}
    number = proposed(planned, "2025-09-19 09:00", "draw_experts", "1003", **values).number
    assert planned.own(Draw)[0].drawn_at is None
    confirm(planned.url, number, "1004", beijing("2025-09-19 09:30"), KEYS)
    assert planned.own(Draw)[0].drawn_by == "1003"


@pytest.mark.parametrize(("substantiated", "waits"), [(True, True), (False, False)])
def test_a_finding_waits_when_it_is_true(at_stage: Stage, substantiated: bool, waits: bool) -> None:
    rehearsal = staffed(at_stage("result_notice"))
    about = {"applicant_id": "P01", "ref": "P01-1", "received_at": "2025-09-24T09:00:00+08:00", "via": "online"}
    objection = {**about, "allegation": "面积不足"}
    assert isinstance(wish(rehearsal, "2025-09-24 10:00", "record_objection", "1001", **objection), Receipt)
    finding = {"ref": "P01-1", "substantiated": substantiated, "finding": "经核查"}
    done = wish(rehearsal, "2025-09-25 10:00", "resolve_objection", "1002", **finding)
    assert isinstance(done, Submitted if waits else Receipt)
    assert rehearsal.state("P01") == "NOTICE_RESULT"
    if isinstance(done, Submitted):
        confirm(rehearsal.url, done.number, "1003", beijing("2025-09-25 11:00"), KEYS)
        assert rehearsal.state("P01") == "DISQUALIFIED_PUBLICITY_1"


@pytest.mark.parametrize(("entered", "waits"), [("2025-11-06", False), ("2025-11-07", True)])
def test_a_signature_entered_late_waits(at_stage: Stage, entered: str, waits: bool) -> None:
    rehearsal = staffed(at_stage("signing"))
    signed = {"applicant_id": "P01", "signed_on": "2025-11-03"}
    done = wish(rehearsal, f"{entered} 09:00", "sign_agreement", "1004", **signed)
    assert isinstance(done, Submitted if waits else Receipt)


@pytest.mark.parametrize(("posted_on", "waits"), [("2025-09-22", False), ("2025-09-21", True)])
def test_a_notice_entered_long_after_its_posting_waits(at_stage: Stage, posted_on: str, waits: bool) -> None:
    rehearsal = staffed(at_stage("concluded"))
    notice = {"kind": "evaluation_result", "postings": posted(f"{posted_on} 18:30")}
    rule = load_second_persons(date(2025, 9, 25))["publish_notice"]
    fields = FORMS["publish_notice"].model_validate({"by": "1001", **notice}).fields()
    with rehearsal.session() as session:
        event = Event("publish_notice", beijing("2025-09-25 09:00"), "1001", fields)
        assert second_person_of(session, event) == (rule if waits else None)


def test_whoever_saw_the_site_does_not_sign_the_opinion_alone(at_stage: Stage) -> None:
    rehearsal = staffed(at_stage("accepted"))
    visit = {"visited_on": "2025-09-02", "visitors": ["1001", "1002"], "minutes": "现场相符"}
    about = {"applicant_id": "P01", "findings": {}, **visit}
    assert isinstance(wish(rehearsal, "2025-09-02 15:00", "verify_site", "1001", **about), Receipt)
    assert rehearsal.rows(SiteVisit)
    own = proposed(rehearsal, "2025-09-03 09:00", "sign_preliminary_opinion", "1002", applicant_id="P01", judgements=[])
    batch = do_chunk(rehearsal.url, Portion("review", 1, ("P01", "P02"), "1002", beijing("2025-09-03 09:10")))
    assert batch.refused == [("P01", CHECKED_BY_ONESELF)]
    assert [one for one, _ in batch.done] == ["P02"]
    confirm(rehearsal.url, own.number, "1004", beijing("2025-09-03 09:30"), KEYS)
    assert rehearsal.state("P01") == "PRELIM_PASSED"


def test_whom_the_form_names_is_asked_and_nobody_else_confirms(at_stage: Stage) -> None:
    rehearsal = staffed(at_stage("published", "kept"))
    about = {"applicant_id": "P01", "code": "V7", "facts": "重复收费", "evidence": "检查记录"}
    assert isinstance(wish(rehearsal, "2025-11-10 09:00", "record_finding", "1002", **about), Receipt)
    heard = {"applicant_id": "P01", "finding": "1", "statement_on": "2025-11-10"}
    assert isinstance(wish(rehearsal, "2025-11-10 10:00", "confirm_finding", "1004", **heard), Receipt)
    decision = {"applicant_id": "P01", "decision_no": "暂停1号", "findings": ["1"], "from_on": "2025-11-10"}

    def suspend(second: str) -> Submitted:
        return proposed(rehearsal, "2025-11-10 11:00", "suspend_agreement", "1004", **decision, confirmed_by=second)

    assert ALONE in refused(rehearsal, lambda: suspend("1004"))
    assert "不能复核“暂停协议”" in refused(rehearsal, lambda: suspend("1001"))
    number = suspend("1003").number
    at = beijing("2025-11-10 12:00")
    assert refused(rehearsal, lambda: confirm(rehearsal.url, number, "1002", at, KEYS)).startswith(
        "此件请的是工号“1003”复核"
    )
    confirm(rehearsal.url, number, "1003", at, KEYS)
    (row,) = rehearsal.rows(AgreementSuspension)
    assert (row.decided_by, row.confirmed_by) == ("1004", "1003")


def test_a_calendar_is_loaded_by_two(at_stage: Stage) -> None:
    rehearsal = staffed(at_stage("announced"))
    off = [("2027-01-01", "2027-01-03"), ("2027-02-05", "2027-02-11"), ("2027-04-03", "2027-04-05")]
    off += [("2027-05-01", "2027-05-05"), ("2027-06-09", "2027-06-09"), ("2027-09-15", "2027-09-15")]
    off += [("2027-10-01", "2027-10-07")]
    ranges = [{"first": first, "last": last} for first, last in off]
    given = {"year": 2027, "notice": "国办发明电〔2026〕9号", "off": ranges, "working": []}
    number = proposed(rehearsal, "2026-11-20 09:00", "load_workdays", "1004", **given).number
    assert rehearsal.rows(Proposal)[0].round_id is None
    assert confirm(rehearsal.url, number, "1002", beijing("2026-11-20 10:00"), KEYS)[0] == "load_workdays"


# --- an announcement -------------------------------------------------------------------------------------------


def announcement() -> dict[str, Any]:
    scenario = small_round(1, 1)
    return {name: scenario[name] for name in ("announcement", "rubric", "expert_library", "applicants")}


def test_an_announcement_waits_with_its_contacts_sealed(database: str) -> None:
    with transaction(database) as session:
        register_staff(session, [{"staff_no": one, "name": one, "roles": [role]} for one, role in STAFF.items()])
    head, at = announcement(), beijing("2025-08-18 09:00")
    done = submit_announcement(database, head, Event("announce_round", at, "1004"), KEYS, [("公告文件", "公告.json")])
    assert isinstance(done, Submitted)
    held = dump(database)
    assert (held["round"], held["applicant"], len(held["proposal"])) == ([], [], 1)
    assert "19900000000" not in str(held)
    assert "h01@example.invalid" not in str(held)
    new = Keyring(bytes(range(1, 33)), (KEYS.current,))
    with transaction(database) as session:
        reseal(session, new)
    confirm(database, done.number, "1003", beijing("2025-08-18 10:00"), Keyring(new.current))
    record = next(one for one in Rehearsal(database).rows(AuditRecord) if one.event == "announce_round")
    assert (record.by, record.detail["fields"]) == ("1004", {"confirmed_by": "1003"})
    assert len(Rehearsal(database).rows(Applicant)) == 2
    assert Rehearsal(database).rows(Round)[0].announced_at == beijing("2025-08-18 10:00")
    assert broken_chains(dump(database)) == []


def test_an_announcement_with_a_fault_is_refused_at_once(database: str) -> None:
    with transaction(database) as session:
        register_staff(session, [{"staff_no": one, "name": one, "roles": [role]} for one, role in STAFF.items()])
    head = announcement()
    head["announcement"]["tie_rule"] = "抓阄"
    before = dump(database)
    with pytest.raises((RefusedError, InputError)):
        submit_announcement(database, head, Event("announce_round", beijing("2025-08-18 09:00"), "1004"), KEYS)
    assert changed(before, dump(database)) == {}


# --- the staff list --------------------------------------------------------------------------------------------

NEW = {"staff_no": "1006", "name": "新人", "roles": ["operator"], "is_active": True}


def change(rehearsal: Rehearsal, by: str, **fields: Any) -> Submitted:
    event = Event("change_staff", beijing(AFTER_PLAN), by, {**NEW, **fields})
    return submit_staff_change(rehearsal.url, event, KEYS)


def staff(rehearsal: Rehearsal, staff_no: str) -> list[tuple[list[str], bool]]:
    return [(one.roles, one.is_active) for one in rehearsal.rows(Staff) if one.staff_no == staff_no]


def test_somebody_new_comes_by_two_and_leaves_by_two(planned: Rehearsal) -> None:
    at = beijing("2025-09-18 10:00")
    number = change(planned, "1004").number
    assert staff(planned, "1006") == []
    confirm(planned.url, number, "1003", at, KEYS)
    assert staff(planned, "1006") == [(["operator"], True)]
    record = planned.rows(AuditRecord)[-1]
    assert (record.event, record.by) == ("confirm_proposal", "1003")
    assert record.detail["fields"] == {"act": "change_staff", **NEW, "confirmed_by": "1003"}
    assert confirm(planned.url, change(planned, "1004", is_active=False).number, "1005", at, KEYS)[1].summary == (
        "1006 新人：已停用。"
    )
    assert staff(planned, "1006") == [(["operator"], False)]
    planned.is_sound()


@pytest.mark.parametrize(
    ("by", "fields", "why"),
    [
        ("1001", {}, "工号“1001”的岗位（经办）不能办理此事项：“登记人员变更”由主任岗位办理，请交 1004"),
        ("1004", {"staff_no": "1004"}, "不能变更本人的岗位"),
        ("1004", {"is_active": False}, "没有工号“1006”，无从停用"),
        ("1004", {"staff_no": "1001", "name": "员1001"}, "工号“1001”已是所填的情形"),
    ],
)
def test_what_changes_of_staff_are_refused(planned: Rehearsal, by: str, fields: dict[str, Any], why: str) -> None:
    assert refused(planned, lambda: change(planned, by, **fields)).startswith(why)


# --- files -----------------------------------------------------------------------------------------------------


def test_a_file_may_name_the_second_person(planned: Rehearsal) -> None:
    act = Event("recuse_expert", beijing(AFTER_PLAN), "1001", RECUSAL)
    assert refused(planned, lambda: perform_as_filed(planned.url, act, "1001")) == ALONE
    perform_as_filed(planned.url, act, "1004")
    record = next(one for one in planned.rows(AuditRecord) if one.event == "recuse_expert")
    assert record.detail["fields"]["confirmed_by"] == "1004"


def test_an_announcement_of_a_file_may_name_the_second_person(database: str) -> None:
    with transaction(database) as session:
        register_staff(session, [{"staff_no": one, "name": one, "roles": ["all"]} for one in ("甲", "乙")])
    act = Event("announce_round", beijing("2025-08-18 09:00"), "甲")
    with pytest.raises(RefusedError, match=ALONE):
        announce_as_filed(database, announcement(), act, "甲", KEYS)
    announce_as_filed(database, announcement(), act, "乙", KEYS)
    record = next(one for one in Rehearsal(database).rows(AuditRecord) if one.event == "announce_round")
    assert record.detail["fields"] == {"confirmed_by": "乙"}


def test_every_act_of_the_table_keeps_the_name_of_the_second_person() -> None:
    """An act whose form asks no second person must bear one more field: none writes its fields into a row whole."""
    for name in load_second_persons(date(2026, 3, 10)):
        assert name in FORMS or name in WITHOUT_A_ROUND
    assert scenario_until("announced")
