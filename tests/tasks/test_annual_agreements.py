"""Annual agreements within a long one (R63): a year each, never backwards; a year without one leaves no terms."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models import AnnualAgreement, Deadline, Notification
from models.database import reading, transaction
from publication.documents.making import facts_of, make
from rules.performance.records import AgreementCase
from rules.vocabulary import DocumentKind
from tasks.agreed_terms import terms_on
from tasks.agreements import the_agreement
from tasks.case_loading import context_numbered
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal
from tests.tasks.test_drafted_terms import TERMS
from views.agreement_file import acts_for_agreement, agreement_file
from views.annexes import lacks_a_year

SHOP = {"applicant_id": "P01"}
NUMBER = "样例县特药协议〔2025〕1号"
FOR_2026 = {**SHOP, "year": 2026, "signed_on": "2025-12-10", "terms": TERMS | {"stock_rate": "85"}}


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """A long agreement from November 2025 to the end of October 2028."""
    office = at_stage("signing", "yearly")
    office.act("2025-11-03 09:00", "prepare_agreement", **SHOP, terms=TERMS)
    term = {"expires_on": "2028-10-31"}
    office.act("2025-11-03 10:00", "sign_agreement", **SHOP, signed_on="2025-11-03", **term)
    office.sweep("2025-11-06 00:05")
    return office


def now(office: Rehearsal) -> AgreementCase:
    with transaction(office.url) as session:
        return the_agreement(session, 1, SHOP)


def stock_on(office: Rehearsal, *days: date) -> list[str]:
    with transaction(office.url) as session:
        of = the_agreement(session, 1, SHOP).id
        found = [terms_on(session, of, day).get("stock_rate") for day in days]
    return [one.value if one else "" for one in found]


def clock(office: Rehearsal) -> tuple[str, date | None]:
    [row] = [one for one in office.rows(Deadline) if one.kind == "annual_agreement"]
    return row.status, row.due_on


def test_each_year_has_its_terms_and_the_first_those_of_the_signature(office: Rehearsal) -> None:
    assert clock(office) == ("running", date(2025, 12, 31))
    said = office.act("2025-12-10 09:00", "sign_annual", **FOR_2026).summary
    assert f"2026 年度协议（{NUMBER}年度2026号）已签订，自 2026-01-01 至 2026-12-31，约定 6 项" in said
    edges = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert stock_on(office, *edges) == ["80", "85", "85", ""]
    assert clock(office) == ("running", date(2026, 12, 31))
    [letter] = [one for one in office.rows(Notification) if (one.event, one.channel) == ("annual_signed", "email")]
    assert letter.params["terms"][0] == {"label": "目录内备药率", "told": "不低于 85%"}
    office.is_sound()


def test_the_last_year_ends_with_the_term_and_settles_the_clock(office: Rehearsal) -> None:
    for year in (2026, 2027, 2028):
        signed = f"{year - 1}-12-10"
        office.act(f"{signed} 09:00", "sign_annual", **FOR_2026 | {"year": year, "signed_on": signed})
    rows = office.rows(AnnualAgreement)
    assert [(one.year, one.from_on, one.until_on) for one in rows] == [
        (2026, date(2026, 1, 1), date(2026, 12, 31)),
        (2027, date(2027, 1, 1), date(2027, 12, 31)),
        (2028, date(2028, 1, 1), date(2028, 10, 31)),
    ]
    assert clock(office)[0] == "met"


def test_a_year_that_nobody_signed_for_is_the_agencys_breach_and_the_agreement_runs(office: Rehearsal) -> None:
    office.sweep("2025-12-31 23:59")
    assert clock(office)[0] == "running"
    office.sweep("2026-01-01 00:05")
    assert clock(office)[0] == "breached"
    assert now(office).state.value == "IN_FORCE"
    with reading(office.url) as session:
        ctx, case = context_numbered(session, 1), the_agreement(session, 1, SHOP)
        assert [lacks_a_year(session, ctx, case, day) for day in (date(2025, 12, 31), date(2026, 1, 1))] == [
            False,
            True,
        ]
    office.act("2026-02-10 09:00", "sign_annual", **FOR_2026 | {"signed_on": "2026-02-10"})
    assert stock_on(office, date(2026, 2, 9), date(2026, 2, 10)) == ["", "85"]
    assert clock(office)[1] == date(2026, 12, 31)
    office.is_sound()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"year": 2025}, "2025 年不签年度协议；须签的年度：2026 至 2028 年"),
        ({"year": 2029}, "2029 年不签年度协议"),
        ({"signed_on": "2025-12-11"}, "尚未到来"),
        ({"signed_on": "2025-11-02"}, "须在协议签订日 2025-11-03"),
        ({"terms": {"stock_rate": "85"}}, "尚未约定：结算方式"),
        ({"new_number": NUMBER}, "已用于另一份协议"),
    ],
)
def test_what_cannot_be_a_year_is_refused(office: Rehearsal, change: dict[str, Any], said: str) -> None:
    assert said in office.refused("2025-12-10 09:00", "sign_annual", **FOR_2026 | change)


def test_a_year_is_signed_for_once_and_changed_by_a_supplement_until_its_end(office: Rehearsal) -> None:
    office.act("2025-12-10 09:00", "sign_annual", **FOR_2026)
    assert "已经签订，变更的签补充协议" in office.refused("2025-12-10 10:00", "sign_annual", **FOR_2026)
    supplement = {"signed_on": "2026-06-01", "effective_on": "2026-06-01", "reason": "核定"}
    office.act("2026-06-01 09:00", "sign_supplement", **SHOP, **supplement, terms={"stock_rate": "90"})
    days = (date(2026, 5, 31), date(2026, 6, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert stock_on(office, *days) == ["85", "90", "90", ""]


def test_the_page_and_the_paper_tell_it(office: Rehearsal) -> None:
    office.act("2025-12-10 09:00", "sign_annual", **FOR_2026)
    with reading(office.url) as session:
        of = now(office).id
        assert [one["until"] for one in agreement_file(session, of)["annual"]] == ["2026-12-31"]
        assert "sign_annual" in [one.do for one in acts_for_agreement(session, of)]
    with transaction(office.url) as session:
        told = facts_of(session, DocumentKind.ANNUAL_AGREEMENT, 1)
        made = [make(session, DocumentKind.ANNUAL_AGREEMENT, 1, file_format=one) for one in ("pdf", "docx")]
    assert (told["number"], told["until_on"]) == (f"{NUMBER}年度2026号", "2026年12月31日")
    assert made[0].content[:5] == b"%PDF-"


def test_where_it_is_not_read_so_nothing_is_signed_for_a_year(at_stage: Stage) -> None:
    office = at_stage("published", "kept")
    office.sweep("2025-11-06 00:05")
    said = office.refused("2025-12-10 09:00", "sign_annual", **FOR_2026)
    assert "本轮没有采用年度协议（读法 annual_agreement）" in said
    assert [one for one in office.rows(Deadline) if one.kind == "annual_agreement"] == []
