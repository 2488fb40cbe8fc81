"""A plan's page shows its picture; a batch names who could not be done and shows how far it came."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.stack import Stack, load_demo

PATIENCE = 120_000


@pytest.fixture(scope="module")
def desk(prefect_stack: Stack) -> Stack:
    """The installation with the demonstration round."""
    load_demo(prefect_stack)
    return prefect_stack


def test_a_plan_shows_its_days_and_its_picture(desk: Stack, page: Page) -> None:
    form = {"form": {"announced_on": "2026-02-02", "scan_weeks": 2, "scoring": 6}}
    run = desk.create_run("推演日程/00 推演日程", form)
    assert desk.wait_for(run)["message"] == (
        "全程期限 2026-05-12：计划在期限之内，最紧处余 3 日；若初审用满法定期限，全程期限将在“拟签约名单公示期满”突破；"
        "拟签约名单公示期遇劳动节长假 5 日（2026-05-01 至 2026-05-05）"
    )
    made = desk.request("POST", "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    plan = next(one for one in made if (one["key"] or "").startswith("plan"))  # beside the result and the board
    desk.sign_in(page, "1001")
    page.goto(f"{desk.api_url.removesuffix('/api')}/v2/artifacts/artifact/{plan['id']}")
    picture = page.get_by_alt_text("日程图")
    expect(picture).to_be_visible(timeout=PATIENCE)
    assert picture.evaluate("image => image.naturalWidth") > 1000
    expect(page.get_by_role("cell", name="2026-04-08 周三")).to_be_visible()
    assert sorted(one.name for one in (desk.var_dir / "plans").iterdir()) == [
        "plan-2026-02-02.ics",
        "plan-2026-02-02.png",
    ]


def test_a_batch_names_who_could_not_be_done_and_shows_how_far_it_came(desk: Stack) -> None:
    form = {"by": "1002", "kind": "批量初审：对已受理的签署初审意见", "ids": "X8，X9"}
    run = desk.create_run("批量办理/22 批量办理", {"form": form})
    why = "本轮没有这个申请人，请核对编号"
    assert desk.wait_for(run)["message"] == (f"批量初审：办理 0 家，此前已办 0 家，未办理 2 家：X8：{why}；X9：{why}。")
    made = desk.request("POST", "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    bar = next(one for one in made if one["type"] == "progress")
    assert (bar["data"], bar["description"]) == (100.0, "批量初审：2 / 2 家")
