"""How the installation does: what can be told from our own database and folders. Reads only; a few quick queries."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, SQLModel, col

from foundation.secrets import Keyring
from foundation.settings import Settings
from models import Applicant, ChannelState, ManualTask, Notification, Round
from models.database import transaction
from models.schedules import known_workdays
from policies.upkeep import load_restore_good_for
from rules.localtime import ZONE, local_day
from rules.vocabulary import Channel, MessageStatus
from tasks.sweep import sweep
from upkeep.backup import backups_in, newest
from upkeep.rehearsed_restore import newest_rehearsal

SWEEP_PATIENCE = timedelta(hours=2)  # the sweep runs every hour
MESSAGE_PATIENCE = timedelta(minutes=15)  # messages go out every minute
BACKUP_PATIENCE = timedelta(hours=26)  # a backup is made every day
CALENDAR_AHEAD = timedelta(days=30)  # the State Council publishes a year's schedule some weeks before it begins
LITTLE_SPACE, TOO_LITTLE_SPACE = 2_000_000_000, 300_000_000  # bytes


class Level(StrEnum):
    """How a part does."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part, how it does, and a sentence: what is so, and what to do when it is not well."""

    part: str
    level: Level
    said: str


def examine(session: Session, settings: Settings, keys: Keyring, at: datetime) -> list[Finding]:
    """Every part that shows in our own records and folders. The database is reachable and current: it was asked."""
    return [
        *_messages(session, at),
        *_channels(session, at),
        _by_hand(session),
        _calendar(session, at),
        _key(session, keys),
        _backup(settings.backups, at),
        _restore(session, settings.backups, at),
        _space(settings.var_dir),
    ]


def examine_sweep(url: str, at: datetime) -> Finding:
    """Whether everything was done that had fallen due some time ago."""
    left = sweep(url, at - SWEEP_PATIENCE, dry_run=True) if _has_rounds(url) else None
    if left is None or not left.found:
        return Finding("期限巡查", Level.OK, "到期事项均已办理")
    return Finding(
        "期限巡查", Level.FAIL, f"有 {left.found} 项到期超过两小时仍未办理：请运行“期限巡查”，并查看执行进程是否正常"
    )


def _has_rounds(url: str) -> bool:
    with transaction(url) as session:
        return _count(session, Round) > 0


def _messages(session: Session, at: datetime) -> Iterator[Finding]:
    waiting = _count(session, Notification, col(Notification.next_at) < at - MESSAGE_PATIENCE)
    unknown = _count(
        session, Notification, col(Notification.status) == MessageStatus.UNKNOWN, col(Notification.next_at).is_(None)
    )
    if waiting:
        yield Finding("待发通知", Level.WARN, f"{waiting} 条应发未发超过一刻钟：请看“通知一览”和“发送通知”的运行情况")
    if unknown:
        yield Finding("待发通知", Level.WARN, f"{unknown} 条结果不明：请在“通知一览”逐条核对")
    if not waiting and not unknown:
        yield Finding("待发通知", Level.OK, "没有积压")


def _channels(session: Session, at: datetime) -> Iterator[Finding]:
    for row in session.execute(select(ChannelState).order_by(col(ChannelState.channel))).scalars():
        label = f"{Channel(row.channel).label}通道"
        if row.paused_until and at < row.paused_until:
            until = f"{row.paused_until.astimezone(ZONE):%m-%d %H:%M}"
            yield Finding(label, Level.WARN, f"已暂停至 {until}（{row.reason}）：修好后运行“恢复消息通道”")
        else:
            yield Finding(label, Level.OK, f"近期故障 {row.faults} 次" if row.faults else "正常")


def _by_hand(session: Session) -> Finding:
    left = _count(session, ManualTask, col(ManualTask.done_at).is_(None))
    if not left:
        return Finding("人工送达", Level.OK, "没有待办")
    return Finding("人工送达", Level.WARN, f"{left} 件文书待人工送达：送达后用“登记人工送达”登记")


def _calendar(session: Session, at: datetime) -> Finding:
    soon = local_day(at) + CALENDAR_AHEAD
    if known_workdays(session).is_published(soon):
        return Finding("放假安排", Level.OK, f"{soon.year} 年的放假安排已录入")
    return Finding(
        "放假安排", Level.WARN, f"{soon.year} 年的放假安排尚未录入，跨年的期限只能给出范围：公布后请用“录入放假安排”"
    )


def _key(session: Session, keys: Keyring) -> Finding:
    """Whether the newest contact opens; a sealed text names its key, and is not shown."""
    query = select(Applicant).where(col(Applicant.contact_sealed) != "").order_by(col(Applicant.id).desc()).limit(1)
    newest_one = session.execute(query).scalar_one_or_none()
    if newest_one is None or keys.opens(newest_one.contact_sealed):
        return Finding("密钥", Level.OK, f"密钥 {keys.key_id} 可用；请确认已在别处另存一份")
    return Finding("密钥", Level.FAIL, "现有密钥打不开已登记的联系方式：请恢复原来的 secret.key，不要重建")


def _backup(folder: Path, at: datetime) -> Finding:
    last = newest(folder)
    if last is None:
        return Finding("备份", Level.WARN, "还没有备份：请运行“每日备份”或 dingdian backup")
    age = at - datetime.fromtimestamp(last.stat().st_mtime, tz=ZONE)
    if age > BACKUP_PATIENCE:
        return Finding(
            "备份", Level.WARN, f"最近的备份是 {age.days} 天 {age.seconds // 3600} 小时前的：请看“每日备份”的运行情况"
        )
    return Finding("备份", Level.OK, f"最近的备份 {last.name}")


def _restore(session: Session, folder: Path, at: datetime) -> Finding:
    """Whether the backups have proved that they come back, not too long ago."""
    good, last = (newest_rehearsal(session, good_only=only) for only in (True, False))
    if last is not None and not last.is_good:
        return Finding(
            "恢复演练", Level.WARN, f"最近一次没有成功（{last.backup}）：{last.fault}；处理后重新运行“恢复演练”"
        )
    since = good.at if good else _first_backup(folder)
    if since is not None and at - since > load_restore_good_for():
        said = f"最近一次成功是 {(at - since).days} 天前" if good else "有备份以来还没有演练过"
        return Finding("恢复演练", Level.WARN, f"{said}：请看“恢复演练”的运行情况，或随时运行一次")
    return Finding("恢复演练", Level.OK, f"最近一次成功恢复的是 {good.backup}" if good else "按计划每周进行")


def _first_backup(folder: Path) -> datetime | None:
    made = (datetime.fromtimestamp(one.stat().st_mtime, tz=ZONE) for one in backups_in(folder))
    return min(made, default=None)


def _space(folder: Path) -> Finding:
    """The disk on which the data folder is, or will be: nothing need have been started yet."""
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    free = shutil.disk_usage(there).free
    said = f"数据目录所在磁盘余 {free / 1e9:.1f} GB"
    if free < TOO_LITTLE_SPACE:
        return Finding("磁盘", Level.FAIL, f"{said}：请立即腾出空间，否则数据库会停止写入")
    return (
        Finding("磁盘", Level.WARN, f"{said}：请腾出空间") if free < LITTLE_SPACE else Finding("磁盘", Level.OK, said)
    )


def _count(session: Session, model: type[SQLModel], *which: ColumnElement[bool]) -> int:
    return int(session.execute(select(func.count()).select_from(model).where(*which)).scalar_one())
