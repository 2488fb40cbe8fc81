"""The worker: takes runs from Prefect's pool and runs them inside this process (`python -m dingdian.running.worker`).

Each run has a thread and an event loop of its own, so a step that blocks holds up nobody else, and a step that crashes
ends its own run only. No process is started and no code is fetched for a run: from click to done takes under a second.
What is run are the flows of the house (`dingdian.running.deployments.house_flows`), loaded before the first look at the
API: a deployment that names anything else, whoever put it there, is refused and its code never imported.
The price: new code is loaded by a restart, and code that never returns can only be ended together with the worker.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NoReturn
from uuid import UUID

import anyio
import anyio.abc
from anyio import CancelScope
from prefect import Flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.flow_engine import AsyncFlowRunEngine
from prefect.settings import PREFECT_WORKER_QUERY_SECONDS, temporary_settings
from prefect.states import Cancelled, Crashed, Failed
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from dingdian.running.bell import Listener
from dingdian.running.deployments import house_flows, register
from dingdian.running.outpost import ALONE
from dingdian.running.persisting import persist
from dingdian.running.processes import READY, own_output, wait_for_go
from foundation.settings import get_settings
from models.migrate import ensure_current
from notifications.staff.channel import expect_usable
from rules.errors import DingdianError
from tasks import surroundings
from upkeep import belongings, peers
from upkeep.peers import CANCELLED, POOL, UNFINISHED

logger = logging.getLogger("dingdian.worker")
POLL_SECONDS = 0.4  # between two looks, however often it rings
REST_SECONDS = 2.0  # without a ring
CANCEL_POLL_SECONDS = 1.0
RUNS_AT_ONCE = 16
GRACE_SECONDS = 5.0
API_PATIENCE_SECONDS = 600.0  # for a server that somebody else runs and that never answers
LONGEST_ENTRYPOINT = 80  # characters of a stranger's entrypoint that a sentence carries
HEARTBEAT_SECONDS = 12  # Prefect takes a worker for gone after three of them

NOT_OURS = (
    "本服务不运行“{}”：它不在本程序的 prefect.yaml 中，未载入任何代码；"
    "请改用清单里的表单，并由系统管理员查明是谁登记了它。"
)
STOPPED = "服务停止时本次运行尚未完成，已中止；已提交的步骤不受影响，请在服务恢复后重新运行。"
UNREPORTED = "运行意外中断，未能报告结果；已提交的步骤不受影响，请核对后重新运行。"


class Engine(AsyncFlowRunEngine[..., Any]):
    """Prefect's engine for one run, which can be told from outside how the run is to end."""

    ending: State[Any] | None = None

    async def handle_crash(self, exc: BaseException) -> None:
        """A run that was told to end ends in the state it was told; every other crash is Prefect's affair."""
        if self.ending is None:
            await super().handle_crash(exc)
            return
        with CancelScope(shield=True):
            await self.set_state(self.ending, force=True)

    async def drive(self) -> None:
        """Runs the flow to its end, as `prefect.flow_engine.run_flow_async` does."""
        async with self.start():
            while self.is_running():
                async with self.run_context():
                    _ = await self.call_flow_fn()


