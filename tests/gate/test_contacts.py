"""名称和联系方式、专家: changed on our own pages, encrypted, shown and recorded masked only; and nothing that decides
who may be drawn is changed once the plan is public."""

from __future__ import annotations

import httpx
import pytest

from foundation.secrets import unseal_contact
from models import Applicant, AuditRecord, Draw, Expert, ExpertAbsence, FormerName, Notification
from models.database import transaction
from notifications.retention import reseal
from rules.vocabulary import MessageStatus
from tasks.contacts import AGAIN
from tasks.messages.acts import MAY_RETRY
from tests.support.database import changed, dump
from tests.support.gatehouse import asked
from tests.support.stages import Stage
from tests.tasks.drawing import plan
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing
from tests.tasks.test_proposals import staffed
from views.casefile import case_file

AT = "2025-09-16 15:00"
BY_LETTER = {"round": "1", "applicant": "H01", "evidence": "来函2025-09-15，经电话 13912345678 核实"}
HOSTILE = "</td><script>alert(1)</script>{{7*7}}"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    return staffed(at_stage("evaluating"))


def ask(office: Rehearsal, path: str, by: str = "1001", at: str = AT, **fields: str) -> httpx.Response:
    return asked(office.url, KEYS, by, beijing(at), path, fields)


def refused(office: Rehearsal, path: str, **fields: str) -> str:
    """The sentence of a refusal; no row has changed (but the session of whoever asked)."""
    before = dump(office.url)
    answer = ask(office, path, **fields)
    assert answer.status_code == 403, answer.text
    left = {name: rows for name, rows in changed(before, dump(office.url)).items() if rows}
    assert set(left) <= {"gate_session", "access_record", "journal_entry"}
    return answer.text.partition('role="alert">')[2].partition("</p>")[0]


def applicant(office: Rehearsal, number: str = "H01") -> Applicant:
    return next(one for one in office.rows(Applicant) if one.applicant_id == number)


def test_a_clerk_changes_how_an_applicant_is_reached_and_nothing_is_legible(office: Rehearsal) -> None:
    answer = ask(office, "/gate/contacts", **BY_LETTER, name="王小明", phone="１３８ 0013 8000", email="ａ@example.cn ")
    assert answer.status_code == 200
    assert "已变更" in answer.text
    held = applicant(office)
    contact = unseal_contact(KEYS, held.id or 0, held.contact_sealed)
    assert (contact.name, contact.phone, contact.email) == ("王小明", "13800138000", "a@example.cn")
    assert (held.phone_masked, held.email_masked) == ("138****8000", "a***@example.cn")
    record = [one for one in office.rows(AuditRecord) if one.event == "change_contacts"]
    assert [(one.subject, one.by, one.from_state == one.to_state) for one in record] == [("application", "1001", True)]
    told = str(dump(office.url)) + answer.text + str(record[0].detail)
    assert not [one for one in ("13800138000", "a@example.cn", "王小明", "13912345678") if one in told]
    assert "138****8000" in str(record[0].detail)
    with office.session() as session:
        assert "138****8000" in str(case_file(session, "H01", 1)["history"][-1]["changed"])
    office.is_sound()


