"""The command line as another program meets it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from tests.support.stack import ROOT

MAIN = (sys.executable, "-c", "from dingdian.cli import main; main()")


def dingdian(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a command in a process of its own; `env`: its whole environment, this process's without."""
    call = [*MAIN, *arguments]
    return subprocess.run(call, cwd=ROOT, env=env, timeout=600, check=False, capture_output=True, encoding="utf-8")
