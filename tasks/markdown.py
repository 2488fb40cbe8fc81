"""Views of cases and rounds as Markdown, for Prefect's artifacts: when it deletes them, nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rules.vocabulary import State
from rules.wording import minute
from tasks.labels import LABELS
from tasks.posting_checks import CheckReport

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


DEADLINES = ("期限", "长度", "起算日（不计）", "届满日", "状态", "完成日", "依据")
WORKING = ("日期", "第几日", "理由")
HISTORY = ("时间", "事项", "由", "至", "经办", "依据")
MESSAGES = ("时间", "通知", "收件", "状态")
DOCUMENTS = ("制作时间", "文书", "发文字号", "格式", "SHA-256")
STEPS = ("环节", "医疗机构", "零售药店")
OPEN_CASES = ("紧急程度", "届满日", "期限", "编号", "机构", "现处")


def case_page(file: dict[str, Any]) -> str:
    """One case: where it stands, what comes next, its limits, its history, its messages."""
    reasons = "；".join(f"{one['text']}（{one['clause']}）" for one in file["reasons"])
    score = f"　得分 {file['mean_score']}" if file["mean_score"] else ""
    rank = f"　排名 {file['rank']}" if file["rank"] else ""
    parts = [
        f"# {plain(file['applicant_id'])} {plain(file['name'])}",
        f"**{plain(file['round'])}**",
        f"现处：**{file['state_label']}**{score}{rank}",
        f"全程期限：{file['slack']}" if file["slack"] else "",
        f"理由：{plain(reasons)}" if reasons else "",
        f"未结异议：{file['open_objections']} 件，暂停进入下一环节" if file["open_objections"] else "",
        f"下一步：{plain(file['next_step'])}",
        "## 期限",
        table(DEADLINES, deadline_rows(file)),
        *(working(one) for one in file["deadlines"]),
        "## 经过",
        table(HISTORY, history_rows(file)),
        "## 文书",
        table(DOCUMENTS, document_rows(file)),
        "## 通知",
        table(MESSAGES, message_rows(file)),
    ]
    return "\n\n".join(part for part in parts if part)


def deadline_rows(file: dict[str, Any]) -> list[tuple[str, ...]]:
    """The limits of a case, a row each."""
    return [
        (
            *(one["label"], one["period"], one["start"]),
            one["due"] or f"暂定（{one['earliest']} 至 {one['latest']}）",
            *(one["status_label"], one["on"] or "", one["clause"]),
        )
        for one in file["deadlines"]
    ]


def working_rows(deadline: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The working of a date, a row for each day that matters."""
    return [(line["day"], str(line["count"] or ""), line["reason"]) for line in deadline["working"]]


def history_rows(file: dict[str, Any]) -> list[tuple[str, ...]]:
    """What happened to a case, in order, in Beijing time."""
    return [
        (
            *(at_minute(one["at"]), LABELS.get(one["event"], one["event"])),
            *(State(one["from"]).label, State(one["to"]).label, one["by"], one["clause"]),
        )
        for one in file["history"]
    ]


def message_rows(file: dict[str, Any]) -> list[tuple[str, ...]]:
    """Who was told what; addresses are masked."""
    return [(at_minute(one["at"]), one["title"], one["to"], one["status_label"]) for one in file["messages"]]


def step_rows(data: dict[str, Any]) -> list[tuple[str, ...]]:
    """How many dossiers stand in each step."""
    return [(step["label"], str(step["hospital"]), str(step["pharmacy"])) for step in data["pipeline"]]


def open_case_rows(data: dict[str, Any]) -> list[tuple[str, ...]]:
    """The open cases, the most urgent first."""
    return [
        (
            *(URGENCY[one["urgency"]], one["due"] or "暂定", one["deadline_label"]),
            *(one["applicant_id"], one["name"], one["state_label"]),
        )
        for one in data["cases"]
    ]


def at_minute(at: str) -> str:
    """An ISO instant as `2026-03-05 09:30`, Beijing time."""
    return minute(datetime.fromisoformat(at))


def working(one: Mapping[str, Any], whose: str = "") -> str:
    """The working of a date, folded; empty where the announcement fixed the day."""
    if not one["working"]:
        return ""
    lines = table(WORKING, working_rows(one))
    return f"<details><summary>{plain(whose)}{one['label']}的推算过程</summary>\n\n{lines}\n\n</details>"


def board_page(data: dict[str, Any], todo: str = "") -> str:
    """The round: the pipeline with how many dossiers stand in each step, and the open cases by urgency."""
    counts = "　".join(f"{label} **{data['counts'].get(name, 0)}**" for name, label in URGENCY.items())
    parts = [
        f"# {plain(data['round'])}",
        f"截至 {at_minute(data['as_of'])}　在办 {data['open']} 家　{counts}",
        f"## 现在可以办理\n\n{todo}" if todo else "",
        "## 各环节家数",
        pipeline(data),
        table(STEPS, step_rows(data)),
        "## 在办案件（按最近期限）",
        table(OPEN_CASES, open_case_rows(data)),
    ]
    return "\n\n".join(part for part in parts if part)


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
            f"截至 {at_minute(report['as_of'])}　{counts}",
            f"## {verb}",
            table(("编号", "事项", "期限", "届满日", "迟几天"), rows),
            "## 未能办理",
            table(("编号", "原因"), failed),
        ]
    )


def check_page(report: CheckReport) -> str:
    """What a look at the posted pages found, a row each, and every entry that was missing or different."""
    rows = [
        (
            *(look.posted.notice_id, look.posted.kind.label, look.posted.channel, look.finding.outcome.label),
            *(look.finding.detail, "是" if look.is_news else "", look.posted.url),
        )
        for look in report.looked
    ]
    faults = [
        (look.posted.notice_id, look.posted.channel, one["applicant_id"], one["name"], one["fault"])
        for look in report.looked
        for one in look.finding.missing
    ]
    return "\n\n".join(
        [
            report.summary,
            table(("公示", "种类", "渠道", "结果", "说明", "有变化", "网址"), rows),
            "## 缺少或不一致的机构",
            table(("公示", "渠道", "编号", "机构", "问题"), faults[:500]),
        ]
    )


def document_rows(file: dict[str, Any]) -> list[tuple[str, ...]]:
    """The documents made of a case."""
    return [
        (at_minute(one["at"]), one["label"], one["number"], one["format"], one["sha256"]) for one in file["documents"]
    ]


def batch_page(report: dict[str, Any]) -> str:
    """What a batch did, dossier by dossier; the refused ones first, each with its sentence."""
    refused, done, already = report["refused"], report["done"], report["already"]
    parts = [
        f"# {report['batch']}",
        f"办理 **{len(done)}** 家　此前已办 {len(already)} 家　未办理 **{len(refused)}** 家",
        "## 未办理",
        table(("编号", "原因"), [(one["applicant_id"], one["reason"]) for one in refused]),
        "## 已办理",
        table(("编号", "现处"), [(one["applicant_id"], one["state"]) for one in done]),
        "## 此前已办，未重复办理",
        plain("、".join(already)) or "（无）",
    ]
    return "\n\n".join(parts)
