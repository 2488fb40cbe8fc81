"""`prefect.yaml` as it stands: the deployments of the house, their schedules and the queues they wait in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkQueueCreate
from pydantic import ValidationError

from foundation.settings import ROOT, Settings
from rules.errors import InputError

PREFECT_FILE = ROOT / "dingdian" / "prefect.yaml"  # a link to that of the repository; a wheel holds it here
REHEARSAL_FILE = ROOT / "dingdian" / "demo" / "prefect.yaml"  # what the folder of a rehearsal has besides
KNOWN = {
    "name", "version", "tags", "description", "entrypoint", "parameters", "concurrency_limit", "schedules", "paused",
    "enforce_parameter_schema", "work_pool",
}  # fmt: skip
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C, ten times as fast, where it is there
AROUND_A_SCHEDULE = ("active", "slug", "parameters", "replaces")


@dataclass(frozen=True, slots=True)
class Entrypoints:
    """What runs here: the flows of the house (in the folder of a rehearsal those of its own file too), and in a
    development tree those that its tests name."""

    house: tuple[str, ...]
    tried: tuple[str, ...]


def entrypoints(settings: Settings) -> Entrypoints:
    """The entrypoints of the files that hold in this installation. Raises InputError as `read`."""
    further = settings.further_deployments
    tried = () if further == Path() else _entrypoints_of(read(further))
    return Entrypoints(_entrypoints_of(house_entries(settings)), tried)


def house_entries(settings: Settings) -> list[dict[str, Any]]:
    """The deployments of the house in this installation, a rehearsal's own among them. Raises InputError as `read`."""
    return read() + (read(REHEARSAL_FILE) if settings.rehearsal_clock != Path() else [])


def _entrypoints_of(entries: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(entry["entrypoint"] for entry in entries)


def read(file: Path = PREFECT_FILE) -> list[dict[str, Any]]:
    """The deployments of a file, as they stand there.

    Raises:
        InputError: the file is not there, is no YAML, or a deployment has a key this version does not know.
    """
    entries: list[dict[str, Any]] = _content(file).get("deployments") or []
    for number, entry in enumerate(entries):
        if unknown := sorted(set(entry) - KNOWN):
            raise InputError(f"{file.name} deployments[{number}]：不认识的键 {'、'.join(unknown)}。")
        if missing := sorted({"name", "entrypoint"} - set(entry)):
            raise InputError(f"{file.name} deployments[{number}]：缺少 {'、'.join(missing)}。")
    return entries


def queues_of(file: Path = PREFECT_FILE) -> list[WorkQueueCreate]:
    """The queues of the pool that the file defines (Prefect's own command does not make them), the most urgent first.

    Raises:
        InputError: the file cannot be read, or a queue has a key or a value that Prefect does not know.
    """
    try:
        stated = (_content(file).get("definitions") or {}).get("queues") or []
        queues = [WorkQueueCreate.model_validate(entry) for entry in stated]
    except ValidationError as error:
        raise InputError(f"{file.name} 的队列设置（definitions.queues）不能用：{error}。") from error
    return sorted(queues, key=lambda queue: queue.priority or 0)


def _content(file: Path) -> dict[str, Any]:
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=LOADER) or {}  # noqa: S506  # a SafeLoader
    except (OSError, yaml.YAMLError) as error:
        raise InputError(f"部署文件 {file.name} 无法读取：{error}。") from error


def schedules_of(entry: dict[str, Any], asleep: Iterable[str] = ()) -> list[DeploymentScheduleCreate]:
    """The schedules of a deployment of the file; those in `asleep` (their slugs) paused. Raises InputError."""
    made = [_schedule(entry["name"], schedule) for schedule in entry.get("schedules") or []]
    return [one.model_copy(update={"active": False}) if str(one.slug or "") in asleep else one for one in made]


def _schedule(deployment: str, entry: dict[str, Any]) -> DeploymentScheduleCreate:
    around = {key: entry[key] for key in AROUND_A_SCHEDULE if key in entry}
    timing = {key: value for key, value in entry.items() if key not in around}
    try:
        return DeploymentScheduleCreate.model_validate({"schedule": timing, **around})
    except ValidationError as error:
        raise InputError(f"部署 {deployment} 的定时设置不能用：{error}。") from error
