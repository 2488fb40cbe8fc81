"""Registers the deployments of a `prefect.yaml` with Prefect's API, from the imported flows.

The same file works with `prefect deploy --all`; this way is faster, needs no shell, refuses a key it does not know, and
leaves paused what a person has paused.
"""

from __future__ import annotations

import asyncio
import importlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from prefect import Flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.client.schemas.objects import ConcurrencyOptions
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.utilities.callables import parameter_schema
from pydantic import ValidationError

from dingdian.persisting import persist
from rules.errors import InputError
from tasks.keeping.peers import POOL

PREFECT_FILE = Path(__file__).with_name("prefect.yaml")  # a link to that of the repository; a wheel holds it here
AT_ONCE = 8  # more of them only wait inside the server
PAGE = 200
ENTRYPOINT = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)+", re.ASCII | re.IGNORECASE)
KNOWN = {
    "name", "version", "tags", "description", "entrypoint", "parameters", "concurrency_limit", "schedules", "paused",
    "enforce_parameter_schema", "work_pool",
}  # fmt: skip
Paused = Mapping[str, frozenset[str]]
AROUND_A_SCHEDULE = ("active", "slug", "parameters", "replaces")


def flow_at(entrypoint: str) -> Flow[..., Any]:
    """The flow that an entrypoint names: `flows.sweep.sweep`, a module that can be imported and a flow in it. Whoever
    has the package installed can run it, from any folder: nothing is fetched and no path is looked up.

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


def read(file: Path = PREFECT_FILE) -> list[dict[str, Any]]:
    """The deployments of a file, as they stand there.

    Raises:
        InputError: the file is not there, is no YAML, or a deployment has a key this version does not know.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise InputError(f"部署文件 {file.name} 无法读取：{error}。") from error
    entries: list[dict[str, Any]] = content.get("deployments") or []
    for number, entry in enumerate(entries):
        if unknown := sorted(set(entry) - KNOWN):
            raise InputError(f"{file.name} deployments[{number}]：不认识的键 {'、'.join(unknown)}。")
        if missing := sorted({"name", "entrypoint"} - set(entry)):
            raise InputError(f"{file.name} deployments[{number}]：缺少 {'、'.join(missing)}。")
    return entries


async def register(file: Path = PREFECT_FILE) -> list[str]:
    """Creates or updates every deployment of the file; running it twice changes nothing, and what a person has paused
    stays paused. Answers their full names.

    A few at a time; what an overloaded server does not take is handed in again for as long as there is a server.

    Raises:
        InputError: the file or an entrypoint cannot be used; nothing is registered then.
        ServerGoneError: nobody listens at the API's address.
    """
    pairs = [(entry, flow_at(entry["entrypoint"])) for entry in read(file)]
    turns = asyncio.Semaphore(AT_ONCE)
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):  # the patience is ours
        async with get_client() as client:
            paused = await persist(lambda: _paused(client, [entry["name"] for entry, _ in pairs]), "查看已暂停的定时")
            waiting = (_persistently(client, entry, flow, paused, turns) for entry, flow in pairs)
            return list(await asyncio.gather(*waiting))


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


def schedules_of(entry: dict[str, Any], asleep: Iterable[str] = ()) -> list[DeploymentScheduleCreate]:
    """The schedules of a deployment of the file; those in `asleep` (their slugs) paused. Raises InputError."""
    made = [_schedule(entry["name"], schedule) for schedule in entry.get("schedules") or []]
    return [one.model_copy(update={"active": False}) if _slug(one) in asleep else one for one in made]


def _schedule(deployment: str, entry: dict[str, Any]) -> DeploymentScheduleCreate:
    around = {key: entry[key] for key in AROUND_A_SCHEDULE if key in entry}
    timing = {key: value for key, value in entry.items() if key not in around}
    try:
        return DeploymentScheduleCreate.model_validate({"schedule": timing, **around})
    except ValidationError as error:
        raise InputError(f"部署 {deployment} 的定时设置不能用：{error}。") from error
