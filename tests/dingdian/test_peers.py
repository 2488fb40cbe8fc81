"""Who lives beside us: names that no two share, and what a dead worker left open is closed by whoever lives."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State, StateType

from foundation.settings import reset_settings
from tests.support.patience import until
from tests.support.stack import FINAL, Stack
from upkeep import peers

FORM = {"form": {"note": "甲"}}
LATER = {"state": {"type": "SCHEDULED", "state_details": {"scheduled_time": "2099-01-01T00:00:00Z"}}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path))
    reset_settings()
    return tmp_path / "workers"


def test_two_workers_of_one_host_have_two_names_and_a_successor_gets_the_first(folder: Path) -> None:
    with peers.own_name() as first, peers.own_name() as second:
        assert first != second
    with peers.own_name() as again:
        assert again == first


def test_workers_of_two_folders_have_two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = []
    for part in ("one", "two"):
        monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / part))
        reset_settings()
        with peers.own_name() as name:
            names.append(name)
    assert names[0] != names[1]


def taken_by(stack: Stack, worker: str) -> str:
    """A run that a worker of this name has begun, as Prefect keeps it."""
    run = stack.create_run("probe/试验", FORM, **LATER)
    if worker:
        stack.request("PATCH", f"/flow_runs/{run}/labels", {peers.WORKER_LABEL: worker})
    stack.request("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "RUNNING"}, "force": True})
    return run


def beat(stack: Stack, worker: str, interval: int) -> None:
    body = {"name": worker, "heartbeat_interval_seconds": interval}
    stack.request("POST", f"/work_pools/{peers.POOL}/workers/heartbeat", body)


def close(stack: Stack) -> list[str]:
    async def closed() -> list[str]:
        async with get_client() as client:
            return [str(one) for one in await peers.close_abandoned(client)]

    with stack.as_ours():
        return asyncio.run(closed())


def state(stack: Stack, run: str) -> str:
    return str(stack.request("GET", f"/flow_runs/{run}")["state"]["type"])


def test_a_worker_that_is_silent_is_dead_and_one_that_speaks_keeps_its_runs(prefect_stack: Stack, folder: Path) -> None:
    """Two elsewhere: one whose heart stopped, one that lives; and a run that somebody executes at a terminal."""
    beat(prefect_stack, "elsewhere-dead", 1)
    beat(prefect_stack, "elsewhere-alive", 600)
    dead, alive, nobody = (taken_by(prefect_stack, one) for one in ("elsewhere-dead", "elsewhere-alive", ""))

    def silent() -> bool:
        workers = prefect_stack.request("POST", f"/work_pools/{peers.POOL}/workers/filter", {})
        return {one["name"]: one["status"] for one in workers}["elsewhere-dead"] == "OFFLINE"

    until(silent)
    close(prefect_stack)
    assert [state(prefect_stack, one) for one in (dead, alive, nobody)] == ["CRASHED", "RUNNING", "RUNNING"]
    assert "已不在" in prefect_stack.request("GET", f"/flow_runs/{dead}")["state"]["message"]


@pytest.mark.parametrize(
    ("state", "worker", "seconds", "abandoned"),
    [
        (StateType.PENDING, "", 299, False),
        (StateType.PENDING, "", 300, True),
        (StateType.PENDING, "", 301, True),
        (StateType.RUNNING, "", 86400, False),
        (StateType.PENDING, "living", 86400, False),
        (StateType.PENDING, "dead", 0, True),
    ],
)
def test_a_run_that_was_taken_and_never_signed_is_nobody_s_after_five_minutes(
    state: StateType, worker: str, seconds: int, abandoned: bool
) -> None:
    since = datetime(2026, 1, 5, tzinfo=UTC)
    labels = {peers.WORKER_LABEL: worker} if worker else {}
    run = FlowRun(flow_id=uuid4(), labels=labels, state=State(type=state, timestamp=since))
    assert peers.is_abandoned(run, {"living"}, since + timedelta(seconds=seconds)) is abandoned


def test_a_run_that_was_taken_and_never_signed_frees_its_slot(
    prefect_stack: Stack, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = prefect_stack.create_run("probe/试验", FORM, **LATER)
    prefect_stack.request("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "PENDING"}, "force": True})
    assert run not in close(prefect_stack)
    monkeypatch.setattr(peers, "TAKEN_AND_LOST", timedelta(0))
    assert run in close(prefect_stack)
    assert state(prefect_stack, run) == "CRASHED"


def test_a_lock_in_our_folder_says_more_than_the_server(prefect_stack: Stack, folder: Path) -> None:
    with peers.own_name() as worker:
        beat(prefect_stack, worker, 600)
        run = taken_by(prefect_stack, worker)
        assert run not in close(prefect_stack)
    assert run in close(prefect_stack)


def test_the_watch_closes_what_a_dead_peer_left(prefect_stack: Stack) -> None:
    run = taken_by(prefect_stack, "gone-for-good")
    watch = prefect_stack.create_run("值守/57 值守", {})
    assert prefect_stack.wait_for(watch, *FINAL)["type"] in ("COMPLETED", "CANCELLED")  # the clock's own may be at it
    until(lambda: state(prefect_stack, run) == "CRASHED")
