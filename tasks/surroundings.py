"""What an act finds around it: what time it is, which database, which keys. A replay or rehearsal sets its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from foundation.rehearsal import read_clock
from foundation.secrets import Keyring
from foundation.settings import get_settings, secret_key
from rules.errors import DatabaseError

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Surroundings:
    """What differs between the office and a replay; None means: as the settings say.

    `second` is the second person whom a replayed file names for an act (empty: nobody, as old files do); None is the
    desk, where an act that wants one waits for that person's own word.
    """

    now: datetime | None = None
    database_url: str | None = None
    keys: Keyring | None = None
    inbox: Path | None = None
    site: Path | None = None
    outbox: Path | None = None
    second: str | None = None


_AS_SETTINGS_SAY = Surroundings()
_set: ContextVar[Surroundings] = ContextVar("surroundings", default=_AS_SETTINGS_SAY)


def now() -> datetime:
    """The present instant, aware: a replay's, else the rehearsal clock's where there is one, else the machine's."""
    return _set.get().now or _rehearsed() or datetime.now(UTC)


def _rehearsed() -> datetime | None:
    """The instant of the rehearsal's clock, read anew each time: whoever rehearses moves it."""
    path = get_settings().rehearsal_clock
    return None if path == Path() else read_clock(path)


def database_url() -> str:
    """The address of our own database. Raises DatabaseError when nobody has told it."""
    url = _set.get().database_url or get_settings().database_url
    if not url:
        raise DatabaseError("没有数据库地址：请用 make up 启动，或设置 DINGDIAN_DATABASE_URL")
    return url


def keys() -> Keyring:
    """The keys that contacts are sealed with."""
    return _set.get().keys or Keyring.from_secret(secret_key(get_settings()).get_secret_value())


def inbox() -> Path:
    """The folder that operators put files into."""
    return _set.get().inbox or get_settings().inbox


def outbox() -> Path:
    """The folder that workbooks for operators are put into."""
    return _set.get().outbox or get_settings().outbox


def site() -> Path:
    """The folder that the public pages are written to."""
    return _set.get().site or get_settings().site_dir


def board_url() -> str:
    """Where the board is found, with the slash at its end: as the setting says, else on this machine."""
    named = get_settings().board_url
    return f"{named.rstrip('/')}/" if named else f"http://{LOOPBACK}:{get_settings().board_port}/"


def desk_url() -> str:
    """Where people log in and find Prefect's interface behind the door, on this machine; without a slash at its end."""
    return f"http://{LOOPBACK}:{get_settings().prefect_port}"


def second() -> str | None:
    """The second person whom a replayed file names; None at the desk."""
    return _set.get().second


def plans() -> Path:
    """The folder that calendar files and pictures of plans are written to."""
    return get_settings().var_dir / "plans"


@contextmanager
def surrounded(
    *,
    now: datetime | None = None,
    database_url: str | None = None,
    keys: Keyring | None = None,
    inbox: Path | None = None,
    site: Path | None = None,
    outbox: Path | None = None,
    second: str | None = None,
) -> Iterator[None]:
    """Everything inside finds what is given here, and the rest as it was."""
    given: dict[str, Any] = {
        "now": now,
        "database_url": database_url,
        "keys": keys,
        "inbox": inbox,
        "site": site,
        "outbox": outbox,
    }
    given["second"] = second
    token = _set.set(replace(_set.get(), **{name: value for name, value in given.items() if value is not None}))
    try:
        yield
    finally:
        _set.reset(token)
