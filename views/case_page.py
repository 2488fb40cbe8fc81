"""One case as Markdown, and as the rows that the command line and the board share with it."""

from __future__ import annotations

from typing import Any

from rules.vocabulary import State
from tasks.labels import LABELS
from views.markdown import at_minute, plain, table, working

EARLIER = ("轮次", "编号", "当时名称", "结果", "理由代码", "协议编号")
AGREEMENTS = ("协议编号", "状态", "期限", "累计暂停", "最近期限", "届满日")
CONDITIONS = ("要求", "申报", "核查所见", "结果", "依据")
DEADLINES = ("期限", "长度", "起算日（不计）", "届满日", "状态", "完成日", "依据")
HISTORY = ("记录号", "时间", "事项", "由", "至", "经办", "依据")
MESSAGES = ("时间", "通知", "收件", "状态")
DOCUMENTS = ("制作时间", "文书", "发文字号", "格式", "SHA-256")


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
        f"待判断：{plain(file['to_judge'])}" if file["to_judge"] else "",
        f"限制期：{plain(file['bar'])}" if file["bar"] else "",
        f"曾用名：{plain(former_names(file))}" if file["former_names"] else "",
        f"未结异议：{file['open_objections']} 件，暂停进入下一环节" if file["open_objections"] else "",
        f"下一步：{plain(file['next_step'])}",
        f"初审：{plain(file['expected'])}" if file["expected"] else "",
        "## 期限",
        table(DEADLINES, deadline_rows(file)),
        *(working(one) for one in file["deadlines"]),
        "## 条件核对",
        table(CONDITIONS, condition_rows(file)),
        "## 经过",
        table(HISTORY, history_rows(file)),
        *(("## 协议履行", table(AGREEMENTS, agreement_rows(file))) if file["agreements"] else ()),
        *(("## 此前各轮", table(EARLIER, earlier_rows(file))) if file["earlier"] else ()),
        "## 文书",
        table(DOCUMENTS, document_rows(file)),
        "## 通知",
        table(MESSAGES, message_rows(file)),
    ]
    return "\n\n".join(part for part in parts if part)


def former_names(file: dict[str, Any]) -> str:
    """The names that the institution had before, each with the round that it last stood in."""
    return "；".join(f"{one['name']}（{one['round']}）" for one in file["former_names"])


def earlier_rows(file: dict[str, Any]) -> list[tuple[str, ...]]:
    """What became of the institution in the rounds before, the newest first."""
    return [
        (
            *(one["round"], one["applicant_id"], one["name"], one["state_label"]),
            *("、".join(one["reasons"]), one["agreement"]),
        )
        for one in file["earlier"]
    ]


def agreement_rows(file: dict[str, Any]) -> list[tuple[str, ...]]:
    """The agreements of the institution whose life is kept, a row each."""
    shown = ("number", "state_label", "term", "count", "deadline_label", "due")
    return [tuple(one[name] for name in shown) for one in file["agreements"]]


def condition_rows(file: dict[str, Any]) -> list[tuple[str, ...]]:
    """The conditions of application, a row each: what is asked, declared and found, and how each stands."""
    shown = ("asked", "declared", "found", "result_label", "clause")
    return [tuple(one[name] for name in shown) for one in file["conditions"]]


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


def history_rows(file: dict[str, Any]) -> list[tuple[str, ...]]:
    """What happened to a case, in order, in Beijing time."""
    return [
        (
            *(str(number), at_minute(one["at"]), LABELS.get(one["event"], one["event"])),
            *(State(one["from"]).label, State(one["to"]).label, one["by"], one["clause"]),
        )
        for number, one in enumerate(file["history"], 1)
    ]


def document_rows(file: dict[str, Any]) -> list[tuple[str, ...]]:
    """The documents made of a case."""
    return [
        (at_minute(one["at"]), one["label"], one["number"], one["format"], one["sha256"]) for one in file["documents"]
    ]


def message_rows(file: dict[str, Any]) -> list[tuple[str, ...]]:
    """Who was told what; addresses are masked."""
    return [(at_minute(one["at"]), one["title"], one["to"], one["status_label"]) for one in file["messages"]]
