"""Plans of a draw as the tests of the draw publish them."""

from __future__ import annotations

from typing import Any

from rules.case import Event
from tasks.perform import perform
from tests.tasks.rehearsal import Rehearsal, beijing

RED = {"name": "双色球第2025109期红球", "kind": "ssq_red", "due_on": "2025-09-18", "fallback": "wait"}
FRONT = {"name": "大乐透第25108期前区", "kind": "dlt_front", "due_on": "2025-09-18", "fallback": "zero"}
BLUE = {"name": "双色球第2025109期蓝球", "kind": "ssq_blue", "due_on": "2025-09-18", "fallback": "wait"}
ELSE = {**FRONT, "fallback": "replacement", "replacement": "大乐透第25109期前区"}
DRAWN = [3, 9, 14, 20, 27, 33]
PLAN_AT = "2025-09-17 10:00"


def declare(rehearsal: Rehearsal, *expert_ids: str, at: str = "2025-09-16 15:00", ties: Any = ()) -> str:
    entries = [{"expert_id": one, "interests": list(ties), "signed_on": "2025-09-10"} for one in expert_ids]
    return perform(
        rehearsal.url, Event("register_declarations", beijing(at), "全能员", {"declarations": entries})
    ).summary


def plan(rehearsal: Rehearsal, *sources: Any, wanted: int = 3, at: str = PLAN_AT, **fields: Any) -> Any:
    return rehearsal.act(at, "publish_draw_plan", wanted=wanted, sources=list(sources) or ["甲", "乙"], **fields)


def refused_plan(rehearsal: Rehearsal, *sources: Any, wanted: int = 3, **fields: Any) -> str:
    return rehearsal.refused(PLAN_AT, "publish_draw_plan", wanted=wanted, sources=list(sources), **fields)