class Running:
    """One run in its thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        self.error: BaseException | None = None

    async def finish(self, name: str) -> None:
        """Runs the flow in a thread of its own and waits for it; the thread dies with the process."""
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, args=(loop, done), name=name, daemon=True).start()
        await done.wait()

    def end(self, state: State[Any]) -> None:
        """Ends the run in this state, at the next point where it waits for something."""
        with self._lock:
            self._engine.ending = state
            if self._loop and self._task:
                self._loop.call_soon_threadsafe(self._task.cancel)

    def _run(self, caller: asyncio.AbstractEventLoop, done: asyncio.Event) -> None:
        try:
            asyncio.run(self._drive())
        except BaseException as error:  # noqa: BLE001 - a flow may raise anything; the worker judges it by the run's state
            self.error = error
        finally:
            caller.call_soon_threadsafe(done.set)

    async def _drive(self) -> None:
        with self._lock:
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            if self._engine.ending and self._task:
                self._task.cancel()
        try:
            await self._engine.drive()
        finally:
            with self._lock:
                self._loop = None


class InProcessWorker(BaseWorker[BaseJobConfiguration, BaseVariables, BaseWorkerResult]):
    """Worker of type `dingdian`: see the head of this module."""

    type = POOL
    job_configuration = BaseJobConfiguration
    job_configuration_variables = BaseVariables
    _description = "在本进程内执行定点流程。"

    def __init__(self, flows: Mapping[str, Flow[..., Any]], **options: Any) -> None:
        super().__init__(work_pool_name=POOL, prefetch_seconds=0, limit=RUNS_AT_ONCE, **options)
        self._flows = flows
        self._running: dict[UUID, Running] = {}
        self._draining = False
        self._next_look = 0.0
        self.listener = Listener()

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """One look, when it rings or after a while: ends the runs an operator cancelled, and starts what is due."""
        await self.listener.wait(CANCEL_POLL_SECONDS if self._running else REST_SECONDS)
        if self._running and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + CANCEL_POLL_SECONDS
            await self._end_cancelled_runs()
        return [] if self._draining else await super().get_and_submit_flow_runs()

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> BaseWorkerResult:
        """Runs one flow run; whatever the flow does, the run ends in a final state and the worker goes on."""
        entrypoint = await self._entrypoint(flow_run)
        flow = self._flows.get(entrypoint)
        if flow is None:
            return await self._refuse(flow_run, entrypoint, task_status)
        engine = Engine(flow=flow, flow_run=flow_run, parameters=flow_run.parameters)
        running = self._running[flow_run.id] = Running(engine)
        if task_status:
            task_status.started(os.getpid())
        try:
            await running.finish(f"run-{flow_run.name}")
        finally:
            del self._running[flow_run.id]
        await self._make_final(flow_run.id, running.error)
        return BaseWorkerResult(status_code=0, identifier=str(flow_run.id))

    async def _entrypoint(self, flow_run: FlowRun) -> str:
        deployment = await self.client.read_deployment(flow_run.deployment_id) if flow_run.deployment_id else None
        return (deployment and deployment.entrypoint) or ""

    async def _refuse(
        self, flow_run: FlowRun, entrypoint: str, task_status: anyio.abc.TaskStatus[int] | None
    ) -> BaseWorkerResult:
        """A run of what is no flow of the house: ended with a sentence, and told in the log."""
        said = NOT_OURS.format(entrypoint[:LONGEST_ENTRYPOINT])
        logger.error("运行 %s：%s", flow_run.id, said)
        if task_status:
            task_status.started(os.getpid())
        await self.client.set_flow_run_state(flow_run.id, Failed(message=said), force=True)
        return BaseWorkerResult(status_code=0, identifier=str(flow_run.id))

    async def drain(self, seconds: float = GRACE_SECONDS) -> None:
        """Takes no more runs and lets those that run finish; ends those that are still there when the time is over."""
        self._draining = True
        await self._wait_until_idle(seconds)
        for running in list(self._running.values()):
            running.end(Crashed(message=STOPPED))
        await self._wait_until_idle(seconds / 2)

    async def _wait_until_idle(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._running and time.monotonic() < deadline:
            await asyncio.sleep(0.05)

    async def _end_cancelled_runs(self) -> None:
        cancelling = FlowRunFilter(
            id=FlowRunFilterId(any_=list(self._running)),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.CANCELLING])),
        )
        for flow_run in await self.client.read_flow_runs(flow_run_filter=cancelling):
            if running := self._running.get(flow_run.id):
                running.end(Cancelled(message=CANCELLED))

    async def _make_final(self, flow_run_id: UUID, error: BaseException | None) -> None:
        """A run whose engine could not report an end gets one from the worker."""
        try:
            flow_run = await self.client.read_flow_run(flow_run_id)
        except ObjectNotFound:
            return
        if flow_run.state is None or flow_run.state.type not in UNFINISHED:
            return
        logger.error("运行 %s 未报告结果", flow_run_id, exc_info=error)
        await self.client.set_flow_run_state(flow_run_id, _end_of(flow_run.state, UNREPORTED), force=True)


def _end_of(state: State[Any], message: str) -> State[Any]:
    return Cancelled(message=CANCELLED) if state.is_cancelling() else Crashed(message=message)


async def serve(flows: Mapping[str, Flow[..., Any]], announce: Callable[[int], None]) -> None:
    """Waits for the API, works, and announces the number of deployments; at SIGTERM, whenever it comes, winds up."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    with peers.own_name() as name:
        worker = InProcessWorker(flows, name=name, heartbeat_interval_seconds=HEARTBEAT_SECONDS)
        async with anyio.create_task_group() as group:
            group.start_soon(_work, worker, announce)
            await stopping.wait()
            await worker.drain()
            group.cancel_scope.cancel()


async def _work(worker: InProcessWorker, announce: Callable[[int], None]) -> None:
    """Deployments are registered before the first run is taken: what stands there may be another version's."""
    await _wait_for_api()
    async with get_client() as client:
        await persist(lambda: _make_pool(client), "建立工作池")
        await persist(lambda: peers.close_abandoned(client, worker.name), "了结中断的运行")
    registered = await register()
    with temporary_settings({PREFECT_WORKER_QUERY_SECONDS: POLL_SECONDS}):
        async with anyio.create_task_group() as group:
            group.start_soon(worker.listener.listen)
            group.start_soon(worker.start)
            while not worker.is_setup:
                await asyncio.sleep(0.02)
            announce(len(registered))


async def _make_pool(client: PrefectClient) -> None:
    """The pool, unless it is there: then it stays as it is, whoever made it."""
    pool = WorkPoolCreate(
        name=POOL, type=InProcessWorker.type, base_job_template=InProcessWorker.get_default_base_job_template()
    )
    with suppress(ObjectAlreadyExists):
        await client.create_work_pool(pool)


async def _wait_for_api() -> None:
    """Until the server answers. Our own one is watched by `dingdian up`, which ends this process when that one dies."""
    deadline = time.monotonic() + API_PATIENCE_SECONDS
    while True:
        async with get_client() as client:
            error = await client.api_healthcheck()
        if error is None:
            return
        if time.monotonic() > deadline:
            raise error
        await asyncio.sleep(0.1)


def main() -> None:
    """The worker: as a child of `dingdian up`, or alone (`dingdian worker`)."""
    alone = ALONE in sys.argv[1:]
    to_parent = sys.stderr if alone else own_output()
    try:
        flows = house_flows(get_settings())  # their code is loaded while the server starts
    except DingdianError as error:
        _give_up(error)
    gc.freeze()  # what was loaded is never garbage: collections during a sweep look at the sweep's own values only
    if not alone:
        wait_for_go()
    try:
        _expect_ours()
        asyncio.run(serve(flows, lambda count: print(READY, count, file=to_parent, flush=True)))
    except DingdianError as error:
        _give_up(error)


def _give_up(error: DingdianError) -> NoReturn:
    print(f"错误：{error}", file=sys.stderr)
    sys.exit(1)


def _expect_ours() -> None:
    """Refuses a database of another version, or that was written with another key or other folders; and an address of
    staff that nothing can be sent to."""
    url = surroundings.database_url()
    ensure_current(url)
    expect_usable(get_settings())
    belongings.expect(url, get_settings())


if __name__ == "__main__":
    main()
