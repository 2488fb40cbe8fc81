"""The page that a run ends with: what changed, days left, who was told, what comes next; or why not."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal
from views import changes_since
from views.casefile import case_file
from views.changes_since import days_left
from views.result_page import Result, Steps, done_page, refused_page

HANDED = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}
TODAY = date(2025, 9, 1)


def submitted(rehearsal: Rehearsal) -> Result:
    """The result of one submission."""
    with rehearsal.session() as session:
        since = changes_since.mark(session)
    papers = [f"P{number}" for number in range(1, 13)]
    receipt = rehearsal.act("2025-09-01 09:00", "submit_application", applicant_id="P01", materials=papers, **HANDED)
    with rehearsal.session() as session:
        found = (session, receipt.round_id, ["P01"], since)
        return Result(
            *("登记申请", receipt.summary, TODAY, "dry_run"),
            changes=changes_since.changes(*found),
            told=changes_since.messages(*found),
            files=[case_file(session, "P01", 1)],
            steps=Steps(["[08 签署初审意见：P01](/v2/x)"], (), [("未申请", 3, "[03 登记申请：H01](/v2/y)")]),
            pages={"看板": "/v2/z"},
        )


@pytest.fixture
def database_kind() -> str:
    """One kind is enough: the queries are those of other tests."""
    return "sqlite"


def test_a_page_says_what_changed_who_was_told_and_what_comes_next(at_stage: Stage) -> None:
    page = done_page(submitted(at_stage("announced")))
    for line in (
        "| P01 | 样例大药房1店 | 登记申请 | 未申请 | 已受理，初审中 |",
        "| P01 | 初审期限 | 2025\\-09\\-30 | 还剩 29 天 | 进行中 |",
        "| P01 | 受理告知书 | p\\*\\*\\*@example.invalid | 电子邮件 | 待发送 |",
        "通知方式：不外发，只留记录。",
        "- **[08 签署初审意见：P01](/v2/x)**",
        "| 未申请 | 3 | [03 登记申请：H01](/v2/y) |",
        "[看板](/v2/z)",
    ):
        assert line in page.splitlines(), page
    assert "p01@example.invalid" not in page
    assert "<summary>P01初审期限的推算过程</summary>" in page


def test_only_what_this_act_did_is_shown(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    submitted(rehearsal)
    with rehearsal.session() as session:
        since = changes_since.mark(session)
        assert changes_since.changes(session, 1, ["P01"], since) == []
        assert changes_since.messages(session, 1, ["P01"], since) == []


def test_a_refusal_shows_the_limits_and_the_way_back(at_stage: Stage) -> None:
    with at_stage("proposed_notice").session() as session:
        file = case_file(session, "P01", 1)
    result = Result("签订协议", "拟签约公示尚未届满<b>", date(2025, 10, 20), "live", files=[file])
    page = refused_page(result, "/v2/again")
    head = "# 未办理：签订协议\n\n**拟签约公示尚未届满&lt;b&gt;**\n\n没有写入任何内容，可以改正后重新提交。"
    assert page.startswith(head)
    assert "**[改正后重新提交（已保留刚才填写的内容）](/v2/again)**" in page
    assert "| P01 | 拟签约名单公示期 | 2025\\-10\\-23 | 还剩 3 天 | 进行中 |" in page


@pytest.mark.parametrize(
    ("due", "said"),
    [("2025-09-02", "还剩 1 天"), ("2025-09-01", "今天届满"), ("2025-08-31", "已过 1 天"), (None, "暂定")],
)
def test_days_left(due: str | None, said: str) -> None:
    assert days_left(due, TODAY) == said
