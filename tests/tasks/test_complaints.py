"""Complaints about designated institutions (举报投诉; R61, R64) on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from foundation.secrets import Keyring
from models import AuditRecord, Complaint, Deadline, Notification, ViolationFinding
from models.complainant import Complainant
from models.database import transaction
from notifications.retention import reseal
from rules.case import Event
from rules.errors import RefusedError
from rules.performance.records import AgreementCase
from tasks import surroundings
from tasks.agreements import the_agreement
from tasks.perform import perform
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, KEYS, OFFICE, Rehearsal, beijing

SHOP = {"applicant_id": "P01"}
NUMBER = "样例县特药协议〔2025〕2号"
TRUE = {"substantiated": True, "reason": "查实", "code": "V7", "facts": "重复收费三笔", "evidence": "处方三张"}
UNTRUE = {"substantiated": False, "reason": "票据齐全"}
WHO = {"ref": "1", "agreement_number": NUMBER, "name": "王某某", "phone": "13900001111", "email": "", "address": ""}


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    made = at_stage("published", "kept")
    made.sweep("2025-11-06 00:05")
    return made


def complained(office: Rehearsal, at: str = "2025-11-10 09:00", **changed: Any) -> str:
    said = {"received_at": f"{at[:10]}T08:30:00+08:00", "via": "counter", "matter": "重复收费", "is_anonymous": False}
    return office.act(at, "record_complaint", by=OFFICE, **{**SHOP, **said, **changed}).summary


def sealed(office: Rehearsal, *entries: dict[str, str]) -> None:
    at = beijing("2025-11-10 10:00")
    perform(office.url, Event("register_complainants", at, OFFICE, {"complainants": list(entries)}, 1))


def now(office: Rehearsal) -> AgreementCase:
    with transaction(office.url) as session:
        return the_agreement(session, 1, SHOP)


def inquiry(office: Rehearsal) -> tuple[str, date | None, date | None]:
    [row] = [row for row in office.rows(Deadline) if row.kind == "complaint_inquiry"]
    return row.status, row.due_on, row.closed_on


def test_a_complaint_is_inquired_into_resolved_as_true_and_answered(office: Rehearsal) -> None:
    assert "核查期限至 2025-12-01" in complained(office, acknowledged_on="2025-11-10")
    assert inquiry(office) == ("running", date(2025, 12, 1), None)
    said = office.act("2025-12-01 23:59", "resolve_complaint", **SHOP, complaint="1", **TRUE).summary
    assert "属实，已拟认定第 1 号" in said
    assert inquiry(office) == ("met", date(2025, 12, 1), date(2025, 12, 1))
    [finding] = office.rows(ViolationFinding)
    assert (finding.code, finding.recorded_by, finding.established_on) == ("V7", BOSS, None)
    assert "finding_proposed" in [row.event for row in office.rows(Notification)]
    statement = {"finding": "1", "statement_on": "2025-12-02", "statement": "已听取"}
    refused = office.refused("2025-12-02 09:00", "confirm_finding", by=BOSS, **SHOP, **statement)
    assert "认定人须与登记人不同" in refused
    office.act("2025-12-02 09:00", "confirm_finding", by=OFFICE, **SHOP, **statement)
    reply = {"complaint": "1", "replied_on": "2025-12-02", "how": "paper", "proof": "挂号回执 3 号"}
    office.act("2025-12-02 10:00", "reply_complaint", by=OFFICE, **SHOP, **reply)
    [row] = office.rows(Complaint)
    assert (row.status, row.finding, row.replied_on) == ("upheld", "1", date(2025, 12, 2))
    assert "不能重复登记" in office.refused("2025-12-03 10:00", "reply_complaint", by=OFFICE, **SHOP, **reply)
    office.is_sound()


@pytest.mark.parametrize(
    ("at", "status"),
    [("2025-11-30 09:00", "met"), ("2025-12-01 23:59", "met"), ("2025-12-02 09:00", "breached")],
)
def test_a_late_inquiry_is_the_authoritys_breach_and_goes_on(office: Rehearsal, at: str, status: str) -> None:
    complained(office)
    office.sweep(at)
    office.act(at, "resolve_complaint", **SHOP, complaint="1", **UNTRUE)
    assert (inquiry(office)[0], now(office).state.value) == (status, "IN_FORCE")
    breaches = [row for row in office.rows(AuditRecord) if (row.subject, row.event) == ("agreement", "breach")]
    assert len(breaches) == (status == "breached")
    assert office.rows(ViolationFinding) == []
    office.is_sound()


def test_of_several_the_clock_watches_the_earliest(office: Rehearsal) -> None:
    complained(office)
    complained(office, "2025-11-12 09:00")
    assert inquiry(office)[:2] == ("running", date(2025, 12, 1))
    office.act("2025-11-20 09:00", "resolve_complaint", **SHOP, complaint="1", **UNTRUE)
    assert inquiry(office)[:2] == ("running", date(2025, 12, 3))
    office.act("2025-11-21 09:00", "resolve_complaint", **SHOP, complaint="2", **UNTRUE)
    assert inquiry(office)[0] == "met"
    assert "不待核查" in office.refused("2025-11-21 10:00", "resolve_complaint", **SHOP, complaint="2", **UNTRUE)


def test_it_goes_on_when_the_agreement_has_ended(office: Rehearsal) -> None:
    complained(office, "2026-10-30 09:00")
    office.sweep("2026-11-03 00:05")
    assert (now(office).state.value, inquiry(office)[0]) == ("EXPIRED", "running")
    office.sweep("2026-11-25 09:00")
    assert inquiry(office)[0] == "breached"
    said = office.act("2026-11-25 10:00", "resolve_complaint", **SHOP, complaint="1", **TRUE).summary
    assert "协议已经结束，不再拟认定" in said
    assert office.rows(ViolationFinding) == []
    office.is_sound()


def test_before_the_signature_it_is_an_objection(at_stage: Stage, office: Rehearsal) -> None:
    early = at_stage("signing", "kept")
    said = {"received_at": "2025-10-24T08:30:00+08:00", "via": "counter", "matter": "重复收费", "is_anonymous": True}
    refused = early.refused("2025-10-24 10:00", "record_complaint", **SHOP, **said)
    assert "签约以前的请办理“16 登记异议”" in refused
    late = {**said, "received_at": "2025-11-02T08:30:00+08:00"}  # signed on the third
    assert "签约以前的请办理“16 登记异议”" in office.refused("2025-11-10 09:00", "record_complaint", **SHOP, **late)
    complained(office, "2025-11-10 09:00", received_at="2025-11-03T08:30:00+08:00")


@pytest.mark.parametrize(
    ("do", "fields", "said"),
    [
        ("resolve_complaint", {"complaint": "2", **UNTRUE}, "第 2 件举报投诉不待核查；待核查的：1"),
        ("reply_complaint", {"complaint": "2"}, "没有第 2 件举报投诉；已登记：1"),
        ("reply_complaint", {"complaint": "1"}, "尚未作出结论：请先办理“举报核查结论”"),
        ("resolve_complaint", {"complaint": "1", **TRUE, "code": "V3"}, "不是该类机构的违规代码"),
        ("record_complaint", {"received_at": "2025-11-11T08:30:00+08:00"}, "尚未到来"),
        ("record_complaint", {"acknowledged_on": "2025-11-09"}, "须在收到之日与今日之间"),
    ],
)
def test_what_cannot_be_is_refused_whole(office: Rehearsal, do: str, fields: dict[str, Any], said: str) -> None:
    complained(office)
    common: dict[str, Any] = {
        "record_complaint": {
            **{"received_at": "2025-11-10T08:30:00+08:00", "via": "counter", "matter": "其他", "is_anonymous": True}
        },
        "reply_complaint": {"replied_on": "2025-11-10", "how": "call", "proof": "通话记录"},
    }.get(do, {})
    assert said in office.refused("2025-11-10 11:00", do, **SHOP, **{**common, **fields})
    assert [row.status for row in office.rows(Complaint)] == ["open"]
    assert office.rows(ViolationFinding) == []


def test_a_true_one_says_what_and_an_untrue_one_does_not() -> None:
    from flows.forms import FORMS

    form = FORMS["resolve_complaint"]
    for wrong in ({**TRUE, "code": ""}, {**TRUE, "evidence": ""}, {**UNTRUE, "facts": "收费"}):
        with pytest.raises(ValueError, match="属实的"):
            form.model_validate({"by": BOSS, "complaint": "1", **SHOP, **wrong})


def test_an_anonymous_one_is_inquired_into_and_not_answered(office: Rehearsal) -> None:
    complained(office, is_anonymous=True)
    office.act("2025-11-12 09:00", "resolve_complaint", **SHOP, complaint="1", **UNTRUE)
    reply = {"complaint": "1", "replied_on": "2025-11-12", "how": "call", "proof": "通话记录"}
    assert "无从答复" in office.refused("2025-11-12 10:00", "reply_complaint", **SHOP, **reply)


def test_who_complained_is_sealed_and_stands_in_no_record(office: Rehearsal) -> None:
    complained(office)
    sealed(office, WHO)
    [row] = office.rows(Complaint)
    opened = Complainant.unseal(surroundings.keys(), row.id or 0, row.complainant_sealed, "complaint")
    assert opened.phone == "13900001111"
    everything = repr([(one.detail, one.event) for one in office.rows(AuditRecord)]) + repr(office.rows(Notification))
    assert "王某某" not in everything
    assert "13900001111" not in everything
    with pytest.raises(RefusedError, match="已登记，不能改登"):
        sealed(office, WHO)
    with pytest.raises(RefusedError, match="没有第 9 件举报投诉"):
        sealed(office, {**WHO, "ref": "9"})
    office.is_sound()


def test_a_change_of_key_opens_complainants_and_secrets(office: Rehearsal) -> None:
    complained(office)
    sealed(office, WHO)
    sources = [{"name": f"双色球第{n}期红球", "kind": "ssq_red", "due_on": "2025-11-13"} for n in (1, 2)]
    plan = {"from_on": "2025-11-14", "to_on": "2025-12-12", "count": 2, "sources": sources}
    office.act("2025-11-10 11:00", "plan_inspections", **plan)
    ring = Keyring(bytes(range(32, 64)), (surroundings.keys().current, KEYS.current))
    with transaction(office.url) as session:
        reseal(session, ring)
    with surroundings.surrounded(keys=Keyring(ring.current)):
        drawn = {"plan": "1", "source_values": [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]]}
        office.act("2025-11-14 09:00", "draw_inspections", **drawn)
        [row] = office.rows(Complaint)
        Complainant.unseal(surroundings.keys(), row.id or 0, row.complainant_sealed, "complaint")
