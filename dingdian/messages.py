"""`dingdian messages`: what waits, failed, is unknown, paused or left to a person, and why. Addresses are masked."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dingdian.office import office
from foundation.settings import get_settings
from models.database import transaction
from tasks import surroundings
from views.message_board import SECTIONS, channel_words, message_board


def run(as_json: bool) -> None:
    """The command."""
    with office() as url, transaction(url) as session:
        board = {"mode": get_settings().message_mode, **message_board(session, surroundings.now())}
    if as_json:
        print(json.dumps(board, ensure_ascii=False, indent=1))
    else:
        _show(board)


def run_purge(as_json: bool) -> None:
    """Clears the contents that are no longer needed."""
    from tasks.messages import sending

    with office():
        count = sending.purge()
    print(json.dumps({"purged": count}) if as_json else f"已清除 {count} 条通知的内容，送达证据留存。")


def _show(board: dict[str, Any]) -> None:
    console = Console()
    console.print(f"截至 {board['as_of']}　发送方式 [bold]{board['mode']}[/bold]")
    for one in board["channels"]:
        console.print(f"{one['label']}通道：{escape(channel_words(one).replace('**', ''))}")
    console.print("　".join(f"{one['label']} {one['count']}" for one in board["counts"]) or "待发箱为空")
    by_hand = [
        (one["task"], one["applicant_id"], one["title"], one["since"], one["reason"]) for one in board["by_hand"]
    ]
    _table(console, "待人工送达", ("任务号", "编号", "文书", "自", "原因"), by_hand)
    titles = ("通知号", "编号", "通知", "收件", "状态", "次数", "下次", "原因")
    for key, title in SECTIONS.items():
        _table(console, title, titles, [_cells(one) for one in board[key]])


def _cells(one: dict[str, Any]) -> tuple[Any, ...]:
    about = (one["number"], one["applicant_id"], one["title"], one["to"])
    return (*about, one["status_label"], one["attempts"], one["next_at"], one["why"])


def _table(console: Console, title: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    table = Table(title=f"{title}（{len(rows)}）")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    console.print(table)
