"""`dingdian policy diff`: what today's file says otherwise than the rules that each round runs on."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from dingdian.office import office
from models.database import transaction
from views.rules import RulesView, rules_of

ADOPT = "采用须由主任办理“24 采用新规则”；不办理的，各轮次仍按固定的规则进行。"


def diff(round_id: int | None, as_json: bool) -> None:
    """Prints the differences of one round, or of every round. Raises RefusedError where there is no such round."""
    with office() as url, transaction(url) as session:
        found = rules_of(session, round_id)
    if as_json:
        print(json.dumps([_plain(one) for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        _show(one)
    if any(one.difference for one in found):
        Console().print(ADOPT)


def _plain(one: RulesView) -> dict[str, Any]:
    return {**asdict(one), "pinned_by": one.pinned_by.value, "pinned_at": one.pinned_at.isoformat()}


def _show(one: RulesView) -> None:
    print(f"第 {one.round_id} 轮次 {one.name}：{one.sentence}")
    if not one.difference:
        print("今日的规则文件没有不同。")
        return
    table = Table(title=f"今日的规则文件有 {len(one.difference)} 处不同（按公告之日）")
    for title in ("部分", "条目", "本轮固定的", "今日文件的"):
        table.add_column(title, overflow="fold")
    for row in one.difference:
        table.add_row(row.section, row.entry, row.before or "（无）", row.after or "（无）")
    Console().print(table)
