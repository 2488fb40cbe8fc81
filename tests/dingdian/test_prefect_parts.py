"""What we use of Prefect beside its documented interface is still there and still means the same.

Each use is named here with its place in our code: after an upgrade a failure says what moved and who stands on it. What
these parts do together is shown by `test_worker.py`, `test_server.py` and `test_deployments.py` on real servers.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from prefect import flow_engine
from prefect.client.orchestration import PrefectClient
from prefect.flow_engine import AsyncFlowRunEngine
from prefect.utilities.callables import parameter_schema
from prefect.workers.base import BaseWorker

from dingdian.running.worker import Engine, InProcessWorker

ENGINE, WORKER = "dingdian/running/worker.py (Engine)", "dingdian/running/worker.py (InProcessWorker)"
USED: list[tuple[Callable[..., Any], tuple[str, ...], str]] = [
    (AsyncFlowRunEngine.__init__, ("flow", "flow_run", "parameters"), ENGINE),
    (AsyncFlowRunEngine.handle_crash, ("exc",), ENGINE),
    (AsyncFlowRunEngine.set_state, ("state", "force"), ENGINE),
    (AsyncFlowRunEngine.start, (), ENGINE),
    (AsyncFlowRunEngine.is_running, (), ENGINE),
    (AsyncFlowRunEngine.run_context, (), ENGINE),
    (AsyncFlowRunEngine.call_flow_fn, (), ENGINE),
    (
        BaseWorker.__init__,
        ("work_pool_name", "prefetch_seconds", "limit", "name", "heartbeat_interval_seconds"),
        WORKER,
    ),
    (BaseWorker.get_and_submit_flow_runs, (), WORKER),
    (BaseWorker.get_default_base_job_template, (), WORKER),
    (BaseWorker.start, ("run_once",), WORKER),
    (BaseWorker.run, ("flow_run", "configuration", "task_status"), WORKER),
    (PrefectClient.request, ("method", "path", "path_params"), "dingdian/running/deployments.py (_make_queue)"),
    (parameter_schema, ("fn",), "dingdian/running/deployments.py"),
]


@pytest.mark.parametrize(("part", "parameters", "user"), USED, ids=[one.__qualname__ for one, _, _ in USED])
def test_a_part_takes_what_we_give_it(part: Callable[..., Any], parameters: tuple[str, ...], user: str) -> None:
    expect_to_take(part, parameters, user)


def test_the_server_takes_what_we_give_it() -> None:
    """Loaded here only: it takes seconds, which every process of a session would spend while it collects the tests."""
    from prefect.server.api.server import create_app

    expect_to_take(create_app, ("final",), "dingdian/running/server.py")


def expect_to_take(part: Callable[..., Any], parameters: tuple[str, ...], user: str) -> None:
    gone = [name for name in parameters if name not in inspect.signature(part).parameters]
    assert not gone, f"Prefect's {part.__qualname__} no longer takes {gone}: see {user}"


def drive_of(function: Callable[..., Any]) -> str:
    """The loop by which a function drives an engine, whatever it calls the engine."""
    source = textwrap.dedent(inspect.getsource(function)).replace("_ = await", "await")
    loop = next(one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.AsyncWith))
    for name in (one for one in ast.walk(loop) if isinstance(one, ast.Name)):
        name.id = {"self": "engine"}.get(name.id, name.id)
    return ast.unparse(loop)


def test_a_run_is_driven_as_prefect_drives_it() -> None:
    prefects = drive_of(flow_engine.run_flow_async)
    assert drive_of(Engine.drive) == prefects, f"run_flow_async drives otherwise now: see {ENGINE}"


def test_a_crash_of_the_flow_reaches_the_engine_s_handler() -> None:
    assert "self.handle_crash(" in inspect.getsource(AsyncFlowRunEngine.initialize_run), f"see {ENGINE}"


def test_we_reach_for_no_private_name_of_a_prefect_object() -> None:
    """Names that our own classes define are ours; `_description` is how a worker says what it is (Prefect's guide)."""
    ours = {*vars(InProcessWorker), *vars(Engine), "_description", "_running", "_draining", "_next_look", "_flows"}
    tree = ast.parse(inspect.getsource(InProcessWorker))
    used = {one.attr for one in ast.walk(tree) if isinstance(one, ast.Attribute) and one.attr.startswith("_")}
    assert {name for name in used if not name.startswith("__")} <= ours
