"""What an operator sees in a real browser: the list of forms, a form with Chinese fields, and its run."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from dingdian.running.deployments import PREFECT_FILE, read
from tests.support.stack import PROBES, Stack

PATIENCE_MS = 120_000


def test_the_list_of_forms_shows_every_deployment(prefect_stack: Stack, page: Page) -> None:
    known = {one["name"] for one in prefect_stack.request("POST", "/deployments/filter", {})}
    assert known >= {one["name"] for file in (PREFECT_FILE, PROBES) for one in read(file)}
    page.goto(prefect_stack.ui_url)
    for name in sorted(known):
        expect(page.get_by_role("link", name=name, exact=True).first).to_be_visible(timeout=PATIENCE_MS)


def test_a_form_filled_in_by_hand_starts_a_run_that_completes(prefect_stack: Stack, page: Page) -> None:
    deployment = prefect_stack.request("GET", "/deployments/name/probe/试验")
    page.goto(f"{prefect_stack.api_url.removesuffix('/api')}/v2/deployments/deployment/{deployment['id']}/run")
    expect(page.get_by_text("备注")).to_be_visible(timeout=PATIENCE_MS)
    assert page.inner_text("main").index("备注") < page.inner_text("main").index("日期")
    page.get_by_label("备注").fill("由浏览器填写", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("link", name="View run").click(timeout=PATIENCE_MS)
    expect(page.get_by_text("Completed").first).to_be_visible(timeout=PATIENCE_MS)
