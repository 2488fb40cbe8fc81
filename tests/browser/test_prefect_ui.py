"""What an operator sees in a real browser: the list of forms, a form with Chinese fields, and its run."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.stack import Stack


def test_the_list_of_forms_shows_every_deployment(prefect_stack: Stack, page: Page) -> None:
    page.goto(prefect_stack.ui_url)
    for deployment in prefect_stack.request("POST", "/deployments/filter", {}):
        expect(page.get_by_role("link", name=deployment["name"], exact=True).first).to_be_visible(timeout=20_000)


def test_a_form_filled_in_by_hand_starts_a_run_that_completes(prefect_stack: Stack, page: Page) -> None:
    deployment = prefect_stack.request("GET", "/deployments/name/probe/试验")
    page.goto(f"{prefect_stack.api_url.removesuffix('/api')}/v2/deployments/deployment/{deployment['id']}/run")
    expect(page.get_by_text("备注")).to_be_visible(timeout=20_000)
    assert page.inner_text("main").index("备注") < page.inner_text("main").index("日期")
    page.get_by_label("备注").fill("由浏览器填写", timeout=20_000)
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("link", name="View run").click(timeout=20_000)
    expect(page.get_by_text("Completed").first).to_be_visible(timeout=20_000)
