"""`dingdian prefect …`: Prefect's own command with what opens the door of our server (`dingdian.running.door`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from dingdian.running import server
from foundation.settings import get_settings


def run(arguments: Sequence[str]) -> None:
    """Becomes Prefect's command. Who may read `var/machine.key` may do this: the system's administrator on the
    server, nobody in a browser."""
    program = str(Path(sys.executable).with_name("prefect"))
    environment = {**os.environ, **server.client_environment(get_settings())}
    os.execve(program, [program, *arguments], environment)  # noqa: S606 - the command of the same environment
