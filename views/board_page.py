"""The round as Markdown: what can be done now, the steps with their dossiers, the open cases by urgency."""

from __future__ import annotations

from typing import Any

from views.markdown import at_minute, plain, table
from views.round_page import picture, stage_table
from views.round_pipeline import RoundPipeline

URGENCY = {
    "late": "已逾期",
    "today": "今日届满",
    "this_week": "七日内届满",
    "held": "因异议暂停",
    "provisional": "暂定",
    "later": "其后",
}
STEPS = ("环节", "医疗机构", "零售药店")
OPEN_CASES = ("紧急程度", "届满日", "期限", "编号", "机构", "现处")


def board_page(data: dict[str, Any], whole: RoundPipeline, todo: str, case_address: str) -> str:
    """The round: what can be done, all its stages as a picture and a table, how many dossiers stand in each step, and
    the open cases by urgency, each with a link to its page below `case_address`."""
    counts = "　".join(f"{label} **{data['counts'].get(name, 0)}**" for name, label in URGENCY.items())
    parts = [
        f"# {plain(data['round'])}",
        f"截至 {at_minute(data['as_of'])}　在办 {data['open']} 家　{counts}",
        f"## 现在可以办理\n\n{todo}" if todo else "",
        "## 全程",
        picture(whole),
        stage_table(whole),
        "## 各环节家数",
        table(STEPS, step_rows(data)),
        "## 在办案件（按最近期限）",
        _linked(open_case_rows(data), case_address),
    ]
    return "\n\n".join(part for part in parts if part)


def _linked(rows: list[tuple[str, ...]], case_address: str) -> str:
    """The open cases as a table, each number a link."""
    whole, place = table(OPEN_CASES, rows).split("\n"), OPEN_CASES.index("编号")
    for line, row in enumerate(rows, start=2):
        cells = [plain(cell) for cell in row]
        cells[place] = f"[{cells[place]}]({case_address}{row[place]})"
        whole[line] = f"| {' | '.join(cells)} |"
    return "\n".join(whole)


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
