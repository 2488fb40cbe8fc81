"""The table of effort: what was measured once, times how often the round needs it."""

from __future__ import annotations

from docs import effort
from tests.support.walk.clerk import Done
from tests.support.walk.hands import Effort


def done(name: str, state: str, clicks: int, keys: int, by_link: bool) -> Done:
    return Done(name, state, "", Effort(clicks, keys), by_link, form_seconds=1.0, run_seconds=0.5, page="")


def test_the_first_time_that_a_form_was_carried_out_counts_for_every_time() -> None:
    walked = [
        done("03 登记申请", "FAILED", 99, 99, False),
        done("03 登记申请", "COMPLETED", 10, 5, True),
        done("03 登记申请", "COMPLETED", 20, 50, True),
        done("40 看板", "COMPLETED", 7, 2, False),
    ]
    page = effort.page(walked, {"03 登记申请": 3, "04 一次性告知补正": 2})
    assert page.splitlines()[-4:] == [
        "| 03 登记申请 | 链接 | 10 | 5 | 0.5 | 17 | 3 |",
        "| 40 看板 | 清单 | 7 | 2 | 0.5 | 12 |  |",
        "",
        "全轮按此推算：3 次办理，点击约 30 次，按键约 15 个，人用时约 1 分钟。",
    ]
