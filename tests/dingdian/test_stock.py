"""A team that has Prefect already: stock server, stock pool, stock worker, `prefect deploy --all`, and the flows run.

The whole list of deployments is registered and run by `python -m tests.support.run_every`; here one of each kind, by
what its entry says, for Prefect's command takes seconds for each.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from board.form_links import FormLink, FormLinks
from dingdian import demo
from dingdian.running.deployments import register as registered
from dingdian.running.embedded import Cluster
from tests.support.copies import Copies
from tests.support.postgres import fresh_database
from tests.support.stack import ROOT
from tests.support.stock import PREFECT, Stock

pytestmark = pytest.mark.long
# What the server or the command gives by itself; Prefect's command writes the commit of a checkout as the version.
OF_ITS_OWN = {
    *("id", "created", "updated", "last_polled", "status", "flow_id", "work_queue_id", "concurrency_limit"),
    *("version", "version_id", "version_info"),
}
PASSWORD = "office:a password of the team"
GUARDED = {
    "PREFECT_SERVER_API_AUTH_STRING": PASSWORD,
    "PREFECT_API_AUTH_STRING": PASSWORD,
    "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
}
SET_UP = [  # as docs/machines.md has it
    "work-pool create dingdian --type process",
    "work-queue create --pool dingdian acts --priority 1",
    "work-queue create --pool dingdian clock --priority 2",
    "work-queue create --pool dingdian heavy --priority 3 --limit 2",
    "deploy --all --prefect-file {file}",
]
USED = {"20 签订协议", "50 期限巡查", "55 每日备份", "56 清理运行记录", "08 签署初审意见", "42 通知一览"}


@pytest.fixture(scope="module")
def stock(postgres_server: Cluster, copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """A guarded stock server with the deployments made by Prefect's command, and the demonstration round."""
    file = tmp_path_factory.mktemp("deployed") / "prefect.yaml"
    file.write_text(yaml.safe_dump(one_of_each_kind(), allow_unicode=True))
    url, prefects = copies.copy(copies.newest("postgresql")), fresh_database(postgres_server)
    prefect_url = next(prefects).replace("+psycopg", "+asyncpg")
    demo.load(url)
    folder = tmp_path_factory.mktemp("stock")
    with Stock(folder, url, prefect_url, **GUARDED).serving() as stock:
        stock.file = file
        stock.prefect(*(command.format(file=file) for command in SET_UP))
        yield stock
    copies.give_back(url)
    next(prefects, None)


def one_of_each_kind() -> dict[str, Any]:
    """`prefect.yaml` with the deployments that this file uses, and the first of every other kind of entry."""
    content = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    kinds = {kind_of(entry): entry for entry in reversed(content["deployments"])}
    kept = {entry["name"]: entry for entry in kinds.values()}
    kept |= {entry["name"]: entry for entry in content["deployments"] if entry["name"] in USED}
    return {**content, "deployments": list(kept.values())}


def kind_of(entry: dict[str, Any]) -> tuple[Any, ...]:
    """What of an entry leads Prefect another way: its keys, its queue, its schedule, its limit."""
    schedules = [sorted(one) for one in entry.get("schedules", [])]
    limit, queue = entry.get("concurrency_limit"), entry["work_pool"]["work_queue_name"]
    return str(sorted(entry)), queue, str(schedules), type(limit).__name__, len(entry["tags"])


def register(stock: Stock) -> None:
    """As `dingdian up` registers them."""
    with temporary_settings({PREFECT_API_URL: stock.api_url, PREFECT_API_AUTH_STRING: PASSWORD}):
        asyncio.run(registered(stock.file))


def deployments(stock: Stock) -> dict[str, dict[str, Any]]:
    """Every deployment as the server keeps it, without what it gives each of them by itself."""
    found = stock.request("POST", "/deployments/filter", {"limit": 200})
    return {one["name"]: _plain(one) for one in found}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if key not in OF_ITS_OWN and "deployment_id" not in key}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def test_prefect_s_own_command_registers_what_dingdian_up_does(stock: Stock) -> None:
    by_command = deployments(stock)
    register(stock)
    by_us = deployments(stock)
    assert by_us == by_command
    fields = by_us["20 签订协议"]["parameter_openapi_schema"]["definitions"]["SignAgreement"]["properties"]
    assert sorted(fields, key=lambda name: fields[name]["position"]) == [
        "applicant_id", "signed_on", "agreement_number", "effective_on", "expires_on", "round",
    ]  # fmt: skip


def health(stock: Stock, **more: str) -> dict[str, tuple[str, str]]:
    command = [str(Path(sys.executable).with_name("dingdian")), "health", "--json"]
    environment = {**stock.environment, **more}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    return {one["part"]: (one["level"], one["said"]) for one in json.loads(done.stdout)}


def test_health_and_the_board_are_let_in_by_the_password(stock: Stock) -> None:
    assert health(stock)["Prefect 服务"][0] == "ok"
    wrong = health(stock, PREFECT_API_AUTH_STRING="office:wrong")["Prefect 服务"]
    assert (wrong[0], "PREFECT_API_AUTH_STRING" in wrong[1]) == ("fail", True)
    acts = {"show_messages": FormLink("通知一览", "42 通知一览")}
    assert "/deployments/deployment/" in FormLinks(stock.api_url, acts, password=PASSWORD).form_of("show_messages", {})
    assert "/deployments?" in FormLinks(stock.api_url, acts, password="office:wrong").form_of("show_messages", {})


