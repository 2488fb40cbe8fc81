"""A score sheet that somebody has typed stays his until the last one is in, whichever way Prefect is asked for runs.

A real Prefect server, and before it a door of our own on a round whose panel is at work.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx
import pytest
from pydantic import SecretStr

from dingdian.running.door import Door
from dingdian.running.gate_server import Forwarding
from foundation.settings import MACHINE_HEADER, Settings
from gate import sealed
from gate.sessions import COOKIE, Sessions
from models import Staff
from models.database import transaction
from models.journal import say
from rules.vocabulary import State, WayIn
from tasks import accounts
from tests.support.stack import Stack
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal
from upkeep.deployment_file import entrypoints

SHEET, HERE = "录入评分表/13 录入评分表", "http://127.0.0.1:4200"
SECRET = "18.75"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """A panel of three for some dossiers, no sheet in; two who may type sheets, and an auditor."""
    rehearsal = at_stage("drawn")
    with transaction(rehearsal.url) as session:
        say(session, "staff_added", "test")
        for number, role in (("1001", "operator"), ("1002", "reviewer"), ("1009", "auditor")):
            session.add(Staff(staff_no=number, name="某人", roles=[role]))
    return rehearsal


class Desk:
    """The door on the office's database, before the stack's Prefect."""

    def __init__(self, stack: Stack, office: Rehearsal) -> None:
        self.office, self.form = office, stack.request("GET", f"/deployments/name/{SHEET}")["id"]
        prefect = Forwarding(stack.api_url.removesuffix("/api"))
        prefect.client.headers[MACHINE_HEADER] = stack.http.headers[MACHINE_HEADER]
        self.door = Door(
            prefect,
            SecretStr("a key of nobody's"),
            ["127.0.0.1"],
            sessions=Sessions(office.url),
            keys=KEYS,
            forms=entrypoints(Settings()),
            board_url=HERE,
        )

    @asynccontextmanager
    async def person(self, staff_no: str) -> AsyncIterator[httpx.AsyncClient]:
        cookies = {COOKIE: accounts.open_session(self.office.url, staff_no, WayIn.REHEARSAL)}
        transport = httpx.ASGITransport(app=self.door)
        async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=cookies, timeout=120) as client:
            yield client

    async def hand_in(self, staff_no: str, **more: Any) -> str:
        """A sheet that somebody types; answers the run, which is to begin tomorrow."""
        rows = [{"code": "P-a", "score": SECRET, "note": "", "evidence": ""}]
        form = {"applicant_id": "P01", "expert_id": self.office.panel()[0], "items": rows, **more}
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": tomorrow}}
        order = {"parameters": {"form": form}, "state": state}
        async with self.person(staff_no) as person:
            answer = await person.post(f"/api/deployments/{self.form}/create_flow_run", json=order)
        assert answer.status_code == 201, answer.text
        assert SECRET in answer.text
        return str(answer.json()["id"])

    async def told(self, staff_no: str, run: str) -> dict[str, httpx.Response]:
        """Every answer that tells the run, by how it was asked for."""
        by_id = {"flow_runs": {"id": {"any_": [run]}}}
        asked = {
            f"GET /api/flow_runs/{run}": None,
            "POST /api/flow_runs/filter": by_id,
            "POST /api/flow_runs/paginate": by_id,
            "POST /api/deployments/get_scheduled_flow_runs": {"deployment_ids": [self.form]},
        }
        found = {}
        async with self.person(staff_no) as person:
            for line, body in asked.items():
                method, path = line.split()
                found[path] = await person.request(method, path, json=body)
        return found


def test_a_sheet_is_shown_to_whoever_typed_it_and_to_nobody_else_until_the_last_is_in(
    prefect_stack: Stack, office: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(prefect_stack, office)
    monkeypatch.setattr(sealed, "REMEMBERED_SECONDS", 0.0)

    async def walk() -> None:
        run = await desk.hand_in("1001")
        for path, answer in (await desk.told("1001", run)).items():
            assert (answer.status_code, SECRET in answer.text) == (200, True), path
        for other in ("1002", "1009"):
            for path, answer in (await desk.told(other, run)).items():
                assert (answer.status_code, run in answer.text) == (200, True), path
                assert SECRET not in answer.text, path
                assert "只有提交人看得到" in answer.text, path
                assert int(answer.headers["content-length"]) == len(answer.content)
                answer.json()
        for number, state in office.states().items():
            if state == State.EVALUATING:
                office.score("2025-09-22 10:00", number)
        for path, answer in (await desk.told("1002", run)).items():
            assert SECRET in answer.text, path
        prefect_stack.request("DELETE", f"/flow_runs/{run}")

    anyio.run(walk)


@pytest.mark.parametrize(("named", "is_hidden"), [("", True), ("1", True), ("7", False), ("x", True)])
def test_a_sheet_of_another_round_is_not_sealed_with_this_one(
    prefect_stack: Stack, office: Rehearsal, named: str, is_hidden: bool
) -> None:
    desk = Desk(prefect_stack, office)

    async def walk() -> None:
        run = await desk.hand_in("1001", round=named)
        answer = (await desk.told("1002", run))[f"/api/flow_runs/{run}"]
        assert (SECRET not in answer.text) is is_hidden
        prefect_stack.request("DELETE", f"/flow_runs/{run}")

    anyio.run(walk)


def test_other_forms_are_shown_to_whoever_may_see_runs(prefect_stack: Stack, office: Rehearsal) -> None:
    desk = Desk(prefect_stack, office)

    async def walk() -> None:
        form = prefect_stack.request("GET", "/deployments/name/登记专家回避/10 登记专家回避")["id"]
        given = {"form": {"expert_id": "Z01", "reason": "亲属任职"}}
        run = prefect_stack.request("POST", f"/deployments/{form}/create_flow_run", {"parameters": given})["id"]
        async with desk.person("1009") as person:
            assert "亲属任职" in (await person.get(f"/api/flow_runs/{run}")).text

    anyio.run(walk)