@pytest.mark.parametrize(("email", "holds"), [("", True), ("H01@EXAMPLE.INVALID", True), ("other@example.cn", False)])
def test_a_consent_to_be_served_is_for_its_own_address(office: Rehearsal, email: str, holds: bool) -> None:
    """Whoever could name another mailbox would otherwise have letters served there."""
    with transaction(office.url) as session:
        held = session.get_one(Applicant, applicant(office).id)
        held.consent_reference, held.consent_on = "QR-7", beijing(AT).date()
    page = ask(office, "/gate/contacts", **BY_LETTER, name="王小明", email=email).text
    assert (applicant(office).consent_on is not None) is holds
    assert ("电子送达确认书 QR-7 是对原邮箱的，不再适用" in page) is not holds


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "nobody"}, "“电子邮箱”不是一个完整的邮箱地址"),
        ({"phone": "12345"}, "“电话”不成立"),
        ({"name": "王" * 121}, "“联系人”最多 120 个字"),
        ({"listed_as": "样例大药房1店"}, "“机构名称”与本轮申请人 P01 相同"),
        ({"phone": "13800138000", "drop_phone": "1"}, "“电话”既填了新的又选了“不再使用”"),
        ({"drop_phone": "1", "drop_email": "1"}, "至少留一样"),
        ({}, "没有要变更的内容"),
        ({"evidence": "", "email": "a@example.cn"}, "“依据”须填写"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_half_done(office: Rehearsal, fields: dict[str, str], said: str) -> None:
    assert said in refused(office, "/gate/contacts", **{**BY_LETTER, **fields})


def test_whose_roles_do_not_reach_it_changes_nothing(office: Rehearsal) -> None:
    for number, whose in {"1002": "复核", "1003": "纪检"}.items():
        assert f"您的岗位是{whose}" in refused(office, "/gate/contacts", by=number, **BY_LETTER, email="a@example.cn")
    assert (
        ask(office, "/gate/contacts?round=1&applicant=H01", by="")
        .headers["location"]
        .endswith("next=%2Fgate%2Fcontacts%3Fround%3D1%26applicant%3DH01")
    )
    assert ask(office, "/gate/contacts?round=1&applicant=X99").status_code == 404


def test_a_name_keeps_its_former_and_what_was_sent_keeps_its_words(office: Rehearsal) -> None:
    before, letters = applicant(office).name, [one.params for one in office.rows(Notification)]
    assert ask(office, "/gate/contacts", **BY_LETTER, listed_as=HOSTILE).status_code == 200
    page = ask(office, "/gate/contacts?round=1&applicant=H01").text
    assert ("<script>" in page, "49" in page.partition("<h1>")[2].partition("</h1>")[0]) == (False, False)
    assert [(one.name, one.changed_by) for one in office.rows(FormerName)] == [(before, "1001")]
    with office.session() as session:
        told = case_file(session, "H01", 1)["former_names"]
    assert told == [{"name": before, "round": "本轮，2025-09-16 变更前"}]
    assert [one.params for one in office.rows(Notification)] == letters


def test_another_name_frees_no_expert_of_his_employer(at_stage: Stage) -> None:
    """Who works at an applicant stays out of the pool, whatever a clerk makes of the names of both."""
    office = staffed(at_stage("evaluating", "employer applies"))
    first = next(one for one in office.rows(Expert) if one.employer == "样例市单位03")
    ask(office, "/gate/contacts", **{**BY_LETTER, "applicant": "P01"}, listed_as="别的药房")
    moved = {"round": "1", "do": "change", "expert_id": first.expert_id, "evidence": "来函"}
    assert ask(office, "/gate/experts", **moved, employer="另一家单位").status_code == 200
    plan(office, by="1003")
    [drawn] = office.rows(Draw)
    assert {"kind": "employer", "label": "工作单位"} in next(
        one["reasons"] for one in drawn.excluded if one["expert_id"] == first.expert_id
    )


def test_what_failed_is_named_with_the_act_that_sends_it_again(office: Rehearsal) -> None:
    with transaction(office.url) as session:
        failed = next(one for one in office.rows(Notification) if one.applicant_pk == applicant(office).id)
        failed.status, failed.next_at, failed.last_detail = MessageStatus.REJECTED, None, "对方拒收"
        session.merge(failed)
    page = ask(office, "/gate/contacts?round=1&applicant=H01").text
    assert f"message/{failed.id}/do/retry_notification" in page
    assert "对方拒收" in page
    assert {status for status, act in AGAIN.items() if act == "retry_notification"} <= set(MAY_RETRY)


# --- experts ---------------------------------------------------------------------------------------------------------

AWAY = {"round": "1", "do": "absence", "expert_id": "Z02", "evidence": "请假条"}


@pytest.mark.parametrize(
    ("from_on", "to_on", "is_out"),
    [
        ("2025-09-17", "2025-09-17", False),
        ("2025-09-17", "2025-09-18", True),
        ("2025-09-18", "2025-09-18", True),
        ("2025-09-19", "2025-09-30", False),
    ],
)
def test_who_is_absent_on_the_day_of_the_draw_is_not_in_the_pool(
    office: Rehearsal, from_on: str, to_on: str, is_out: bool
) -> None:
    """The plan of 2025-09-17 may be drawn from 2025-09-18 on."""
    assert ask(office, "/gate/experts", **AWAY, from_on=from_on, to_on=to_on).status_code == 200
    plan(office, by="1003")
    [drawn] = office.rows(Draw)
    assert ("Z02" in {one["expert_id"] for one in drawn.pool}) is not is_out
    out = [{"expert_id": "Z02", "reasons": [{"kind": "absence", "label": "抽取日不能到场"}]}] if is_out else []
    assert [one for one in drawn.excluded if one["expert_id"] == "Z02"] == out


def test_once_the_plan_is_public_nothing_that_decides_the_pool_is_entered(office: Rehearsal) -> None:
    assert ask(office, "/gate/experts", **AWAY, from_on="2025-09-19", to_on="2025-09-30").status_code == 200
    [kept] = office.rows(ExpertAbsence)
    plan(office, by="1003")
    before = office.rows(Draw)[0].pool
    late = {"from_on": "2025-09-18", "to_on": "2025-09-18"}
    back = {"round": "1", "do": "withdraw", "expert_id": "Z02", "absence": str(kept.id)}
    moved = {"round": "1", "do": "change", "expert_id": "Z02", "employer": "别处", "evidence": "来函"}
    for fields in ({**AWAY, "expert_id": "Z03", **late}, back, moved):
        assert "抽取方案已公布，名册不再改动" in refused(office, "/gate/experts", **fields)
    assert office.rows(Draw)[0].pool == before
    reached = {"round": "1", "do": "change", "expert_id": "Z02", "phone": "13800138000", "evidence": "来电核实"}
    assert "138****8000" in ask(office, "/gate/experts", **reached).text


def test_an_absence_by_mistake_is_withdrawn_and_stays_on_record(office: Rehearsal) -> None:
    days = {"from_on": "2025-09-18", "to_on": "2025-09-18"}
    ask(office, "/gate/experts", **AWAY, **days)
    assert "已登记缺席" in refused(office, "/gate/experts", **AWAY, **days)
    [kept] = office.rows(ExpertAbsence)
    ask(office, "/gate/experts", round="1", do="withdraw", expert_id="Z02", absence=str(kept.id))
    assert office.rows(ExpertAbsence)[0].withdrawn_by == "1001"
    plan(office, by="1003")
    assert "Z02" in {one["expert_id"] for one in office.rows(Draw)[0].pool}
    assert [one.event for one in office.rows(AuditRecord) if one.event.endswith("_expert_absence")] == [
        "record_expert_absence",
        "withdraw_expert_absence",
    ]
    office.is_sound()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({**AWAY, "from_on": "明天", "to_on": "2025-09-18"}, "“缺席自”不是有效日期"),
        ({**AWAY, "from_on": "2025-09-19", "to_on": "2025-09-18"}, "早于“缺席自”"),
        ({**AWAY, "from_on": "2025-09-01", "to_on": "2025-09-15"}, "已经过去"),
        ({**AWAY, "expert_id": "Z99", "from_on": "2025-09-19", "to_on": "2025-09-19"}, "没有这个编号"),
        ({"round": "1", "do": "change", "expert_id": "Z02", "evidence": "来函", "email": "x"}, "“电子邮箱”"),
    ],
)
def test_a_wrong_field_of_an_expert_is_named(office: Rehearsal, fields: dict[str, str], said: str) -> None:
    assert said in refused(office, "/gate/experts", **fields)


def test_contacts_of_experts_are_sealed_anew_with_another_key(office: Rehearsal) -> None:
    reached = {"round": "1", "do": "change", "expert_id": "Z02", "phone": "13800138000", "evidence": "来电核实"}
    ask(office, "/gate/experts", **reached)
    newer = type(KEYS)(bytes(range(1, 33)), (KEYS.current,))
    with transaction(office.url) as session:
        reseal(session, newer)
    [held] = [one for one in office.rows(Expert) if one.contact_sealed]
    alone = type(KEYS)(newer.current)
    assert unseal_contact(alone, held.id or 0, held.contact_sealed, "expert").phone == "13800138000"


def test_a_change_of_contacts_is_no_step_of_the_dossier(office: Rehearsal) -> None:
    before = office.states()
    for number in ("H01", "P01"):
        ask(office, "/gate/contacts", **{**BY_LETTER, "applicant": number}, email="new@example.cn")
    assert office.states() == before
