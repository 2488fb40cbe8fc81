"""Stock lists of agreements (R54): editions that follow each other, the public page of drugs, the annex, the page."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models import AuditRecord, Notification, StockList
from models.database import engine_for, reading, transaction
from models.stocked import editions_on
from publication.documents.making import facts_of
from publication.identity import SiteIdentity
from publication.site import build_site
from rules.vocabulary import DocumentKind
from tasks.agreements import the_agreement
from tests.support.stages import Stage
from tests.tasks.rehearsal import OFFICE, Rehearsal, beijing
from tests.tasks.test_performance import Life
from views.annexes import stock_on

SHOP = {"applicant_id": "P01"}
HOSTILE = "</td><script>alert(1)</script>{{7*7}}=1+1"
ONE = {
    "generic": "奥希替尼片",
    "dosage_form": "片剂",
    "specification": "80mg×30片",
    "maker": "样例制药",
    "price": "15300.50",
}
OTHER = {**ONE, "specification": "40mg×30片", "brand": HOSTILE, "price": "", "until": "2026-03-31"}
LISTED = {**SHOP, "valid_from": "2025-11-10", "entries": [ONE, OTHER]}
SITE = SiteIdentity("样例县医保公开", "https://yb.sample.example/teyao/")


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    office = at_stage("published", "kept")
    office.sweep("2025-11-06 00:05")
    return office


def on(office: Rehearsal, day: date) -> int | None:
    with transaction(office.url) as session:
        return editions_on(session, [the_agreement(session, 1, SHOP).id], day).get(the_agreement(session, 1, SHOP).id)


def test_a_later_list_takes_the_place_of_the_earlier_which_stays(office: Rehearsal) -> None:
    said = office.act("2025-11-07 09:00", "record_stock_list", **LISTED).summary
    assert "第 1 份备药清单已登记，自 2025-11-10 起，药品 2 种" in said
    office.act("2025-12-01 09:00", "record_stock_list", **LISTED | {"valid_from": "2025-12-01", "entries": [ONE]})
    rows = office.rows(StockList)
    assert [(one.ref, len(one.entries)) for one in rows] == [("1", 2), ("2", 1)]
    assert rows[1].entries[0]["price"] == "15300.5"
    days = (date(2025, 11, 9), date(2025, 11, 10), date(2025, 11, 30), date(2025, 12, 1))
    assert [on(office, day) for day in days] == [None, rows[0].id, rows[0].id, rows[1].id]
    told = [
        one.params for one in office.rows(Notification) if (one.event, one.channel) == ("stock_list_recorded", "email")
    ]
    assert [(one["ref"], one["count"]) for one in told] == [("1", 2), ("2", 1)]
    [first, _] = [one.detail for one in office.rows(AuditRecord) if one.event == "record_stock_list"]
    assert (first["sha256"], "entries" in first["fields"]) == (rows[0].sha256, False)
    with pytest.raises(Exception, match="append-only"), engine_for(office.url).begin() as connection:
        connection.execute(text("UPDATE stock_list SET ref = '9'"))
    office.is_sound()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"entries": []}, "清单里没有药品"),
        ({"entries": [ONE, ONE]}, "“奥希替尼片（80mg×30片）”写了 2 次"),
        ({"valid_from": "2025-11-02"}, "不在协议履行期内（2025-11-03 至 2026-11-02）"),
        ({"valid_from": "2026-11-03", "entries": [ONE]}, "不在协议履行期内"),
        ({"entries": [ONE | {"since": "2025-12-02", "until": "2025-12-01"}]}, "早于开始日期 2025-12-02"),
        ({"entries": [ONE | {"until": "2025-11-09"}]}, "已于 2025-11-09 停止备药"),
    ],
)
def test_what_cannot_be_a_list_is_refused(office: Rehearsal, change: dict[str, Any], said: str) -> None:
    assert said in office.refused("2025-11-07 09:00", "record_stock_list", **LISTED | change)


def test_a_list_does_not_go_before_one_that_is_there(office: Rehearsal) -> None:
    office.act("2025-11-07 09:00", "record_stock_list", **LISTED)
    earlier = LISTED | {"valid_from": "2025-11-09"}
    assert "早于现有清单的 2025-11-10" in office.refused("2025-11-07 09:10", "record_stock_list", **earlier)
    office.act("2025-11-07 09:20", "record_stock_list", **LISTED | {"entries": [ONE]})  # of the same day: the later one
    assert on(office, date(2025, 11, 10)) == office.rows(StockList)[1].id


def site(office: Rehearsal, folder: Path, at: str) -> dict[str, Any]:
    build_site(office.url, folder, beijing(at), SITE)
    file = folder / "drugs.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {
        one["generic"]: [(each["applicant_id"], each["is_suspended"]) for each in one["kept"]]
        for one in found.get("drugs", ())
    }


def test_the_public_finds_a_drug_where_it_is_kept_while_the_agreement_runs(office: Rehearsal, tmp_path: Path) -> None:
    assert site(office, tmp_path, "2025-11-07 08:00") == {}
    assert not (tmp_path / "drugs.html").exists()
    office.act("2025-11-07 09:00", "record_stock_list", **LISTED)
    assert site(office, tmp_path, "2025-11-09 10:00") == {}
    assert site(office, tmp_path, "2025-11-10 10:00") == {"奥希替尼片": [("P01", False), ("P01", False)]}
    page = (tmp_path / "drugs.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "15300.5" in page
    assert 'href="drugs.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")
    life = Life(office)
    life.suspended("2025-11-12", "暂停1号", life.found("2025-11-12"))
    assert site(office, tmp_path, "2025-11-12 18:00") == {"奥希替尼片": [("P01", True), ("P01", True)]}
    office.sweep("2026-11-03 00:05")
    assert site(office, tmp_path, "2026-11-03 08:00") == {}
    assert not (tmp_path / "drugs.html").exists()


def test_the_annex_tells_the_edition_that_it_is_of(office: Rehearsal) -> None:
    office.act("2025-11-07 09:00", "record_stock_list", **LISTED)
    office.act("2025-12-01 09:00", "record_stock_list", **LISTED | {"valid_from": "2025-12-01", "entries": [ONE]})
    with transaction(office.url) as session:
        first, second = (facts_of(session, DocumentKind.STOCK_ANNEX, row) for row in (1, 2))
    assert [(one["ref"], one["count"], one["valid_from"]) for one in (first, second)] == [
        ("1", "2", "2025年11月10日"),
        ("2", "1", "2025年12月1日"),
    ]
    assert first["entries"][1][1:] == [
        *(f"奥希替尼片（{HOSTILE}）", "片剂", "40mg×30片", "样例制药", "—", "执行之日起至2026-03-31"),
    ]


def test_the_board_tells_the_list_of_the_day(office: Rehearsal) -> None:
    office.act("2025-11-07 09:00", "record_stock_list", by=OFFICE, **LISTED)
    office.act("2025-12-01 09:00", "record_stock_list", **LISTED | {"valid_from": "2025-12-01", "entries": [ONE]})
    with reading(office.url) as session:
        of = the_agreement(session, 1, SHOP).id
        counts = [len(stock_on(session, of, day)) for day in (date(2025, 11, 8), date(2025, 11, 30), date(2025, 12, 1))]
    assert counts == [2, 2, 1]
