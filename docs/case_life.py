"""The life of a case, and of an agreement, as pages: `python docs/case_life.py` rewrites docs/case-life.md and
docs/agreement-life.md from the tables of `rules.evaluation` and `rules.performance`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from policies.loader import load_policy
from rules.evaluation import EVALUATION
from rules.performance import PERFORMANCE
from rules.procedure import ClockRow, Mark, Procedure, Transition

HERE = Path(__file__).parent
EVERYWHERE = ("withdraw_application", "breach", "take_back_act")  # from nearly every state: told in words, not drawn
Life = Procedure[Any, Any]
OF_A_CASE = """# 案件的一生

本页由 `python docs/case_life.py` 从 `rules/evaluation/table.py` 和 `rules/evaluation/clock_table.py` 生成，请勿手改；
表与图不一致时检查会失败。

图中只画改变状态的转换。未画出的：签约以前、或者名额已满而未入选的，随时可以撤回（`withdraw_application`，至“申请人撤回”）；
机关逾期（`breach`）只记录并上报，不改变状态；录错的事项可以撤回（`take_back_act`，回到办理以前，
见 `policies/corrections.yaml`）。同一状态、同一事项有多行的，自上而下第一个条件成立者生效。
"""
OF_AN_AGREEMENT = """# 协议的一生

本页由 `python docs/case_life.py` 从 `rules/performance/table.py` 和 `rules/performance/clock_table.py` 生成，请勿手改；
表与图不一致时检查会失败。

期限届满只做三件事：协议生效、协议到期、记录逾期。没有一行由期限通往解除；解除的情形由人认定、两人办理，送达之日生效（六(二)；
民法典565）。图中只画改变状态的转换；机关逾期（`breach`）只记录并上报。同一状态、同一事项有多行的，自上而下第一个条件成立者生效。
"""
PAGES = {"case-life.md": (EVALUATION, OF_A_CASE), "agreement-life.md": (PERFORMANCE, OF_AN_AGREEMENT)}


def page(name: str) -> str:
    """The whole page of that name."""
    life, head = PAGES[name]
    return "\n".join(
        [
            head,
            "```mermaid",
            *_picture(life),
            "```",
            "",
            "## 全部转换",
            "",
            *_table(life),
            "",
            "## 全部期限",
            "",
            *_clocks(life),
            "",
        ]
    )


def _picture(life: Life) -> Iterator[str]:
    yield "stateDiagram-v2"
    for state in life.states:
        yield f'    state "{state.label}" as {state.value}'
    yield f"    [*] --> {life.begins.value}"
    for row in life.table:
        if row.frm is not row.to and row.event not in EVERYWHERE:
            yield f"    {row.frm.value} --> {row.to.value}: {row.event}"
    for state in life.ends:
        yield f"    {state.value} --> [*]"


def _table(life: Life) -> Iterator[str]:
    yield "| 状态 | 事项 | 条件 | 至 | 告知 | 起算 | 办结或终止 | 可不计入 | 依据 |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in life.table:
        yield _line(life, row)


def _line(life: Life, row: Transition[Any, Any]) -> str:
    to = "不变" if row.to is row.frm else row.to.label
    about = (row.tells, _marked(life, row, "starts"), _marked(life, row, "settles"), row.suspends)
    named = " | ".join("、".join(f"`{name}`" for name in names) or "—" for names in about)
    return f"| {row.frm.label} | `{row.event}` | `{row.condition}` | {to} | {named} | {row.clause} |"


def _marked(life: Life, row: Transition[Any, Any], which: str) -> list[str]:
    """The clocks whose marks the row makes."""
    return [clock.kind for clock in life.clocks.values() if any(mark.is_made_by(row) for mark in getattr(clock, which))]


def _clocks(life: Life) -> Iterator[str]:
    labels = {kind: rule.label for kind, rule in load_policy().clocks.items()}
    yield "| 期限 | 谁的 | 起算 | 办结或终止 | 届满 | 提醒 | 异议期间 |"
    yield "|---|---|---|---|---|---|---|"
    for row in life.clocks.values():
        yield _clock_line(labels[row.kind], row)


def _clock_line(label: str, row: ClockRow) -> str:
    starts, settles = ("；".join(map(_mark, marks)) for marks in (row.starts, row.settles))
    over = "、".join(f"`{event}`" for event in row.when_over)
    reminder = f"`{row.reminder}`" if row.reminder else "—"
    held = "暂停" if row.is_held else "照常"
    return f"| {label} `{row.kind}` | {row.holder.label} | {starts} | {settles} | {over} | {reminder} | {held} |"


def _mark(mark: Mark) -> str:
    events = "、".join(f"`{event}`" for event in mark.events) or ("" if mark.into else "状态改变")
    into, at = f"进入“{mark.into.label}”" if mark.into else "", f"处于“{mark.at.label}”" if mark.at else ""
    return f"{' '.join(filter(None, (events, into, at)))}（`{mark.how.__name__}`）"


if __name__ == "__main__":
    for name in PAGES:
        (HERE / name).write_text(page(name), encoding="utf-8")
        print(f"已写入 {HERE / name}")
