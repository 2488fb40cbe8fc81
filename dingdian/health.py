"""`dingdian health`: every part of the installation, how it does, and what to do where it does not do well."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateName
from prefect.client.schemas.objects import Worker
from prefect.settings import PREFECT_CLIENT_CUSTOM_HEADERS, PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dingdian.office import office
from dingdian.running import server
from dingdian.running.persisting import NO_ENTRY, NOT_LET_IN
from dingdian.running.up import MODES, nothing_goes_out
from dingdian.running.up_lock import running
from foundation.settings import MACHINE_HEADER, Settings, get_settings, machine_key
from models.database import transaction
from rules.errors import DatabaseError
from tasks import surroundings
from upkeep.health import Finding, Level, examine, examine_sweep
from upkeep.peers import POOL, lives
from upkeep.watch import look

PATIENCE_SECONDS = 15.0  # a busy server is no dead one
NO_ANSWER = "没有应答：请看日志目录中的 prefect-server.log"
LATE_RUNS = FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Late"])))
SHOWN = {Level.OK: "[green]正常[/green]", Level.WARN: "[yellow]注意[/yellow]", Level.FAIL: "[red]故障[/red]"}


def run(as_json: bool) -> None:
    """The command. Ends with exit code 1 when a part fails."""
    settings = get_settings()
    findings = [*_services(settings), *_records(settings)]
    if as_json:
        print(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=1))
    else:
        _show(findings)
    if any(one.level is Level.FAIL for one in findings):
        sys.exit(1)


def _records(settings: Settings) -> Iterator[Finding]:
    try:
        with office() as url:
            yield Finding("数据库", Level.OK, "可以连接，版本是最新的")
            yield examine_sweep(url, surroundings.now())
            with transaction(url) as session:
                yield from examine(session, settings, surroundings.keys(), surroundings.now())
    except DatabaseError as error:
        yield Finding("数据库", Level.FAIL, str(error))


def _services(settings: Settings) -> Iterator[Finding]:
    lacking, said = nothing_goes_out(settings), MODES[settings.message_mode]
    yield Finding("消息模式", Level.WARN if lacking else Level.OK, f"{said}；{lacking}" if lacking else said)
    here = running(settings)
    if here is None and not os.environ.get("PREFECT_API_URL"):
        yield Finding("服务", Level.FAIL, "dingdian up 没有运行：请启动服务（systemctl start dingdian，或 make up）")
        return
    is_ours = here is not None or bool(settings.machine_key.get_secret_value())
    shown = {MACHINE_HEADER: machine_key(settings).get_secret_value()} if is_ours else {}
    yield from _prefect(here.api_url if here else server.api_url(settings), shown)
    if here:
        yield _opens("公示网站", here.site_url, "请运行“更新公示网站”，或重启服务")
        yield _opens("看板", here.board_url, "请重启服务，并看日志目录中的 board.log")


def _prefect(api: str, shown: dict[str, str]) -> Iterator[Finding]:
    """The server answers, a worker is alive, and no run waits for one; `shown`: what opens the door of ours."""
    try:
        yield from asyncio.run(_asked(api, shown))
    except httpx.HTTPStatusError as error:
        refused = error.response.status_code in NOT_LET_IN
        yield Finding(
            "Prefect 服务", Level.FAIL, NO_ENTRY if refused else f"{NO_ANSWER}（{error.response.status_code}）"
        )
    except httpx.HTTPError as error:
        yield Finding("Prefect 服务", Level.FAIL, f"{NO_ANSWER}（{type(error).__name__}）")


async def _asked(api: str, shown: dict[str, str]) -> list[Finding]:
    """As Prefect's own client asks: with its password and its token against forged requests."""
    headers = {**(PREFECT_CLIENT_CUSTOM_HEADERS.value() or {}), **shown}
    password = os.environ.get("PREFECT_API_AUTH_STRING") or os.environ.get("PREFECT_SERVER_API_AUTH_STRING")
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0, PREFECT_CLIENT_CUSTOM_HEADERS: headers}):
        async with PrefectClient(api, auth_string=password, httpx_settings={"timeout": PATIENCE_SECONDS}) as client:
            workers = await client.read_workers_for_work_pool(POOL)
            late = await client.read_flow_runs(flow_run_filter=LATE_RUNS)
            faults = await look(client)
    told = [Finding(one.part, Level.WARN, one.said) for one in faults]
    return [Finding("Prefect 服务", Level.OK, api), _worker(workers), _waiting(len(late)), *told]


def _waiting(late: int) -> Finding:
    if late:
        return Finding("定时任务", Level.WARN, f"{late} 次运行过了时间还没有开始：请看执行进程是否正常")
    return Finding("定时任务", Level.OK, "没有迟到的运行")


def _worker(workers: list[Worker]) -> Finding:
    living = sorted(one.name for one in workers if lives(one))
    if living:
        return Finding("执行进程", Level.OK, f"在线 {len(living)} 个")
    return Finding("执行进程", Level.FAIL, "没有执行进程在线，办理不会开始：请重启服务，并看日志目录中的 worker.log")


def _opens(part: str, address: str, mend: str) -> Finding:
    try:
        answer = httpx.get(address, timeout=PATIENCE_SECONDS)
        if not answer.is_redirect:  # the board sends whoever has not logged in to the login
            answer.raise_for_status()
    except httpx.HTTPError as error:
        return Finding(part, Level.WARN, f"打不开（{type(error).__name__}）：{mend}")
    return Finding(part, Level.OK, address)


def _show(findings: list[Finding]) -> None:
    table = Table(title="体检")
    for title in ("部分", "状态", "说明"):
        table.add_column(title)
    for one in findings:
        table.add_row(one.part, SHOWN[one.level], escape(one.said))
    Console().print(table)
