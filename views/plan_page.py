"""A plan as tables and as a page for Prefect's artifacts: the days, what is left, the picture, the comparison."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from publication.plans import spelled
from rules.plan import Limit, Plan, PlannedStep
from rules.wording import WEEKDAYS
from rules.workdays import Workdays
from tasks import planning
from views.markdown import WORKING, plain, table

STEP_TITLES = ("环节", "计划日", "最迟日", "余（工作日）", "办理时间", "依据")
SCAN_TITLES = ("名次", "公告日", "最紧处余", "理由")
SHOWN = 15


def step_rows(plan: Plan) -> list[tuple[str, ...]]:
    """The steps of a plan, a row each."""
    return [
        (
            *(one.rule.label, _day(one), f"{one.allowed_on}" if one.allowed_on else "", _slack(one), _period(one)),
            one.rule.clause,
        )
        for one in plan.steps
    ]


def _period(one: PlannedStep) -> str:
    if one.period is None:
        return ""
    return f"{one.period.label} {'估' if one.rule.assumed else '法定'}"


def _day(one: PlannedStep) -> str:
    if one.on.earliest != one.on.latest:
        return f"{one.on.earliest} 至 {one.on.latest}（暂定）"
    return f"{'' if one.on.is_firm else '暂定 '}{one.on.earliest} 周{WEEKDAYS[one.on.earliest.weekday()]}"


def _slack(one: PlannedStep) -> str:
    if one.slack_days is None:
        return ""
    return f"{one.slack_days} 日" + ("" if one.slack_working_days is None else f"（{one.slack_working_days}）")


def limits_of(plan: Plan) -> list[Limit]:
    """Every statutory limit on the plan."""
    return [*(limit for one in plan.steps for limit in one.limits), plan.whole]


def _limit(limit: Limit) -> str:
    on = spelled(limit.on.earliest, limit.on.latest)
    return f"{limit.label}（{limit.clause}）：自“{limit.since}”起 {limit.period.label}，至 {on}"


def scan_rows(plans: Sequence[Plan]) -> list[tuple[str, ...]]:
    """Announcement days in the order of merit, each with its reasons."""
    return [
        (
            str(place),
            f"{plan.announced_on} 周{WEEKDAYS[plan.announced_on.weekday()]}",
            f"{plan.slack_days} 日",
            "；".join(planning.findings(plan)),
        )
        for place, plan in enumerate(plans, 1)
    ]


def plan_page(plan: Plan, found: planning.Scan | None, workdays: Workdays, picture: bytes, files: str) -> str:
    """The page of a plan: what it says of itself, the table, the picture, the comparison, the working of each date."""
    parts = [
        f"# 一轮评估日程：{plan.announced_on} 公告",
        "\n".join(f"- {plain(sentence)}" for sentence in planning.findings(plan)),
        files,
        "## 各环节",
        "标“估”的办理时间是估计，不是法定期限；“余”为计划日至最迟日的日数（括号内为工作日），负数即超期。",
        table(STEP_TITLES, step_rows(plan)),
        f"![日程图](data:image/png;base64,{b64encode(picture).decode()})",
        "## 法定期限",
        "\n".join(f"- {plain(_limit(limit))}" for limit in limits_of(plan)),
        *(_compared(found) if found else []),
        "## 日期的推算过程",
        *(_working(one) for one in planning.as_data(plan, workdays)["steps"] if one["working"]),
    ]
    return "\n\n".join(part for part in parts if part)


def _compared(found: planning.Scan) -> list[str]:
    head = f"{found.first} 至 {found.last} 共比较 {len(found.plans)} 个公告日，列出前 {SHOWN} 名。"
    return ["## 公告日比较", head, table(SCAN_TITLES, scan_rows(found.plans[:SHOWN]))]


def _working(step: dict[str, Any]) -> str:
    lines = table(WORKING, [(line["day"], str(line["count"] or ""), line["reason"]) for line in step["working"]])
    return f"<details><summary>{step['label']}</summary>\n\n{lines}\n\n</details>"
