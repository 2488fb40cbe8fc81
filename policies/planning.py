"""The one reader of `policies/plan.yaml`: the steps that a plan lays out, and what the office assumes it needs.

Refuses an unknown key, step, clock or holiday window and a step with neither or both of `assumed` and `clock`, with
file and line.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from policies.calendars import load_workdays
from policies.loader import load_policy
from policies.yamlfile import Document, KeyPath, read
from rules.errors import InputError
from rules.keepable import dotted
from rules.periods import Period
from rules.plan import PlanRules, StepRule

FILE = Path(__file__).resolve().parent / "plan.yaml"
OPTIONAL = {"assumed", "reason", "clock", "limit", "since"}


@lru_cache
def load_plan_rules(file: Path = FILE) -> PlanRules:
    """The steps of a plan. Raises PolicyError(file, line, what) for anything that the file does not say clearly."""
    document = read(file)
    document.expect_keys((), {"version", "steps", "whole_procedure", "long_holiday"})
    document.expect(("version",), str)
    places: list[KeyPath] = [("steps", place) for place in range(len(document.expect(("steps",), list)))]
    steps: list[StepRule] = []
    for place in places:
        steps.append(_step(document, place, [one.step for one in steps]))
    document.expect_keys(("whole_procedure",), {"clock", "from", "until"})
    names = {one.step for one in steps}
    return PlanRules(
        steps=tuple(steps),
        whole_clock=_clock(document, ("whole_procedure", "clock")),
        whole_from=_one_of(document, ("whole_procedure", "from"), names),
        whole_until=_one_of(document, ("whole_procedure", "until"), names),
        long_holiday_days=_days(document),
        long_holiday_windows=_windows(document),
    )


def _step(document: Document, path: KeyPath, before: list[str]) -> StepRule:
    document.expect_keys(path, {"step", "label", "clause"}, OPTIONAL)
    entry = document.at(path)
    if bool(before) != (("assumed" in entry) != ("clock" in entry)):
        raise document.error(path, f"{dotted(path)}：第一步不写时长，其后每步写 assumed 或 clock 之一")
    if ("limit" in entry) != ("since" in entry):
        raise document.error(path, f"{dotted(path)}：limit 与 since 须同时写")
    since = document.expect((*path, "since"), list) if "since" in entry else []
    return StepRule(
        step=document.expect((*path, "step"), str),
        label=document.expect((*path, "label"), str),
        clause=document.expect((*path, "clause"), str),
        assumed=_period(document, (*path, "assumed")) if "assumed" in entry else None,
        reason=document.expect((*path, "reason"), str) if "assumed" in entry else "",
        clock=_clock(document, (*path, "clock")) if "clock" in entry else "",
        limit=_clock(document, (*path, "limit")) if "limit" in entry else "",
        since=tuple(_one_of(document, (*path, "since", place), set(before)) for place in range(len(since))),
    )


def _period(document: Document, path: KeyPath) -> Period:
    try:
        return Period.parse(document.expect(path, str))
    except InputError as error:
        raise document.error(path, str(error)) from None


def _clock(document: Document, path: KeyPath) -> str:
    return _one_of(document, path, {kind for kind, rule in load_policy().clocks.items() if rule.period})


def _one_of(document: Document, path: KeyPath, known: set[str]) -> str:
    value = document.expect(path, str)
    if value not in known:
        raise document.error(path, f"{dotted(path)} 的值“{value}”不认识；可用：{'、'.join(sorted(known))}")
    return value


def _days(document: Document) -> int:
    document.expect_keys(("long_holiday",), {"days", "windows", "reason"})
    document.expect(("long_holiday", "reason"), str)
    days = document.expect(("long_holiday", "days"), int)
    if days < 1:
        raise document.error(("long_holiday", "days"), f"long_holiday.days 应为正整数，现为 {days}")
    return days


def _windows(document: Document) -> tuple[str, ...]:
    path: KeyPath = ("long_holiday", "windows")
    known = {window.name for window in load_workdays().bounds.off}
    return tuple(_one_of(document, (*path, place), known) for place in range(len(document.expect(path, list))))
