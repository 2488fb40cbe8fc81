"""Where the commands find the office's database: the one of the settings, or the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from models.migrate import ensure_current
from rules.errors import InputError
from rules.localtime import ZONE
from tasks.surroundings import surrounded


@contextmanager
def office() -> Iterator[str]:
    """The database of the settings, checked to be current; everything inside finds it."""
    from dingdian.embedded import database

    with database() as url, surrounded(database_url=url):
        ensure_current(url)
        yield url


def instant_of(text: str, option: str) -> datetime | None:
    """An ISO instant given on the command line; a day means its end; without an offset it is Beijing time."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text if "T" in text or " " in text else f"{text}T23:59:59")
    except ValueError:
        raise InputError(
            f"{option} 应为日期或 ISO 时间，如 2026-03-05 或 2026-03-05T09:00:00+08:00；现为“{text}”"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=ZONE)
