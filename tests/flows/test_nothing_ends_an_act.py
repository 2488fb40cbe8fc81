"""What only shows never ends what was done: the records are gone when they are to be told of, and the act is done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.flow_engine import run_flow_async
from sqlalchemy import text

from dingdian import demo
from flows import act_flow
from flows.forms import VerifySite
from foundation.secrets import Keyring
from models.database import engine_for, reading
from tasks.run_starts import StandIn
from tasks.surroundings import database_url, surrounded
from tests.dingdian.test_peers import LATER
from tests.support.stack import Stack

GONE = ("ALTER TABLE audit_record RENAME TO audit_record_gone", "ALTER TABLE audit_record_gone RENAME TO audit_record")
WARNING = "全程图和事件未能更新，办理不受影响"


class Heard(logging.Handler):
    """What a logger said. Prefect's own way to the server belongs to the first server that a process spoke to."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        """While it listens."""
        logging.getLogger(name).addHandler(self)
        try:
            yield
        finally:
            logging.getLogger(name).removeHandler(self)


def rename(statement: str) -> None:
    with engine_for(database_url()).begin() as connection:
        connection.execute(text(statement))


@act_flow.act_flow("verify_site")
async def verified_and_gone(form: VerifySite) -> State[Any]:
    """The act as it is; then, before it is told of, the table of its records is gone."""
    ended = await act_flow.do("verify_site", form)
    rename(GONE[0])
    return ended


async def carried_out(run_id: str) -> FlowRun:
    """Carries out a run of the server in this process, as Prefect's own worker does in one that it starts; the run as
    the server has it then."""
    async with get_client() as client:
        run = await client.read_flow_run(run_id)  # type: ignore[arg-type]
        await run_flow_async(verified_and_gone, flow_run=run, parameters=run.parameters, return_type="state")
        return await client.read_flow_run(run.id)


def test_an_act_whose_records_cannot_be_told_of_is_done(
    prefect_stack: Stack, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.load(database)
    keys = Keyring.from_secret("a key of sixteen")
    monkeypatch.setattr(prefect_stack, "stand_in", StandIn(database, keys))
    form = {"by": "1002", "applicant_id": "P02", "findings": [], "note": "现场核查"}
    run = prefect_stack.create_run("录入实地核查/07 录入实地核查", {"form": form}, **LATER)
    prefect_stack.request("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "PENDING"}, "force": True})
    here = surrounded(database_url=database, keys=keys, inbox=tmp_path, site=tmp_path / "site")
    heard = Heard()
    with prefect_stack.as_ours(), here, heard.on("prefect.flow_runs"):
        ended = asyncio.run(carried_out(run))
        rename(GONE[1])
    assert ended.state is not None
    assert (ended.state.type.value, ended.state.name) == ("COMPLETED", "Completed")
    assert "已录入实地核查情况" in str(ended.state.message)
    with reading(database) as session:
        count = session.execute(text("SELECT count(*) FROM audit_record WHERE event = 'verify_site'")).scalar_one()
    assert count == 1
    assert any(WARNING in said for said in heard.said)
