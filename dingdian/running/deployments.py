"""Registers the deployments of a `prefect.yaml` with Prefect's API, from the imported flows.

The same file works with `prefect deploy --all`; this way is faster, needs no shell, refuses a key it does not know, and
leaves paused what a person has paused.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from prefect import Flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkQueueCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.client.schemas.objects import ConcurrencyOptions
from prefect.exceptions import ObjectAlreadyExists
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.utilities.callables import parameter_schema

from dingdian.running.persisting import persist
from foundation.settings import ROOT, Settings
from rules.errors import InputError
from upkeep.deployment_file import PREFECT_FILE, entrypoints, queues_of, read, schedules_of
from upkeep.peers import POOL

AT_ONCE = 8  # more of them only wait inside the server
PAGE = 200
ENTRYPOINT = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)+", re.ASCII | re.IGNORECASE)
HOUSE = "flows"  # the package in which every flow of the house stands
Paused = Mapping[str, frozenset[str]]


def flow_at(entrypoint: str) -> Flow[..., Any]:
    """The flow that an entrypoint names: `flows.sweep.sweep`, a module that can be imported and a flow in it. Whoever
    has the package installed can run it, from any folder: nothing is fetched and no path is looked up. Importing runs
    code: only for entrypoints of our own files (`house_flows`), never for what an API says.

    Raises:
        InputError: no such name, the module does not import, or the name is no flow.
    """
    if not ENTRYPOINT.fullmatch(entrypoint):
        raise InputError(f"流程入口 {entrypoint!r} 不能用：应写成模块和流程的名称，如 flows.sweep.sweep。")
    module, _, name = entrypoint.rpartition(".")
    try:
        flow = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise InputError(f"流程入口 {entrypoint!r} 无法载入：{error}。") from error
    if not isinstance(flow, Flow):
        raise InputError(f"流程入口 {entrypoint!r} 不是 Prefect 流程；请检查是否漏写 @flow。")
    return flow


def house_flows(settings: Settings) -> dict[str, Flow[..., Any]]:
    """Every flow that a worker runs, by its entrypoint: those of the house's `prefect.yaml` (in the folder of a
    rehearsal those of its own file too), which stand in the installed package `flows`, and in a development tree those
    that its tests name (`further_deployments`).

    Raises:
        InputError: an entrypoint of the house is outside the package, the package is another's, or one cannot be used.
    """
    found_in = entrypoints(settings)
    if astray := [one for one in found_in.house if one.partition(".")[0] != HOUSE]:
        raise InputError(f"{PREFECT_FILE.name} 的流程入口 {'、'.join(astray)} 不在程序包 {HOUSE} 中，不能运行。")
    found = importlib.util.find_spec(HOUSE)
    if found is None or found.origin is None or Path(found.origin).parent.resolve() != ROOT / HOUSE:
        raise InputError(f"程序包 {HOUSE} 不在安装目录 {ROOT} 中，不能运行：请重新安装本程序。")
    return {entrypoint: flow_at(entrypoint) for entrypoint in (*found_in.house, *found_in.tried)}


async def register(file: Path = PREFECT_FILE) -> list[str]:
    """Creates or updates every deployment of the file; running it twice changes nothing, and what a person has paused
    stays paused. Answers their full names.

    A few at a time; what an overloaded server does not take is handed in again for as long as there is a server.

    Raises:
        InputError: the file or an entrypoint cannot be used; nothing is registered then.
        ServerGoneError: nobody listens at the API's address.
    """
    pairs = [(entry, flow_at(entry["entrypoint"])) for entry in read(file)]
    queues = queues_of(file)
    turns = asyncio.Semaphore(AT_ONCE)
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):  # the patience is ours
        async with get_client() as client:
            for queue in queues:
                await persist(partial(_make_queue, client, queue), f"登记队列“{queue.name}”")
            paused = await persist(lambda: _paused(client, [entry["name"] for entry, _ in pairs]), "查看已暂停的定时")
            waiting = (_persistently(client, entry, flow, paused, turns) for entry, flow in pairs)
            return list(await asyncio.gather(*waiting))


async def _make_queue(client: PrefectClient, queue: WorkQueueCreate) -> None:
    """The queue with its place in the order; one that is there keeps the limit and the pause that a person gave it.
    (Prefect's command makes queues too, without limit and last in the order.)"""
    try:
        await client.create_work_queue(
            queue.name, queue.description, None, queue.concurrency_limit, queue.priority, work_pool_name=POOL
        )
    except ObjectAlreadyExists:
        held = await client.read_work_queue_by_name(queue.name, POOL)
        wanted = {"priority": queue.priority, "description": held.description or queue.description}
        if held.concurrency_limit is None:
            wanted["concurrency_limit"] = queue.concurrency_limit
        if any(getattr(held, name) != value for name, value in wanted.items()):
            await client.request(  # the client's own method leaves two queues in one place
                "PATCH",
                "/work_pools/{work_pool_name}/queues/{name}",
                path_params={"work_pool_name": POOL, "name": queue.name},
                json=wanted,
            )


async def _paused(client: PrefectClient, names: list[str]) -> Paused:
    """The schedules that are paused now, by deployment: registering makes every schedule anew, and would wake them."""
    named = DeploymentFilter(name=DeploymentFilterName(any_=names))
    known = await client.read_deployments(deployment_filter=named, limit=PAGE)
    return {one.name: frozenset(_slug(schedule) for schedule in one.schedules if not schedule.active) for one in known}


def _slug(schedule: Any) -> str:
    return str(schedule.slug or "")


async def _persistently(
    client: PrefectClient, entry: dict[str, Any], flow: Flow[..., Any], paused: Paused, turns: asyncio.Semaphore
) -> str:
    async with turns:
        asleep = paused.get(entry["name"], frozenset())
        return await persist(lambda: _register(client, entry, flow, asleep), f"登记流程“{entry['name']}”")


async def _register(client: PrefectClient, entry: dict[str, Any], flow: Flow[..., Any], asleep: frozenset[str]) -> str:
    limit, options = _concurrency(entry)
    pool = entry.get("work_pool") or {}
    await client.create_deployment(
        flow_id=await client.create_flow_from_name(flow.name),
        name=entry["name"],
        version=entry.get("version") or flow.version,
        description=entry.get("description") or flow.description,
        tags=entry.get("tags") or [],
        entrypoint=entry["entrypoint"],
        parameters=entry.get("parameters") or {},
        parameter_openapi_schema=parameter_schema(flow).model_dump(exclude_unset=True),
        enforce_parameter_schema=entry.get("enforce_parameter_schema", True),
        schedules=schedules_of(entry, asleep),
        concurrency_limit=limit,
        concurrency_options=options,
        paused=entry.get("paused"),
        work_pool_name=pool.get("name", POOL),
        work_queue_name=pool.get("work_queue_name"),
        job_variables=pool.get("job_variables") or {},
        pull_steps=[],
    )
    return f"{flow.name}/{entry['name']}"


def _concurrency(entry: dict[str, Any]) -> tuple[int | None, ConcurrencyOptions | None]:
    limit = entry.get("concurrency_limit")
    if not isinstance(limit, dict):
        return limit, None
    options = {key: value for key, value in limit.items() if key != "limit"}
    return limit["limit"], ConcurrencyOptions(**options) if options else None
