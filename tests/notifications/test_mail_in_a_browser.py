"""The HTML of every e-mail on a telephone and on a wide screen, with words that no line can hold."""

from __future__ import annotations

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from notifications.catalogue import EVENTS
from notifications.rendering import render_email
from tests.notifications.test_rendering import DAY, filled

UNBROKEN = "A" * 200


@pytest.mark.parametrize("width", [360, 820])
def test_no_e_mail_is_wider_than_its_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 600})
    wide = {}
    for event, spec in EVENTS.items():
        page.set_content(render_email(event, filled(spec.model, UNBROKEN, flag=True, absent=False), DAY).html)
        wide[event] = page.evaluate("document.documentElement.scrollWidth")
    assert wide == dict.fromkeys(EVENTS, width)


def test_an_e_mail_asks_for_nothing_from_outside(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for event, spec in EVENTS.items():
        page.set_content(render_email(event, filled(spec.model, "甲", flag=True, absent=False), DAY).html)
    assert asked == []


@pytest.mark.parametrize("event", EVENTS)
def test_an_e_mail_is_valid_html(event: str) -> None:
    parser = html5lib.HTMLParser()
    parser.parse(render_email(event, filled(EVENTS[event].model, "甲", flag=True, absent=False), DAY).html)
    assert parser.errors == []


@pytest.mark.parametrize("width", [360, 820])
def test_axe_finds_nothing_in_an_e_mail_with_workings(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 600})
    for event in ("signing_opened", "authority_digest"):
        page.set_content(render_email(event, filled(EVENTS[event].model, "甲", flag=True, absent=False), DAY).html)
        found = Axe().run(page).response
        serious = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
        assert [(one["id"], one["nodes"][0]["html"]) for one in serious + found["incomplete"]] == []
