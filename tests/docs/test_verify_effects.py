"""The stranger's program that checks every effect of a database: it finds nothing in what was done by the rules, and
each kind of damage where it was done."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, text

from docs import verify_effects
from tests.models.test_every_cell import unguarded
from tests.support.letting_go import file_of
from tests.support.stack import ROOT
from tests.support.stages import Stage

SWEPT = "2025-11-10"
SAME = "holder, period, roll, start_on, earliest_on, latest_on, due_on, check_on"
ANOTHER = (
    f"INSERT INTO deadline (id, subject, subject_id, kind, {SAME}, status) "
    f"SELECT 900, subject, subject_id, 'signing', {SAME}, 'running' FROM deadline "
    "WHERE subject = 'agreement' AND kind = 'agreement_term' ORDER BY id LIMIT 1"
)
DAMAGE: list[tuple[str, tuple[str, ...]]] = [
    ("record missing", ("DELETE FROM audit_record WHERE subject = 'application' AND subject_id = 1 AND seq = 3",)),
    ("chain broken", ("UPDATE audit_record SET hash = 'x' WHERE subject = 'round' AND seq = 1",)),
    ("state leapt", ("UPDATE audit_record SET from_state = 'SELECTED' WHERE subject = 'application' AND seq = 2",)),
    ("effect without record", ("UPDATE application SET audit_seq = audit_seq + 1 WHERE id = 1",)),
    ("effect without record", ("UPDATE round SET audit_head = 'x'",)),
    ("state changed", ("UPDATE application SET state = 'SIGNED' WHERE id = 1",)),
    ("state changed", ("UPDATE agreement SET state = 'EXPIRED' WHERE id = 1",)),
    ("clock without record", (ANOTHER,)),
    ("clock moved", ("UPDATE deadline SET due_on = '2029-01-01' WHERE kind = 'agreement_term'",)),
    ("clock missing", ("DELETE FROM deadline WHERE kind = 'whole_procedure' AND subject_id = 1",)),
    ("clock of nobody", ("UPDATE deadline SET status = 'running' WHERE kind = 'signing'",)),
    ("effect missing", ("UPDATE deadline SET check_on = '2025-11-07' WHERE kind = 'agreement_term'",)),
    ("message without record", ("UPDATE notification SET dedupe_key = 'case:1:77:0:agreement_filed' WHERE id = 1",)),
    ("message missing", ("DELETE FROM notification WHERE dedupe_key LIKE 'case:2:17:%'",)),
    ("agreement missing", ("DELETE FROM agreement WHERE id = 1",)),
    ("agreement twice", ("DROP INDEX uq_agreement_first", "UPDATE agreement SET application_id = 1")),
    ("place twice", ("UPDATE application SET type = 'hospital'",)),
]


def asking(connection: Connection) -> Callable[[str], Any]:
    return lambda sql: connection.exec_driver_sql(sql).all()


def test_what_was_done_by_the_rules_holds_every_effect_once(at_stage: Stage) -> None:
    url = at_stage("published", "kept").url
    with unguarded(url) as connection:
        assert verify_effects.faults(asking(connection), SWEPT) == []


@pytest.mark.parametrize(("kind", "damage"), DAMAGE, ids=[f"{place}-{kind}" for place, (kind, _) in enumerate(DAMAGE)])
def test_each_kind_of_damage_is_found(at_stage: Stage, kind: str, damage: tuple[str, ...]) -> None:
    with unguarded(at_stage("published", "kept").url) as connection:
        for statement in damage:
            assert connection.execute(text(statement)).rowcount
        assert kind in {found for found, *_ in verify_effects.faults(asking(connection), SWEPT)}


def test_every_kind_of_fault_has_its_damage() -> None:
    program = (ROOT / "docs" / "verify_effects.py").read_text(encoding="utf-8")
    kinds = set(re.findall(r'yield "([a-z ]+)"', program))
    assert kinds - {"message twice"} == {kind for kind, _ in DAMAGE}, "a message's key is unique in the database itself"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_program_runs_by_itself(at_stage: Stage, database_kind: str) -> None:
    url = at_stage("published", "kept").url
    command = [sys.executable, "-I", str(ROOT / "docs" / "verify_effects.py"), str(file_of(url)), "--swept", SWEPT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "every effect once, each on its record\n")
    late = subprocess.run([*command[:-1], "2030-01-01"], capture_output=True, text=True, check=False)
    assert late.returncode == 1
    assert "effect missing: agreement 1: agreement_term was due on" in late.stdout
