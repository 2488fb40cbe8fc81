"""Every kind of page, in a real browser at desktop and phone width: valid, accessible, readable without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe

from publication.identity import SiteIdentity
from publication.site import build_site
from rules.localtime import ZONE
from tests.publication.markup import Page as Markup
from tests.support.offices import CONTACT, credit_code, office_round
from tests.support.rounds import replayed, small_round
from tests.support.stages import Templates
from tests.tasks.rehearsal import OFFICE, Rehearsal
from tests.tasks.test_performance import Life, dissolved
from upkeep.checkpoints import bind_finished_days

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.long
SITE = SiteIdentity("样例县医疗保障信息公开", "https://yb.sample.example/teyao/", "4300000001")
WIDTHS = {"desktop": 1280, "phone": 390, "small_phone": 360}
LEAST_WIDTH = 16  # one character: a narrower cell breaks its text letter by letter
FINISHED = [
    "index.html",
    "notice-1.html",
    "notice-2.html",
    "notice-3.html",
    "draw-1.html",
    "results-1.html",
    "404.html",
    "audit.html",
    "audit-2025.html",
]
UNFINISHED = ["index.html", "notice-1.html", "draw-1.html", "audit.html"]
KEPT = ["results-1.html"]
PAGES = [
    *(f"finished/{name}" for name in FINISHED),
    *(f"waiting/{name}" for name in UNFINISHED),
    *(f"kept/{name}" for name in KEPT),
]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, templates: Templates) -> Path:
    """A finished round as an office runs it, one whose notice waits for a channel, of an office without a site, and one
    that keeps its agreements, a year on: a renewed one, a renewed one that is suspended, a dissolved one."""
    folder = tmp_path_factory.mktemp("everybody")
    long_name = "某某医药连锁有限公司样例县人民路特殊药品专业药房" * 2
    finished = small_round(3, 4, names={"P01": long_name}, recused=["Z02"], unavailable=[7], result_on="2025-09-25")
    postings = [posting for event in finished["events"] for posting in event.get("postings", [])]
    postings[0] |= {"url": "https://www.sample.example/zwgk/2025/t20250925_123456.html", "sha256": "ab" * 32}
    url = office_round(folder, finished)
    bind_finished_days(url, datetime(2025, 11, 11, tzinfo=ZONE))
    build_site(url, folder / "finished", identity=SITE)
    waiting = small_round(until="2025-09-24T18:00:00+08:00")
    del next(event for event in waiting["events"] if event["do"] == "publish_notice")["postings"][1]
    build_site(replayed(folder, waiting)[0], folder / "waiting")
    kept = templates.copy("sqlite", "published", "kept")
    a_year_of_agreements(Life(Rehearsal(kept)))
    build_site(kept, folder / "kept", identity=SITE)
    templates.copies.give_back(kept)
    return folder


def a_year_of_agreements(life: Life) -> None:
    life.office.sweep("2025-11-06 00:05")
    dissolved(life)
    for applicant_id in ("P02", "H01"):
        life.did("2026-07-01 09:00", "apply_renewal", applicant_id=applicant_id, applied_on="2026-07-01")
        life.did("2026-09-01 09:00", "sign_renewal", applicant_id=applicant_id, signed_on="2026-09-01")
    life.office.sweep("2026-11-03 00:05")
    about = {"applicant_id": "H01", "facts": "重复收费三笔", "evidence": "检查记录"}
    life.did("2026-11-09 09:00", "record_finding", by=OFFICE, code="V7", **about)
    life.did("2026-11-17 09:00", "confirm_finding", applicant_id="H01", finding="1")
    decision = {"decision_no": "暂停1号", "findings": ["1"], "from_on": "2026-11-17", "confirmed_by": OFFICE}
    life.did("2026-11-17 10:00", "suspend_agreement", applicant_id="H01", **decision)


@pytest.fixture
def without_scripts(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN", viewport={"width": 390, "height": 800})
    yield context
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_valid_html(sites: Path, name: str) -> None:
    parser = html5lib.HTMLParser()
    parser.parse((sites / name).read_bytes())
    assert parser.errors == []


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_the_page_fits(sites: Path, browser: Browser, name: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)  # axe is a script
    page = context.new_page()
    page.goto((sites / name).as_uri())
    found = Axe().run(page).response
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"] + found["incomplete"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    cells = "[...document.querySelectorAll('tbody td, tbody th')]"
    assert page.evaluate(f"{cells}.filter(cell => cell.clientWidth < {LEAST_WIDTH}).map(cell => cell.outerHTML)") == []
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_the_whole_page_can_be_read(sites: Path, without_scripts: BrowserContext, name: str) -> None:
    page = without_scripts.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    address = (sites / name).as_uri()
    page.goto(address)
    for summary in page.locator("summary").all():
        summary.click()
    seen = "".join(page.locator("main").inner_text().split())
    source = Markup((sites / name).read_text(encoding="utf-8"))
    cells = ["".join(cell.split()) for row in source.rows for cell in row]
    assert [cell for cell in cells if cell not in seen] == []
    assert (asked, said) == ([address], [])


def test_the_keyboard_comes_to_the_text_first_and_to_every_link(sites: Path, page: Page) -> None:
    page.goto((sites / "finished/notice-1.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.get_by_text("跳到正文").bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    links = page.locator("main a").count()
    for _ in range(links):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == f"{SITE.base_url}notice-1.html"


def test_tables_name_themselves_their_columns_and_their_rows(sites: Path, page: Page) -> None:
    for name in PAGES:
        page.goto((sites / name).as_uri())
        unnamed = "[...document.querySelectorAll('table')].filter(one => !one.caption || !one.tHead).length"
        unscoped = "[...document.querySelectorAll('th')].filter(one => !one.scope).length"
        headless = "[...document.querySelectorAll('tbody tr')].filter(row => !row.querySelector('th')).length"
        assert [page.evaluate(one) for one in (unnamed, unscoped, headless)] == [0, 0, 0], name


def test_the_links_to_a_working_lead_to_it(sites: Path) -> None:
    pages = {name: Markup((sites / name).read_text(encoding="utf-8")) for name in PAGES}
    for name, page in pages.items():
        for link in page.links:
            file, _, anchor = link.partition("#")
            if anchor:
                target = pages[f"{name.partition('/')[0]}/{file or name.partition('/')[2]}"]
                assert anchor in {attributes.get("id") for _, attributes in target.tags}, (name, link)


def test_a_notice_says_where_objections_go_and_who_is_who(sites: Path) -> None:
    page = Markup((sites / "finished/notice-1.html").read_text(encoding="utf-8"))
    for text in (*CONTACT.values(), "加盖公章", "提倡署实名"):
        assert text in page.text
    assert page.rows[0] == ["名次", "机构名称", "编号", "统一社会信用代码", "评估得分"]
    assert page.rows[1] == ["1", "样例县第1医院", "H01", credit_code(0), "95.00"]
    assert "svg" in page.names
    plain = Markup((sites / "waiting/notice-1.html").read_text(encoding="utf-8"))
    assert plain.rows[0] == ["名次", "机构名称", "编号", "评估得分"]
    assert "办公电话" not in plain.text
    assert ("网上、电子邮箱提出" in page.text, "提出届满日 24:00" in plain.text) == (True, False)
    assert ["a", {"href": "#object"}] in [[tag, attributes] for tag, attributes in page.tags]
    assert "svg" not in plain.names


def test_the_head_says_what_the_standard_for_government_sites_asks(sites: Path) -> None:
    tags = Markup((sites / "finished/notice-1.html").read_text(encoding="utf-8")).tags
    named = {one["name"]: one["content"] for tag, one in tags if tag == "meta" and one.get("name", "")[0:1].isupper()}
    title = "关于样例县2025年度特殊药品定点医药机构评估结果的公示"
    assert named == {
        "SiteName": SITE.name,
        "SiteDomain": "yb.sample.example",
        "SiteIDCode": "4300000001",
        "ColumnName": "公示公告",
        "ColumnDescription": "特殊药品定点医药机构评估的公示、专家抽取与定点结果",
        "ColumnKeywords": "特殊药品,定点医药机构,公示公告",
        "ColumnType": "公示公告",
        "ArticleTitle": title,
        "PubDate": "2025-09-25 09:00",
        "ContentSource": "样例县医疗保险经办中心",
        "Keywords": "特殊药品,定点医药机构,样例县,2025年度",
        "Author": "样例县医疗保险经办中心",
        "Description": title,
        "Url": "https://yb.sample.example/teyao/notice-1.html",
    }
    links = [(one["rel"], one["href"]) for tag, one in tags if tag == "link"]
    assert links == [
        ("canonical", "https://yb.sample.example/teyao/notice-1.html"),
        ("alternate", "notice-1.json"),
        ("alternate", "feed.atom"),
    ]
    waiting = Markup((sites / "waiting/notice-1.html").read_text(encoding="utf-8")).tags
    assert {"SiteDomain", "SiteIDCode", "Url"} & {one.get("name", "") for _, one in waiting} == set()
