"""The life of a case as a page: `python docs/case_life.py` rewrites docs/case-life.md from the tables of
`rules.evaluation`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from policies.loader import load_policy
from rules.evaluation import EVALUATION
from rules.evaluation.clock_table import CLOCKS
from rules.evaluation.states import ENDS
from rules.procedure import ClockRow, Mark, Transition
from rules.vocabulary import State

PAGE = Path(__file__).with_name("case-life.md")
EVERYWHERE = ("withdraw_application", "breach")  # from nearly every state: told in words, not drawn
HEAD = """# 案件的一生

本页由 `python docs/case_life.py` 从 `rules/evaluation/table.py` 和 `rules/evaluation/clock_table.py` 生成，请勿手改；
表与图不一致时检查会失败。

图中只画改变状态的转换。未画出的：签约以前、或者名额已满而未入选的，随时可以撤回（`withdraw_application`，至“申请人撤回”）；
机关逾期（`breach`）只记录并上报，不改变状态。同一状态、同一事项有多行的，自上而下第一个条件成立者生效。
"""


def page() -> str:
    """The whole page."""
    return "\n".join(
        [
            HEAD,
            "```mermaid",
            *_picture(),
            "```",
            "",
            "## 全部转换",
            "",
            *_table(),
            "",
            "## 全部期限",
            "",
            *_clocks(),
            "",
        ]
    )


def _picture() -> Iterator[str]:
    yield "stateDiagram-v2"
    for state in State:
        yield f'    state "{state.label}" as {state.value}'
    yield f"    [*] --> {State.NOT_APPLIED.value}"
    for row in EVALUATION.table:
        if row.frm is not row.to and row.event not in EVERYWHERE:
            yield f"    {row.frm.value} --> {row.to.value}: {row.event}"
    for state in ENDS:
        yield f"    {state.value} --> [*]"


def _table() -> Iterator[str]:
    yield "| 状态 | 事项 | 条件 | 至 | 告知 | 起算 | 办结或终止 | 可不计入 | 依据 |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in EVALUATION.table:
        yield _line(row)


def _line(row: Transition[Any, Any]) -> str:
    to = "不变" if row.to is row.frm else row.to.label
    about = (row.tells, _marked(row, "starts"), _marked(row, "settles"), row.suspends)
    named = " | ".join("、".join(f"`{name}`" for name in names) or "—" for names in about)
    return f"| {row.frm.label} | `{row.event}` | `{row.condition}` | {to} | {named} | {row.clause} |"


def _marked(row: Transition[Any, Any], which: str) -> list[str]:
    """The clocks whose marks the row makes."""
    return [clock.kind for clock in CLOCKS.values() if any(mark.is_made_by(row) for mark in getattr(clock, which))]


def _clocks() -> Iterator[str]:
    labels = {kind: rule.label for kind, rule in load_policy().clocks.items()}
    yield "| 期限 | 谁的 | 起算 | 办结或终止 | 届满 | 提醒 | 异议期间 |"
    yield "|---|---|---|---|---|---|---|"
    for row in CLOCKS.values():
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
    PAGE.write_text(page(), encoding="utf-8")
    print(f"已写入 {PAGE}")
