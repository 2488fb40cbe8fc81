"""The office's lists (R76, R77) on both databases: by two persons, told to the institution, found when one applies."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from models import Applicant, AuditRecord, ListEntry, Notification, Round
from models.database import transaction
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal
from tests.tasks.test_bar import applied

CODE = "91350100M000100Y43"
ADD: dict[str, Any] = {
    "on_list": "refusal",
    "ground": "L2",
    "document": "市场监管局处罚决定书 3 号",
    "evidence": "复印件",
    "confirmed_by": OFFICE,
}
OFF: dict[str, Any] = {
    "on_list": "refusal",
    "ground": "L2",
    "reason": "处罚撤销",
    "evidence": "撤销决定书",
    "confirmed_by": OFFICE,
}
SHOP = {"applicant_id": "P01"}


def kept(office: Rehearsal) -> Rehearsal:
    """The county keeps both lists: chosen with the announcement."""
    with transaction(office.url) as session:
        the_round = session.get(Round, 1)
        assert the_round is not None
        chosen = {**the_round.announcement.get("readings", {}), "refusal_list": "kept", "black_list": "kept"}
        the_round.announcement = {**the_round.announcement, "readings": chosen}
        session.add(the_round)
    return office


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    return kept(at_stage("announced"))


@pytest.mark.parametrize(
    ("until", "state"), [("2025-08-31", "ACCEPTED"), ("2025-09-01", "NOT_ACCEPTED_BAN"), ("", "NOT_ACCEPTED_BAN")]
)
def test_the_refusal_list_is_found_at_the_application_to_its_last_day(
    office: Rehearsal, until: str, state: str
) -> None:
    office.act("2025-08-25 09:00", "list_add", **SHOP, **ADD, until=until)
    assert applied(office) == state
    if state != "ACCEPTED":
        assert office.reasons("P01") == ["REFUSAL_LIST"]
        record = [row for row in office.rows(AuditRecord) if row.event == "submit_application"][-1]
        assert record.clause == "定点管理通知四(三)"
        assert "undeclared_bar" not in record.detail
    office.is_sound()


def test_who_was_taken_off_may_apply_and_both_changes_are_told(office: Rehearsal) -> None:
    office.act("2025-08-25 09:00", "list_add", **SHOP, **ADD)
    assert "无需重复列入" in office.refused("2025-08-25 10:00", "list_add", **SHOP, **ADD)
    office.act("2025-08-26 09:00", "list_remove", **SHOP, **OFF)
    assert applied(office) == "ACCEPTED"
    told = [row for row in office.rows(Notification) if row.event == "list_changed" and row.channel == "email"]
    assert [(row.params["listed"], row.is_mandatory) for row in told] == [(True, True), (False, True)]
    [entry] = office.rows(ListEntry)
    assert (entry.recorded_by, entry.confirmed_by, entry.removed_by, entry.removal_confirmed_by) == (
        *(BOSS, OFFICE),
        *(BOSS, OFFICE),
    )
    assert "无从移出" in office.refused("2025-09-02 09:00", "list_remove", **SHOP, **OFF)
    office.is_sound()


def test_a_code_that_no_register_knows_yet_is_found_when_it_applies(at_stage: Stage) -> None:
    office = kept(at_stage("announced"))
    said = office.act("2025-08-25 09:00", "list_add", credit_code=CODE, name="某某药店", **ADD).summary
    assert "请书面送达" in said
    [entry] = office.rows(ListEntry)
    with transaction(office.url) as session:
        session.execute(
            update(Applicant).where(Applicant.applicant_id == "P01").values(institution_id=entry.institution_id)  # type: ignore[arg-type]
        )
    assert applied(office) == "NOT_ACCEPTED_BAN"


def test_the_black_list_is_the_offices_own_and_refuses_nobody(office: Rehearsal) -> None:
    said = office.refused("2025-08-25 09:00", "list_add", **SHOP, **{**ADD, "on_list": "black"})
    assert "不是黑名单的情形；可用：无" in said  # the county has named no criteria yet


def test_lists_that_the_county_does_not_keep_take_nobody_and_refuse_nobody(at_stage: Stage) -> None:
    office = at_stage("announced")
    assert "没有启用不受理申请名单" in office.refused("2025-08-25 09:00", "list_add", **SHOP, **ADD)
    kept(office).act("2025-08-25 09:00", "list_add", **SHOP, **ADD)
    with transaction(office.url) as session:
        the_round = session.get(Round, 1)
        assert the_round is not None
        the_round.announcement = {**the_round.announcement, "readings": {}}
        session.add(the_round)
    assert applied(office) == "ACCEPTED"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"confirmed_by": BOSS}, "复核人须是另一名工作人员"),
        ({"confirmed_by": "9999"}, "不在在岗人员名单中"),
        ({"until": "2025-08-24"}, "已经过去"),
        ({"ground": "L9"}, "“L9”不是不受理申请名单的情形"),
        ({"applicant_id": "", "credit_code": "123"}, "应为 18 位"),
        ({"applicant_id": "", "credit_code": "91350100M000100Y44", "name": "某店"}, "末位校验码不符"),
        ({"applicant_id": "", "credit_code": CODE}, "请填写“机构名称”"),
    ],
)
def test_what_cannot_be_is_refused_whole(office: Rehearsal, changed: dict[str, Any], said: str) -> None:
    assert said in office.refused("2025-08-25 09:00", "list_add", **{**SHOP, **ADD, **changed})
    assert office.rows(ListEntry) == []


def test_a_renewal_is_refused_by_the_list(at_stage: Stage) -> None:
    office = kept(at_stage("published", "kept"))
    office.sweep("2025-11-06 00:05")
    office.act("2025-11-10 09:00", "list_add", **SHOP, **ADD)
    said = office.act("2026-06-01 09:00", "apply_renewal", **SHOP, applied_on="2026-06-01").summary
    assert "续签申请未通过：列入不受理申请名单：发布虚假医疗广告" in said
