"""A renewal is filed with the county bureau like the application's agreement (R60): once, from its signature on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import col

from models import Agreement, AgreementSupplement
from models.database import reading, transaction
from rules.performance.records import AgreementCase
from tasks.agreements import load_agreements
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, Rehearsal
from tests.tasks.test_agreement_batches import batch
from tests.tasks.test_monthly_indicators import with_terms
from views.agreement_file import acts_for_agreement, agreement_file
from views.next_steps import NextAct

SHOP = {"applicant_id": "P01"}
RENEWED, OLD = {"agreement_number": "续1号"}, {"agreement_number": "样例县特药协议〔2025〕2号"}
STOCK = {"terms": {"stock_rate": "85.5"}, "reason": "县里核定了新的指标"}
ON = {"filed_on": "2026-09-02"}


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """P01 renewed on 1 September 2026; its first term ends on 2 November."""
    office = with_terms(at_stage("published", "terms signed"))
    office.sweep("2026-07-01 08:00")
    office.act("2026-07-01 09:00", "apply_renewal", **SHOP, applied_on="2026-07-01")
    office.act("2026-09-01 09:00", "sign_renewal", **SHOP, signed_on="2026-09-01", new_number="续1号")
    return office


def both(office: Rehearsal) -> list[AgreementCase]:
    with transaction(office.url) as session:
        every = load_agreements(session, col(Agreement.round_id) == 1)
    return [one for one in every if one.applicant_id == "P01"]


def offered(office: Rehearsal, case: AgreementCase) -> NextAct | None:
    with reading(office.url) as session:
        return next((one for one in acts_for_agreement(session, case.id) if one.do == "file_supplement"), None)


def page(office: Rehearsal, case: AgreementCase) -> dict[str, Any]:
    with reading(office.url) as session:
        return agreement_file(session, case.id)


@pytest.mark.parametrize("named", [SHOP, RENEWED, {**RENEWED, "supplement": "0"}])
def test_a_renewal_is_filed_and_its_own_record_says_so(office: Rehearsal, named: dict[str, str]) -> None:
    done = office.act("2026-09-02 09:00", "file_supplement", **named, **ON)
    old, new = both(office)
    assert "续签协议（续1号）已于 2026-09-02 备案" in done.summary
    assert done.agreement == new.id
    assert (new.state.value, new.filed_on) == ("FILED", date(2026, 9, 2))
    assert (old.state.value, old.filed_on) == ("IN_FORCE", date(2025, 11, 4))
    [row] = [one for one in office.rows(Agreement) if one.id == new.id]
    assert row.filed_by == BOSS
    last = page(office, new)["history"][-1]
    assert (last["event"], last["by"]) == ("file_supplement", BOSS)
    office.sweep("2026-11-03 00:05")
    assert [one.state.value for one in both(office)] == ["SUPERSEDED", "IN_FORCE"]
    office.is_sound()


def test_it_is_filed_neither_before_its_signature_nor_ahead_nor_twice(office: Rehearsal) -> None:
    at = "2026-09-02 09:00"
    early = office.refused(at, "file_supplement", **SHOP, filed_on="2026-08-31")
    assert "备案日期 2026-08-31 早于签订日期 2026-09-01" in early
    assert "尚未到来" in office.refused(at, "file_supplement", **SHOP, filed_on="2026-09-03")
    assert [one.filed_on for one in both(office)] == [date(2025, 11, 4), None]
    office.act(at, "file_supplement", **SHOP, filed_on="2026-09-01")
    for named in (SHOP, RENEWED, {**RENEWED, "supplement": "0"}):
        assert "待备案的：无" in office.refused("2026-09-03 09:00", "file_supplement", **named, filed_on="2026-09-03")
    assert both(office)[1].filed_on == date(2026, 9, 1)


def test_nothing_waits_before_it_is_signed(at_stage: Stage) -> None:
    office = at_stage("published", "kept")
    office.sweep("2026-07-01 08:00")
    office.act("2026-07-01 09:00", "apply_renewal", **SHOP, applied_on="2026-07-01")
    said = office.refused("2026-07-02 09:00", "file_supplement", **SHOP, filed_on="2026-07-02")
    assert "没有待备案的补充协议或续签协议；待备案的：无" in said


def test_what_the_dossier_files_is_named_as_that(at_stage: Stage) -> None:
    office = at_stage("signed", "kept")
    said = office.refused("2025-11-04 09:00", "file_supplement", **SHOP, filed_on="2025-11-04")
    assert "随申报签订的协议请办理“21 协议备案”" in said


def test_the_old_number_is_told_whose_number_to_give(office: Rehearsal) -> None:
    said = office.refused("2026-09-02 09:00", "file_supplement", **OLD, **ON)
    assert "续签的协议以其编号（续1号）办理" in said


def test_one_that_is_in_force_is_filed_late_and_stays(office: Rehearsal) -> None:
    office.sweep("2026-11-05 00:05")
    office.act("2026-11-05 09:00", "file_supplement", **RENEWED, filed_on="2026-11-05")
    assert [one.state.value for one in both(office)] == ["SUPERSEDED", "IN_FORCE"]
    assert both(office)[1].filed_on == date(2026, 11, 5)
    office.is_sound()


def test_where_a_supplement_waits_too_it_is_said_which(office: Rehearsal) -> None:
    days = {"signed_on": "2026-09-02", "effective_on": "2026-09-02"}
    office.act("2026-09-02 09:00", "sign_supplement", **OLD, **days, **STOCK)
    which = office.refused("2026-09-02 10:00", "file_supplement", **SHOP, **ON)
    assert "待备案的不止一份，请填“备案哪一份”；待备案的：1、0（续签协议 续1号）" in which
    office.act("2026-09-02 11:00", "file_supplement", **SHOP, **ON, supplement="0")
    assert ([one.filed_on for one in office.rows(AgreementSupplement)], both(office)[1].filed_on is None) == (
        [None],
        False,
    )
    office.act("2026-09-02 12:00", "file_supplement", **SHOP, **ON)
    assert [one.filed_on for one in office.rows(AgreementSupplement)] == [date(2026, 9, 2)]


def test_a_second_renewal_while_the_first_waits_is_named_by_its_number(office: Rehearsal) -> None:
    office.sweep("2027-07-01 08:00")
    office.act("2027-07-01 09:00", "apply_renewal", **RENEWED, applied_on="2027-07-01")
    office.act("2027-09-01 09:00", "sign_renewal", **RENEWED, signed_on="2027-09-01", new_number="续2号")
    late = {"filed_on": "2027-09-01", "supplement": "0"}
    assert "请填“协议编号”" in office.refused("2027-09-01 10:00", "file_supplement", **SHOP, **late)
    office.act("2027-09-01 10:00", "file_supplement", agreement_number="续2号", **late)
    assert [one.filed_on is None for one in both(office)] == [False, True, False]


def test_both_pages_say_who_waits_and_offer_it_filled_in(office: Rehearsal) -> None:
    old, new = both(office)
    assert (page(office, new)["filed"], page(office, new)["state_label"]) == ("待备案", "已签订，未生效（待备案）")
    assert (page(office, old)["filed"], page(office, old)["successor"]) == ("2025-11-04", "续1号（待备案）")
    for case in (old, new):
        act = offered(office, case)
        assert act is not None
        assert (act.about, act.values) == ("续1号", {**RENEWED, "supplement": "0", "round": str(1)})
    office.act("2026-09-02 09:00", "file_supplement", **act.values, **ON)
    old, new = both(office)
    assert (page(office, new)["filed"], page(office, old)["successor"]) == ("2026-09-02", "续1号")
    assert (offered(office, old), offered(office, new)) == (None, None)


def test_what_a_batch_signs_waits_to_be_filed(at_stage: Stage) -> None:
    office = at_stage("published", "kept")
    office.sweep("2026-07-01 08:00")
    batch(office, "apply_renewals", "2026-07-02 09:00", *sorted(one.number for one in office.rows(Agreement)))
    batch(office, "sign_renewals", "2026-09-01 09:00")
    assert [one.filed_on for one in both(office)][1:] == [None]
    office.act("2026-09-02 09:00", "file_supplement", **SHOP, **ON)
    assert both(office)[1].filed_on == date(2026, 9, 2)
