"""Plans of a round for the office: laid on the calendar as it is known now, as plain data and as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from policies.loader import load_policy
from policies.planning import load_plan_rules
from publication.calendar import icalendar
from publication.charts import png
from publication.plans import calendar_entries, gantt, spelled
from rules.holidays import Touch
from rules.periods import Period, explain
from rules.plan import Frame, Limit, Plan, PlannedStep
from rules.schedule import candidates, lay, ranked
from rules.workdays import Workdays, unpublished


@dataclass(frozen=True)
class Scan:
    """Announcement days of a range, the best first."""

    first: date
    last: date
    plans: tuple[Plan, ...]


def frame_of(announced_on: date, workdays: Workdays, assumed: Mapping[str, Period]) -> Frame:
    """The law as it stands on the day of the announcement, and the office's durations."""
    return Frame(load_plan_rules(), load_policy(on=announced_on), workdays, assumed)


def lay_out(
    announced_on: date, weeks: int, workdays: Workdays, assumed: Mapping[str, Period]
) -> tuple[Plan, Scan | None]:
    """The plan of a round, and the announcement days of so many weeks from then on (none: no comparison).

    Raises InputError for a duration of an unknown step."""
    plan = lay(announced_on, frame_of(announced_on, workdays, assumed))
    return plan, scan(announced_on, weeks, workdays, assumed) if weeks else None


def scan(first: date, weeks: int, workdays: Workdays, assumed: Mapping[str, Period]) -> Scan:
    """Every announcement day of so many weeks, ranked."""
    last = first + timedelta(weeks=weeks, days=-1)
    return Scan(first, last, tuple(ranked(candidates(first, last, frame_of(first, workdays, assumed)))))


def write_calendar(plan: Plan, file: Path, stamp: datetime) -> None:
    """Writes the plan's days as an iCalendar file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(icalendar(f"一轮评估日程（{plan.announced_on} 公告）", calendar_entries(plan), stamp))


def write_picture(plan: Plan, workdays: Workdays, file: Path) -> None:
    """Writes the plan's Gantt picture as PNG."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(png(gantt(plan, workdays)))


# --- sentences -------------------------------------------------------------------------------------------------


def findings(plan: Plan) -> list[str]:
    """What a plan says of itself, the gravest first."""
    return [
        *_about_the_limit(plan),
        *_about_own_limits(plan),
        *_about_full_use(plan),
        *_about_notices(plan),
        *_about_the_calendar(plan),
    ]


def _about_the_limit(plan: Plan) -> list[str]:
    on = spelled(plan.whole.on.earliest, plan.whole.on.latest)
    if plan.breaks_at is None:
        return [f"全程期限 {on}：计划在期限之内，最紧处余 {plan.slack_days} 日"]
    surely = "必将" if plan.is_sure_to_break else "可能"
    label = plan.breaks_at.rule.label
    return [f"全程期限 {on}：{surely}在“{label}”突破，须提前公告之后的办理或缩短假定的时间（差 {-plan.slack_days} 日）"]


def _about_own_limits(plan: Plan) -> list[str]:
    told = []
    for one in plan.steps:
        for limit in one.limits:
            if one.on.earliest > limit.on.earliest or one.on.latest > limit.on.latest:
                on = spelled(limit.on.earliest, limit.on.latest)
                told.append(f"{limit.label}自“{limit.since}”起算的至 {on}，早于“{one.rule.label}”的计划日，须先行办理")
    return told


def _about_full_use(plan: Plan) -> list[str]:
    if plan.breaks_at or plan.breaks_at_full_use is None:
        return []
    return [f"若初审用满法定期限，全程期限将在“{plan.breaks_at_full_use.rule.label}”突破"]


def _about_notices(plan: Plan) -> list[str]:
    told = [_touch(notice, touch) for notice in plan.notices for touch in notice.holidays]
    return told or ["两次公示均避开长假"]


def _touch(notice: PlannedStep, touch: Touch) -> str:
    name = notice.rule.label.removesuffix("满")
    if touch.is_sure:
        return f"{name}遇{touch.name}长假 {touch.days} 日（{touch.first} 至 {touch.last}）"
    return f"{name}可能遇{touch.name}长假（{unpublished(touch.first.year)}）"


def _about_the_calendar(plan: Plan) -> list[str]:
    told = [] if plan.is_working_day is not False else [f"{plan.announced_on} 不是工作日"]
    if plan.is_firm:
        return told
    first = next(one for one in plan.steps if not one.on.is_firm)
    return [*told, f"自“{first.rule.label}”起日期暂定：{unpublished(first.on.latest.year)}"]


# --- plain data ------------------------------------------------------------------------------------------------


def as_data(plan: Plan, workdays: Workdays) -> dict[str, Any]:
    """The plan as plain data, with the working of each firm date."""
    return {
        **_head(plan),
        "whole_procedure": _limit(plan.whole),
        "steps": [_step(one, workdays) for one in plan.steps],
    }


def scan_data(found: Scan) -> dict[str, Any]:
    """A scan as plain data: every day with its reasons, the best first."""
    return {
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "candidates": [_head(plan) for plan in found.plans],
    }


def _head(plan: Plan) -> dict[str, Any]:
    return {
        "announced_on": plan.announced_on.isoformat(),
        "is_working_day": plan.is_working_day,
        "firm": plan.is_firm,
        "slack_days": plan.slack_days,
        "breaks_at": plan.breaks_at and plan.breaks_at.rule.step,
        "is_sure_to_break": plan.is_sure_to_break,
        "breaks_at_full_use": plan.breaks_at_full_use and plan.breaks_at_full_use.rule.step,
        "findings": findings(plan),
    }


def _days(earliest: date, latest: date, is_firm: bool) -> dict[str, Any]:
    bounds = {"earliest": earliest.isoformat(), "latest": latest.isoformat()}
    return {"on": earliest.isoformat() if is_firm else None, "status": "firm" if is_firm else "provisional", **bounds}


def _limit(limit: Limit) -> dict[str, Any]:
    about = {"label": limit.label, "clause": limit.clause, "since": limit.since, "period": str(limit.period)}
    return {
        **about,
        "start": limit.start.earliest.isoformat(),
        **_days(limit.on.earliest, limit.on.latest, limit.on.is_firm),
    }


def _step(one: PlannedStep, workdays: Workdays) -> dict[str, Any]:
    return {
        "step": one.rule.step,
        "label": one.rule.label,
        "clause": one.rule.clause,
        "period": one.period and str(one.period),
        "is_assumed": one.rule.assumed is not None,
        **_days(one.on.earliest, one.on.latest, one.on.is_firm),
        "allowed_on": one.allowed_on and one.allowed_on.isoformat(),
        "slack_days": one.slack_days,
        "slack_working_days": one.slack_working_days,
        "limits": [_limit(limit) for limit in one.limits],
        "holidays": [_holiday(touch) for touch in one.holidays],
        "working": _working(one, workdays),
    }


def _holiday(touch: Touch) -> dict[str, Any]:
    days = {"from": touch.first.isoformat(), "to": touch.last.isoformat()}
    return {"name": touch.name, **days, "is_sure": touch.is_sure}


def _working(one: PlannedStep, workdays: Workdays) -> list[dict[str, Any]]:
    """From the code that derived the date; none for a start that is itself open."""
    if one.period is None or not one.start.is_firm:
        return []
    lines = explain(one.period, one.start.earliest, workdays, roll=one.rolls)
    return [
        {"day": line.day.isoformat(), "effect": line.effect, "count": line.count, "reason": line.reason}
        | {"notice": line.notice}
        for line in lines
    ]
