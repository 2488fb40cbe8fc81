"""What taking an act back would do, as a page."""

from __future__ import annotations

from typing import Any

from views.markdown import plain, table
from views.objection_pages import LIMITS, MESSAGES, PLACES, message_rows, place_rows

MOVED = ("编号", "机构", "现为", "之后")
RECORDED = ("原来录入的", "内容")


def take_back_page(effect: dict[str, Any]) -> str:
    """Which record it is, what had been entered, and what would be so afterwards."""
    moved = [(one["applicant_id"], one["name"], one["from"], one["to"]) for one in effect["moved"]]
    parts = [
        f"# {plain(effect['title'])}",
        f"以下是试算，没有写入任何内容，没有通知任何人。撤回时把试算码填入“{effect['with']}”，其间情况有变的将不予办理。",
        f"试算码：`{effect['code']}`",
        f"- 原记录由 {plain(effect['recorded_by'])} 办理，撤回以后仍然保留",
        f"- 谁可以提出：{'、'.join(effect['who'])}；另一岗位的人复核",
        f"- {plain(effect['consequence'])}",
        f"- {plain(effect['said'])}",
        "## 撤回的是",
        table(RECORDED, effect["recorded"]),
        "## 状态变化",
        table(MOVED, moved),
        "## 期限变化",
        table(LIMITS, [tuple(row.values()) for row in effect["limits"]]),
        "## 名额",
        table(PLACES, place_rows(effect)),
        "## 将告知",
        table(MESSAGES, message_rows(effect)),
    ]
    return "\n\n".join(parts)
