"""The in-process worker: whatever a flow does, its run ends in the right state and the worker goes on."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

import pytest

from dingdian.running.processes import Child
from tests.support.patience import until
from tests.support.stack import FINAL, Stack
from upkeep.deployment_file import PREFECT_FILE

pytestmark = pytest.mark.long
FORM = {"form": {"note": "甲"}}


def run(stack: Stack, deployment: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return stack.wait_for(stack.create_run(deployment, parameters, **more))


def test_a_form_sent_through_the_api_is_completed_within_a_moment(prefect_stack: Stack) -> None:
    """A moment: the worker's look for new runs and some dozen calls of the API, as long as those take here and now."""
    calls, runs = [], []
    for _ in range(5):
        began = time.monotonic()
        prefect_stack.request("GET", "/deployments/name/probe/试验")
        called = time.monotonic()
        assert run(prefect_stack, "probe/试验", FORM)["type"] == "COMPLETED"
        calls.append(called - began)
        runs.append(time.monotonic() - called)
    assert min(runs) < 2 + 100 * statistics.median(calls)  # 0.7 s on an idle machine, where a call takes 10 ms


def test_what_our_own_loggers_say_stands_on_the_run_s_page(prefect_stack: Stack) -> None:
    number = prefect_stack.create_run("probe/试验", FORM)
    prefect_stack.wait_for(number, "COMPLETED")
    wanted = {"logs": {"flow_run_id": {"any_": [number]}}, "limit": 200}

    def said() -> bool:
        found = prefect_stack.request("POST", "/logs/filter", wanted)
        return any(one["name"] == "dingdian.notifications" and one["message"].startswith("试验：") for one in found)

    until(said, "日志", alive=prefect_stack.is_alive)


