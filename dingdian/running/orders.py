"""What a person at the interface may ask of Prefect's API: what only shows, a form's start, a wish to cancel."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

from foundation.settings import BY_THE_CLOCK

API = "/api"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SCHEDULED: dict[str, Any] = {"type": "SCHEDULED"}

# What the interface asks when it only shows something; `{}` is one part of an address.
SHOWN_BY_POST = (
    *("/artifacts/count", "/artifacts/filter", "/artifacts/latest/count", "/artifacts/latest/filter"),
    *("/automations/count", "/automations/filter"),
    *("/concurrency_limits/filter", "/v2/concurrency_limits/filter"),
    *("/deployments/count", "/deployments/filter", "/deployments/paginate", "/deployments/get_scheduled_flow_runs"),
    *("/events/count-by/{}", "/events/filter"),
    *("/flow_runs/count", "/flow_runs/filter", "/flow_runs/history", "/flow_runs/lateness", "/flow_runs/paginate"),
    "/flow_runs/{}/input/filter",
    *("/flows/count", "/flows/filter", "/flows/paginate"),
    "/logs/filter",
    "/saved_searches/filter",
    *("/task_runs/count", "/task_runs/filter", "/task_runs/history", "/task_runs/paginate", "/task_workers/filter"),
    *("/ui/flow_runs/count-task-runs", "/ui/flow_runs/history", "/ui/flows/count-deployments", "/ui/flows/next-runs"),
    *("/ui/schemas/validate", "/ui/task_runs/count", "/ui/task_runs/dashboard/counts"),
    *("/variables/count", "/variables/filter"),
    *("/work_pools/count", "/work_pools/filter", "/work_pools/{}/concurrency_status"),
    *("/work_pools/{}/queues/filter", "/work_pools/{}/workers/filter"),
    *("/work_queues/filter", "/work_queues/{}/concurrency_status"),
)
# What is shown to nobody but machines: blocks tell their secrets to whoever asks with `include_secrets`.
HIDDEN = ("/block_documents", "/block_types/slug/{}/block_documents")
WATCHED = ("/events/out", "/logs/out")  # WebSockets that only tell
RUNS = f"{API}/flow_runs"
START, CANCEL = "/deployments/{}/create_flow_run", "/flow_runs/{}/set_state"
KEPT_OF_A_START = ("parameters", "name", "tags", "work_queue_name", "enforce_parameter_schema")
DROPPED_OF_A_START = frozenset({"state", "job_variables", "empirical_policy"})  # how it is run is not the form's to say


def _pattern(templates: Collection[str], rest: str = "") -> re.Pattern[str]:
    spelled = "|".join(re.escape(one).replace(r"\{\}", "[^/]+") for one in templates)
    return re.compile(f"{API}(?:{spelled}){rest}")


_SHOWN, _HIDDEN = _pattern(SHOWN_BY_POST, "/?"), _pattern(HIDDEN, "(?:/.*)?")
_WATCHED, _CANCEL = _pattern(WATCHED), _pattern([CANCEL])
_START = re.compile(f"{API}/deployments/([^/]+)/create_flow_run")


def shows(method: str, path: str) -> bool:
    """Whether this only shows something that people may see."""
    return bool((method in SAFE and not _HIDDEN.fullmatch(path)) or (method == "POST" and _SHOWN.fullmatch(path)))


def is_watched(path: str) -> bool:
    """Whether this is a WebSocket that only tells."""
    return bool(_WATCHED.fullmatch(path))


def started_by(method: str, path: str) -> str:
    """The deployment that this starts a run of; empty for everything else."""
    found = _START.fullmatch(path) if method == "POST" else None
    return found[1] if found else ""


def makes_work(method: str, path: str) -> bool:
    """Whether a worker should look at once: a run may have been made."""
    return bool(started_by(method, path)) or (method == "POST" and path.rstrip("/") == RUNS)


def order_of(method: str, path: str) -> Callable[[Any], dict[str, Any] | str] | None:
    """How the body of an order is read that people may give; None for what they may not."""
    if method != "POST":
        return None
    if _START.fullmatch(path):
        return _start
    return _cancel if _CANCEL.fullmatch(path) else None


NOT_HERE = (
    "经办界面只能查看、提交表单和取消运行；删除记录、改动表单、计划和设置由系统管理员在服务器上用 dingdian prefect 办理"
)


def _start(order: Any) -> dict[str, Any] | str:
    """A start as the interface makes it: now or later, with the form's fields and nothing of how it is run."""
    if not isinstance(order, dict) or set(order) - {*KEPT_OF_A_START, *DROPPED_OF_A_START}:
        return "表单以外的内容不能提交"
    if order.get("job_variables"):
        return "不能指定运行环境（job variables）；请留空后提交"
    state: Any = order.get("state") or SCHEDULED
    if not isinstance(state, dict) or state.get("type") != SCHEDULED["type"]:
        return "运行只能从“已排期”开始"
    if BY_THE_CLOCK in (order.get("tags") or []):
        return f"标签 {BY_THE_CLOCK} 只属于按计划的运行"
    kept = {name: order[name] for name in KEPT_OF_A_START if name in order}
    details = state.get("state_details")
    at = details.get("scheduled_time") if isinstance(details, dict) else None
    return {**kept, "state": {**SCHEDULED, "state_details": {"scheduled_time": at}}}


def _cancel(order: Any) -> dict[str, Any] | str:
    """The only state that a person sets is the wish that a run be cancelled. The interface asks for it by force, also
    of a run that has ended: Prefect's own rules decide."""
    state = order.get("state") if isinstance(order, dict) else None
    if not isinstance(state, dict) or state.get("type") != "CANCELLING":
        return "运行的状态由系统记录；在这里只能取消运行"
    return {"state": {"type": "CANCELLING", "name": "Cancelling"}, "force": False}
