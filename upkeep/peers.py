"""Who runs flows beside us, and what a dead one left open.

A worker holds a lock that dies with its process, in `var/workers`: whoever shares the folder sees at once who lives.
Of a worker elsewhere Prefect's server knows: it calls one offline that missed three heartbeats.
"""

from __future__ import annotations

import fcntl
import itertools
import platform
import secrets
from collections.abc import Iterator, Set
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, State, StateType, Worker, WorkerStatus
from prefect.states import Cancelled, Crashed

from foundation.files import write_file
from foundation.settings import get_settings

POOL = "dingdian"
PAGE = 200
UNFINISHED = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
WORKER_LABEL = "prefect.worker.name"
TAKEN_AND_LOST = timedelta(minutes=5)  # a worker signs a run within the same second that it takes it

CANCELLED = "经办人取消了本次运行；已提交的步骤不受影响，其余未执行。"
ABANDONED = "执行本次运行的进程已不在（服务中断或被强行终止），系统予以了结；已提交的步骤不受影响，请核对后重新运行。"


def _folder() -> Path:
    return get_settings().var_dir / "workers"


@contextmanager
def own_name() -> Iterator[str]:
    """A worker's name, held until the block ends: `dingdian-<host>-<folder>-<number>`. No two that live share one, and
    a successor on the same folder gets its predecessor's."""
    mark = _folder() / "folder-id"
    if not mark.exists():
        write_file(mark, secrets.token_hex(3).encode())
    base = f"{POOL}-{platform.node() or 'local'}-{mark.read_text(encoding='ascii')}"
    for number in itertools.count(1):
        name = f"{base}-{number}"
        with _lock_of(name).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield name
            return


def _lock_of(name: str) -> Path:
    return _folder() / f"{name.replace('/', '_')}.lock"


def lives(worker: Worker) -> bool:
    """Whether a worker lives: by its lock, where that is in our folder; elsewhere as Prefect's server says."""
    path = _lock_of(worker.name)
    if not path.exists():
        return bool(worker.status == WorkerStatus.ONLINE)
    with path.open("r") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


async def alive(client: PrefectClient) -> set[str]:
    """The names of the workers of the pool that live."""
    return {one.name for one in await client.read_workers_for_work_pool(POOL) if lives(one)}


async def close_abandoned(client: PrefectClient, successor: str = "") -> list[UUID]:
    """Ends the runs that a dead worker left unfinished, which frees the slots they held; a living one keeps its own.

    `successor`: the name of a worker about to start; what stands under its name is its predecessor's.

    Answers the ids.
    """
    living = await alive(client) - {successor}
    if not living and not successor:
        return []  # whoever asks is alive: the server has not heard of anybody yet
    left = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=UNFINISHED))),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL])),
        limit=PAGE,
    )
    now = datetime.now(UTC)
    abandoned = [run for run in left if is_abandoned(run, living, now)]
    for run in abandoned:
        is_cancelled = run.state is not None and run.state.is_cancelling()
        state: State[Any] = Cancelled(message=CANCELLED) if is_cancelled else Crashed(message=ABANDONED)
        await client.set_flow_run_state(run.id, state)  # not forced: one that has ended meanwhile keeps its end
    return [run.id for run in abandoned]


def is_abandoned(run: FlowRun, living: Set[str], now: datetime) -> bool:
    """Whether nobody carries out an unfinished run any more.

    One that runs without a worker is somebody's at a terminal (`prefect flow-run execute`) and left alone while anybody
    lives; one that has only been taken, and by nobody, for five minutes is of a worker that died before it signed.
    """
    if not living:
        return True
    if worker := worker_of(run):
        return worker not in living
    state = run.state
    return state is not None and state.is_pending() and now - state.timestamp >= TAKEN_AND_LOST


def worker_of(run: FlowRun) -> str:
    """The name of the worker that took a run; empty when none has."""
    return str(run.labels.get(WORKER_LABEL, ""))


@task(name="了结中断的运行", cache_policy=NO_CACHE)
async def close_runs_of_the_dead() -> int:
    """What dead workers left open, ended by whoever lives; says how many runs."""
    async with get_client() as client:
        return len(await close_abandoned(client))
