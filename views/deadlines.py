"""A limit as the office reads it: its rule, its days, its status, and the working of its last day."""

from __future__ import annotations

from typing import Any

from rules.case import Clock, Context, Subject
from rules.clocks import rungs, running_rule
from rules.periods import Period, explain
from rules.vocabulary import ClockStatus

# Of a limit whose last day is not counted: how long it is called, and who said the day.
SAID = ("公告指定", "公告规定的受理截止日")
OF_AN_AGREEMENT = ("文书写明", "协议或通知书写明的日期")
OF_A_YEAR = ("年度结束后", "办公规则定的次年日期")
UNTIL_NEW_YEAR = ("年度结束前", "该年度的最后一日")
SAID_BY = {
    **dict.fromkeys(("agreement_begins", "agreement_term", "rectification", "leaving"), OF_AN_AGREEMENT),
    "assessment": OF_A_YEAR,
    "annual_agreement": UNTIL_NEW_YEAR,
}


def deadline_told(ctx: Context, case: Subject, clock: Clock) -> dict[str, Any]:
    """A limit of a dossier or an agreement, with the working of its day."""
    rule = running_rule(ctx.policy.clocks[clock.kind], clock.begun_with)
    held = case.holds and clock.is_open and rule.holder != "authority"
    status = ClockStatus.SUSPENDED if held else ClockStatus(clock.status)
    told: dict[str, Any] = {
        "kind": clock.kind,
        "label": rule.label,
        "clause": rule.clause,
        "period": rule.period.label if rule.period else SAID_BY.get(clock.kind, SAID)[0],
        "start": clock.start_on.isoformat(),
        "due": clock.due_on.isoformat() if clock.due_on else None,
        "earliest": clock.earliest_on.isoformat(),
        "latest": clock.latest_on.isoformat(),
        "status": status.value,
        "status_label": status.label,
        "on": clock.closed_on.isoformat() if clock.closed_on else None,
        "is_open": clock.is_open,
        "suspensions": [
            {"from": one.from_on.isoformat(), "to": one.to_on.isoformat(), "reason": one.reason, "clause": one.clause}
            for one in clock.suspensions
        ],
        "working": _working(ctx, clock, rule.period, rule.roll),
    }
    if clock.due_on and clock.is_open:
        told["reminders"] = [day.isoformat() for _, day in rungs(rule.ladder, clock.due_on, ctx.workdays)]
    return told


def _working(ctx: Context, clock: Clock, period: Period | None, roll: bool) -> list[dict[str, Any]]:
    """The working of a date from the same code that derived it; a day that the announcement fixes is its own."""
    if period is None:
        fixed = {"effect": "due", "count": 0, "reason": f"{SAID_BY.get(clock.kind, SAID)[1]}，不另行推算"}
        return [{"day": clock.due_on.isoformat(), **fixed}] if clock.due_on else []
    lines = explain(period, clock.start_on, ctx.workdays, roll=roll, suspensions=clock.suspensions)
    told = [
        {"day": line.day.isoformat(), "effect": line.effect, "count": line.count, "reason": line.reason}
        for line in lines
    ]
    return told + _noticed(clock)


def _noticed(clock: Clock) -> list[dict[str, Any]]:
    """The day until which the holder may still act, where the limit became firm only after it had passed."""
    if clock.effect_from is None:
        return []
    reason = "期限确定时最后一日已过，先行告知，至此日仍可办理"
    return [{"day": clock.last_day_to_act.isoformat(), "effect": "due", "count": 0, "reason": reason}]
