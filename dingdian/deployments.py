"""Registers the deployments of a `prefect.yaml` with Prefect's API, from the imported flows.

The same file works with `prefect deploy --all`; this way is faster, needs no shell, and refuses a key it does not know.
"""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from prefect import Flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyOptions
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.utilities.callables import parameter_schema
from pydantic import ValidationError

from dingdian.persisting import persist
from models.settings import ROOT
from rules.errors import InputError

PREFECT_FILE = ROOT / "prefect.yaml"
POOL = "dingdian"
AT_ONCE = 8  # more of them only wait inside the server
KNOWN = {
    "name", "version", "tags", "description", "entrypoint", "parameters", "concurrency_limit", "schedules", "paused",
    "enforce_parameter_schema", "work_pool",
}  # fmt: skip
AROUND_A_SCHEDULE = ("active", "slug", "parameters", "replaces")


def flow_at(entrypoint: str) -> Flow[..., Any]:
    """The flow that an entrypoint names: `flows/sweep.py:sweep`, a path inside this repository.

    Raises:
        InputError: the path leaves the repository, the module does not import, or the name is no flow.
    """
    file, _, name = entrypoint.partition(":")
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or path.suffix != ".py" or not name:
        raise InputError(f"流程入口 {entrypoint!r} 不能用：应写成仓库内的路径，如 flows/sweep.py:sweep。")
    try:
        flow = getattr(importlib.import_module(".".join(path.with_suffix("").parts)), name)
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
    """Creates or updates every deployment of the file; running it twice changes nothing. Answers their full names.

    A few at a time; what an overloaded server does not take is handed in again for as long as there is a server.

    Raises:
        InputError: the file or an entrypoint cannot be used; nothing is registered then.
        ServerGoneError: nobody listens at the API's address.
    """
    pairs = [(entry, flow_at(entry["entrypoint"])) for entry in read(file)]
    turns = asyncio.Semaphore(AT_ONCE)
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):  # the patience is ours
        async with get_client() as client:
            return list(await asyncio.gather(*(_persistently(client, entry, flow, turns) for entry, flow in pairs)))


async def _persistently(
    client: PrefectClient, entry: dict[str, Any], flow: Flow[..., Any], turns: asyncio.Semaphore
) -> str:
    async with turns:
        return await persist(lambda: _register(client, entry, flow), f"登记流程“{entry['name']}”")


async def _register(client: PrefectClient, entry: dict[str, Any], flow: Flow[..., Any]) -> str:
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
        parameter_openapi_schema=_in_order(parameter_schema(flow).model_dump(exclude_unset=True)),
        enforce_parameter_schema=entry.get("enforce_parameter_schema", True),
        schedules=[_schedule(entry["name"], schedule) for schedule in entry.get("schedules") or []],
        concurrency_limit=limit,
        concurrency_options=options,
        paused=entry.get("paused"),
        work_pool_name=pool.get("name", POOL),
        work_queue_name=pool.get("work_queue_name"),
        job_variables=pool.get("job_variables") or {},
        pull_steps=[],
    )
    return f"{flow.name}/{entry['name']}"


def _in_order(schema: dict[str, Any]) -> dict[str, Any]:
    """Numbers the fields of nested forms: PostgreSQL keeps no order of keys, Prefect numbers the top level only."""
    for definition in schema.get("definitions", {}).values():
        for position, field in enumerate(definition.get("properties", {}).values()):
            field.setdefault("position", position)
    return schema


def _concurrency(entry: dict[str, Any]) -> tuple[int | None, ConcurrencyOptions | None]:
    limit = entry.get("concurrency_limit")
    if not isinstance(limit, dict):
        return limit, None
    options = {key: value for key, value in limit.items() if key != "limit"}
    return limit["limit"], ConcurrencyOptions(**options) if options else None


def _schedule(deployment: str, entry: dict[str, Any]) -> DeploymentScheduleCreate:
    around = {key: entry[key] for key in AROUND_A_SCHEDULE if key in entry}
    timing = {key: value for key, value in entry.items() if key not in around}
    try:
        return DeploymentScheduleCreate.model_validate({"schedule": timing, **around})
    except ValidationError as error:
        raise InputError(f"部署 {deployment} 的定时设置不能用：{error}。") from error
