"""A Prefect server that somebody else runs: people come in by our gate before it, and what they start acts for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from dingdian.running.embedded import Cluster
from gate.sessions import COOKIE
from rules.vocabulary import WayIn
from tasks import accounts
from tests.support.copies import Copies
from tests.support.patience import HANGS_AFTER_S, fetched, until
from tests.support.ports import free_port
from tests.support.postgres import fresh_database
from tests.support.stack import ROOT, load_demo_into
from tests.support.stock import PREFECT, Stock

pytestmark = pytest.mark.long
PATIENCE = 120_000
PASSWORD = "office:a password of the team"
WITHDRAW = "登记撤回申请/06 登记撤回申请"


@pytest.fixture(scope="module")
def team(
    postgres_server: Cluster, copies: Copies, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stock, str]]:
    """A stock server with a password, a worker of ours, and the gate before it; with the gate's address."""
    url, prefects = copies.copy(copies.newest("postgresql")), fresh_database(postgres_server)
    prefect_url = next(prefects).replace("+psycopg", "+asyncpg")
    port = free_port()
    more = {
        "PREFECT_SERVER_API_AUTH_STRING": PASSWORD,
        "PREFECT_API_AUTH_STRING": PASSWORD,
        "DINGDIAN_PREFECT_PORT": str(port),
    }
    command = str(Path(sys.executable).with_name("dingdian"))
    stock = Stock(tmp_path_factory.mktemp("team"), url, prefect_url, **more)
    load_demo_into(url, stock.environment)
    with stock.serving(), stock.started(command, "worker"), stock.started(command, "gate") as gate:
        here = f"http://127.0.0.1:{port}"
        until(lambda: answers(here), "the gate", alive=lambda: gate.poll() is None)
        until(lambda: stock.request("POST", "/deployments/filter", {"limit": 1}), "the deployments")
        yield stock, here
    copies.give_back(url)
    next(prefects, None)


def answers(here: str) -> bool:
    try:
        return fetched(f"{here}/api/health").is_success
    except httpx.TransportError:
        return False


def test_what_is_started_behind_the_gate_acts_for_whoever_is_logged_in(team: tuple[Stock, str], page: Page) -> None:
    stock, here = team
    assert fetched(f"{here}/v2/dashboard", follow_redirects=False).status_code == 303
    assert httpx.post(f"{here}/api/flow_runs/filter", json={}).status_code == 403
    cookie = accounts.open_session(stock.stand_in.url, "1001", WayIn.PASSWORD)
    with httpx.Client(base_url=here, cookies={COOKIE: cookie}, timeout=HANGS_AFTER_S) as person:
        form = until(lambda: deployment(person))
        given = {"form": {"applicant_id": "P03", "reason": "申请人自愿撤回"}}
        run = person.post(f"/api/deployments/{form}/create_flow_run", json={"parameters": given}).json()["id"]
        assert "P03 示范百姓药房：已登记撤回" in stock.wait_for(run)["message"]
        for method, path in (("DELETE", f"/api/deployments/{form}"), ("PATCH", f"/api/flow_runs/{run}/labels")):
            assert person.request(method, path).status_code in (403, 415)
        assert person.get("/ui-settings").json()["api_url"] == "/api"
    page.context.add_cookies([{"name": COOKIE, "value": cookie, "url": here}])
    page.goto(f"{here}/v2/runs/flow-run/{run}")
    expect(page.get_by_text("登记撤回申请 P03").first).to_be_visible(timeout=PATIENCE)


def deployment(person: httpx.Client) -> str:
    found = person.post(
        "/api/deployments/filter", json={"deployments": {"name": {"any_": [WITHDRAW.partition("/")[2]]}}}
    )
    return str(found.json()[0]["id"]) if found.json() else ""


def test_what_is_started_at_the_server_itself_acts_for_nobody(team: tuple[Stock, str]) -> None:
    stock, _ = team
    found = stock.request("GET", f"/deployments/name/{WITHDRAW}")
    given = {"form": {"applicant_id": "P02", "reason": "申请人自愿撤回"}}
    run = stock.request("POST", f"/deployments/{found['id']}/create_flow_run", {"parameters": given})["id"]
    assert "没有登录人的凭据" in stock.wait_for(run)["message"]


def test_a_server_that_is_gone_is_said_to_be(team: tuple[Stock, str]) -> None:
    stock, _ = team
    port = free_port()
    gone = {
        **stock.environment,
        "PREFECT_API_URL": f"http://127.0.0.1:{free_port()}/api",
        "DINGDIAN_PREFECT_PORT": str(port),
    }
    gate = subprocess.Popen([str(Path(PREFECT).with_name("dingdian")), "gate"], env=gone, cwd=ROOT)
    try:
        asked = f"http://127.0.0.1:{port}/api/health"
        answer = until(lambda: answered(asked), "the gate", alive=lambda: gate.poll() is None)
        assert (answer.status_code, "没有应答" in answer.json()["detail"]) == (502, True)
    finally:
        gate.terminate()
        gate.wait()


def answered(address: str) -> httpx.Response | None:
    try:
        return fetched(address)
    except httpx.TransportError:
        return None