def test_a_cron_deployment_really_gets_its_runs(prefect_stack: Stack) -> None:
    """SQLAlchemy 2.1 (under Prefect 3.8) and whenever 0.10 (under 3.9) silently stop Prefect's scheduler."""
    found = prefect_stack.request("GET", "/deployments/name/probe-tick/定时")
    query = {"deployments": {"id": {"any_": [found["id"]]}}, "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    planned = lambda: prefect_stack.request("POST", "/flow_runs/filter", query)  # noqa: E731
    runs = until(planned, "定时部署的预排运行", alive=prefect_stack.is_alive)
    assert all(run["auto_scheduled"] for run in runs)


def test_a_deployment_keeps_what_its_file_says(prefect_stack: Stack) -> None:
    tick = prefect_stack.request("GET", "/deployments/name/probe-tick/定时")
    assert tick["global_concurrency_limit"]["limit"] == 1
    assert tick["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    assert [(s["slug"], s["schedule"]["timezone"]) for s in tick["schedules"]] == [("every-five", "Asia/Shanghai")]
    assert tick["description"] == "试验流程：定时。"
    probe = prefect_stack.request("GET", "/deployments/name/probe/试验")
    assert (probe["tags"], probe["work_pool_name"]) == (["试验", "表单"], "dingdian")
    assert probe["parameter_openapi_schema"]["definitions"]["ProbeForm"]["properties"]["note"]["title"] == "备注"


@pytest.mark.parametrize(
    ("how", "state", "said"),
    [
        ("error", "FAILED", "材料不齐"),
        ("exit", "CRASHED", "system exit"),
        ("interrupt", "CRASHED", "interrupt"),
    ],
)
def test_a_flow_that_goes_wrong_ends_its_own_run_only(prefect_stack: Stack, how: str, state: str, said: str) -> None:
    ended = run(prefect_stack, "probe-bad/出错", {"how": how})
    assert (ended["type"], said in ended["message"]) == (state, True)
    assert run(prefect_stack, "probe/试验", FORM)["type"] == "COMPLETED"


@pytest.mark.parametrize("entrypoint", ["tests.support.flows.trap.flow", "http.server.test", "flows.acts.flow", ""])
def test_what_the_house_does_not_deploy_is_not_run_and_not_loaded(prefect_stack: Stack, entrypoint: str) -> None:
    """Somebody who reached Prefect's API (or its database) made a deployment that leads to other code, which could
    even be loaded. One whose loading ends the process ends nothing."""
    known = prefect_stack.request("GET", "/deployments/name/probe/试验")
    name = f"陷阱 {entrypoint}"
    made = {"name": name, "flow_id": known["flow_id"], "entrypoint": entrypoint or None, "work_pool_name": "dingdian"}
    trap = prefect_stack.request("POST", "/deployments/", made)
    ended = run(prefect_stack, f"probe/{name}", {})
    prefect_stack.request("DELETE", f"/deployments/{trap['id']}")
    assert (ended["type"], "不在本程序的 prefect.yaml 中" in ended["message"]) == ("FAILED", True)
    assert not (prefect_stack.var_dir / "loaded").exists()
    assert run(prefect_stack, "probe/试验", FORM)["type"] == "COMPLETED"


def test_no_module_is_taken_from_the_folder_that_a_process_works_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dingdian").mkdir()
    (tmp_path / "dingdian" / "__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.setattr("dingdian.running.processes.HOME", tmp_path)
    child = Child("没有的模块", "dingdian.running.none", {"PYTHONPATH": ""}, tmp_path / "log")
    child.start()
    until(lambda: child.exit_code is not None, "子进程结束")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("parameters", [{}, {"form": {"note": "长" * 21}}, {**FORM, "extra": 1}])
def test_parameters_that_slip_past_the_server_fail_the_run(prefect_stack: Stack, parameters: dict[str, Any]) -> None:
    ended = run(prefect_stack, "probe/试验", parameters, enforce_parameter_schema=False)
    assert ended["type"] == "FAILED"


def test_a_run_cancelled_in_the_ui_ends_cancelled_and_frees_its_slot(prefect_stack: Stack) -> None:
    run_id = prefect_stack.create_run("probe-slow/慢", {"seconds": 60})
    prefect_stack.wait_for(run_id, "RUNNING")
    prefect_stack.cancel(run_id)
    ended = prefect_stack.wait_for(run_id)
    assert (ended["type"], "经办人取消" in ended["message"]) == ("CANCELLED", True)
    assert run(prefect_stack, "probe-slow/慢", {"seconds": 0})["type"] == "COMPLETED"


def test_a_second_run_of_a_limited_deployment_is_cancelled_not_queued(prefect_stack: Stack) -> None:
    first = prefect_stack.create_run("probe-slow/慢", {"seconds": 600})
    prefect_stack.wait_for(first, "RUNNING")
    assert run(prefect_stack, "probe-slow/慢", {"seconds": 0})["type"] == "CANCELLED"
    assert prefect_stack.wait_for(first, "RUNNING", *FINAL)["type"] == "RUNNING"
    prefect_stack.cancel(first)
    assert prefect_stack.wait_for(first)["type"] == "CANCELLED"


def queues(stack: Stack) -> dict[str, tuple[int, int | None, bool]]:
    found = stack.request("POST", "/work_pools/dingdian/queues/filter", {})
    return {one["name"]: (one["priority"], one["concurrency_limit"], one["is_paused"]) for one in found}


def test_an_act_finds_a_place_beside_any_number_of_heavy_runs(prefect_stack: Stack, tmp_path: Path) -> None:
    """Two at once. Prefect counts a queue's runs when it hands some out and passes over one that is just being taken:
    on a busy server one or two more may begin, and the worker has room for sixteen."""
    gate = tmp_path / "gate"
    heavy = [prefect_stack.create_run("probe-blocking/重活", {"until": str(gate)}) for _ in range(20)]
    state = lambda run_id: prefect_stack.request("GET", f"/flow_runs/{run_id}")["state"]["type"]  # noqa: E731
    begun = lambda: [state(one) for one in heavy].count("RUNNING")  # noqa: E731
    try:
        until(lambda: begun() >= 2, lambda: f"两项重活，已有 {begun()} 项", alive=prefect_stack.is_alive)
        assert run(prefect_stack, "probe/试验", FORM)["type"] == "COMPLETED"
        assert 2 <= begun() <= 4
    finally:
        gate.touch()
    assert {prefect_stack.wait_for(one)["type"] for one in heavy} == {"COMPLETED"}


def test_queues_stand_in_their_order_and_keep_what_a_person_set(prefect_stack: Stack) -> None:
    real = {"acts": (1, None, False), "clock": (2, None, False), "heavy": (3, 2, False)}
    assert {name: queues(prefect_stack).get(name) for name in real} == real
    of_pool = "/work_pools/dingdian/queues"
    prefect_stack.request("PATCH", f"{of_pool}/heavy", {"concurrency_limit": 5, "priority": 1})
    prefect_stack.request("PATCH", f"{of_pool}/clock", {"is_paused": True})
    try:
        prefect_stack.register(PREFECT_FILE)
        mended = {**real, "clock": (2, None, True), "heavy": (3, 5, False)}
        assert {name: queues(prefect_stack).get(name) for name in real} == mended
    finally:
        prefect_stack.request("PATCH", f"{of_pool}/heavy", {"concurrency_limit": 2})
        prefect_stack.request("PATCH", f"{of_pool}/clock", {"is_paused": False})


def test_a_blocking_flow_holds_up_nobody_else(prefect_stack: Stack, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    blocking = prefect_stack.create_run("probe-blocking/占线", {"until": str(gate)})
    try:
        prefect_stack.wait_for(blocking, "RUNNING")
        assert run(prefect_stack, "probe/试验", FORM)["type"] == "COMPLETED"
        assert prefect_stack.wait_for(blocking, "RUNNING", *FINAL)["type"] == "RUNNING"
    finally:
        gate.touch()
    assert prefect_stack.wait_for(blocking)["type"] == "COMPLETED"
