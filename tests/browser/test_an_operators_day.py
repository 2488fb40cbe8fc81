"""An operator at the desk: a form filled in by hand, a refusal that says why, the page of the case, the schedules."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.support.patience import until
from tests.support.stack import Stack, load_demo

pytestmark = pytest.mark.long

PATIENCE = 120_000

POSTING = {
    "by": "1001",
    "kind": "评估结果公示",
    "channel": "县政府网站",
    "posted_on": "2026-01-05",
    "posted_time": "09:00",
}
NOT_MADE: list[tuple[str, dict[str, Any], str]] = [
    (
        "制作文书/25 制作文书",
        {"by": "1001", "kind": "初审意见书", "about": "H01"},
        "H01 尚未签署初审意见：请先办理“签署初审意见”",
    ),
    (
        "制作发布包/26 制作发布包",
        {"by": "1001", "notice": 1},
        "没有第 1 号公示：编号见公示网址（notice-编号.html）；尚未冻结名单的，先办理“发布公示”",
    ),
    (
        "登记发布凭证/28 登记发布凭证",
        POSTING,
        "网址和截图至少填一项，作为发布凭证。请改正后重新提交。",
    ),
    (
        "登记发布凭证/28 登记发布凭证",
        {**POSTING, "url": "https://www.example.cn/"},
        "没有等待发布凭证的评估结果公示：请先办理“发布公示”冻结名单（发布凭证可以留空）",
    ),
]


@pytest.fixture(scope="module")
def desk(prefect_stack: Stack) -> Stack:
    """The installation with the demonstration round."""
    load_demo(prefect_stack)
    return prefect_stack


def form(desk: Stack, page: Page, deployment: str) -> None:
    """Opens the form of a deployment, as a click on it in the list does."""
    desk.sign_in(page, "1001")
    found = desk.request("POST", "/deployments/filter", {"deployments": {"name": {"any_": [deployment]}}})
    page.goto(f"{desk.api_url.removesuffix('/api')}/v2/deployments/deployment/{found[0]['id']}/run")
    expect(page.get_by_text("申请人编号").first).to_be_visible(timeout=PATIENCE)


def submit(desk: Stack, page: Page) -> str:
    """Submits the form and opens the page of its run; what the run said in the end. The page says of a step, too, that
    it is completed: whether the run is, the server is asked."""
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("link", name="View run").click(timeout=PATIENCE)
    page.wait_for_url("**/flow-run/*", timeout=PATIENCE)
    run_id = urlsplit(page.url).path.rpartition("/")[2]
    return str(desk.wait_for(run_id)["message"])


def test_a_withdrawal_by_hand_ends_with_a_sentence_and_the_cases_page(desk: Stack, page: Page) -> None:
    form(desk, page, "06 登记撤回申请")
    page.get_by_label("申请人编号").fill("P03")
    page.get_by_label("撤回理由").fill("申请人自愿撤回")
    assert submit(desk, page) == "P03 示范百姓药房：已登记撤回，现为“申请人撤回”。理由：申请人撤回申请（自愿原则）。"
    expect(page.get_by_text("Completed").first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="Artifacts").click()
    expect(page.get_by_text("P03 案件视图").first).to_be_visible(timeout=PATIENCE)


def test_a_refused_act_says_why_and_what_comes_first(desk: Stack, page: Page) -> None:
    form(desk, page, "21 协议备案")
    page.get_by_label("申请人编号").fill("H01")
    page.get_by_label("备案日期").click()
    page.get_by_role("gridcell").get_by_role("button").first.click()
    page.keyboard.press("Escape")
    message = submit(desk, page)
    expect(page.get_by_text("未办理").first).to_be_visible(timeout=PATIENCE)
    assert message == "未办理：H01 现处“已受理，初审中”，不能办理此事项；请先签署初审意见（依据：流程）"


def test_a_field_left_empty_is_marked_before_anything_starts(desk: Stack, page: Page) -> None:
    form(desk, page, "06 登记撤回申请")
    page.get_by_label("申请人编号").fill("P03")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("is a required property").first).to_be_visible(timeout=PATIENCE)


def test_a_wrong_number_is_refused_in_chinese_and_the_form_comes_back_filled_in(desk: Stack, page: Page) -> None:
    form(desk, page, "06 登记撤回申请")
    page.get_by_label("申请人编号").fill("示范百姓药房")
    page.get_by_label("撤回理由").fill("误填编号")
    message = submit(desk, page)
    expect(page.get_by_text("未办理").first).to_be_visible(timeout=PATIENCE)
    rule = "应为字母、数字和短横线，如 H01；可从看板或结果页复制"
    assert message == f"未办理：“申请人编号”“示范百姓药房”不是编号：{rule}。请改正后重新提交。"
    page.get_by_role("tab", name="Artifacts").click()
    page.locator("main a[href*='/artifacts/artifact/']").first.click(timeout=PATIENCE)
    expect(page.get_by_role("heading", name="下一步", exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="改正后重新提交").click(timeout=PATIENCE)
    expect(page.get_by_label("撤回理由")).to_have_value("误填编号", timeout=PATIENCE)
    expect(page.get_by_label("申请人编号")).to_have_value("示范百姓药房")


def test_documents_are_made_from_a_form_and_refused_with_a_sentence(desk: Stack) -> None:
    form = {"by": "1001", "kind": "公告", "about": "", "number": "示医保公〔2026〕1号"}
    told = desk.wait_for(desk.create_run("制作文书/25 制作文书", {"form": form}))["message"]
    found = re.fullmatch(r"公告已制作：(announcement-1-\w{8}\.pdf)（var/(.+)）。", told)
    assert found, told
    content = (desk.var_dir / found[2]).read_bytes()
    assert Path(found[2]).name == found[1]
    assert hashlib.sha256(content).hexdigest() in desk.request("GET", "/artifacts/document-announcement/latest")["data"]
    for deployment, given, why in NOT_MADE:
        run = desk.create_run(deployment, {"form": given})
        assert (desk.wait_for(run)["type"], desk.wait_for(run)["message"]) == ("CANCELLED", f"未办理：{why}")
    checked = desk.wait_for(desk.create_run("核对已发布页面/27 核对已发布页面", {}))
    assert checked["message"] == "已核对：没有需要核对的页面。"


def test_the_delivery_runs_by_its_schedule(desk: Stack) -> None:
    flow = {"flows": {"name": {"any_": ["发送通知"]}}, "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    done = lambda: desk.request("POST", "/flow_runs/filter", flow)  # noqa: E731
    runs = until(done, "a scheduled run of 发送通知", alive=desk.is_alive)
    assert runs[0]["auto_scheduled"]
    assert runs[0]["state"]["message"].startswith("已发 0，未外发")
    scheduled = {"flows": {"name": {"any_": ["期限巡查"]}}, "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    assert len(desk.request("POST", "/flow_runs/filter", scheduled)) >= 3
