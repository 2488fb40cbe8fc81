"""Child processes of `dingdian up`: started, told to go, waited for, stopped, each known by its process id.

A child reads its orders from standard input: the first line means "go, what you need is there", the end of input means
that the parent is gone, so that even a killed parent leaves no orphan. A child that has finished its preparations says
so with one line on standard output; everything else it prints goes to its log.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from foundation.programs import uninterrupted
from foundation.settings import HOME

SAFELY = ("-P", "-m")  # no module is looked for in the folder that a process was started in
READY = "ready"
LOG_BYTES = 20_000_000
STOP_SECONDS = 15.0  # what a child may take to wind up before it is killed


def command_line(pid: int) -> str:
    """The command line of a running process; empty when there is none with this number."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    if Path("/proc/self/cmdline").exists():
        return ""
    command = ["ps", "-o", "command=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - constants and a number
    return shown.stdout.strip()


class Child:
    """One child process running a module of this package in a session of its own (a Ctrl-C does not reach it)."""

    def __init__(self, name: str, module: str, environment: Mapping[str, str], log: Path) -> None:
        self.name, self.log = name, log
        self._command = [sys.executable, *SAFELY, module]
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[str] | None = None
        self.ready = threading.Event()
        self.said = ""

    def start(self) -> None:
        """Starts the process; it prepares itself and waits for `go`."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.ready.clear()
        with self.log.open("a") as log, uninterrupted():
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, a module of ours
                self._command,
                cwd=HOME,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()

    def go(self) -> None:
        """Tells the process that what it needs is there. One that has died meanwhile is seen by `exit_code`."""
        if self._process and self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.write("go\n")
                self._process.stdin.flush()

    @property
    def pid(self) -> int | None:
        """Process id; None before the start."""
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """How the process ended; None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    def stop(self) -> None:
        """Asks the process to end, waits, and kills what is left of its session."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            with suppress(BrokenPipeError):
                process.stdin.close()
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def cap_log(self) -> None:
        """Keeps the log small: the full one becomes `….1`, the one before it is gone. The child writes at the end of
        whatever is there, so it need not know."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            shutil.copyfile(self.log, self.log.with_name(f"{self.log.name}.1"))
            os.truncate(self.log, 0)

    def log_end(self, lines: int = 12) -> str:
        """Where its log is, and the last lines of it."""
        if not self.log.exists():
            return f"日志 {self.log} 尚未写出。"
        return f"日志 {self.log} 末尾：\n" + "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _listen(self, output: IO[str] | None) -> None:
        for line in output or ():
            word, _, self.said = line.strip().partition(" ")
            if word == READY:
                self.ready.set()


def wait_for_go() -> None:
    """In a child: waits for the parent's word; from then on the end of input ends this process like SIGTERM."""
    if not sys.stdin.readline():
        sys.exit(0)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """SIGTERM first; what has not ended by itself when the parent would have killed it ends hard."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    os._exit(1)


def own_output() -> IO[str]:
    """In a child: the line to the parent; whatever else is printed from now on goes to the log (standard error)."""
    line = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return line
