"""A start on a busy machine: Prefect's API answers 500 and 503 for a while, or is gone, and `dingdian up` knows which.

The API is a little HTTP server of its own that behaves as told, on a real port.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from dingdian.running import up
from dingdian.running.deployments import read, register
from dingdian.running.persisting import ServerGoneError
from dingdian.running.processes import Child
from rules.errors import DatabaseError
from tests.support.patience import until
from tests.support.ports import free_port
from tests.support.stack import PROBES

FLOWS, DEPLOYMENTS = "/api/flows/", "/api/deployments/"


class Api(ThreadingHTTPServer):
    """So much of Prefect's API as registering needs. `faults` says how it answers the next calls of a path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults: dict[str, list[int]] = {}
        self.asked: Counter[str] = Counter()
        self.deployments: dict[str, str] = {}
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api"

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        with self.lock:
            self.asked[path] += 1
            if waiting := self.faults.get(path):
                return waiting.pop(0), {"detail": "busy"}
            if path == DEPLOYMENTS:
                self.deployments[body["name"]] = body["flow_id"]
        if path.endswith("/filter"):
            return 200, []
        made = {"id": str(uuid.uuid4()), "name": body.get("name", "")}
        return 201, {**made, "work_pool_id": made["id"]} if path.rstrip("/").endswith("/queues") else made


class Handler(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        self._send(404, {"detail": "not here"})  # no tokens, no version: Prefect's client goes on without them

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        self._send(*self.server.answer(self.path, body))
        with self.server.lock:
            self.server.at_once -= 1

    def _send(self, status: int, told: Any) -> None:
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing to the console."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def talking_to(url: str) -> Iterator[None]:
    with temporary_settings({PREFECT_API_URL: url}):
        yield


def test_a_burst_of_500_and_503_during_the_registration_is_waited_out(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    api.faults = {FLOWS: [500, 503, 500, 500], DEPLOYMENTS: [503, 500, 500, 429, 408, 500]}
    with talking_to(api.url):
        names = asyncio.run(register(PROBES))
    wanted = [entry["name"] for entry in read(PROBES)]
    assert [name.partition("/")[2] for name in names] == wanted
    assert set(api.deployments) == set(wanted)
    assert api.faults == {FLOWS: [], DEPLOYMENTS: []}
    said = [record.getMessage() for record in caplog.records if record.name == "dingdian.start"]
    assert said
    assert all(line.startswith("Prefect 服务正忙（答 ") and "继续等待：登记流程“" in line for line in said)


def test_a_request_that_is_wrong_is_not_made_again(api: Api) -> None:
    api.faults = {DEPLOYMENTS: [422] * 20}
    with talking_to(api.url), pytest.raises(Exception, match="422"):
        asyncio.run(register(PROBES))
    assert api.asked[DEPLOYMENTS] <= len(read(PROBES))


def test_a_server_that_is_gone_stops_the_registration_at_once(api: Api) -> None:
    url = f"http://127.0.0.1:{free_port()}/api"
    with talking_to(url), pytest.raises(ServerGoneError, match=r"^Prefect 服务已不在（查看已登记的流程时无法连接）"):
        asyncio.run(register(PROBES))


def test_a_server_that_dies_in_the_middle_stops_it_too(api: Api) -> None:
    api.faults = {DEPLOYMENTS: [500] * 10_000}

    def die_when_asked() -> None:
        until(lambda: api.asked[DEPLOYMENTS] > 8, "the second try")
        api.shutdown()
        api.server_close()

    threading.Thread(target=die_when_asked, daemon=True).start()
    with talking_to(api.url), pytest.raises(ServerGoneError):
        asyncio.run(register(PROBES))


def test_the_house_registers_a_few_deployments_at_a_time(api: Api) -> None:
    with talking_to(api.url):
        names = asyncio.run(register())
    assert len(names) == len(set(names)) == len(read()) > 8
    assert api.most_at_once <= 8


# --- `up` itself: it waits as long as every part lives -------------------------------------------------------------


def child(folder: Path, name: str, code: str) -> Child:
    """A part of the house that does as the code says, once it is told to go."""
    made = Child(name, "unused", {}, folder / f"{name}.log")
    made._command = [sys.executable, "-c", f"import sys, time; sys.stdin.readline(); {code}"]
    made.start()
    made.go()
    return made


def test_a_slow_part_is_waited_for_and_the_person_is_told_for_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(up, "SAY_SECONDS", 0.1)
    gate = tmp_path / "gate"
    wait = "import pathlib; p = pathlib.Path(sys.argv[1])\n"
    slow = child(tmp_path, "执行进程", "pass")
    slow.stop()
    code = f"{wait}while not p.exists(): time.sleep(0.01)\nprint('ready', 3, flush=True); time.sleep(60)"
    slow._command = [sys.executable, "-c", f"import sys, time\nsys.stdin.readline()\n{code}", str(gate)]
    slow.start()
    slow.go()
    try:
        waiting = threading.Thread(target=up._wait_until_ready, args=([slow], [slow]))
        waiting.start()
        said: list[str] = []
        until(lambda: said.append(capsys.readouterr().err) or any("仍在等待执行进程就绪" in one for one in said))  # type: ignore[func-returns-value]
        assert waiting.is_alive()
        gate.touch()
        waiting.join()
        assert f"日志 {slow.log}；按 Ctrl-C 放弃。" in "".join(said)
    finally:
        slow.stop()


def test_the_end_of_the_server_ends_the_waiting_at_once(tmp_path: Path) -> None:
    server = child(tmp_path, "Prefect 服务", "sys.exit('数据库打不开')")
    worker = child(tmp_path, "执行进程", "time.sleep(600)")
    began = time.monotonic()
    try:
        with pytest.raises(DatabaseError, match=r"^Prefect 服务未能启动（退出码 1）。[\s\S]*数据库打不开"):
            up._wait_until_ready([worker], [server, worker])
    finally:
        worker.stop()
        server.stop()
    assert time.monotonic() - began < 300