def test_what_a_person_paused_stays_paused(stock: Stock) -> None:
    found = stock.request("GET", "/deployments/name/每日备份/55 每日备份")
    schedule = found["schedules"][0]
    stock.request("PATCH", f"/deployments/{found['id']}/schedules/{schedule['id']}", {"active": False})
    register(stock)
    again = stock.request("GET", "/deployments/name/每日备份/55 每日备份")
    assert [(one["slug"], one["active"]) for one in again["schedules"]] == [("daily", False)]
    other = stock.request("GET", "/deployments/name/清理运行记录/56 清理运行记录")
    assert [one["active"] for one in other["schedules"]] == [True]


def updated(stock: Stock) -> dict[str, str]:
    """When each deployment was handed in last, of those without a schedule."""
    found = stock.request("POST", "/deployments/filter", {"limit": 200})
    return {one["name"]: one["updated"] for one in found if not one["schedules"]}


CHANGES: list[dict[str, Any]] = [
    {"description": "别的说明"},
    {"tags": ["别的"]},
    {"entrypoint": "elsewhere.flow"},
    {"parameters": {"form": {}}},
    {"enforce_parameter_schema": False},
    {"work_queue_name": "clock"},
    {"job_variables": {"env": {"A": "1"}}},
    {"concurrency_limit": 5},
]


@pytest.mark.parametrize("changes", [CHANGES[::2], CHANGES[1::2]], ids=["these", "those"])
def test_only_what_stands_otherwise_is_handed_in_again(stock: Stock, changes: list[dict[str, Any]]) -> None:
    register(stock)
    wanted, before = deployments(stock), updated(stock)
    changed = dict(zip(before, changes, strict=False))
    assert len(changes) == len(changed) < len(before)
    found = {one["name"]: one["id"] for one in stock.request("POST", "/deployments/filter", {"limit": 200})}
    for name, change in changed.items():
        stock.request("PATCH", f"/deployments/{found[name]}", change)
    assert {name for name, one in deployments(stock).items() if one != wanted[name]} == set(changed)
    register(stock)
    after = updated(stock)
    assert {name for name in before if before[name] != after[name]} == set(changed)
    assert deployments(stock) == wanted


def test_a_pool_of_several_pages_is_read_whole(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    register(stock)
    before = updated(stock)
    monkeypatch.setattr("dingdian.running.deployments.PAGE", 3)
    register(stock)
    assert len(before) > 3
    assert updated(stock) == before


def test_a_form_that_was_renamed_leaves_nothing_behind_and_what_a_team_made_stays(stock: Stock) -> None:
    register(stock)
    ours = stock.request("GET", "/deployments/name/签订协议/20 签订协议")
    kept = ("entrypoint", "work_pool_name", "work_queue_name", "parameter_openapi_schema")
    for flow, name in (("签约", "20 签约"), ("签订协议", "本单位的签订")):
        flow_id = stock.request("POST", "/flows/", {"name": flow})["id"]
        stock.request("POST", "/deployments/", {"flow_id": flow_id, "name": name, **{one: ours[one] for one in kept}})
    before = {one["id"] for one in stock.request("POST", "/deployments/filter", {"limit": 200})}
    register(stock)
    after = {one["id"]: one["name"] for one in stock.request("POST", "/deployments/filter", {"limit": 200})}
    assert len(before - after.keys()) == 1
    assert "20 签约" not in after.values()
    assert {"本单位的签订", "20 签订协议"} <= set(after.values())


RUNS = {
    "签订协议/20 签订协议": (
        {"form": {"by": "1002", "applicant_id": "H02", "signed_on": "2026-03-01"}},
        "CANCELLED",
        "未办理：",
    ),
    "期限巡查/50 期限巡查": ({}, "COMPLETED", "到期 0 项"),
}


def test_a_stock_worker_runs_a_refusal_and_the_sweep(stock: Stock, tmp_path: Path) -> None:
    """From a folder that is not ours, as a team's worker stands wherever it was started."""
    with stock.started(PREFECT, "worker", "start", "--pool", "dingdian", "--type", "process", cwd=tmp_path):
        runs = {name: stock.create(name, parameters) for name, (parameters, _, _) in RUNS.items()}
        ended = {name: stock.wait_for(run) for name, run in runs.items()}
    for name, (_, state, said) in RUNS.items():
        assert (ended[name]["type"], said in ended[name]["message"]) == (state, True), ended[name]


def test_an_act_is_executed_by_hand_from_any_folder(stock: Stock, tmp_path: Path) -> None:
    form = {"by": "1002", "applicant_id": "H01", "judgements": []}
    run = stock.create("签署初审意见/08 签署初审意见", {"form": form})
    stock.prefect(f"flow-run execute {run}", cwd=tmp_path)
    ended = stock.wait_for(run)
    assert (ended["type"], "H01 示范县第一医院：已签署初审意见" in ended["message"]) == ("COMPLETED", True)
