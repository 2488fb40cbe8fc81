"""The pages in a real browser: readable on a phone, nothing asked of the network, nothing complained about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from publication.site import build_site
from tests.support.rounds import replayed, small_round

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = ["index.html", "notice-1.html", "notice-3.html", "draw-1.html", "results-1.html"]
PHONE = {"width": 360, "height": 740}
LEAST_WIDTH = 28  # two characters: a narrower cell breaks its text letter by letter


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    url, _ = replayed(folder, small_round(names={"P01": "某某医药连锁有限公司样例县人民路特殊药品专业药房" * 2}))
    build_site(url, folder / "site")
    return folder / "site"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_and_asks_nobody(site: Path, page: Page, name: str) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    address = (site / name).as_uri()
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    narrowest = "Math.min(...[...document.querySelectorAll('td')].map(cell => cell.clientWidth))"
    assert page.evaluate(narrowest) >= LEAST_WIDTH
    assert (asked, said) == ([address], [])
