"""Supplements to an agreement in force: what they change, from when on, what is compared with it; filed like it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models import AgreedTerm, AgreementSupplement, Notification
from models.database import reading, transaction
from rules.terms import Term
from tasks.agreed_terms import terms_on
from tasks.agreements import the_agreement
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal
from tests.tasks.test_drafted_terms import TERMS
from tests.tasks.test_monthly_indicators import with_terms
from views.agreement_file import acts_for_agreement, agreement_file

SHOP = {"applicant_id": "P01"}
SIGNED = {**SHOP, "signed_on": "2025-12-10", "effective_on": "2025-12-16", "reason": "县里核定了新的指标"}
STOCK = {"terms": {"stock_rate": "85.5"}}
NUMBER = "样例县特药协议〔2025〕2号"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """Both pharmacies agreed on a stock of at least 80 per cent."""
    return with_terms(at_stage("published", "terms signed"))


def stock_on(office: Rehearsal, day: date) -> Term:
    with transaction(office.url) as session:
        return terms_on(session, the_agreement(session, 1, SHOP).id, day)["stock_rate"]


def test_a_term_is_another_from_the_day_on_and_the_old_one_stays(office: Rehearsal) -> None:
    done = office.act("2025-12-10 09:00", "sign_supplement", **SIGNED, **STOCK, other_terms="配送时间为每日 9 时")
    assert f"补充协议（{NUMBER}补充1号）已签订，自 2025-12-16 起执行，变更条款 1 项" in done.summary
    [row] = office.rows(AgreementSupplement)
    assert row.changes == [
        {"field": "stock_rate", "label": "目录内备药率", "before": "不低于 80%", "after": "不低于 85.5%"}
    ]
    assert (stock_on(office, date(2025, 12, 15)).value, stock_on(office, date(2025, 12, 16)).value) == ("80", "85.5")
    assert stock_on(office, date(2025, 12, 16)).document_no == f"{NUMBER}补充1号"
    assert [one.value for one in office.rows(AgreedTerm)] == ["80", "80", "80", "85.5"]
    [letter] = [one for one in office.rows(Notification) if (one.event, one.channel) == ("supplement_signed", "email")]
    assert letter.params["changes"] == [{"label": "目录内备药率", "before": "不低于 80%", "after": "不低于 85.5%"}]
    assert letter.params["other_terms"] == "配送时间为每日 9 时"
    office.is_sound()


def test_a_month_is_compared_with_what_held_on_its_last_day(office: Rehearsal) -> None:
    office.act("2025-12-10 09:00", "sign_supplement", **SIGNED, **STOCK)
    for month, received in (("2025-11", "2025-12-11"), ("2025-12", "2026-01-05")):
        value = {"values": {"stock_rate": "83"}, "source": "agency", "received_on": received}
        office.act(f"{received} 09:00", "record_indicators", **SHOP, month=month, **value)
    assert "没有超出" in office.refused(
        "2026-01-06 09:00", "issue_warning", **SHOP, month="2025-11", served_on="2026-01-06"
    )
    office.act("2026-01-06 09:10", "issue_warning", **SHOP, month="2025-12", served_on="2026-01-06")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"signed_on": "2025-12-11", "effective_on": "2025-12-11"}, "签订日期 2025-12-11 尚未到来"),
        ({"signed_on": "2025-11-02", "effective_on": "2025-11-03"}, "早于协议签订日 2025-11-03"),
        ({"effective_on": "2025-12-09"}, "补充协议不追溯"),
        ({"effective_on": "2026-11-03"}, "不在协议履行期内（2025-11-03 至 2026-11-02）"),
        ({"terms": {"stock_rate": "80"}}, "“目录内备药率”与现行约定相同，没有变动"),
        ({"terms": {"stock_rate": "100.01"}}, "须在 0 至 100 之间"),
        ({"terms": {"avg_days": "9"}}, "不适用于该机构"),
        ({"terms": [{"field": "stock_rate", "value": "85"}, {"field": "stock_rate", "value": "86"}]}, "写了两次"),
        ({"new_number": NUMBER}, "已用于另一份协议"),
    ],
)
def test_what_cannot_be_agreed_is_refused_and_leaves_nothing(
    office: Rehearsal, change: dict[str, Any], said: str
) -> None:
    assert said in office.refused("2025-12-10 09:00", "sign_supplement", **{**SIGNED, **STOCK, **change})


def test_the_first_and_the_last_day_of_the_term_may_be_the_day(office: Rehearsal) -> None:
    office.act("2025-12-10 09:00", "sign_supplement", **SIGNED | {"effective_on": "2025-12-10"}, **STOCK)
    last = {"effective_on": "2026-11-02", "terms": {"stock_rate": "90"}}
    office.act("2025-12-10 09:10", "sign_supplement", **SIGNED | last)
    assert [one.ref for one in office.rows(AgreementSupplement)] == ["1", "2"]
    changes = office.rows(AgreementSupplement)[1].changes
    assert changes[0]["before"] == "不低于 85.5%"


def test_a_term_of_a_draft_may_be_changed_and_waived(at_stage: Stage) -> None:
    office = at_stage("signing", "terms asked")
    office.act("2025-11-03 09:00", "prepare_agreement", **SHOP, terms=TERMS)
    office.act("2025-11-03 09:20", "record_system_test", **SHOP, passed_on="2025-11-03", record="测试单1号")
    office.act("2025-11-03 10:00", "sign_agreement", **SHOP, signed_on="2025-11-03")
    office.sweep("2025-11-06 00:05")
    way = {"terms": {"settlement_method": "按服务单元"}}
    office.act("2025-12-10 09:00", "sign_supplement", **SIGNED, **way)
    waived = {"terms": {"stock_rate": {"waived_why": "目录调整"}}}
    office.act("2025-12-10 09:10", "sign_supplement", **SIGNED, **waived)
    assert stock_on(office, date(2025, 12, 16)).waived_why == "目录调整"


def test_it_is_filed_once_like_the_agreement(office: Rehearsal) -> None:
    office.act("2025-12-10 09:00", "sign_supplement", **SIGNED, **STOCK)
    assert "尚未到来" in office.refused("2025-12-11 09:00", "file_supplement", **SHOP, filed_on="2025-12-12")
    early = office.refused("2025-12-11 09:00", "file_supplement", **SHOP, filed_on="2025-12-09")
    assert "早于签订日期 2025-12-10" in early
    other = office.refused("2025-12-11 09:00", "file_supplement", **SHOP, supplement="2", filed_on="2025-12-11")
    assert "没有待备案的第 2 号补充协议；待备案的：1" in other
    office.act("2025-12-11 09:00", "file_supplement", **SHOP, filed_on="2025-12-11")
    [row] = office.rows(AgreementSupplement)
    assert (row.filed_on, bool(row.filed_by)) == (date(2025, 12, 11), True)
    again = office.refused("2025-12-11 10:00", "file_supplement", **SHOP, filed_on="2025-12-11")
    assert "待备案的：无" in again
    office.is_sound()


def test_the_page_tells_it_and_offers_the_filing_until_it_is_filed(office: Rehearsal) -> None:
    def offered() -> list[str]:
        with reading(office.url) as session:
            return [one.do for one in acts_for_agreement(session, the_agreement(session, 1, SHOP).id)]

    assert "sign_supplement" in offered()
    assert "file_supplement" not in offered()
    office.act("2025-12-10 09:00", "sign_supplement", **SIGNED, **STOCK)
    assert "file_supplement" in offered()
    office.act("2025-12-11 09:00", "file_supplement", **SHOP, filed_on="2025-12-11")
    assert "file_supplement" not in offered()
    with reading(office.url) as session:
        [told] = agreement_file(session, the_agreement(session, 1, SHOP).id)["supplements"]
    assert (told["changes"], told["filed"]) == (["目录内备药率：不低于 80% → 不低于 85.5%"], "2025-12-11")


def test_a_renewal_that_was_signed_before_keeps_what_it_was_signed_with(office: Rehearsal) -> None:
    office.act("2026-06-01 09:00", "apply_renewal", **SHOP, applied_on="2026-06-01")
    office.act("2026-06-10 09:00", "sign_renewal", **SHOP, signed_on="2026-06-10", new_number="续1号")
    days = {"signed_on": "2026-06-11", "effective_on": "2026-06-11"}
    of_the_old = {"agreement_number": NUMBER, "reason": "核定", **days, **STOCK}
    said = office.act("2026-06-11 09:00", "sign_supplement", **of_the_old).summary
    assert "续签的协议（续1号）仍按续签时的约定" in said
    with transaction(office.url) as session:
        renewed = the_agreement(session, 1, {"agreement_number": "续1号"})
        assert terms_on(session, renewed.id, date(2026, 11, 3))["stock_rate"].value == "80"


def test_an_agreement_without_terms_may_be_given_some(at_stage: Stage) -> None:
    office = at_stage("published", "kept")
    office.sweep("2025-11-06 00:05")
    office.act("2025-12-10 09:00", "sign_supplement", **SIGNED, **STOCK)
    [row] = office.rows(AgreementSupplement)
    assert row.changes[0]["before"] == "未约定"
