"""Prefect as a team has it that knows nothing of `dingdian up`: a stock server, a stock pool, a stock worker."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from foundation.secrets import Keyring
from tasks.run_starts import StandIn
from tests.support.patience import HANGS_AFTER_S, until
from tests.support.ports import free_port
from tests.support.stack import FINAL, ROOT, clean_environment

KEY = "a key of the team's own"
PREFECT = str(Path(sys.executable).with_name("prefect"))
COMMANDS = """
import shlex, sys
from prefect.cli import app
for command in sys.argv[1:]:
    sys.argv = ["prefect", "--no-prompt", *shlex.split(command)]
    try:
        app()
    except SystemExit as ended:
        if ended.code:
            raise
"""


class Stock:
    """A stock Prefect server on a port of its own, and what a person at a terminal does with it."""

    def __init__(self, folder: Path, database_url: str, prefect_url: str, **more: str) -> None:
        port = free_port()
        self.folder, self.api_url = folder, f"http://127.0.0.1:{port}/api"
        self.environment = clean_environment(
            PREFECT_HOME=str(folder / "prefect"),
            PREFECT_API_URL=self.api_url,
            PREFECT_SERVER_API_PORT=str(port),
            PREFECT_SERVER_DATABASE_CONNECTION_URL=prefect_url,
            PREFECT_SERVER_ANALYTICS_ENABLED="false",
            DO_NOT_TRACK="1",
            PREFECT_WORKER_QUERY_SECONDS="1",
            DINGDIAN_DATABASE_URL=database_url,
            DINGDIAN_SECRET_KEY=KEY,
            DINGDIAN_VAR_DIR=str(folder / "var"),
            **more,
        )
        self.file = ROOT / "prefect.yaml"
        self.headers: dict[str, str] = {}
        self.stand_in = StandIn(database_url, Keyring.from_secret(KEY))

    def prefect(self, *commands: str, cwd: Path = ROOT) -> None:
        """Commands of Prefect's own, each carried to its end; one process for all, which loads Prefect once."""
        done = subprocess.run(
            [sys.executable, "-c", COMMANDS, *commands],
            cwd=cwd,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=HANGS_AFTER_S * len(commands),
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"

    @contextmanager
    def started(self, *command: str, cwd: Path | None = None) -> Iterator[subprocess.Popen[str]]:
        """A program that runs until the block ends, by its own process group; what it says goes to a file."""
        where = cwd or self.folder
        with (self.folder / f"{'-'.join(command[1:3])}-{uuid.uuid4().hex[:6]}.txt").open("w") as log:
            process = subprocess.Popen(
                command, cwd=where, env=self.environment, stdout=log, stderr=log, text=True, start_new_session=True
            )
            try:
                yield process
            finally:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=30)
                end_group(process.pid)
                process.wait()

    @contextmanager
    def serving(self) -> Iterator[Stock]:
        """The stock server, up."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.started(PREFECT, "server", "start") as server:
            until(self.answers, "prefect server start", alive=lambda: server.poll() is None)
            self.headers = self._admitted()
            yield self

    def _admitted(self) -> dict[str, str]:
        """What a guarded server wants to see: the password, and its token against forged requests."""
        password = self.environment.get("PREFECT_API_AUTH_STRING", "")
        if not password:
            return {}
        headers = {"Authorization": f"Basic {base64.b64encode(password.encode()).decode()}", "Prefect-Csrf-Client": "t"}
        self.headers = headers
        if "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED" not in self.environment:
            return headers
        return {**headers, "Prefect-Csrf-Token": self.request("GET", "/csrf-token?client=t")["token"]}

    def answers(self) -> bool:
        """Whether the API answers."""
        try:
            return httpx.get(f"{self.api_url}/health", timeout=HANGS_AFTER_S).is_success
        except httpx.TransportError:
            return False

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the API; a busy server is asked again."""
        answers: list[httpx.Response] = []

        def asked() -> bool:
            answers.append(
                httpx.request(method, f"{self.api_url}{path}", json=body, headers=self.headers, timeout=HANGS_AFTER_S)
            )
            return not answers[-1].is_server_error

        until(asked, f"{method} {path}")
        assert answers[-1].is_success, f"{method} {path}: {answers[-1].status_code} {answers[-1].text}"
        return answers[-1].json() if answers[-1].content else None

    def create(self, deployment: str, parameters: dict[str, Any]) -> str:
        """Starts a run as the door does for whom the form's `by` names; answers its id."""
        found = self.request("GET", f"/deployments/name/{deployment}")
        given, proof = self.stand_in.order(found["id"], parameters)
        order = {"parameters": given, "labels": proof}
        return str(self.request("POST", f"/deployments/{found['id']}/create_flow_run", order)["id"])

    def wait_for(self, run_id: str, *types: str) -> dict[str, Any]:
        """Waits until the run is in one of the states (any final one unless told); answers the state."""
        seen: dict[str, Any] = {}

        def settled() -> bool:
            seen.update(self.request("GET", f"/flow_runs/{run_id}")["state"])
            return seen["type"] in {*(types or FINAL), *FINAL}

        until(settled, lambda: f"仍处于 {seen}")
        return seen


def end_group(group: int) -> None:
    """Ends what is left of a program that we started."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
