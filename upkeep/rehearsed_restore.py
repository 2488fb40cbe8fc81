"""A restore rehearsed: the newest backup brought back in a scratch place, proved there, and what it showed on record.

A backup that nobody ever restored is a hope. Never over the live installation: the database and the folder are the
caller's, made for this and gone afterwards.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from foundation.secrets import Keyring
from models import RestoreRehearsal
from models.database import engine_for, transaction
from models.migrate import newest_revision
from models.shape import shape_by_code, shape_now
from rules.errors import DatabaseError, InputError
from upkeep.restore import Restored, restore

OTHER_SHAPE = "升级到本程序的版本以后，表、触发器或函数与程序自己建的不同"
NO_BACKUP = "还没有备份，无从演练：请先运行“每日备份”"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a rehearsal showed; `fault` is empty where everything came back and proves."""

    backup: str
    made_at: str
    records: int
    chains: int
    entries: int
    files: int
    seconds: int
    fault: str

    @property
    def said(self) -> str:
        """The whole in a sentence."""
        if self.fault:
            return f"恢复演练没有成功（{self.backup or '没有备份'}）：{self.fault}"
        counted = f"审计记录 {self.records} 条、{self.chains} 条链、变更登记 {self.entries} 条逐条重算相符"
        return (
            f"恢复演练成功：{self.backup}（{self.made_at}）已在临时位置恢复；{counted}，表结构与程序一致；"
            f"文书和证据 {self.files} 件；用时 {self.seconds} 秒"
        )


def rehearse(url: str, var: Path, file: Path, keys: Keyring) -> Rehearsed:
    """Restores a backup into an empty database and folder, and proves it. Never raises for a bad backup: that is what a
    rehearsal is for."""
    try:
        expected = shape_by_code(url, newest_revision())
        done = restore(url, var, file, keys)
        fault = _fault_of(done) or ("" if shape_now(url) == expected else OTHER_SHAPE)
    except (InputError, DatabaseError) as error:
        return failed(file.name, str(error))
    finally:
        engine_for(url).dispose()
    proof, manifest = done.proof, done.manifest
    return Rehearsed(file.name, manifest.made_at, proof.records, proof.chains, proof.entries, done.files, 0, fault)


def failed(backup: str, fault: str) -> Rehearsed:
    """A rehearsal that came to nothing, and why."""
    return Rehearsed(backup, "", 0, 0, 0, 0, 0, fault)


def _fault_of(done: Restored) -> str:
    """What a restore takes as it was, and a rehearsal does not: faults that were there before, what was not proved."""
    faults = done.proof.faults
    told = f"审计记录有 {len(faults)} 处不符（{faults[0]}）" if faults else ""
    return "；".join(one for one in (told, done.wanted, done.proof.unproved) if one)


def keep(url: str, at: datetime, done: Rehearsed) -> None:
    """What a rehearsal showed, for good."""
    with transaction(url) as session:
        session.add(RestoreRehearsal(at=at, is_good=not done.fault, **asdict(done)))


def newest_rehearsal(session: Session, *, good_only: bool) -> RestoreRehearsal | None:
    """The newest one on record (that went well)."""
    query = select(RestoreRehearsal).order_by(col(RestoreRehearsal.id).desc()).limit(1)
    found: RestoreRehearsal | None = session.execute(
        query.where(col(RestoreRehearsal.is_good)) if good_only else query
    ).scalar_one_or_none()
    return found
