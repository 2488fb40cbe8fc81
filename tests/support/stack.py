"""A whole installation under test: `dingdian up` as a process of its own, in a folder of its own, on free ports."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import httpx
import psycopg
from playwright.sync_api import Page
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_CUSTOM_HEADERS, temporary_settings

from dingdian.running.embedded import OURS, Cluster
from foundation.secrets import Keyring
from foundation.settings import MACHINE_HEADER
from gate.sessions import COOKIE
from rules.errors import RefusedError
from rules.vocabulary import WayIn
from tasks import accounts, staffing
from tasks.run_starts import StandIn
from tests.support.copies import AUDIT_KEY, SHARED
from tests.support.patience import HANGS_AFTER_S, until
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PROBES = ROOT / "tests" / "support" / "prefect.yaml"
CLUSTER = "postgres"
OFFICER = "admin"  # whom the first start registers; there before anybody else
CLERK = "desk"
PROBING = {"PYTHONPATH": str(ROOT), "DINGDIAN_FURTHER_DEPLOYMENTS": str(PROBES)}  # a worker runs those flows too
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
LOAD = "import os; from dingdian import demo; demo.load(os.environ['LOADED_DATABASE'])"
REGISTER = (
    "import asyncio, sys; from pathlib import Path; from dingdian.running.deployments import register; "
    "asyncio.run(register(Path(sys.argv[1])))"
)


def clean_environment(**extra: str) -> dict[str, str]:
    """This process's environment without a trace of another installation."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("DINGDIAN_", "PREFECT_"))}
    return {**ours, "PYTHONUNBUFFERED": "1", "DINGDIAN_AUDIT_KEY": AUDIT_KEY, **extra}


