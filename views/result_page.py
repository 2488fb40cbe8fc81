"""The page that a run ends with: what changed, the limits with days left, who was told, what comes next; or why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rules.vocabulary import ClockStatus
from views.changes_since import days_left
from views.markdown import plain, table, working

CHANGES = ("编号", "机构", "事项", "由", "至")
LIMITS = ("编号", "期限", "届满日", "还剩", "状态")
TOLD = ("编号", "通知", "收件", "方式", "状态")
PENDING = ("待办环节", "家数", "办理")
ROWS = 50
MODES = {
    "live": "正式发送",
    "redirect": "全部改发到测试地址",
    "dry_run": "不外发，只留记录",
    "allow_list": "只发往白名单内的地址",
}


@dataclass(frozen=True, slots=True)
class Steps:
    """What comes next, as Markdown: links to forms made by `flows.links`, never people's text."""

    forward: Sequence[str] = ()
    aside: Sequence[str] = ()
    todo: Sequence[tuple[str, int, str]] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that the page of a run says. `pages` are links to the case pages and the board, by title."""

    title: str
    said: str
    today: date
    mode: str
    changes: Sequence[Mapping[str, str]] = ()
    files: Sequence[Mapping[str, Any]] = ()
    told: Sequence[Mapping[str, str]] = ()
    steps: Steps = field(default_factory=Steps)
    pages: Mapping[str, str] = field(default_factory=dict)


def done_page(result: Result) -> str:
    """The page of an act that was done."""
    return _joined(
        f"# {result.title}",
        f"**{plain(result.said)}**",
        "## 变化",
        _rows(CHANGES, [tuple(one.values()) for one in result.changes])
        if result.changes
        else "各机构所处环节没有变化。",
        *_limits(result),
        "## 已告知",
        _rows(TOLD, [tuple(one.values()) for one in result.told]) if result.told else "本次没有新的通知。",
        f"通知方式：{MODES[result.mode]}。",
        *_next(result),
    )


def refused_page(result: Result, again: str) -> str:
    """The page of an act that was refused: the sentence, what stands behind it, and how to go on."""
    return _joined(
        f"# 未办理：{result.title}",
        f"**{plain(result.said)}**",
        "没有写入任何内容，可以改正后重新提交。" if again else "",
        f"**[改正后重新提交（已保留刚才填写的内容）]({again})**" if again else "",
        *_limits(result),
        *_next(result),
    )


def todo_table(steps: Steps) -> str:
    """What waits for a person in the round, a row for each step."""
    lines = [f"| {state} | {count} | {link} |" for state, count, link in steps.todo]
    return "\n".join([f"| {' | '.join(PENDING)} |", "|" + " --- |" * len(PENDING), *lines])


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _rows(titles: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    more = f"\n\n另有 {len(rows) - ROWS} 行，见看板。" if len(rows) > ROWS else ""
    return table(titles, rows[:ROWS]) + more


def _limits(result: Result) -> list[str]:
    """The open limits of the cases, the working of each folded below."""
    open_ones = [(file, one) for file in result.files for one in file["deadlines"] if one["is_open"]]
    if not open_ones:
        return []
    rows = [
        (file["applicant_id"], one["label"], one["due"] or f"{one['earliest']} 至 {one['latest']}", *_left(one, result))
        for file, one in open_ones
    ]
    return [
        "## 期限",
        _rows(LIMITS, rows),
        *(working(one, f"{file['applicant_id']} ") for file, one in open_ones[:ROWS]),
    ]


def _left(one: Mapping[str, Any], result: Result) -> tuple[str, str]:
    is_still = one["status"] == ClockStatus.SUSPENDED.value
    return ("暂停" if is_still else days_left(one["due"], result.today), one["status_label"])


def _next(result: Result) -> list[str]:
    words = [f"{file['applicant_id']}：{file['next_step']}" for file in result.files]
    held = [
        f"{file['applicant_id']} 有未结异议 {file['open_objections']} 件"
        for file in result.files
        if file["open_objections"]
    ]
    parts = [
        plain("；".join([*words, *held])) + "。" if words else "见“本轮待办”。" if result.steps.todo else "",
        "\n".join(f"- **{link}**" for link in dict.fromkeys(result.steps.forward)),
        "也可以办理：" + "、".join(dict.fromkeys(result.steps.aside)) if result.steps.aside else "",
        "## 本轮待办" if result.steps.todo else "",
        todo_table(result.steps) if result.steps.todo else "",
        "　".join(f"[{title}]({address})" for title, address in result.pages.items()),
    ]
    return ["## 下一步", *parts] if any(parts) else []
