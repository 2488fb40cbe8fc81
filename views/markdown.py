"""Markdown for Prefect's artifacts: text that stays text, tables, and the folded working of a date."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rules.wording import minute

MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~-])")
WORKING = ("日期", "第几日", "理由")


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


def working_rows(deadline: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The working of a date, a row for each day that matters."""
    return [(line["day"], str(line["count"] or ""), line["reason"]) for line in deadline["working"]]


def at_minute(at: str) -> str:
    """An ISO instant as `2026-03-05 09:30`, Beijing time."""
    return minute(datetime.fromisoformat(at))


def working(one: Mapping[str, Any], whose: str = "") -> str:
    """The working of a date, folded; empty where the announcement fixed the day."""
    if not one["working"]:
        return ""
    lines = table(WORKING, working_rows(one))
    return f"<details><summary>{plain(whose)}{one['label']}的推算过程</summary>\n\n{lines}\n\n</details>"
