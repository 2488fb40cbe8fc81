"""`dingdian worker`: a worker on a machine of its own, for a Prefect server and a database elsewhere."""

from __future__ import annotations

import os
import sys

from dingdian.running import server
from dingdian.running.processes import SAFELY
from foundation.settings import HOME, get_settings
from rules.errors import InputError

ALONE = "--alone"


def run() -> None:
    """Becomes the worker: the same process, so that whoever started us watches and stops the worker itself.

    Raises InputError when the server or the database is not named, the database is not ours, or its key is another.
    """
    settings = get_settings()
    missing = [name for name in ("PREFECT_API_URL", "DINGDIAN_DATABASE_URL") if not os.environ.get(name)]
    if missing:
        raise InputError(f"单独的执行进程须知道服务和数据库在哪里：请设置 {'、'.join(missing)}（见 docs/machines.md）")
    environment = {**os.environ, **server.client_environment(settings)}
    os.chdir(HOME)
    os.execve(sys.executable, [sys.executable, *SAFELY, "dingdian.running.worker", ALONE], environment)  # noqa: S606 - ourselves
