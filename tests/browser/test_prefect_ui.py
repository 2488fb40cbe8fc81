"""What an operator sees in a real browser: the list of forms, a form with Chinese fields, and its run."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from dingdian.running.deployments import PREFECT_FILE, read
from tests.support.stack import PROBES, Stack

PATIENCE_MS = 120_000


A_PAGE = 100  # the interface lists no more at once


def test_the_list_of_forms_shows_every_deployment(prefect_stack: Stack, page: Page) -> None:
    known = {one["name"].strip() for one in prefect_stack.request("POST", "/deployments/filter", {})}
    assert known >= {one["name"] for file in (PREFECT_FILE, PROBES) for one in read(file)}
    prefect_stack.sign_in(page, prefect_stack.clerk)
    shown: set[str] = set()
    for number in range(1, 1 + -(-len(known) // A_PAGE)):
        page.goto(f"{prefect_stack.ui_url}&page={number}")
        names = page.locator("a[href*='/deployments/deployment/']")
        expect(names).to_have_count(min(A_PAGE, len(known) - (number - 1) * A_PAGE), timeout=PATIENCE_MS)
        shown |= {name.strip() for name in names.all_inner_texts()}
    assert shown == known


def test_a_form_filled_in_by_hand_starts_a_run_that_completes(prefect_stack: Stack, page: Page) -> None:
    deployment = prefect_stack.request("GET", "/deployments/name/probe/试验")
    prefect_stack.sign_in(page, prefect_stack.clerk)
    page.goto(f"{prefect_stack.api_url.removesuffix('/api')}/v2/deployments/deployment/{deployment['id']}/run")
    expect(page.get_by_text("备注")).to_be_visible(timeout=PATIENCE_MS)
    assert page.inner_text("main").index("备注") < page.inner_text("main").index("日期")
    page.get_by_label("备注").fill("由浏览器填写", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("link", name="View run").click(timeout=PATIENCE_MS)
    expect(page.get_by_text("Completed").first).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("签署初审意见/08 签署初审意见", "录错了可以撤回：“提出评估申请”以前，由复核、主任用“撤回办理”提出"),
        ("汇总评估结果/14 汇总评估结果", "提交后不能撤回：名次和名额已经告知各机构"),
    ],
)
def test_a_form_says_what_becomes_of_a_mistake_before_it_is_submitted(
    prefect_stack: Stack, page: Page, form: str, said: str
) -> None:
    deployment = prefect_stack.request("GET", f"/deployments/name/{quote(form)}")
    prefect_stack.sign_in(page, prefect_stack.clerk)
    page.goto(f"{prefect_stack.api_url.removesuffix('/api')}/v2/deployments/deployment/{deployment['id']}/run")
    expect(page.get_by_role("button", name="Submit")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text(said)).to_be_visible(timeout=PATIENCE_MS)
