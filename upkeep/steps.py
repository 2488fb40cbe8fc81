"""The Prefect tasks of the upkeep: checkpoints, backups, and the rehearsal of a restore."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from foundation.settings import get_settings
from policies.upkeep import load_generations
from rules.errors import DatabaseError
from tasks import surroundings
from upkeep.backup import Backup, make_backup
from upkeep.checkpoints import bind_finished_days
from upkeep.rehearsed_restore import Rehearsed
from upkeep.stamps import stamp_days

RESTORE_SECONDS = 7200.0


@task(name="生成审计检查点", cache_policy=NO_CACHE)
def bind_days() -> list[date]:
    """A checkpoint for every finished day that has none, in one transaction."""
    return bind_finished_days(surroundings.database_url(), surroundings.now())


@task(name="为检查点取得时间戳", cache_policy=NO_CACHE)
def stamp() -> int:
    """The stamps that are missing, where an authority is set; one that does not answer is asked again next time."""
    return stamp_days(surroundings.database_url())


@task(name="备份", cache_policy=NO_CACHE)
def back_up() -> Backup:
    """One backup into the folders of the settings; older ones that no generation keeps give way."""
    settings = get_settings()
    now, keys = surroundings.now(), surroundings.keys()
    url = surroundings.database_url()
    keep, second = load_generations(), settings.second_backups
    return make_backup(url, settings.var_dir, settings.backups, now, keys, keep=keep, second=second)


@task(name="恢复演练", cache_policy=NO_CACHE)
def rehearse_restore() -> Rehearsed:
    """The command of that name, in a process of its own: it starts a database server, and reads everything there is.

    Raises DatabaseError where it ends without a report.
    """
    command = [str(Path(sys.executable).with_name("dingdian")), "rehearse-restore", "--json"]
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, timeout=RESTORE_SECONDS, check=False
        )
        return Rehearsed(**json.loads(done.stdout))
    except (subprocess.TimeoutExpired, OSError, ValueError, TypeError):
        raise DatabaseError("恢复演练中断，没有得到结果：请在服务器上运行 dingdian rehearse-restore 查看原因") from None
