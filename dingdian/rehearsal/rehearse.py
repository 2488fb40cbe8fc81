"""`dingdian up --demo --play`: a rehearsal in a folder of its own, and the person's keys at the terminal."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, select

from dingdian import demo
from dingdian.running.embedded import Cluster
from dingdian.running.server import client_environment
from foundation.rehearsal import begin
from foundation.settings import HOME, Settings, get_settings, reset_settings
from models import Staff
from models.database import transaction
from rules.errors import DingdianError, InputError
from tasks.rehearsal import Order, give, orders

FOLDER = HOME / "var" / "demo"
PREFECT_FILE = Path(demo.__file__).with_name("prefect.yaml")
FOREIGN = (
    "DINGDIAN_DATABASE_URL",
    "DINGDIAN_REHEARSAL_CLOCK",
    "PREFECT_API_URL",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL",
)
BEFORE = timedelta(minutes=30)
HELP = (
    "键入后按回车：p 暂停并接手　c 继续播放　n 只办下一步　s 跳过下一步　j 20 快进到第 20 步　? 再看一遍；"
    "在经办界面里用“90 演练控制”“91 演练时间前移”也一样。"
)
ORDERS = {"p": Order.PAUSE, "c": Order.PLAY, "n": Order.ONE, "s": Order.SKIP}


def prepare() -> Settings:
    """Makes this process one of a rehearsal: its own folder, its own database, the clock at the first step.

    Raises InputError when the environment names another database or server, RefusedError for a folder in real use.
    """
    if named := [name for name in FOREIGN if os.environ.get(name)]:
        raise InputError(f"演练只用自己的数据库和服务：请先取消环境变量 {'、'.join(named)}")
    os.environ.setdefault("DINGDIAN_VAR_DIR", str(FOLDER))
    reset_settings()
    folder = get_settings().var_dir
    begin(folder, _opening(), Cluster(folder / "postgres").url())
    reset_settings()
    return get_settings()


def _opening() -> datetime:
    """The morning of the first step; read plainly, because Prefect may not be loaded before it knows its server."""
    events = json.loads((PREFECT_FILE.with_name("rehearsal.json")).read_text(encoding="utf-8"))["events"]
    return datetime.fromisoformat(events[0]["at"]) - BEFORE


def load(url: str, settings: Settings) -> None:
    """What must be there before the first step: the staff, and the announcement's file in the inbox."""
    os.environ.update(client_environment(settings))
    from dingdian.demo import script
    from tasks.announce import register_staff

    with transaction(url) as session:
        if not _has_staff(session):
            register_staff(session, script.staff())
    settings.inbox.mkdir(parents=True, exist_ok=True)
    (settings.inbox / script.ROUND_FILE).write_text(script.round_file(script.scenario()), encoding="utf-8")


def _has_staff(session: Session) -> bool:
    return session.exec(select(Staff)).first() is not None


def start(url: str, api_url: str, pace: float, say: Callable[[str], None]) -> None:
    """Registers the controls and plays beside everything else; a fault ends the player, not the services."""
    threading.Thread(target=_play, args=(url, api_url, pace, say), name="player", daemon=True).start()
    threading.Thread(target=_listen, args=(say,), name="keys", daemon=True).start()


def _play(url: str, api_url: str, pace: float, say: Callable[[str], None]) -> None:
    from prefect.client.orchestration import get_client

    from dingdian.demo import script
    from dingdian.rehearsal.player import Player
    from dingdian.rehearsal.player_page import Page
    from dingdian.running.deployments import register

    try:
        asyncio.run(register(PREFECT_FILE))
        ui_url, play = api_url.removesuffix("/api"), script.scenario()
        with get_client(sync_client=True) as client:
            page = Page(client, ui_url)
            say(f"  演练进度  {page.address}\n{HELP}")
            if orders().order is Order.PAUSE:
                say("上次停在暂停状态：键入 c 继续播放，或自己办理下一步。")
            Player(client, url, ui_url, script.steps(play), pace, say, page).play(play.until)
        say(f"演练已全部完成，可继续自由操作。停止后删除 {get_settings().var_dir} 即可从头再来。")
    except Exception as error:  # noqa: BLE001 - whatever it was, the person is told and the services go on
        say(f"演练播放中断：{error}。服务仍在运行；重新启动即从中断处继续。")


def _listen(say: Callable[[str], None]) -> None:
    for line in sys.stdin:
        try:
            say(obey(line.strip()))
        except DingdianError as error:
            say(str(error))


def obey(typed: str) -> str:
    """Turns a typed order into one for the player; answers what was understood."""
    word, _, number = typed.partition(" ")
    if word in ORDERS and not number:
        give(ORDERS[word])
        return {"p": "已暂停：请按提示办理下一步。", "c": "继续播放。", "n": "只办下一步。", "s": "跳过下一步。"}[word]
    if word == "j" and number.strip().isdigit():
        give(Order.UNTIL, int(number))
        return f"快进到第 {int(number)} 步，然后暂停。"
    return HELP
