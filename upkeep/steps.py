"""The Prefect tasks of the upkeep: checkpoints and backups."""

from __future__ import annotations

from datetime import date

from prefect import task
from prefect.cache_policies import NO_CACHE

from foundation.settings import get_settings
from tasks import surroundings
from upkeep.backup import Backup, make_backup
from upkeep.checkpoints import bind_finished_days


@task(name="生成审计检查点", cache_policy=NO_CACHE)
def bind_days() -> list[date]:
    """A checkpoint for every finished day that has none, in one transaction."""
    return bind_finished_days(surroundings.database_url(), surroundings.now())


@task(name="备份", cache_policy=NO_CACHE)
def back_up() -> Backup:
    """One backup into the folder of the settings; older ones beyond the number to keep give way."""
    settings = get_settings()
    now, keys = surroundings.now(), surroundings.keys()
    url = surroundings.database_url()
    return make_backup(url, settings.var_dir, settings.backups, now, keys, keep=settings.backup_keep)
