"""Registers the deployments of a `prefect.yaml` with Prefect's API, from the imported flows.

The same file works with `prefect deploy --all`; this way is faster, needs no shell, refuses a key it does not know, and
leaves paused what a person has paused.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from prefect import Flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkQueueCreate
from prefect.client.schemas.filters import WorkPoolFilter, WorkPoolFilterName
from prefect.client.schemas.objects import ConcurrencyOptions
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
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
Found = TypeVar("Found")
Standing = Mapping[str, DeploymentResponse]
Pairs = Sequence[tuple[dict[str, Any], Flow[..., Any]]]


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
    stays paused. One that an earlier version registered under a name that its form no longer has is taken away. Answers
    their full names.

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
            standing = await persist(lambda: _standing(client), "查看已登记的流程")
            for name in _outdated(standing, pairs):
                await persist(partial(_take_away, client, standing[name]), f"去除旧的流程“{name}”")
            waiting = (_persistently(client, entry, flow, standing, turns) for entry, flow in pairs)
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


async def _standing(client: PrefectClient) -> Standing:
    """What Prefect has of the pool's deployments, by their full names."""
    ours = WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL]))
    name_of = {flow.id: flow.name for flow in await _every(partial(client.read_flows, work_pool_filter=ours))}
    known = await _every(partial(client.read_deployments, work_pool_filter=ours))
    return {f"{name_of[one.flow_id]}/{one.name}": one for one in known if one.flow_id in name_of}


async def _every(read: Callable[..., Awaitable[list[Found]]]) -> list[Found]:
    """All that a list of Prefect's holds, page by page."""
    found: list[Found] = []
    while len(page := await read(limit=PAGE, offset=len(found))) == PAGE:
        found += page
    return found + page


def _outdated(standing: Standing, pairs: Pairs) -> list[str]:
    """Those that lead to a flow of the file, under a name that it does not have: its form was renamed. A deployment
    that somebody made of a flow as it is named now is his."""
    named = {entry["entrypoint"]: flow.name for entry, flow in pairs}
    return [
        name
        for name, one in standing.items()
        if one.entrypoint in named and name != f"{named[one.entrypoint]}/{one.name}"
    ]


async def _take_away(client: PrefectClient, one: DeploymentResponse) -> None:
    with suppress(ObjectNotFound):  # another worker was quicker
        await client.delete_deployment(one.id)


async def _persistently(
    client: PrefectClient, entry: dict[str, Any], flow: Flow[..., Any], standing: Standing, turns: asyncio.Semaphore
) -> str:
    name = f"{flow.name}/{entry['name']}"
    held = standing.get(name)
    async with turns:
        wanted = _wanted(entry, flow, held)
        if held is None or not _stands(held, wanted):
            await persist(lambda: _register(client, flow, wanted), f"登记流程“{entry['name']}”")
    return name


def _stands(held: DeploymentResponse, wanted: dict[str, Any]) -> bool:
    """Whether Prefect has it as it is wanted. One with a schedule is handed in each time: that drops the runs that
    were planned while nobody was there to run them, of which the clock's flows want one at most."""
    return not wanted["schedules"] and all(_held(held, name) == value for name, value in wanted.items())


def _held(held: DeploymentResponse, name: str) -> Any:
    """A value as it was handed in: Prefect answers the limit as an object, and no steps as nothing."""
    if name == "concurrency_limit":
        return held.global_concurrency_limit and held.global_concurrency_limit.limit
    return held.pull_steps or [] if name == "pull_steps" else getattr(held, name)


async def _register(client: PrefectClient, flow: Flow[..., Any], wanted: dict[str, Any]) -> None:
    await client.create_deployment(flow_id=await client.create_flow_from_name(flow.name), **wanted)


def _wanted(entry: dict[str, Any], flow: Flow[..., Any], held: DeploymentResponse | None) -> dict[str, Any]:
    """A deployment as the file and the flow say it is. The schedules that are paused now stay so (`held`): registering
    makes every schedule anew, and would wake them."""
    limit, options = _concurrency(entry)
    pool = entry.get("work_pool") or {}
    asleep = [str(one.slug or "") for one in held.schedules if not one.active] if held else []
    return {
        "name": entry["name"],
        "version": entry.get("version") or flow.version,
        "description": entry.get("description") or flow.description,
        "tags": entry.get("tags") or [],
        "entrypoint": entry["entrypoint"],
        "parameters": entry.get("parameters") or {},
        "parameter_openapi_schema": parameter_schema(flow).model_dump(exclude_unset=True),
        "enforce_parameter_schema": entry.get("enforce_parameter_schema", True),
        "schedules": schedules_of(entry, asleep),
        "concurrency_limit": limit,
        "concurrency_options": options,
        "work_pool_name": pool.get("name", POOL),
        "work_queue_name": pool.get("work_queue_name"),
        "job_variables": pool.get("job_variables") or {},
        "pull_steps": [],
        **({"paused": entry["paused"]} if "paused" in entry else {}),
    }


def _concurrency(entry: dict[str, Any]) -> tuple[int | None, ConcurrencyOptions | None]:
    limit = entry.get("concurrency_limit")
    if not isinstance(limit, dict):
        return limit, None
    options = {key: value for key, value in limit.items() if key != "limit"}
    return limit["limit"], ConcurrencyOptions(**options) if options else None
