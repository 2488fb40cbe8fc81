"""The terms of an agreement from their draft to the day on which they are compared with; the test of the system."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from models import AgreedTerm, Agreement, DraftedTerms, Notification
from models.database import transaction
from rules.terms import Term
from tasks.agreed_terms import terms_on
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal

TERMS: dict[str, Any] = {
    "stock_rate": "80",
    "settlement_method": "按项目",
    "settlement_standard": "按支付标准",
    "pay_day": "每月 25 日以前",
    "annual_cap": {"waived_why": "县里未实行总额控制"},
    "consumables": "不使用一次性医用材料",
}
SIGNED = {"applicant_id": "P01", "signed_on": "2025-11-03"}
NUMBER = "样例县特药协议〔2025〕1号"


@pytest.fixture
def signing(at_stage: Stage) -> Rehearsal:
    return at_stage("signing", "terms asked")


def test_terms_are_drafted_told_signed_and_in_force_from_the_first_day(signing: Rehearsal) -> None:
    receipt = signing.act("2025-11-03 09:00", "prepare_agreement", applicant_id="P01", terms=TERMS)
    assert "约定 5 项，不约定 1 项" in receipt.summary
    signing.act("2025-11-03 09:10", "prepare_agreement", applicant_id="P01", terms={**TERMS, "stock_rate": "85.5"})
    assert [one.terms[0]["value"] for one in signing.rows(DraftedTerms)] == ["80", "85.5"]
    told = [one for one in signing.rows(Notification) if one.event == "terms_draft" and one.channel == "email"]
    assert told[-1].params["terms"][0] == {"label": "目录内备药率", "told": "不低于 85.5%"}
    assert told[-1].params["terms"][4] == {"label": "年度总额控制", "told": "不约定（县里未实行总额控制）"}
    signing.act(
        "2025-11-03 09:20", "record_system_test", applicant_id="P01", passed_on="2025-11-03", record="测试单1号"
    )
    signing.act("2025-11-03 10:00", "sign_agreement", **SIGNED)
    with transaction(signing.url) as session:
        agreement = session.execute(select(Agreement)).scalar_one()
        assert terms_on(session, agreement.id or 0, date(2025, 11, 2)) == {}
        terms = terms_on(session, agreement.id or 0, date(2025, 11, 3))
    assert sorted(terms) == sorted(TERMS)
    assert terms["stock_rate"] == Term("stock_rate", "85.5", "", date(2025, 11, 3), NUMBER)
    assert terms["annual_cap"].number is None
    signing.is_sound()


def test_nothing_is_signed_without_terms_and_test_where_the_announcement_asks_for_them(signing: Rehearsal) -> None:
    assert "19-1 起草协议条款" in signing.refused("2025-11-03 10:00", "sign_agreement", **SIGNED)
    signing.act("2025-11-03 10:10", "prepare_agreement", applicant_id="P01", terms=TERMS)
    assert "19-2 登记系统测试" in signing.refused("2025-11-03 10:20", "sign_agreement", **SIGNED)
    passed = {"applicant_id": "P01", "record": "测试单1号"}
    assert "尚未到来" in signing.refused("2025-11-03 10:30", "record_system_test", **passed, passed_on="2025-11-04")
    signing.act("2025-11-03 10:40", "record_system_test", **passed, passed_on="2025-11-03")
    assert "不用重复登记" in signing.refused("2025-11-03 10:41", "record_system_test", **passed, passed_on="2025-11-03")
    signing.act("2025-11-03 10:50", "sign_agreement", **SIGNED)
    assert "prepare_agreement" not in signing.messages("P01")
    signing.refused("2025-11-03 11:00", "prepare_agreement", applicant_id="P01", terms=TERMS)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"stock_rate": "100.01"}, "0 至 100"),
        ({"stock_rate": "八成"}, "须为数字"),
        ({"stock_rate": {"value": "80", "waived_why": "又不定"}}, "二者填一项"),
        ({"settlement_method": "随意"}, "按服务单元"),
        ({"avg_days": "9"}, "不适用于该机构"),
        ({"pay_day": None}, "尚未约定：结算时间"),
    ],
)
def test_a_draft_that_is_not_whole_or_not_sound_is_refused(
    signing: Rehearsal, change: dict[str, Any], said: str
) -> None:
    terms = {code: value for code, value in {**TERMS, **change}.items() if value}
    assert said in signing.refused("2025-11-03 09:00", "prepare_agreement", applicant_id="P01", terms=terms)


def test_a_round_that_does_not_ask_signs_as_ever_and_knows_no_test(at_stage: Stage) -> None:
    office = at_stage("signing")
    office.act("2025-11-03 10:00", "sign_agreement", **SIGNED)
    assert office.rows(AgreedTerm) == []
    asked = {"applicant_id": "P02", "passed_on": "2025-11-03", "record": "测试单1号"}
    assert "没有要求" in office.refused("2025-11-03 11:00", "record_system_test", **asked)


def test_a_renewal_carries_the_terms_of_the_last_day_on(at_stage: Stage) -> None:
    office = at_stage("signing", "terms asked")
    office.act("2025-11-03 09:00", "prepare_agreement", applicant_id="P01", terms=TERMS)
    office.act("2025-11-03 09:20", "record_system_test", applicant_id="P01", passed_on="2025-11-03", record="测试单")
    office.act("2025-11-03 10:00", "sign_agreement", **SIGNED)
    office.act("2026-06-01 09:00", "apply_renewal", applicant_id="P01", applied_on="2026-06-01")
    office.act("2026-10-08 09:00", "sign_renewal", applicant_id="P01", signed_on="2026-10-08")
    with transaction(office.url) as session:
        renewed = session.execute(select(Agreement).where(col(Agreement.previous_id).is_not(None))).scalar_one()
        assert terms_on(session, renewed.id or 0, date(2026, 11, 2)) == {}
        terms = terms_on(session, renewed.id or 0, date(2026, 11, 3))
        assert (terms["stock_rate"].value, terms["stock_rate"].document_no) == ("80", renewed.number)
