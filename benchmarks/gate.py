"""A request through the gate beside the same request to Prefect's application without it, in turns, in one run.

What a page of Prefect's interface asks: one run, a page of twenty with what was typed into their forms, and a file of
the interface. Somebody is logged in; sessions, rights, sealed sheets are looked at as always. Both are asked for
unpacked answers: the gate asks Prefect so anyway, and would gain by what Prefect saves in packing.
"""

from __future__ import annotations

import statistics
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial

import httpx

from benchmarks.beside import Figures, beside, timed
from gate.sessions import COOKIE
from models.migrate import upgrade
from rules.vocabulary import WayIn
from tasks import accounts, staffing

TURNS, WARM = 600, 50
RUNS, A_PAGE = 40, 20
BASELINE = "the same request to Prefect without the gate"
CLERK = "1001"
UNPACKED = {"accept-encoding": "identity"}
PATIENCE_S = 300.0  # a request that takes as long is no figure, but the machine may be busy between two
Served = Callable[[str], AbstractContextManager[tuple[str, str]]]
SHEET = {
    "applicant_id": "P01",
    "expert_id": "Z01",
    "items": [{"code": f"P-{code}", "score": "18.5", "note": "", "evidence": ""} for code in "abcdefgh"],
}
FORM = {"applicant_id": "P01", "signed_on": "2026-01-05", "number": "", "note": "与原件核对一致" * 10}


def measure(url: str, database: str, served: Served, turns: int = TURNS, warm: int = WARM) -> list[Figures]:
    """A row for each kind of request. Raises AssertionError when both do not answer alike."""
    upgrade(url)
    staffing.add_person(url, CLERK, "某人", ["operator"], "bench")
    cookies = {COOKIE: accounts.open_session(url, CLERK, WayIn.PASSWORD)}
    with (
        served(url) as (through, without),
        httpx.Client(base_url=through, cookies=cookies, headers=UNPACKED, timeout=PATIENCE_S) as gate,
        httpx.Client(base_url=without, headers=UNPACKED, timeout=PATIENCE_S) as prefect,
    ):
        plain, sheets = _runs(prefect, FORM), _runs(prefect, SHEET)
        asked: dict[str, tuple[str, str, object]] = {
            "gate, one run": ("GET", f"/api/flow_runs/{plain[0]}", None),
            "gate, a page of runs": ("POST", "/api/flow_runs/filter", _page_of(plain)),
            "gate, a page of sheets": ("POST", "/api/flow_runs/filter", _page_of(sheets)),
            "gate, a file": ("GET", "/ui-settings", None),
        }
        return [
            {"bench": name, "database": database, "live": RUNS, **_beside(gate, prefect, (warm, turns), *request)}
            for name, request in asked.items()
        ]


def _runs(prefect: httpx.Client, form: Mapping[str, object]) -> list[str]:
    flow = prefect.post("/api/flows/", json={"name": f"bench-{uuid.uuid4().hex}"}).json()["id"]
    body = {"flow_id": flow, "parameters": {"form": form}, "state": {"type": "COMPLETED"}}
    return [str(prefect.post("/api/flow_runs/", json=body).json()["id"]) for _ in range(RUNS)]


def _page_of(runs: Sequence[str]) -> dict[str, object]:
    return {"flow_runs": {"id": {"any_": list(runs)}}, "limit": A_PAGE}


def _beside(
    gate: httpx.Client, prefect: httpx.Client, turns: tuple[int, int], method: str, path: str, body: object
) -> Figures:
    asks = [partial(_ask, client, method, path, body) for client in (gate, prefect)]
    one, other = (ask().json() for ask in asks)
    if one != other:
        raise AssertionError(f"{method} {path}: the gate and Prefect do not answer alike")
    pairs = [_in_turn(turn, asks) for turn in range(sum(turns))][turns[0] :]
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    added = statistics.median(ours) - statistics.median(theirs)
    return {
        **beside(ours, BASELINE, theirs),
        "added_ms": round(1000 * added, 2),
        "p99_ms": _p99(ours),
        "baseline_p99_ms": _p99(theirs),
    }


def _in_turn(turn: int, asks: Sequence[Callable[[], httpx.Response]]) -> tuple[float, float]:
    """Both once; who goes first changes, so that neither always finds the other's memory warm."""
    order = asks if turn % 2 else asks[::-1]
    seconds = [timed(ask) for ask in order]
    one, other = seconds if turn % 2 else seconds[::-1]
    return one, other


def _ask(client: httpx.Client, method: str, path: str, body: object) -> httpx.Response:
    return client.request(method, path, json=body).raise_for_status()


def _p99(seconds: Sequence[float]) -> float:
    return round(1000 * statistics.quantiles(seconds, n=100)[98], 2)
