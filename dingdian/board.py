"""`dingdian board`: the open cases with their nearest deadline. `dingdian case ID`: one case with its whole history."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from dingdian.office import office
from models.database import transaction
from tasks import surroundings
from tasks.board import board
from tasks.casefile import case_file
from tasks.labels import LABELS
from tasks.markdown import URGENCY


def run(as_json: bool) -> None:
    """The board of the round announced last."""
    with office() as url, transaction(url) as session:
        data = board(session, surroundings.now())
    if as_json:
        print(json.dumps(data, ensure_ascii=False, indent=1))
        return
    console = Console()
    console.print(
        _table(
            data["round"],
            ("环节", "医疗机构", "零售药店"),
            [(step["label"], step["hospital"], step["pharmacy"]) for step in data["pipeline"]],
        )
    )
    console.print(
        _table(
            f"在办 {data['open']} 家",
            ("紧急程度", "届满日", "期限", "编号", "机构", "现处"),
            [
                (
                    URGENCY[one["urgency"]],
                    one["due"] or "暂定",
                    one["deadline_label"],
                    one["applicant_id"],
                    one["name"],
                    one["state_label"],
                )
                for one in data["cases"]
            ],
        )
    )


def run_case(applicant_id: str, as_json: bool) -> None:
    """One case: its state, its limits with the working of each date, its history and its messages."""
    with office() as url, transaction(url) as session:
        file = case_file(session, applicant_id)
    if as_json:
        print(json.dumps(file, ensure_ascii=False, indent=1))
    else:
        _show_case(file)


def _show_case(file: dict[str, Any]) -> None:
    console = Console()
    console.print(
        f"[bold]{file['applicant_id']} {file['name']}[/bold]　{file['state_label']}　下一步：{file['next_step']}"
    )
    for one in file["reasons"]:
        console.print(f"理由：{one['text']}（{one['clause']}）")
    console.print(
        _table(
            "期限",
            ("期限", "长度", "起算日（不计）", "届满日", "状态", "完成日", "依据"),
            [
                (
                    one["label"],
                    one["period"],
                    one["start"],
                    one["due"] or f"暂定 {one['earliest']}～{one['latest']}",
                    one["status_label"],
                    one["on"] or "",
                    one["clause"],
                )
                for one in file["deadlines"]
            ],
        )
    )
    for one in file["deadlines"]:
        if one["working"]:
            rows = [(line["day"], line["count"] or "", line["reason"]) for line in one["working"]]
            console.print(_table(f"{one['label']}的推算过程", ("日期", "第几日", "理由"), rows))
    console.print(
        _table(
            "经过",
            ("时间", "事项", "由", "至", "经办", "依据"),
            [
                (
                    one["at"][:16].replace("T", " "),
                    LABELS.get(one["event"], one["event"]),
                    one["from"],
                    one["to"],
                    one["by"],
                    one["clause"],
                )
                for one in file["history"]
            ],
        )
    )
    console.print(
        _table(
            "通知",
            ("时间", "通知", "收件", "状态"),
            [
                (one["at"][:16].replace("T", " "), one["title"], one["to"], one["status_label"])
                for one in file["messages"]
            ],
        )
    )


def _table(title: str, titles: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in titles:
        table.add_column(name)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    return table
