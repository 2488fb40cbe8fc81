"""Views of cases and rounds as Markdown, for Prefect's artifacts: when it deletes them, nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rules.localtime import ZONE
from rules.vocabulary import State
from tasks.labels import LABELS

MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~-])")
URGENCY = {
    "late": "已逾期",
    "today": "今日届满",
    "this_week": "七日内届满",
    "held": "因异议暂停",
    "provisional": "暂定",
    "later": "其后",
}


def plain(text: Any) -> str:
    """Text that stays text: no markup, no HTML, no new line."""
    flat = " ".join(str(text).split())
    return MARKUP.sub(r"\\\1", flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def table(titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table; every cell is plain text."""
    if not rows:
        return "（无）"
    lines = ["| " + " | ".join(titles) + " |", "|" + " --- |" * len(titles)]
    return "\n".join([*lines, *("| " + " | ".join(plain(cell) for cell in row) + " |" for row in rows)])


def case_page(file: dict[str, Any]) -> str:
    """One case: where it stands, what comes next, its limits, its history, its messages."""
    reasons = "；".join(f"{one['text']}（{one['clause']}）" for one in file["reasons"])
    score = f"　得分 {file['mean_score']}" if file["mean_score"] else ""
    rank = f"　排名 {file['rank']}" if file["rank"] else ""
    parts = [
        f"# {plain(file['applicant_id'])} {plain(file['name'])}",
        f"**{plain(file['round'])}**",
        f"现处：**{file['state_label']}**{score}{rank}",
        f"理由：{plain(reasons)}" if reasons else "",
        f"未结异议：{file['open_objections']} 件，暂停进入下一环节" if file["open_objections"] else "",
        f"下一步：{plain(file['next_step'])}",
        "## 期限",
        table(
            ("期限", "长度", "起算日（不计）", "届满日", "状态", "完成日", "依据"),
            [_limit(one) for one in file["deadlines"]],
        ),
        *(_working(one) for one in file["deadlines"]),
        "## 经过",
        table(("时间", "事项", "由", "至", "经办", "依据"), [_step(one) for one in file["history"]]),
        "## 通知",
        table(("时间", "通知", "收件", "状态"), [_message(one) for one in file["messages"]]),
    ]
    return "\n\n".join(part for part in parts if part)


def _limit(one: dict[str, Any]) -> tuple[str, ...]:
    due = one["due"] or f"暂定（{one['earliest']} 至 {one['latest']}）"
    return one["label"], one["period"], one["start"], due, one["status_label"], one["on"] or "", one["clause"]


def _working(one: dict[str, Any]) -> str:
    if not one["working"]:
        return ""
    rows = [(line["day"], line["count"] or "", line["reason"]) for line in one["working"]]
    lines = table(("日期", "第几日", "理由"), rows)
    return f"<details><summary>{one['label']}的推算过程</summary>\n\n{lines}\n\n</details>"


def _step(one: dict[str, str]) -> tuple[str, ...]:
    at = datetime.fromisoformat(one["at"]).astimezone(ZONE)
    return (
        f"{at:%Y-%m-%d %H:%M}",
        LABELS.get(one["event"], one["event"]),
        State(one["from"]).label,
        State(one["to"]).label,
        one["by"],
        one["clause"],
    )


def _message(one: dict[str, str]) -> tuple[str, ...]:
    return one["at"][:16].replace("T", " "), one["title"], one["to"], one["status_label"]


def board_page(data: dict[str, Any]) -> str:
    """The round: the pipeline with how many dossiers stand in each step, and the open cases by urgency."""
    counts = "　".join(f"{label} **{data['counts'].get(name, 0)}**" for name, label in URGENCY.items())
    steps = [(step["label"], step["hospital"], step["pharmacy"]) for step in data["pipeline"]]
    cases = [
        (
            URGENCY[one["urgency"]],
            one["due"] or "暂定",
            one["deadline_label"],
            one["applicant_id"],
            one["name"],
            one["state_label"],
        )
        for one in data["cases"]
    ]
    return "\n\n".join(
        [
            f"# {plain(data['round'])}",
            f"截至 {data['as_of'][:16].replace('T', ' ')}　在办 {data['open']} 家　{counts}",
            "## 各环节家数",
            pipeline(data),
            table(("环节", "医疗机构", "零售药店"), steps),
            "## 在办案件（按最近期限）",
            table(("紧急程度", "届满日", "期限", "编号", "机构", "现处"), cases),
        ]
    )


def pipeline(data: dict[str, Any]) -> str:
    """The steps that have dossiers as a picture (Mermaid)."""
    steps = [
        f'  s{i}["{step["label"]}<br/>{step["hospital"] + step["pharmacy"]} 家"]'
        for i, step in enumerate(data["pipeline"])
    ]
    links = ["  " + " --> ".join(f"s{i}" for i in range(len(steps)))] if len(steps) > 1 else []
    return "\n".join(["```mermaid", "flowchart LR", *steps, *links, "```"])


def sweep_page(report: dict[str, Any]) -> str:
    """What a sweep found, did, skipped and could not do, and how late."""
    rows = [
        (one["applicant_id"], LABELS.get(one["event"], one["event"]), one["deadline"], one["due"], one["late_days"])
        for one in report["actions"][:500]
    ]
    failed = [(applicant_id, why) for applicant_id, why in report["failed"].items()]
    verb = "将会办理（只看不做）" if report["dry_run"] else "已办理"
    counts = f"到期 {report['found']} 项　因异议暂停 {report['held']} 家　最晚迟 {report['latest_by_days']} 天"
    return "\n\n".join(
        [
            f"截至 {report['as_of'][:16].replace('T', ' ')}　{counts}",
            f"## {verb}",
            table(("编号", "事项", "期限", "届满日", "迟几天"), rows),
            "## 未能办理",
            table(("编号", "原因"), failed),
        ]
    )
