"""What a browser may ask of our Prefect server: the attacks of somebody in the office, and of a page elsewhere."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from dingdian.running.bell import HEARD
from dingdian.running.bell import PATH as BELL
from dingdian.running.door import HEADERS
from dingdian.running.orders import CANCEL, HIDDEN, NOT_HERE, SHOWN_BY_POST, START
from foundation.settings import MACHINE_HEADER
from gate.sessions import COOKIE
from tasks import machines
from tests.conftest import FLAGS, chromium
from tests.support.patience import until
from tests.support.stack import ROOT, Stack

MESSAGES = "通知一览/42 通知一览"
FOREIGN = "county.evil.test"
SWEEP = "期限巡查/50 期限巡查"


@pytest.fixture
def person(prefect_stack: Stack) -> Iterator[httpx.Client]:
    """Somebody at a browser: logged in, no key."""
    with prefect_stack.visitor() as client:
        client.base_url = httpx.URL(prefect_stack.api_url)
        yield client


def deployment(stack: Stack, name: str = MESSAGES) -> str:
    return str(stack.request("GET", f"/deployments/name/{name}")["id"])


def runs_of(stack: Stack, name: str = MESSAGES) -> int:
    asked = {"deployments": {"id": {"any_": [deployment(stack, name)]}}}
    return int(stack.request("POST", "/flow_runs/count", asked))


# --- by name, by origin, by content --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/v2/dashboard", "/api/health", "/api/flow_runs/filter"])
def test_a_foreign_name_of_this_machine_is_refused(prefect_stack: Stack, path: str) -> None:
    base = prefect_stack.api_url.removesuffix("/api")
    for headers in ({}, {MACHINE_HEADER: prefect_stack.http.headers[MACHINE_HEADER]}):
        answer = httpx.get(f"{base}{path}", headers={"host": FOREIGN, **headers})
        assert (answer.status_code, FOREIGN in answer.json()["detail"]) == (421, True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.test"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": ""}, 415),
    ],
)
def test_an_order_from_elsewhere_or_of_another_kind_is_refused_even_with_the_key(
    prefect_stack: Stack, headers: dict[str, str], status: int
) -> None:
    before = runs_of(prefect_stack)
    url = f"{prefect_stack.api_url}/deployments/{deployment(prefect_stack)}/create_flow_run"
    for key in ({}, {MACHINE_HEADER: prefect_stack.http.headers[MACHINE_HEADER]}):
        sent = {"content-type": "application/json", **headers, **key}
        assert httpx.post(url, content=b'{"parameters": {}}', headers=sent).status_code == status
    assert runs_of(prefect_stack) == before


def test_every_answer_says_who_may_frame_and_what_may_be_loaded(prefect_stack: Stack) -> None:
    base = prefect_stack.api_url.removesuffix("/api")
    for path in ("/v2/dashboard", "/gate/login", "/api/health", "/api/no-such-thing"):
        answer = httpx.get(f"{base}{path}", headers={"accept": "text/html"})
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert f"form-action 'self' {prefect_stack.board_url.rstrip('/')};" in policy


# --- what a person may ask -----------------------------------------------------------------------------------------


def routes(stack: Stack) -> set[tuple[str, str]]:
    """Everything that the API of this Prefect offers, with `{}` for the parts of an address."""
    found = stack.request("GET", "/openapi.json")["paths"]
    return {
        (method.upper(), "/".join("{}" if part.startswith("{") else part for part in path.split("/")))
        for path, methods in found.items()
        for method in methods
    }


def test_whatever_prefect_offers_that_changes_something_is_refused_but_a_start_and_a_cancellation(
    prefect_stack: Stack, person: httpx.Client
) -> None:
    offered = routes(prefect_stack)
    shown = {("POST", path) for path in SHOWN_BY_POST}
    assert shown | {("POST", START), ("POST", CANCEL)} <= {(method, path.rstrip("/")) for method, path in offered}
    tried = 0
    for method, path in sorted(offered):
        if method == "GET" or (method, path) in shown or path in (START, CANCEL):
            continue
        answer = person.request(method, path.replace("{}", str(uuid.uuid4())), json={} if method != "DELETE" else None)
        assert (answer.status_code, answer.json()["detail"]) == (403, NOT_HERE), (method, path)
        tried += 1
    assert tried > 60


@pytest.mark.parametrize("path", [*HIDDEN, "/block_documents/x", "/block_documents/"])
def test_what_keeps_secrets_is_shown_to_nobody(person: httpx.Client, path: str) -> None:
    assert person.get(path.replace("{}", "x"), params={"include_secrets": "true"}).status_code == 403


def test_a_row_of_the_menu_cannot_delete_the_sweep_or_stop_its_schedule(
    prefect_stack: Stack, person: httpx.Client
) -> None:
    found = prefect_stack.request("GET", f"/deployments/name/{SWEEP}")
    schedule = found["schedules"][0]["id"]
    for method, path, body in (
        ("DELETE", f"/deployments/{found['id']}", None),
        ("PATCH", f"/deployments/{found['id']}", {"paused": True}),
        ("PATCH", f"/deployments/{found['id']}", {"entrypoint": "/tmp/mine.py:flow"}),
        ("PATCH", f"/deployments/{found['id']}/schedules/{schedule}", {"active": False}),
        ("POST", f"/deployments/{found['id']}/pause_deployment", None),
    ):
        assert person.request(method, path, json=body).json()["detail"] == NOT_HERE
    again = prefect_stack.request("GET", f"/deployments/name/{SWEEP}")
    assert (again["paused"], again["schedules"][0]["active"]) == (False, True)


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"job_variables": {"env": {"PYTHONPATH": "/tmp"}}}, "不能指定运行环境"),
        ({"state": {"type": "COMPLETED"}}, "运行只能从“已排期”开始"),
        ({"state": "COMPLETED"}, "运行只能从“已排期”开始"),
        ({"tags": ["auto-scheduled"]}, "标签 auto-scheduled 只属于按计划的运行"),
        ({"labels": {"a": "b"}}, "表单以外的内容不能提交"),
        ({"parent_task_run_id": str(uuid.UUID(int=1))}, "表单以外的内容不能提交"),
        ([], "表单以外的内容不能提交"),
    ],
)
def test_a_start_is_a_form_and_nothing_else(
    prefect_stack: Stack, person: httpx.Client, order: Any, sentence: str
) -> None:
    before = runs_of(prefect_stack)
    answer = person.post(f"/deployments/{deployment(prefect_stack)}/create_flow_run", json=order)
    assert (answer.status_code, sentence in answer.json()["detail"]) == (403, True)
    assert runs_of(prefect_stack) == before


def test_what_is_no_json_or_longer_than_any_form_is_refused(prefect_stack: Stack, person: httpx.Client) -> None:
    address = f"/deployments/{deployment(prefect_stack)}/create_flow_run"
    asked = partial(person.post, address, headers={"content-type": "application/json"})
    assert asked(content=b"{").json()["detail"] == "提交的内容不是 JSON"
    long = json.dumps({"parameters": {"text": "x" * 1_000_000}}).encode()
    assert asked(content=long).status_code == 413


def test_a_person_starts_a_form_and_cannot_say_how_it_is_run(prefect_stack: Stack, person: httpx.Client) -> None:
    order = {"parameters": {}, "empirical_policy": {"retries": 9}, "name": "由表单提交"}
    run = person.post(f"/deployments/{deployment(prefect_stack)}/create_flow_run", json=order).json()
    assert (run["name"], run["empirical_policy"]["retries"]) == ("由表单提交", None)
    assert prefect_stack.wait_for(run["id"])["type"] == "COMPLETED"


def test_the_bell_rings_for_a_start_and_for_nothing_else_and_machines_alone_hear_it(
    prefect_stack: Stack, person: httpx.Client
) -> None:
    address = f"{prefect_stack.api_url.removesuffix('/api')}{BELL}"
    assert person.get(address).status_code == 404  # Prefect's own answer: to people there is no such thing
    heard = prefect_stack.http.get(address).text
    prefect_stack.request("POST", "/flow_runs/filter", {})
    for start in (partial(prefect_stack.create_run, MESSAGES, {}), partial(started_by_hand, prefect_stack, person)):
        with ThreadPoolExecutor(1) as aside:
            waiting = aside.submit(prefect_stack.http.get, address, params={HEARD: heard})
            start()
            said = waiting.result().text
        assert int(said) > int(heard)
        heard = said


def started_by_hand(stack: Stack, person: httpx.Client) -> None:
    assert person.post(f"/deployments/{deployment(stack)}/create_flow_run", json={"parameters": {}}).is_success


def test_a_person_cancels_what_runs_and_changes_nothing_that_has_ended(
    prefect_stack: Stack, person: httpx.Client
) -> None:
    run = prefect_stack.create_run(MESSAGES, {})
    prefect_stack.wait_for(run, "COMPLETED")
    for state in ("COMPLETED", "FAILED", "SCHEDULED", "CRASHED"):
        answer = person.post(f"/flow_runs/{run}/set_state", json={"state": {"type": state}, "force": True})
        assert (answer.status_code, "只能取消运行" in answer.json()["detail"]) == (403, True)
    forced = {"state": {"type": "CANCELLING", "name": "Cancelling"}, "force": True}  # as the interface sends it
    assert person.post(f"/flow_runs/{run}/set_state", json=forced).json()["status"] == "ABORT"
    assert prefect_stack.request("GET", f"/flow_runs/{run}")["state"]["type"] == "COMPLETED"


def test_the_administrator_goes_in_with_the_key_of_the_server(prefect_stack: Stack) -> None:
    environment = {**prefect_stack.environment, "PREFECT_API_URL": prefect_stack.api_url}
    command = [str(Path(sys.executable).with_name("dingdian")), "prefect", "work-pool", "update", "dingdian"]
    command += ["--description", "本县的流程"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert prefect_stack.request("GET", "/work_pools/dingdian")["description"] == "本县的流程"
    assert (prefect_stack.var_dir / "machine.key").stat().st_mode & 0o077 == 0


def test_a_machine_comes_in_with_its_own_key_until_that_is_withdrawn(prefect_stack: Stack) -> None:
    url, name = prefect_stack.database_url, f"worker-{uuid.uuid4().hex[:8]}"
    key = machines.give_key(url, name, "test")
    asked = partial(httpx.post, f"{prefect_stack.api_url}/flow_runs/count", json={}, headers={MACHINE_HEADER: key})
    assert asked().status_code == 200
    assert sees(prefect_stack, "/events/in", **{MACHINE_HEADER: key})
    machines.withdraw(url, name, "test")
    until(lambda: asked().status_code == 403, "the withdrawn key opens nothing")
    assert not sees(prefect_stack, "/events/in", **{MACHINE_HEADER: key})
    for other in ("", "x", key + "x"):
        assert (
            httpx.post(f"{prefect_stack.api_url}/flow_runs/count", json={}, headers={MACHINE_HEADER: other}).status_code
            == 403
        )
    assert prefect_stack.request("POST", "/flow_runs/count", {}) >= 0  # the server's own


# --- what only tells, and what writes -------------------------------------------------------------------------------


def sees(stack: Stack, path: str, **headers: str) -> bool:
    """Whether a WebSocket is opened."""
    address = f"{stack.api_url.replace('http:', 'ws:')}{path}"
    with suppress(InvalidStatus, ConnectionClosed):
        with connect(address, additional_headers=headers, subprotocols=["prefect"]) as socket:  # type: ignore[list-item]
            socket.send("{}")
        return True
    return False


def test_events_are_told_by_machines_alone_and_heard_by_pages_of_ours(prefect_stack: Stack) -> None:
    ours, cookie = (
        prefect_stack.api_url.removesuffix("/api"),
        f"{COOKIE}={prefect_stack.cookie_of(prefect_stack.clerk)}",
    )
    assert sees(prefect_stack, "/events/out", Origin=ours, Cookie=cookie)
    assert not sees(prefect_stack, "/events/out", Origin=ours)
    assert not sees(prefect_stack, "/events/out", Origin="http://evil.test", Cookie=cookie)
    assert not sees(prefect_stack, "/events/in")
    assert not sees(prefect_stack, "/work_pools/dingdian/workers/connect")
    assert sees(prefect_stack, "/events/in", **{MACHINE_HEADER: prefect_stack.http.headers[MACHINE_HEADER]})


# --- in a browser ---------------------------------------------------------------------------------------------------

EVIL = """<!doctype html><title>evil</title><iframe id="ours" src="{base}/v2/dashboard"></iframe><script>
const url = "{base}/api/deployments/{id}/create_flow_run", order = '{"parameters": {}}';
window.done = Promise.allSettled([
  fetch(url, {method: "POST", mode: "no-cors", body: new Blob([order])}),
  fetch(url, {method: "POST", mode: "no-cors", body: order}),
  fetch(url, {method: "POST", body: order, headers: {"Content-Type": "application/json"}}),
]).then(() => navigator.sendBeacon(url, new Blob([order])));
</script>"""


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A page of somebody else's, on the same machine."""

    page = ""

    def do_GET(self) -> None:
        """The page, wherever it is asked for."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.page.encode())

    def log_message(self, *_: object) -> None:
        """Nothing to the console."""


@contextmanager
def elsewhere(page: str) -> Iterator[str]:
    handler = type("Page", (Elsewhere,), {"page": page})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_page_of_another_site_starts_nothing_and_shows_nothing_of_ours(prefect_stack: Stack, page: Page) -> None:
    base, before = prefect_stack.api_url.removesuffix("/api"), runs_of(prefect_stack)
    evil = EVIL.replace("{base}", base).replace("{id}", deployment(prefect_stack))
    prefect_stack.sign_in(page, prefect_stack.clerk)
    with elsewhere(evil) as address:
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text))
        page.goto(address)
        page.evaluate("window.done")
        page.wait_for_load_state("networkidle")
        assert any("frame-ancestors" in one for one in refused), refused
        assert page.frames[-1].url.startswith("chrome-error:")
    assert runs_of(prefect_stack) == before


def test_a_name_that_is_bound_to_this_machine_anew_reads_nothing(prefect_stack: Stack, browser: Browser) -> None:
    """With the browser's own checks off: the name of another site leads to our port."""
    port = prefect_stack.api_url.removesuffix("/api").rpartition(":")[2]
    off = ("--disable-web-security", "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests")
    flags = [*FLAGS, *off, f"--host-resolver-rules=MAP {FOREIGN} 127.0.0.1"]
    rebound = browser.browser_type.launch(executable_path=chromium(), args=flags)
    try:
        page = rebound.new_page()
        answer = page.goto(f"http://{FOREIGN}:{port}/v2/dashboard")
        assert answer is not None
        assert (answer.status, FOREIGN in page.content()) == (421, True)
        asked = "{method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'}"
        assert page.evaluate(f"fetch('/api/flow_runs/filter', {asked}).then(one => one.status)") == 421
    finally:
        rebound.close()


def test_the_interface_works_and_asks_nobody_outside(prefect_stack: Stack, page: Page) -> None:
    """Prefect's pages as an operator meets them; what they would tell a service elsewhere stays in the house."""
    faults: list[str] = []
    asked: list[str] = []
    page.on("response", lambda one: faults.append(one.url) if one.status in (403, 415, 421) else None)
    page.on("requestfinished", lambda one: asked.append(one.url))
    base = prefect_stack.api_url.removesuffix("/api")
    prefect_stack.sign_in(page, prefect_stack.clerk)
    for path in ("dashboard", "runs", "flows", "deployments", "events", "artifacts", "work-pools", "settings"):
        page.goto(f"{base}/v2/{path}")
        page.wait_for_load_state("networkidle")
    page.goto(f"{base}/v2/deployments/deployment/{deployment(prefect_stack)}/run")
    before = runs_of(prefect_stack)
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**tab=Runs**")
    assert runs_of(prefect_stack) == before + 1
    assert {urlsplit(one).path for one in faults} <= {"/api/block_documents/filter"}  # the settings ask for a block
    assert [one for one in asked if not one.startswith(base) and not one.startswith(("data:", "blob:"))] == []
