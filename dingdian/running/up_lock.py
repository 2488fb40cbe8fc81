"""The one `dingdian up` of an installation: it holds a lock on `var/up.lock`, in which it says where it is found."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TextIO

from foundation.settings import Settings
from rules.errors import RefusedError

LOCK = "up.lock"


@dataclass(frozen=True)
class Addresses:
    """Where a running installation is found."""

    pid: int
    api_url: str
    ui_url: str
    site_url: str
    board_url: str
    database_url: str


def running(settings: Settings) -> Addresses | None:
    """The `up` that runs on this installation's `var`; None when none does."""
    path = settings.var_dir / LOCK
    if not path.exists():
        return None
    with path.open("r") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            content = lock.read()
            return Addresses(**json.loads(content)) if content else Addresses(0, "", "", "", "", "")
    return None


@contextmanager
def one_at_a_time(settings: Settings) -> Iterator[TextIO]:
    """Holds the lock, which dies with the process. Raises RefusedError while another `up` holds it."""
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    with (settings.var_dir / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = running(settings)
            raise RefusedError(
                f"已有一个 dingdian up 在运行（进程号 {other.pid if other else '未知'}）；"
                f"请直接打开 {other.ui_url if other else '它给出的地址'}，或先在那个窗口按 Ctrl-C。"
            ) from None
        yield lock
        lock.truncate(0)


def tell(lock: TextIO, addresses: Addresses) -> None:
    """Writes into the lock where the installation is found: what `running` answers."""
    lock.seek(0)
    lock.truncate(0)
    json.dump(asdict(addresses), lock)
    lock.flush()
