"""Each machine has a key of its own, which is shown once and can be withdrawn; both are on record."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlmodel import col
from starlette.datastructures import Headers
from typer.testing import CliRunner

from dingdian.cli import app
from foundation.settings import MACHINE_HEADER
from gate import machines as at_the_gate
from models import JournalEntry, MachineKey
from models.bulk import changed
from models.database import reading, transaction
from rules.errors import DatabaseError, InputError, RefusedError
from tasks import machines
from tests.support.database import dump
from tests.support.offices import use

OWN = SecretStr("the server's own")


def told(url: str) -> list[str]:
    with reading(url) as session:
        entries = session.execute(select(JournalEntry).order_by(col(JournalEntry.seq))).scalars()
        return [f"{one['event']} {one['by']} {one['machine']}" for entry in entries for one in entry.said]


def test_a_key_is_good_until_it_is_withdrawn_and_both_are_told(database: str) -> None:
    key = machines.give_key(database, "worker-2", "root")
    other = machines.give_key(database, "worker-3", "root")
    assert (machines.is_good(database, key), machines.is_good(database, other), key != other) == (True, True, True)
    with pytest.raises(RefusedError, match="已有钥匙"):
        machines.give_key(database, "worker-2", "root")
    machines.withdraw(database, "worker-2", "boss")
    assert (machines.is_good(database, key), machines.is_good(database, other)) == (False, True)
    with pytest.raises(RefusedError, match="没有可收回的钥匙"):
        machines.withdraw(database, "worker-2", "boss")
    again = machines.give_key(database, "worker-2", "root")
    assert (machines.is_good(database, again), machines.is_good(database, key)) == (True, False)
    assert [(one.name, one.withdrawn_by) for one in machines.all_keys(database)] == [
        ("worker-2", "boss"),
        ("worker-3", None),
        ("worker-2", None),
    ]
    assert told(database) == [
        "machine_key_given root worker-2",
        "machine_key_given root worker-3",
        "machine_key_withdrawn boss worker-2",
        "machine_key_given root worker-2",
    ]
    assert not any(one in str(dump(database)) for one in (key, other, again))


@pytest.mark.parametrize("name", ["", "-x", "a b", "机器", "x" * 41, "a\nb"])
def test_a_name_that_no_machine_has_is_refused(database: str, name: str) -> None:
    with pytest.raises(InputError, match="应为字母、数字"):
        machines.give_key(database, name, "root")
    machines.give_key(database, "x" * 40, "root")


def test_a_withdrawal_is_not_taken_back_unseen(database: str) -> None:
    machines.give_key(database, "worker-2", "root")
    machines.withdraw(database, "worker-2", "boss")
    undone = update(MachineKey).values(withdrawn_at=None, withdrawn_by=None)
    with pytest.raises(DatabaseError, match="machine_key 的变更没有载明何人何事"), transaction(database) as session:
        changed(session, undone)


def test_the_gate_knows_the_server_s_own_key_and_those_of_machines(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = machines.give_key(database, "worker-2", "root")
    gate = at_the_gate.Machines(OWN, database)
    moment = at_the_gate.REMEMBERED_SECONDS

    def knows(shown: str) -> bool:
        return anyio.run(gate.knows, Headers({MACHINE_HEADER: shown} if shown else {}))

    assert [knows(one) for one in (OWN.get_secret_value(), key, "", "x", key[:-1])] == [True, True, False, False, False]
    machines.withdraw(database, "worker-2", "boss")
    assert knows(key)  # for a moment
    for shown, (read_at, is_good) in dict(gate._known).items():
        gate._known[shown] = (read_at - moment, is_good)
    assert [knows(one) for one in (OWN.get_secret_value(), key)] == [True, False]


def test_the_command_shows_the_key_once_and_lists_the_machines(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use(monkeypatch, database, tmp_path / "var")

    def said(*arguments: str) -> str:
        return CliRunner().invoke(app, ["machine-key", *arguments], catch_exceptions=False).stdout

    shown = said("worker-2")
    key = shown.partition("：")[2].splitlines()[0]
    assert machines.is_good(database, key)
    assert ("worker-2" in said(), key in said()) == (True, False)
    assert "已收回机器“worker-2”的钥匙" in said("worker-2", "--withdraw")
    assert not machines.is_good(database, key)
    result = CliRunner().invoke(app, ["machine-key", "--withdraw"])
    assert (result.exit_code, "请写机器名" in str(result.exception)) == (1, True)
