"""`dingdian up`: everything on one machine, started side by side, stopped in the opposite order.

PostgreSQL comes up while Prefect's server and the worker load their code; each child gets its "go" as soon as what it
needs is there. One `up` at a time (`dingdian.running.up_lock`).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TextIO

from dingdian.running import server, service
from dingdian.running.embedded import Cluster
from dingdian.running.processes import STOP_SECONDS, Child
from dingdian.running.up_lock import Addresses, one_at_a_time, running, tell
from foundation.files import close_to_others
from foundation.rehearsal import banner, begin_practice
from foundation.settings import (
    MessageMode,
    Settings,
    get_settings,
    owner_url_of,
    reset_settings,
    secret_key,
    without_password,
)
from notifications.staff.channel import expect_usable
from rules.errors import DatabaseError
from tasks.surroundings import board_url

SAY_SECONDS = 20.0
WATCH_SECONDS = 0.5
RESTARTS = 3
RESTART_WINDOW_SECONDS = 60.0

SENDING = ("live", "allow_list")  # modes in which something goes to whom it is meant for
MODES: dict[MessageMode, str] = {
    "live": "【正式发送】短信与邮件将真实发出",
    "redirect": "【全部改发】所有消息只发往指定的测试地址",
    "dry_run": "【演练】不向外发送任何消息",
    "allow_list": "【白名单】只向白名单内的地址发送",
}


def nothing_goes_out(settings: Settings) -> str:
    """Which channels the mode promises and the settings do not have; empty when there is none, or nothing is sent."""
    if settings.message_mode not in SENDING or not settings.silent_channels:
        return ""
    return f"没有设置{'、'.join(settings.silent_channels)}：这样的通知发不出去，转为人工送达"


def run(demo: bool = False, play: bool = False, pace: float = 0) -> None:
    """Starts everything, says what to open, and stops everything at Ctrl-C or SIGTERM.

    `play`: a rehearsal, in a folder of its own, played with `pace` seconds before each step.

    Raises:
        InputError: a setting cannot be used, or a port is taken.
        RefusedError: another `up` runs already.
        DatabaseError: a database, the server or the worker does not start.
    """
    settings = _rehearsal() if play else _practice() if demo else get_settings()
    expect_usable(settings)
    with one_at_a_time(settings) as lock, _stopped_at_the_end() as stack:
        started = time.monotonic()
        prepare = _preparation(settings, demo, play)
        children = _start(settings, stack, lock, prepare)
        _say_what_to_open(settings, time.monotonic() - started)
        service.say_ready()
        if play:
            _play(settings, pace)
        _watch(children)


def _rehearsal() -> Settings:
    from dingdian.rehearsal import rehearse

    return rehearse.prepare()


def _practice() -> Settings:
    """A folder that begins with the demonstration round is for trying things out, and stays so."""
    begin_practice(get_settings().var_dir)
    reset_settings()
    return get_settings()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _stopped_at_the_end() -> Iterator[ExitStack]:
    """Ctrl-C and SIGTERM end the block without an error; a second one while things are being stopped is ignored."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        signal.signal(number, _interrupt)
    stack = ExitStack()
    try:
        yield stack
    except KeyboardInterrupt:
        _say(f"正在停止，等待执行中的流程收尾（最多 {STOP_SECONDS:.0f} 秒）……")
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        stack.close()
        _say("已全部停止。")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _start(settings: Settings, stack: ExitStack, lock: TextIO, prepare: Callable[[str], None]) -> list[Child]:
    """Starts every part; the stack stops them from the last to the first: worker, server, site, database."""
    _say(f"正在启动：数据库、Prefect 服务、执行进程、看板、公示网站（首次约一分钟）；日志在 {settings.var_dir / 'log'}")
    close_to_others(settings.var_dir)
    settings.inbox.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(settings.var_dir / "postgres")
    database_url = settings.database_url or cluster.url()
    tell(lock, _addresses(settings, database_url))
    stack.callback(cluster.leave)
    prefect, worker = _server_child(settings, cluster), _worker_child(settings, database_url)
    board, site = _board_child(settings, database_url), _site_child(settings)
    _check_ports(settings)
    children = [site, prefect, worker, board]
    for child in children:
        stack.callback(child.stop)
        child.start()
    site.go()
    if not settings.database_url or not (server.is_elsewhere() or _prefect_database()):
        cluster.join()
    prefect.go()
    _prepare(database_url, owner_url_of(settings) or cluster.owner_url(), settings, prepare)
    for child in (worker, board):
        child.go()
    _wait_until_ready([site, worker, board], children)
    return children


