"""What Prefect says of our schedules: told to the office by our own messages, and a schedule that is gone comes back.

Looked at every minute (57 值守) and by `dingdian health`. Nothing is remembered: a fault is told once a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort
from sqlalchemy import select
from sqlmodel import col

from models import Notification
from models.database import transaction
from rules.localtime import local_day
from tasks import surroundings
from tasks.addressing import running_rounds
from tasks.outbox_rows import owe_to_office
from upkeep.deployment_file import read, schedules_of
from upkeep.peers import POOL, lives

ALERT = "service_fault"
PAGE = 200
INTERVALS = {  # by the slug of a schedule
    "every-minute": timedelta(minutes=1),
    "every-five-minutes": timedelta(minutes=5),
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
}
OURS = "57 值守"
WAS_UP = timedelta(minutes=3)  # after a stop everything is late, and comes by itself within a minute
JUST_GONE = timedelta(minutes=10)
ENDED_WELL, ENDED_BADLY = [StateType.COMPLETED], [StateType.FAILED, StateType.CRASHED]
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a part of the service (`part` names the deployment or the worker), and what to do."""

    part: str
    kind: str
    said: str


async def look(client: PrefectClient, *, mend: bool = False) -> list[Fault]:
    """Every fault of workers and schedules as Prefect has them now; `mend` puts a schedule back that is gone."""
    known = {one.name: one for one in await client.read_deployments(limit=PAGE)}
    was_up = OURS in known and await _ended_since(client, known[OURS], datetime.now(UTC) - WAS_UP)
    faults = await _workers_gone(client)
    for entry in read():
        if not entry.get("schedules"):
            continue
        if (held := known.get(entry["name"])) is None:
            faults.append(Fault(entry["name"], "missing", "流程没有登记，不会运行：请重启服务，或再次登记"))
            continue
        faults += await _schedules(client, entry, held, mend=mend)
        faults += await _runs(client, held, was_up=was_up)
    return faults


async def _workers_gone(client: PrefectClient) -> list[Fault]:
    since = datetime.now(UTC) - JUST_GONE
    workers = await client.read_workers_for_work_pool(POOL)
    gone = [one.name for one in workers if not lives(one) and (one.last_heartbeat_time or since) > since]
    said = "执行进程已不在，它的运行由其他执行进程了结：如不是有意停止，请查看该机器"
    return [Fault(name, "gone", said) for name in gone]


async def _schedules(
    client: PrefectClient, entry: dict[str, Any], held: DeploymentResponse, *, mend: bool
) -> list[Fault]:
    if held.paused:
        return [Fault(held.name, "paused", "已被人暂停，不会自动运行：请在 Prefect 界面恢复")]
    there = {str(one.slug or ""): one.active for one in held.schedules}
    wanted = schedules_of(entry)
    gone = [one for one in wanted if str(one.slug or "") not in there]
    if gone and mend:
        await client.create_deployment_schedules(held.id, gone)
    restored = "已自动恢复" if mend else "值守会在一分钟内恢复"
    asleep = [slug for slug, active in there.items() if not active]
    return [
        *(Fault(held.name, f"deleted {one.slug}", f"定时 {one.slug} 被删除，{restored}") for one in gone),
        *(Fault(held.name, f"paused {one}", f"定时 {one} 已被人暂停：请在 Prefect 界面恢复") for one in asleep),
    ]


async def _runs(client: PrefectClient, held: DeploymentResponse, *, was_up: bool) -> list[Fault]:
    """The run that ended last failed, or it ended too long ago."""
    last = await _last(client, held)
    if last and last.state and last.state.type in ENDED_BADLY:
        return [Fault(held.name, "failed", f"最近一次运行没有完成：{(last.state.message or '')[:LONGEST]}")]
    intervals = [INTERVALS[str(one.slug)] for one in held.schedules if one.active and one.slug in INTERVALS]
    if held.paused or not intervals or not was_up or not last or not last.end_time:
        return []
    silent = datetime.now(UTC) - last.end_time
    if silent <= 2 * min(intervals):
        return []
    return [
        Fault(held.name, "silent", f"已 {silent.total_seconds() / 60:.0f} 分钟没有运行：请看执行进程和 Prefect 服务")
    ]


async def _last(client: PrefectClient, held: DeploymentResponse) -> FlowRun | None:
    ended = FlowRunFilterState(type=FlowRunFilterStateType(any_=[*ENDED_WELL, *ENDED_BADLY]))
    found = await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[held.id])),
        flow_run_filter=FlowRunFilter(state=ended),
        sort=FlowRunSort.END_TIME_DESC,
        limit=1,
    )
    return found[0] if found else None


async def _ended_since(client: PrefectClient, held: DeploymentResponse, since: datetime) -> bool:
    last = await _last(client, held)
    return bool(last and last.end_time and last.end_time > since)


def tell(url: str, faults: Sequence[Fault], at: datetime) -> int:
    """One message to the office for each fault, once a day, about the rounds under way (without one there is nobody to
    wait for anything); says how many are new."""
    count = 0
    with transaction(url) as session:
        rounds = running_rounds(session, at)[:1]
        for the_round in rounds:
            keys = {f"watch:{one.part}:{one.kind}:{local_day(at)}": one for one in faults}
            query = select(col(Notification.dedupe_key)).where(col(Notification.dedupe_key).in_(list(keys)))
            told = set(session.execute(query).scalars())
            for key in keys.keys() - told:
                said = {"part": keys[key].part, "found": keys[key].said}
                owe_to_office(session, the_round, ALERT, said, at, key)
                count += 1
    return count


@task(name="查看定时和执行进程", cache_policy=NO_CACHE)
async def look_after() -> list[str]:
    """Looks, puts back what is gone, and tells the office; answers what is wrong, in sentences."""
    async with get_client() as client:
        faults = await look(client, mend=True)
    tell(surroundings.database_url(), faults, surroundings.now())
    return [f"{one.part}：{one.said}" for one in faults]
