"""Prefect's application twice on this machine, once behind the gate and once without it: what `dingdian bench gate`
compares. One process, one loop, one Prefect database; nothing of an installation is touched.

As a program (`python -m dingdian.running.side_by_side`) it serves both, says where, and ends with its parent's pipe.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from pydantic import SecretStr
from starlette.types import ASGIApp

from dingdian.running.door import Door
from dingdian.running.server import HOST
from foundation.secrets import Keyring
from foundation.settings import get_settings
from gate.sessions import Sessions
from upkeep.deployment_file import entrypoints

OURS = "DINGDIAN_DATABASE_URL"


@contextmanager
def both_ways(url: str, folder: Path) -> Iterator[tuple[str, str]]:
    """The addresses of the application behind the gate (whose people are in the database at `url`) and of the same one
    without it, while they are served."""
    folder.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        OURS: url,
        "DINGDIAN_VAR_DIR": str(folder),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder / 'prefect.db'}",
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "DO_NOT_TRACK": "1",
    }
    command = [sys.executable, "-m", "dingdian.running.side_by_side"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            through, without = json.loads(child.stdout.readline())
            yield through, without
        finally:
            child.stdin.close()


def _door(app: ASGIApp) -> Door:
    settings = get_settings()
    return Door(
        app,
        SecretStr("a key of nobody's"),
        [HOST],
        sessions=Sessions(os.environ[OURS]),
        keys=Keyring.from_secret("a key of the bench"),
        forms=entrypoints(settings),
        board_url=f"http://{HOST}/",
    )


async def _serve() -> None:
    from prefect.server.api.server import create_app

    app = create_app(webserver_only=True)
    behind = uvicorn.Server(uvicorn.Config(_door(app), log_level="warning", timeout_graceful_shutdown=1))
    bare = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
    with _listener() as one, _listener() as other:
        serving = asyncio.gather(behind.serve([one]), bare.serve([other]))
        while not (behind.started and bare.started):
            await asyncio.sleep(0.05)
        print(json.dumps([f"http://{HOST}:{each.getsockname()[1]}" for each in (one, other)]), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        behind.should_exit = bare.should_exit = True
        await serving


def _listener() -> socket.socket:
    made = socket.socket(proto=socket.IPPROTO_TCP)  # without it asyncio leaves Nagle's delay on
    made.bind((HOST, 0))
    return made


if __name__ == "__main__":
    asyncio.run(_serve())