def _prefect_database() -> str:
    """Prefect's database, when the environment names one."""
    return os.environ.get("PREFECT_SERVER_DATABASE_CONNECTION_URL", "")


def _addresses(settings: Settings, database_url: str) -> Addresses:
    return Addresses(
        pid=os.getpid(),
        api_url=server.api_url(settings),
        ui_url=server.ui_url(settings),
        site_url=f"http://{server.HOST}:{settings.site_port}/",
        board_url=board_url(),
        database_url=without_password(database_url),
    )


def _check_ports(settings: Settings) -> None:
    server.require_free_port(settings.prefect_port, "DINGDIAN_PREFECT_PORT")
    server.require_free_port(settings.site_port, "DINGDIAN_SITE_PORT")
    server.require_free_port(settings.board_port, "DINGDIAN_BOARD_PORT")


def _server_child(settings: Settings, cluster: Cluster) -> Child:
    """Our own Prefect server behind the door; the door alone when `PREFECT_API_URL` names another server."""
    if server.is_elsewhere():
        environment = server.client_environment(settings) | {
            "DINGDIAN_DATABASE_URL": settings.database_url or cluster.url()
        }
        return Child("登录门", "dingdian.running.gate_server", environment, settings.var_dir / "log" / "gate.log")
    ours = settings.database_url or cluster.url()
    environment = server.server_environment(settings, _prefect_database() or cluster.prefect_url(), ours)
    return Child(
        "Prefect 服务", "dingdian.running.server", environment, settings.var_dir / "log" / "prefect-server.log"
    )


def _worker_child(settings: Settings, database_url: str) -> Child:
    environment = server.client_environment(settings) | {"DINGDIAN_DATABASE_URL": database_url}
    return Child("执行进程", "dingdian.running.worker", environment, settings.var_dir / "log" / "worker.log")


def _board_child(settings: Settings, database_url: str) -> Child:
    environment = server.client_environment(settings) | {"DINGDIAN_DATABASE_URL": database_url}
    return Child("看板", "dingdian.running.board_server", environment, settings.var_dir / "log" / "board.log")


def _site_child(settings: Settings) -> Child:
    """It needs neither database nor Prefect, so it is told to go at once."""
    return Child("公示网站", "dingdian.running.site_server", {}, settings.var_dir / "log" / "site.log")


def _preparation(settings: Settings, demo: bool, play: bool) -> Callable[[str], None]:
    """What goes into our database before anything runs: nothing, the demonstration round, or what a rehearsal needs."""
    if play:
        from dingdian.rehearsal import rehearse

        return lambda url: rehearse.load(url, settings)
    if demo:
        from dingdian import demo as demonstration

        return demonstration.load
    return lambda url: None


def _play(settings: Settings, pace: float) -> None:
    """The player runs beside the services; it talks to Prefect as they do."""
    from dingdian.rehearsal import rehearse

    if addresses := running(settings):
        rehearse.start(addresses.database_url, addresses.api_url, pace, _say)


