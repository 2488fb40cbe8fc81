"""How many statements an act and a sweep send, exactly: what is asked twice, or once a case, is seen here."""

from __future__ import annotations

from datetime import date

import pytest

from benchmarks.acts import listening
from models.database import _reader_for, engine_for
from tasks.sweep import sweep
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, beijing, crowd

# 20 签订协议, nothing due: by the reading of the round and by the kind of database.
SIGNING = {("", "postgresql"): 28, ("", "sqlite"): 30, ("kept", "postgresql"): 38, ("kept", "sqlite"): 42}


FAR_OFF, OVER = date(2026, 12, 1), "2026-01-17 00:05"


def sent(rehearsal: Rehearsal, at: str) -> int:
    with listening(engine_for(rehearsal.url)) as told:
        sweep(rehearsal.url, beijing(at))
    return len(told)


@pytest.mark.parametrize("variant", ["", "kept"])
def test_a_signature_sends_so_many_statements_in_one_transaction(
    at_stage: Stage, database_kind: str, variant: str
) -> None:
    rehearsal = at_stage("signing", variant)
    rehearsal.act("2025-11-03 08:00", "sign_agreement", applicant_id="P02", signed_on="2025-11-03")  # it is current
    with listening(engine_for(rehearsal.url)) as told:
        rehearsal.act("2025-11-03 09:00", "sign_agreement", applicant_id="P01", signed_on="2025-11-03")
    begun = [one for one, _ in told if one.startswith("BEGIN")]
    assert len(begun) == (1 if database_kind == "sqlite" else 0)
    assert len(told) - len(begun) == SIGNING[variant, database_kind]


def test_a_sweep_sends_as_many_statements_however_much_is_stored_or_due(at_stage: Stage) -> None:
    few, many = at_stage("signing"), at_stage("signing")
    crowd(few.url, 20)
    crowd(many.url, 200)
    crowd(many.url, 300, due_on=FAR_OFF)
    assert sent(few, OVER) == sent(many, OVER)


def test_a_sweep_that_finds_nothing_asks_one_question(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    with listening(engine_for(rehearsal.url)) as written, listening(_reader_for(rehearsal.url)) as read:
        sweep(rehearsal.url, beijing("2025-10-25 00:05"))
    asked = [*written, *read] if rehearsal.url.startswith("sqlite") else read  # PostgreSQL reads by the same engine
    assert [one.split()[0] for one, _ in asked if not one.startswith("BEGIN")] == ["SELECT"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_no_statement_of_a_sweep_reads_through_what_is_stored(at_stage: Stage) -> None:
    """SQLite says of each statement whether it goes by an index; PostgreSQL reads small tables through anyway."""
    rehearsal = at_stage("signing")
    crowd(rehearsal.url, 20)
    engine = engine_for(rehearsal.url)
    with listening(engine) as told:
        sweep(rehearsal.url, beijing(OVER))
    plans = []
    with engine.connect() as connection:
        for statement, given in [one for one in told if one[0].startswith("SELECT")]:
            plans += [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
    stored = ("application", "applicant", "deadline", "suspension", "audit_record", "notification")
    assert [one for one in plans if one.split()[:2] in [["SCAN", name] for name in stored]] == []
    assert [one for one in plans if one.endswith("sqlite_autoindex_deadline_1 (subject=?)")] == []
