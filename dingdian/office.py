"""Where the commands find the office's database: the one of the settings, or the embedded one."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from models.migrate import ensure_current
from rules.clocktime import LAST_MOMENT
from rules.clocktime import instant_of as at_of
from rules.errors import InputError
from rules.localtime import ZONE
from tasks.surroundings import surrounded

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@contextmanager
def office() -> Iterator[str]:
    """The database of the settings, checked to be current; everything inside finds it."""
    from dingdian.running.embedded import database

    with database() as url, surrounded(database_url=url):
        ensure_current(url)
        yield url


def who() -> str:
    """Who sits at this command line, as the machine knows it: what a record of a command names."""
    try:
        return f"命令行（{getpass.getuser()}）"
    except (KeyError, OSError):  # a number without a name, as in many containers
        return f"命令行（uid {os.getuid()}）"


def instant_of(text: str, option: str) -> datetime | None:
    """An ISO instant given on the command line; a day means its end; without an offset it is Beijing time."""
    if not text:
        return None
    try:
        whole = datetime.combine(date.fromisoformat(text), LAST_MOMENT, ZONE) if ISO_DAY.fullmatch(text) else None
        return whole or at_of(text, may_lack_offset=True)
    except ValueError:
        raise InputError(
            f"{option} 应为日期或 ISO 时间，如 2026-03-05 或 2026-03-05T09:00:00+08:00；现为“{text}”"
        ) from None
