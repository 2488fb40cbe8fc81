"""The board's pages of agreements: the list with the count of suspensions, and one with everything on its record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from foundation.settings import reset_settings
from models import Agreement
from models.database import reading
from rules.case import Event
from tasks.documents.filing import make_document
from tests.board.conftest import served
from tests.board.test_board_pages import seen
from tests.support import patience
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal, beijing
from tests.tasks.test_monthly_indicators import with_terms
from views.agreement_file import acts_for_agreement, agreement_file

HOSTILE = "</td><script>alert(1)</script>{{7*7}}"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """P01 was found against once (with a hostile text), suspended, ordered to rectify."""
    office = at_stage("published", "kept")
    about = {"applicant_id": "P01", "by": OFFICE}
    office.act("2025-11-10 09:00", "record_finding", **about, code="V7", facts=HOSTILE, evidence="检查记录")
    boss = {"applicant_id": "P01", "by": BOSS}
    office.act("2025-11-10 10:00", "confirm_finding", **boss, finding="1", statement_on="2025-11-10")
    decision = {"decision_no": "暂停1号", "findings": ["1"], "from_on": "2025-11-10", "confirmed_by": OFFICE}
    office.act("2025-11-10 11:00", "suspend_agreement", **boss, **decision)
    order = {"findings": ["1"], "items": ["退还多收费用"], "served_on": "2025-11-10"}
    office.act("2025-11-10 12:00", "order_rectification", **about, **order)
    return office


@contextmanager
def board(office: Rehearsal, at: str = "2025-11-11 09:00") -> Iterator[httpx.Client]:
    with served(office.url, beijing(at)) as address, patience.client(address, trust_env=False) as client:
        yield client


def number_of(office: Rehearsal, applicant_id: str) -> Agreement:
    numbers = {"H01": 0, "P01": 1, "P02": 2}
    found: Agreement = sorted(office.rows(Agreement), key=lambda one: one.application_id)[numbers[applicant_id]]
    return found


def test_the_list_shows_state_term_and_the_count_and_what_is_due_first(office: Rehearsal) -> None:
    with board(office) as client:
        page = seen(client, "/agreements")
        assert "暂停中" in page.text
        assert "1/3" in page.text
        assert "整改期限" in page.text
        assert "2025-12-01" in page.text
        links = [link for link in page.links if link.startswith("/agreement/")]
        assert links[0] == f"/agreement/{number_of(office, 'P01').id}"  # its order is due before any term is over
        only = seen(client, "/agreements?state=SUSPENDED")
        assert "共 1 份" in only.text
        assert "请从协议清单选择" in seen(client, "/agreements?state=XYZ", 400).text


def test_an_agreement_shows_its_records_and_what_can_be_done(office: Rehearsal) -> None:
    with board(office) as client:
        page = seen(client, f"/agreement/{number_of(office, 'P01').id}")
        for words in ("1/3 次（国家规定 2 次以上）", "暂停1号", "退还多收费用", "2025-11-10 认定", "整改期限"):
            assert words in page.text, words
        assert "<script>alert(1)</script>{{7*7}}" in page.text  # as text
        assert "49" not in page.text.split("{{7*7}}")[1][:3]
        assert seen(client, "/agreement/9999", 404)
        assert "协议履行" in seen(client, "/case/1/P01").text


def test_an_agreement_shows_the_papers_that_were_made_of_it(
    office: Rehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / "var"))
    reset_settings()
    one, other = number_of(office, "P01"), number_of(office, "P02")
    fields = {"kind": "suspension_notice", "about": one.number, "file_format": "pdf", "number": "", "planned_on": None}
    make_document(office.url, Event("make_document", beijing("2025-11-11 08:00"), BOSS, fields))
    with reading(office.url) as session:
        told = agreement_file(session, one.id or 0)["papers"]
        assert agreement_file(session, other.id or 0)["papers"] == []
    assert [(row["label"], row["number"]) for row in told] == [("暂停协议通知书", "暂停1号")]
    with board(office) as client:
        assert "暂停协议通知书" in seen(client, f"/agreement/{one.id}").text
        assert "暂停协议通知书" not in seen(client, f"/agreement/{other.id}").text


def test_a_round_that_does_not_keep_them_shows_none(at_stage: Stage) -> None:
    office = at_stage("published")
    with board(office) as client:
        assert "没有登记履行的协议" in seen(client, "/agreements").text
        assert seen(client, "/agreement/1", 404)
        assert "协议履行" not in seen(client, "/case/1/P01").text


def test_a_month_is_a_table_with_what_is_beyond_in_words_and_a_picture_with_its_figures(at_stage: Stage) -> None:
    office = with_terms(at_stage("published", "terms signed"))
    for number, value in (("P01", "75.5"), ("P02", "81")):
        told = {"applicant_id": number, "month": "2025-11", "values": {"stock_rate": value}}
        office.act("2025-12-05 09:00", "record_indicators", **told, source="agency", received_on="2025-12-05")
    office.act("2025-12-08 09:00", "issue_warning", month="2025-11", served_on="2025-12-08")
    agreement = number_of(office, "P01")
    with board(office, "2025-12-23 09:00") as client:
        page = seen(client, "/indicators")
        assert "月度指标 2025-11" in page.text
        assert "低于约定 4.5个百分点" in page.text
        assert "超出约定 1 家，数据不全 1 家，重点稽核 0 家，预警逾期未答复 1 家" in page.text
        assert "分析期限 2025-12-12" in page.text
        assert "2025-11 报送 2 家、超出 1 家" in client.get("/indicators").text
        assert client.get("/indicators.svg").headers["content-type"] == "image/svg+xml"
        own = seen(client, f"/agreement/{agreement.id}")
        assert "不低于 80%" in own.text
        assert "逾期未答复，建议检查" in own.text
        assert "2025-11 75.5，约定 80，低于约定 4.5个百分点" in client.get(f"/agreement/{agreement.id}").text
        picture = client.get(f"/agreement/{agreement.id}/stock_rate.svg")
        assert (picture.status_code, "<svg" in picture.text) == (200, True)
        assert client.get(f"/agreement/{agreement.id}/avg_days.svg").status_code == 404
        assert client.get("/indicators?month=2025-13").status_code == 400
        assert "没有登记履行的协议" in seen(client, "/indicators?month=2024-01").text


def test_the_acts_offered_are_those_that_can_be_done(office: Rehearsal) -> None:
    with reading(office.url) as session:
        acts = {one.do: one for one in acts_for_agreement(session, number_of(office, "P01").id or 0)}
    assert list(acts) == [
        *("record_inspection", "record_finding", "order_rectification", "hand_in_rectification"),
        *(
            "resume_agreement",
            "overturn_finding",
            "sign_supplement",
            "record_stock_list",
            "report_change",
            "record_survey",
            "record_third_party",
        ),
        *("record_assessment", "record_cost_decision", "hold_settlement"),
        "record_complaint",
    ]
    handed_in = acts["hand_in_rectification"]
    assert (handed_in.values["order"], str(handed_in.until)) == ("1", "2025-12-01")
    assert handed_in.values["agreement_number"] == number_of(office, "P01").number
