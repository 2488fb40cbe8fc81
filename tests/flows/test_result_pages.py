"""Whatever a person starts ends with a result page: the sentence, the pages it wrote, and what waits in the round."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.stack import Stack, load_demo

BY_HAND = {
    "看板/40 看板": {},
    "查看案件/41 查看案件": {"form": {"applicant_id": "H01"}},
    "通知一览/42 通知一览": {},
    "更新公示网站/52 更新公示网站": {},
    "推演日程/00 推演日程": {"form": {"announced_on": "2026-02-02", "scan_weeks": 0}},
}


@pytest.fixture(scope="module")
def office(prefect_stack: Stack) -> Stack:
    """The installation with the demonstration round."""
    load_demo(prefect_stack)
    return prefect_stack


def results(office: Stack, run: str) -> list[dict[str, Any]]:
    """The pages without a key that a run wrote."""
    found = office.request("POST", "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    return [one for one in found if one["key"] is None]


@pytest.mark.parametrize("deployment", BY_HAND)
def test_a_run_that_is_no_act_ends_with_its_sentence_and_what_waits(office: Stack, deployment: str) -> None:
    run = office.create_run(deployment, BY_HAND[deployment])
    said = office.wait_for(run, "COMPLETED")["message"]
    (page,) = results(office, run)
    assert page["description"] == said
    assert page["data"].startswith(f"# {deployment.partition('/')[0]}\n\n**")
    assert "\n\n## 下一步\n\n| 待办环节 | 家数 | 办理 |" in page["data"]


def test_a_run_of_the_clock_leaves_no_page(office: Stack) -> None:
    run = office.create_run("更新公示网站/52 更新公示网站", {}, tags=["auto-scheduled"])
    office.wait_for(run, "COMPLETED")
    assert results(office, run) == []