def _prepare(database_url: str, owner_url: str, settings: Settings, prepare: Callable[[str], None]) -> None:
    """Brings our database to its newest migration and the site up to date, while Prefect's server migrates its own."""
    from dingdian.office import who
    from models import migrate, roles
    from publication.site import build_site
    from tasks import surroundings
    from upkeep import belongings
    from upkeep.installation_record import record_installation

    if migrate.revision_of(owner_url) not in ("", migrate.newest_revision()):
        _back_up_before_upgrade(owner_url, settings)
    migrate.upgrade(owner_url)
    roles.let_write(owner_url, database_url)
    belongings.join(database_url, settings)
    prepare(database_url)
    record_installation(database_url, settings, who())
    build_site(database_url, settings.site_dir, surroundings.now())


def _back_up_before_upgrade(database_url: str, settings: Settings) -> None:
    from foundation.secrets import Keyring
    from upkeep.backup import make_backup

    keys = Keyring.from_secret(secret_key(settings).get_secret_value())
    made = make_backup(database_url, settings.var_dir, settings.backups, datetime.now(UTC), keys, why="before-upgrade")
    _say(f"数据库将升级；升级前的备份：{made.path}")


def _wait_until_ready(awaited: list[Child], children: list[Child]) -> None:
    """As long as every part lives: a busy machine is slow, not broken. The end of one ends the start at once; what is
    waited for is said again and again."""
    began = said_at = time.monotonic()
    while waited_for := [child for child in awaited if not child.ready.wait(0.05)]:
        for child in children:
            if child.exit_code is not None:
                raise DatabaseError(f"{child.name}未能启动（退出码 {child.exit_code}）。{child.log_end()}")
        if time.monotonic() - said_at >= SAY_SECONDS:
            said_at = time.monotonic()
            _say(_still_waiting(waited_for, said_at - began))


def _still_waiting(waited_for: list[Child], seconds: float) -> str:
    """What a person who looks at a slow start is told: which part, how long, where it says more, how to give up."""
    names, logs = "、".join(child.name for child in waited_for), "、".join(str(child.log) for child in waited_for)
    return (
        f"已等 {seconds:.0f} 秒，各部分都在运行，仍在等待{names}就绪（机器繁忙时较慢）；日志 {logs}；按 Ctrl-C 放弃。"
    )


def _say_what_to_open(settings: Settings, seconds: float) -> None:
    from dingdian.staff import first_invitations

    addresses = running(settings)
    invitations = first_invitations(settings.database_url or addresses.database_url) if addresses else []
    lines = [
        f"定点服务已启动，用时 {seconds:.1f} 秒。",
        f"  经办界面  {addresses.ui_url if addresses else ''}",
        f"  看板      {addresses.board_url if addresses else ''}",
        f"  公示网站  {addresses.site_url if addresses else ''}",
        *([f"  对外网址  {settings.public_base_url}"] if settings.public_base_url else []),
        f"  收件目录  {settings.inbox}",
        f"  发件目录  {settings.outbox}",
        f"  运行日志  {settings.var_dir / 'log'}",
        *([f"  【{said}】时钟 {settings.rehearsal_clock}"] if (said := banner(settings.rehearsal_clock)) else []),
        f"  消息模式  {MODES[settings.message_mode]}（{settings.message_mode}）",
        *([f"  【注意】  {found}"] if (found := nothing_goes_out(settings)) else []),
        *(f"  登录      {one}" for one in invitations),
        "按 Ctrl-C 停止全部服务。",
    ]
    _say("\n".join(lines))


def _watch(children: list[Child]) -> None:
    """Restarts a child that dies; gives up when that happens too often."""
    deaths: list[float] = []
    while True:
        time.sleep(WATCH_SECONDS)
        for child in children:
            child.cap_log()
            if child.exit_code is not None:
                deaths = [*(at for at in deaths if at > time.monotonic() - RESTART_WINDOW_SECONDS), time.monotonic()]
                _restart(child, len(deaths))


def _restart(child: Child, deaths: int) -> None:
    if deaths > RESTARTS:
        raise DatabaseError(f"{child.name}一再退出，全部停止。{child.log_end()}")
    _say(f"{child.name}意外退出（退出码 {child.exit_code}），正在重新启动；日志见 {child.log}。")
    child.start()
    child.go()