class Stack:
    """One installation. `start` blocks until it is usable and says where its parts are."""

    pid: int
    api_url: str
    ui_url: str
    site_url: str
    board_url: str
    database_url: str

    def __init__(self, var_dir: Path, *options: str, is_new: bool = False) -> None:
        """`is_new`: as a newcomer's; else Prefect's database has what the first start of a session wrote there."""
        self.var_dir, self.options, self.is_new = var_dir, options, is_new
        self.environment = clean_environment(
            DINGDIAN_VAR_DIR=str(var_dir),
            DINGDIAN_PREFECT_PORT=str(free_port()),
            DINGDIAN_SITE_PORT=str(free_port()),
            DINGDIAN_BOARD_PORT=str(free_port()),
            **PROBING,
        )
        self.process: subprocess.Popen[str] | None = None
        self.http = httpx.Client(timeout=HANGS_AFTER_S)
        self.console = var_dir.parent / f"{var_dir.name}-console.txt"
        self.seconds = 0.0
        self._cookies: dict[str, str] = {}

    def up(self) -> subprocess.Popen[str]:
        """Starts `dingdian up` without waiting for it."""
        with self.console.open("w") as console:
            return subprocess.Popen(
                [str(Path(sys.executable).with_name("dingdian")), "up", *self.options],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                text=True,
            )

    def start(self) -> None:
        """Starts the installation and waits until it says what to open; fails with its own words otherwise."""
        began = time.monotonic()
        if not self.is_new and SHARED in os.environ and not (self.var_dir / CLUSTER).exists():
            _furnish(self.var_dir)
        self.process = process = self.up()
        told = lambda: f"dingdian up 没有就绪：\n{self.said()}"  # noqa: E731
        until(lambda: "按 Ctrl-C 停止" in self.said(), told, alive=lambda: process.poll() is None)
        self.seconds = time.monotonic() - began
        self.attach()

    def is_alive(self) -> bool:
        """Whether `dingdian up` runs, whichever process started it."""
        if self.process is not None:
            return self.process.poll() is None
        return Path(f"/proc/{self.pid}").exists()

    def attach(self) -> None:
        """Reads where the running installation is found."""
        for key, value in json.loads((self.var_dir / "up.lock").read_text()).items():
            setattr(self, key, value)
        self.http.headers[MACHINE_HEADER] = (self.var_dir / "machine.key").read_text().strip()

    @cached_property
    def stand_in(self) -> StandIn:
        """Whoever of its people is wanted, logged in."""
        kept = self.var_dir / "secret.key"
        secret = self.environment.get("DINGDIAN_SECRET_KEY") or kept.read_text().strip()
        return StandIn(self.database_url, Keyring.from_secret(secret))

    def forget_people(self) -> None:
        """Whoever has logged in has not: the database is another."""
        self.__dict__.pop("stand_in", None)
        self.__dict__.pop("clerk", None)
        self._cookies.clear()

    def cookie_of(self, staff_no: str) -> str:
        """What the browser of somebody shows who has logged in."""
        return accounts.open_session(self.database_url, staff_no, WayIn.REHEARSAL)

    def sign_in(self, page: Page, staff_no: str) -> None:
        """From now on the browser is that of somebody who has logged in, whoever it was before."""
        address = self.api_url.removesuffix("/api")
        page.context.add_cookies([{"name": COOKIE, "value": self._cookie(staff_no), "url": address}])

    def visitor(self, staff_no: str = "") -> httpx.Client:
        """A browser of somebody who has logged in (unless told: the clerk), for what one asks without a screen."""
        address, cookie = self.api_url.removesuffix("/api"), self._cookie(staff_no or self.clerk)
        return httpx.Client(base_url=address, cookies={COOKIE: cookie}, timeout=HANGS_AFTER_S)

    @cached_property
    def clerk(self) -> str:
        """Somebody at the desk; registered when first wanted, whichever process wants him."""
        with suppress(RefusedError):
            staffing.add_person(self.database_url, CLERK, "柜台", ["operator"], OFFICER)
        return CLERK

    def _cookie(self, staff_no: str) -> str:
        if staff_no not in self._cookies:
            self._cookies[staff_no] = self.cookie_of(staff_no)
        return self._cookies[staff_no]

    def said(self) -> str:
        """What it printed so far."""
        return self.console.read_text() if self.console.exists() else ""

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends the installation with a signal; answers its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=HANGS_AFTER_S)

    def register(self, file: Path = PROBES) -> None:
        """Registers the deployments of a file, as `up` does with the real one."""
        subprocess.run(
            [sys.executable, "-c", REGISTER, str(file)],
            cwd=ROOT,
            env={**self.environment, **self.admitted()},
            check=True,
            timeout=HANGS_AFTER_S,
        )

    def worker_command(self, **more: str) -> tuple[list[str], dict[str, str]]:
        """How a second worker of this installation is started, on this machine: command and environment."""
        given = {"PREFECT_API_URL": self.api_url, "DINGDIAN_DATABASE_URL": self.database_url, **more}
        environment = clean_environment(**{"DINGDIAN_VAR_DIR": str(self.var_dir), **PROBING, **given})
        return [str(Path(sys.executable).with_name("dingdian")), "worker"], environment

    def admitted(self) -> dict[str, str]:
        """The environment with which a program of Prefect's client is let in as one of the installation's own."""
        headers = json.dumps({MACHINE_HEADER: self.http.headers[MACHINE_HEADER]})
        return {"PREFECT_API_URL": self.api_url, "PREFECT_CLIENT_CUSTOM_HEADERS": headers, "DO_NOT_TRACK": "1"}

    def as_ours(self) -> AbstractContextManager[Any]:
        """The test itself as one of the installation's programs: Prefect's client asks its server, and is let in."""
        headers = {MACHINE_HEADER: self.http.headers[MACHINE_HEADER]}
        return temporary_settings({PREFECT_API_URL: self.api_url, PREFECT_CLIENT_CUSTOM_HEADERS: headers})

    def request(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of Prefect's API; fails on an error status. While the server is there but overloaded (no answer, or
        a 5xx) the call is made again: none of those that the tests make does anything the second time."""
        answer = until(
            lambda: self._answer(method, path, body), lambda: f"{method} {path}\n{self.said()}", alive=self.is_alive
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def _answer(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response | None:
        try:
            answer = self.http.request(method, f"{self.api_url}{path}", json=body)
        except httpx.TransportError:
            return None
        return None if answer.is_server_error else answer

    def answers(self) -> bool:
        """Whether Prefect's API answers just now."""
        answer = self._answer("GET", "/health", None)
        return answer is not None and answer.is_success

    def create_run(self, deployment: str, parameters: dict[str, Any], **more: Any) -> str:
        """Starts a run as the UI does: `flow/deployment`; answers its id. A form's `by` is who has logged in."""
        return self.submit(self.request("GET", f"/deployments/name/{deployment}")["id"], parameters, **more)

    def submit(self, deployment_id: str, parameters: dict[str, Any], **more: Any) -> str:
        """The same by the deployment's id."""
        given, proof = self.stand_in.order(deployment_id, parameters)
        body = {"parameters": given, "labels": proof, "idempotency_key": uuid.uuid4().hex, **more}
        return str(self.request("POST", f"/deployments/{deployment_id}/create_flow_run", body)["id"])

    def cancel(self, run_id: str) -> None:
        """Cancels a run as the UI does."""
        self.request("POST", f"/flow_runs/{run_id}/set_state", {"state": {"type": "CANCELLING", "name": "Cancelling"}})

    def wait_for(self, run_id: str, *types: str) -> dict[str, Any]:
        """Waits until the run is in one of the states (any final one unless told) or in a final one that is none of
        them; answers the state, which is one of those wanted."""
        wanted, seen = types or FINAL, {}

        def settled() -> bool:
            seen.update(self.request("GET", f"/flow_runs/{run_id}")["state"])
            return seen["type"] in {*wanted, *FINAL}

        until(settled, lambda: f"仍处于 {seen['name']}，等待 {wanted}", alive=self.is_alive)
        assert seen["type"] in wanted, f"已是 {seen['name']}（{seen['message']}），等待的是 {wanted}"
        return seen

    def processes(self) -> dict[int, str]:
        """Every process of this installation that is alive: those that carry its folder in environment or arguments."""
        mark = str(self.var_dir).encode()
        return {pid: line for pid, line in _all_processes() if mark in line.encode() or mark in _environment_of(pid)}

    def left(self, patience_seconds: float = 60) -> dict[int, str]:
        """What is still alive in the end: PostgreSQL's last children end after their parent, each by itself."""
        deadline = time.monotonic() + patience_seconds
        while (alive := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return alive


def _furnish(var_dir: Path) -> None:
    """Copies an embedded PostgreSQL in which Prefect's database stands ready, with the deployments of the house and of
    `tests/support`; ours is not in it. The first of a session who wants one makes it, by a start like any other:
    registering more than a hundred deployments costs as much as all the rest of a start."""
    folder = Path(os.environ[SHARED]) / "furnished"
    folder.mkdir(exist_ok=True)
    with (folder / "turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        first = Stack(folder / "var", is_new=True)
        if not (folder / "ready").exists():
            first.start()
            first.register()
            assert first.stop() == 0, first.said()
            _without_ours(folder / "var" / CLUSTER)
            (folder / "ready").touch()
    var_dir.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["cp", "-a", str(folder / "var" / CLUSTER), str(var_dir / CLUSTER)], check=True)  # owners too


def _without_ours(directory: Path) -> None:
    with (
        Cluster(directory) as cluster,
        psycopg.connect(cluster.administrator_url().replace("+psycopg", ""), autocommit=True) as connection,
    ):
        connection.execute(f"DROP DATABASE {OURS} WITH (FORCE)".encode())


def load_demo(stack: Stack) -> None:
    """Loads the demonstration round into an installation, once, whoever asks."""
    loaded = stack.var_dir.parent / "demo.loaded"
    with (stack.var_dir.parent / "demo.turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not loaded.exists():
            load_demo_into(stack.database_url, stack.environment)
            loaded.touch()


def load_demo_into(database_url: str, environment: Mapping[str, str]) -> None:
    """Loads the demonstration round by a process of an installation; the address stands on no command line."""
    command, told = [sys.executable, "-c", LOAD], {**environment, "LOADED_DATABASE": database_url}
    subprocess.run(command, cwd=ROOT, env=told, check=True, timeout=HANGS_AFTER_S)


@contextmanager
def shared_stack(folder: Path) -> Iterator[Stack]:
    """One installation for several test processes: the first starts it, the last one to leave stops it."""
    folder.mkdir(exist_ok=True)
    stack = Stack(folder / "var")
    with (folder / "turn").open("a") as turn, (folder / "users").open("a") as users:
        fcntl.flock(turn, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        if (folder / "started").exists():
            stack.attach()
        else:
            stack.start()
            (folder / "started").touch()
        fcntl.flock(turn, fcntl.LOCK_UN)
        try:
            yield stack
        finally:
            fcntl.flock(turn, fcntl.LOCK_EX)
            if _is_last(users):
                (folder / "started").unlink()
                _end(stack)


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(users, fcntl.LOCK_UN)
        return False
    return True


def _end(stack: Stack) -> None:
    """Stops it as an operator would; whatever is left after a while is killed, and that is a failure."""
    with suppress(ProcessLookupError):
        os.kill(stack.pid, signal.SIGTERM)
    deadline = time.monotonic() + HANGS_AFTER_S
    while (left := stack.processes()) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, f"没有停下的进程：{left}\n{stack.said()}"


def _all_processes() -> list[tuple[int, str]]:
    listing = subprocess.run(["ps", "-ewwo", "pid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listing.splitlines()]
    return [(int(row[0]), row[2]) for row in rows if len(row) == 3 and not row[1].startswith("Z")]


def _environment_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""
