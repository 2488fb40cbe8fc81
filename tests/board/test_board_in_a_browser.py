"""The board in a real browser, as a clerk uses it: by mouse, by keyboard alone, on a phone, checked by axe-core."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.board.conftest import served
from tests.support.rounds import replayed, small_round
from tests.tasks.rehearsal import beijing

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = ["/", "/dossiers?step=open", "/dossiers?q=zzz", "/case/1/P02", "/case/1/X99"]
WIDTHS = [1366, 390]
LONG = "某某医药连锁有限公司样例县人民路特殊药品专业药房"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A round in the signing step, with a complaint that is still open."""
    folder = tmp_path_factory.mktemp("board")
    scenario = small_round(
        2, 5, quota={"hospital": 2, "pharmacy": 4}, objections={"P02": None}, names={"P01": LONG}, until="proposed"
    )
    url, _ = replayed(folder, scenario)
    with served(url, beijing("2025-10-20 18:00")) as found:
        yield found


def test_a_clerk_walks_from_a_figure_to_a_dossier_and_its_dates(address: str, page: Page) -> None:
    page.goto(address)
    page.get_by_role("link", name="因异议暂停").click()
    page.get_by_role("link", name="P02").click()
    assert page.get_by_role("heading", level=1).inner_text() == "P02 样例大药房2店"
    working = page.get_by_text("全程期限的推算过程")
    assert not page.get_by_text("起算日，当日不计").last.is_visible()
    working.click()
    assert page.get_by_text("起算日，当日不计").last.is_visible()


def test_filters_and_sorting_stay_while_one_is_changed(address: str, page: Page) -> None:
    page.goto(f"{address}/dossiers?step=open")
    page.get_by_label("类型").select_option("医疗机构")
    page.get_by_role("button", name="筛选").click()
    numbers = page.locator("tbody a.id")
    assert numbers.all_inner_texts() == ["H01", "H02"]
    page.get_by_role("link", name="编号", exact=True).click()
    assert numbers.all_inner_texts() == ["H01", "H02"]
    assert page.get_by_role("columnheader", name="编号").get_attribute("aria-sort") == "ascending"
    page.get_by_role("link", name="清除").click()
    assert numbers.count() == 6


def test_the_keyboard_alone_is_enough(address: str, page: Page) -> None:
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "find":
            break
    page.keyboard.type("p02")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=p02**")
    page.locator("tbody a.id").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/case/1/P02")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") == ""


def test_a_number_can_be_selected_by_one_click(address: str, page: Page) -> None:
    page.goto(f"{address}/case/1/P02")
    page.locator("h1 .id").click()
    assert page.evaluate("getSelection().toString()") == "P02"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("where", PAGES)
def test_a_page_is_accessible_fits_and_complains_of_nothing(address: str, page: Page, where: str, width: int) -> None:
    said: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.add(request.url.removeprefix(address).partition("?")[0]))
    page.set_viewport_size({"width": width, "height": 768})
    page.goto(address + where, wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:90] for node in one["nodes"]]) for one in found] == []
    assert asked <= {where.partition("?")[0], "/board.css", "/pipeline.svg", "/icon.svg"}
    assert [line for line in said if "404" not in line] == []


def test_what_is_printed_leaves_the_controls_out(address: str, page: Page) -> None:
    page.goto(f"{address}/case/1/P02")
    page.emulate_media(media="print")
    assert not page.get_by_role("search").is_visible()
    assert not page.get_by_role("link", name="异议核查结论").is_visible()
    assert page.get_by_role("heading", name="经过").is_visible()
