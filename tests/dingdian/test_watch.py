"""值守: schedules that fail, stay away, were paused or deleted are told once a day; a deleted one comes back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from sqlalchemy import select, text
from sqlmodel import col

from dingdian import demo
from models import Notification
from models.database import engine_for, reading
from tests.dingdian.test_peers import LATER
from tests.support.stack import Stack
from upkeep import watch
from upkeep.deployment_file import read
from upkeep.watch import Fault
from views.message_board import people_wanted

BACKUP, TIDY, CHECK = "每日备份/55 每日备份", "清理运行记录/56 清理运行记录", "核对已发布页面/27 核对已发布页面"


def look(stack: Stack, *, mend: bool = False) -> dict[str, str]:
    """The faults by deployment, with their kind."""

    async def found() -> list[Fault]:
        async with get_client() as client:
            return await watch.look(client, mend=mend)

    with stack.as_ours():
        faults = asyncio.run(found())
    return {
        one.part: one.kind for one in faults if one.part in {name.partition("/")[2] for name in (BACKUP, TIDY, CHECK)}
    }


def deployment(stack: Stack, name: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.request("GET", f"/deployments/name/{name}")
    return found


@pytest.fixture
def up(prefect_stack: Stack) -> Stack:
    """The watch has just been."""
    prefect_stack.wait_for(prefect_stack.create_run("值守/57 值守", {}))
    return prefect_stack


def test_every_schedule_of_the_house_has_an_interval() -> None:
    slugs = {one["slug"] for entry in read() for one in entry.get("schedules", ())}
    assert slugs <= set(watch.INTERVALS)


def test_a_paused_schedule_is_told(up: Stack) -> None:
    held = deployment(up, BACKUP)
    path = f"/deployments/{held['id']}/schedules/{held['schedules'][0]['id']}"
    up.request("PATCH", path, {"active": False})
    try:
        assert look(up).get("55 每日备份") == "paused daily"
    finally:
        up.request("PATCH", path, {"active": True})
    assert "55 每日备份" not in look(up)


def test_a_deleted_schedule_is_told_and_comes_back(up: Stack) -> None:
    held = deployment(up, TIDY)
    up.request("DELETE", f"/deployments/{held['id']}/schedules/{held['schedules'][0]['id']}")
    assert look(up, mend=True).get("56 清理运行记录") in ("deleted daily", None)  # the clock's own watch may be first
    again = deployment(up, TIDY)["schedules"]
    assert [(one["slug"], one["active"], one["schedule"]["cron"]) for one in again] == [("daily", True, "20 3 * * *")]
    assert "56 清理运行记录" not in look(up)


# Runs of the same deployment that other tests of this installation made lie before it.
OTHERS = (
    "UPDATE flow_run SET end_time = :before WHERE id <> :id AND end_time IS NOT NULL "
    "AND deployment_id = (SELECT deployment_id FROM flow_run WHERE id = :id)"
)


def ended(stack: Stack, name: str, state: str, ago: timedelta) -> str:
    """A run of a deployment that ended some time ago, as Prefect keeps it."""
    run = stack.create_run(name, {}, **LATER)
    stack.request(
        "POST", f"/flow_runs/{run}/set_state", {"state": {"type": state, "message": "磁盘已满"}, "force": True}
    )
    with engine_for(stack.database_url.replace("dingdian@/dingdian?", "prefect@/prefect?")).begin() as connection:
        when = {"id": run, "at": datetime.now(UTC) - ago, "before": datetime.now(UTC) - ago - timedelta(minutes=1)}
        connection.execute(text(OTHERS), when)
        connection.execute(text("UPDATE flow_run SET end_time = :at WHERE id = :id"), when)
    return run


@pytest.mark.parametrize(
    ("state", "hours", "kind"),
    [
        *(("COMPLETED", 47.9, None), ("COMPLETED", 48.1, "silent")),
        *(("FAILED", 1, "failed"), ("CRASHED", 1, "failed"), ("CANCELLED", 1, None)),
    ],
)
def test_a_run_that_failed_or_stayed_away_for_twice_its_interval_is_told(
    up: Stack, state: str, hours: float, kind: str | None
) -> None:
    run = ended(up, CHECK, state, timedelta(hours=hours))
    try:
        assert look(up).get("27 核对已发布页面") == kind
    finally:
        up.request("DELETE", f"/flow_runs/{run}")


def test_the_office_is_told_once_a_day_and_the_board_shows_it(database: str) -> None:
    demo.load(database)
    now = datetime.now(UTC)
    faults = [
        Fault("51 发送通知", "failed", "最近一次运行没有完成"),
        Fault("50 期限巡查", "paused hourly", "定时已暂停"),
    ]
    assert watch.tell(database, faults, now) == 2
    assert watch.tell(database, faults, now) == 0
    assert watch.tell(database, faults[:1], now + timedelta(days=1)) == 1
    with reading(database) as session:
        rows = session.execute(select(col(Notification.audience)).where(col(Notification.event) == watch.ALERT)).all()
        assert [row[0] for row in rows] == ["authority"] * 3
        assert {one["part"] for one in people_wanted(session, now)["faults"]} == {"51 发送通知", "50 期限巡查"}


def test_without_a_round_nobody_is_told(database: str) -> None:
    assert watch.tell(database, [Fault("51 发送通知", "failed", "没有完成")], datetime.now(UTC)) == 0
