"""Whoever changes one cell, removes a row, brings one in or cuts a table short is found out, in whatever table: made
from the metadata, so that a new table is looked at as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Connection, Date, DateTime, Integer, Table, delete, insert, text, update
from sqlalchemy.types import JSON
from sqlmodel import SQLModel

import models
from foundation.audit_key import AuditKey, AuditRing, known_ring
from models.database import _sqlite_engine, engine_for, transaction
from models.journal import JOURNAL, TOLD, WORKING, append, is_bound, say
from models.noting import key_of, note
from models.row_proof import JournalProof, prove_rows
from rules.errors import DatabaseError
from tests.support.database import dump, rows_of
from upkeep.proof import prove

ROOT = Path(__file__).resolve().parents[2]
ROWS = 4
TABLES = [one for one in SQLModel.metadata.sorted_tables if is_bound(one.name)]
DAY, INSTANT = date(2026, 3, 2), datetime(2026, 3, 2, 1, tzinfo=UTC)


def value(column: Column[Any], number: int) -> Any:
    """Something that a column may hold, another for every number (of a truth value: for every second)."""
    kind = getattr(column.type, "impl_instance", column.type)
    if isinstance(kind, Boolean):
        return bool(number % 2)
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, DateTime):
        return INSTANT + timedelta(hours=number)
    if isinstance(kind, Date):
        return DAY + timedelta(days=number)
    return {"number": [number, "是"]} if isinstance(kind, JSON) else f"{column.name} {number}"


def row_of(table: Table, number: int) -> dict[str, Any]:
    return {one.name: value(one, number) for one in table.columns}


@contextmanager
def unguarded(url: str) -> Iterator[Connection]:
    """The database as its owner has it: no trigger, no CHECK and no foreign key stands in the way. Nothing is kept."""
    if url.startswith("sqlite"):
        engine = _sqlite_engine(url, pragmas=("foreign_keys=OFF", "ignore_check_constraints=ON"))
        triggers = "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'"
    else:
        engine = engine_for(url)
        triggers = (
            "SELECT 'SET LOCAL session_replication_role = replica' UNION ALL "
            "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) "
            "FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        )
    with engine.connect() as connection, connection.begin() as whole:
        for (statement,) in connection.execute(text(triggers)).all():
            connection.exec_driver_sql(statement)
        yield connection
        whole.rollback()


@pytest.fixture
def filled(database: str) -> Iterator[Connection]:
    """Some rows in every table, bound by one entry."""
    with unguarded(database) as connection:
        for table in TABLES:
            connection.execute(insert(table), [row_of(table, number) for number in range(1, ROWS + 1)])
            note(connection, table, [value(key_of(table), number) for number in range(1, ROWS + 1)])
        append(connection, [{"event": "filled", "by": "1000"}])
        yield connection


def found(connection: Connection) -> JournalProof:
    return prove_rows(connection, known_ring())


@contextmanager
def tried_out(connection: Connection) -> Iterator[None]:
    with connection.begin_nested() as harm:
        yield
        harm.rollback()


def plain(key: Any) -> Any:
    return key if isinstance(key, int) else str(key)


def test_what_every_transaction_wrote_is_what_stands_there(filled: Connection) -> None:
    assert (found(filled).faults, found(filled).differences) == ([], [])


def test_one_cell_changed_is_caught_and_named_in_every_table_and_column(filled: Connection) -> None:
    """The first column of every table at once, then the second, and so on: each of them must be named, and no other."""
    others = [[one for one in table.columns if one is not key_of(table)] for table in TABLES]
    for columns in zip_longest(*others):
        with tried_out(filled):
            harmed = [(table, column) for table, column in zip(TABLES, columns, strict=True) if column is not None]
            for table, column in harmed:
                own = key_of(table)
                other = {column.name: value(column, 7 if isinstance(column.type, Boolean) else 90)}
                filled.execute(update(table).where(own == value(own, 2)).values(other))
            named = [(one.table.name, one.key, one.column, one.seq) for one in found(filled).differences]
            assert named == [(table.name, plain(value(key_of(table), 2)), column.name, 1) for table, column in harmed]


def test_a_cell_made_empty_and_an_empty_one_filled_are_caught(filled: Connection) -> None:
    empty = [[one for one in table.columns if one.nullable] for table in TABLES]
    for columns in zip_longest(*empty):
        with tried_out(filled):
            harmed = [(table, column) for table, column in zip(TABLES, columns, strict=True) if column is not None]
            for table, column in harmed:
                own = key_of(table)
                filled.execute(update(table).where(own == value(own, 1)).values({column.name: None}))
                note(filled, table, [value(own, 1)], [column.name])
            named = [(table, column.name) for table, column in harmed]
            assert [(one.table, one.column) for one in found(filled).differences] == named
            append(filled, [{"event": "emptied", "by": "1000"}])
            for table, column in harmed:
                own = key_of(table)
                filled.execute(update(table).where(own == value(own, 1)).values({column.name: value(column, 1)}))
            assert [(one.table, one.column) for one in found(filled).differences] == named


def test_another_key_for_a_row_is_caught_in_every_table(filled: Connection) -> None:
    with tried_out(filled):
        for table in TABLES:
            own = key_of(table)
            filled.execute(update(table).where(own == value(own, 2)).values({own.name: value(own, 77)}))
        named = [(one.table.name, one.key, one.column, one.seq) for one in found(filled).differences]
        for table in TABLES:
            own = key_of(table)
            assert (table.name, plain(value(own, 77)), "", 0) in named
            assert (table.name, plain(value(own, 2)), "", 1) in named
        assert len(named) == 2 * len(TABLES)


@pytest.mark.parametrize("numbers", [(2,), (3, 4)], ids=["one row", "the tail"])
def test_rows_removed_are_caught_in_every_table(filled: Connection, numbers: tuple[int, ...]) -> None:
    with tried_out(filled):
        for table in TABLES:
            own = key_of(table)
            filled.execute(delete(table).where(own.in_([value(own, number) for number in numbers])))
        named = [(one.table.name, one.key, one.column, one.seq) for one in found(filled).differences]
        assert named == [(t.name, plain(value(key_of(t), number)), "", 1) for t in TABLES for number in numbers]
        assert "有变更登记（第 1 条），现已不在" in found(filled).differences[0].sentence


def test_a_row_brought_in_is_caught_in_every_table(filled: Connection) -> None:
    with tried_out(filled):
        for table in TABLES:
            filled.execute(insert(table).values(row_of(table, 50)))
        named = [(one.table.name, one.key, one.column, one.seq) for one in found(filled).differences]
        assert named == [(table.name, plain(value(key_of(table), 50)), "", 0) for table in TABLES]
        assert "没有变更登记，来历不明" in found(filled).differences[0].sentence


# --- the journal itself ----------------------------------------------------------------------------------------


def more_entries(connection: Connection) -> None:
    """Three further entries: staff 1 and 2 change, staff 4 goes."""
    staff = SQLModel.metadata.tables["staff"]
    for number in (1, 2):
        connection.execute(update(staff).where(staff.c.id == number).values(name="另一个"))
        note(connection, staff, [number], ["name"])
        append(connection, [{"event": "renamed", "by": "1000"}])
    connection.execute(delete(staff).where(staff.c.id == ROWS))
    note(connection, staff, [ROWS])
    append(connection, [{"event": "tried", "by": "1001"}])
    assert (found(connection).faults, found(connection).differences) == ([], [])


@pytest.mark.parametrize("column", [one.name for one in JOURNAL.columns if one.name != "seq"])
def test_one_cell_of_the_journal_changed_is_caught(filled: Connection, column: str) -> None:
    more_entries(filled)
    filled.execute(update(JOURNAL).where(JOURNAL.c.seq == 2).values({column: value(JOURNAL.c[column], 7)}))
    assert any(one.startswith("变更登记第 2 条") for one in found(filled).faults)


def test_an_entry_removed_from_the_middle_or_the_end_is_caught(filled: Connection) -> None:
    more_entries(filled)
    with tried_out(filled):
        filled.execute(delete(JOURNAL).where(JOURNAL.c.seq == 2))
        assert found(filled).faults == ["变更登记第 3 条之前缺 1 条", "变更登记第 3 条没有接在前一条之后"]
    with tried_out(filled):
        filled.execute(delete(JOURNAL).where(JOURNAL.c.seq == 4))
        assert [one.sentence for one in found(filled).differences] == ["staff 第 4 行有变更登记（第 1 条），现已不在"]


def test_whoever_lacks_the_key_can_write_no_entry(filled: Connection) -> None:
    """An insider who owns the database and knows the program: his entry is chained and numbered, but not signed."""
    more_entries(filled)
    staff = SQLModel.metadata.tables["staff"]
    filled.execute(update(staff).where(staff.c.id == 1).values(name="内部人员"))
    note(filled, staff, [1], ["name"])
    with pytest.MonkeyPatch.context() as his:
        his.setattr("models.journal.known_ring", lambda: AuditRing(AuditKey(b"a key of an insider's own making")))
        append(filled, [{"event": "renamed", "by": "1000"}])
    (fault,) = found(filled).faults
    assert "第 5 条由不认识的密钥" in fault
    filled.execute(update(JOURNAL).where(JOURNAL.c.seq == 5).values(key_id=known_ring().current.key_id))  # type: ignore[union-attr]
    assert any("第 5 条的签名不成立" in one for one in found(filled).faults)


def test_without_the_key_numbers_and_days_are_still_compared(filled: Connection) -> None:
    staff = SQLModel.metadata.tables["staff"]
    whole = prove_rows(filled, None)
    assert (whole.faults, whole.differences) == ([], [])
    assert whole.unknown_keys == {known_ring().current.key_id}  # type: ignore[union-attr]
    filled.execute(update(staff).where(staff.c.id == 2).values(is_active=True))
    filled.execute(update(staff).where(staff.c.id == 3).values(name=""))
    named = [(one.key, one.column) for one in prove_rows(filled, None).differences]
    assert named == [(2, "is_active"), (3, "name")]


# --- how it is held together -----------------------------------------------------------------------------------


def test_tables_that_are_not_bound_are_named_with_a_reason() -> None:
    """Every other table is bound, a new one as well: nobody has to remember it."""
    assert set(WORKING) <= set(SQLModel.metadata.tables)
    assert all(len(why) > 10 for why in WORKING.values())
    assert {one.name for one in TABLES} == set(SQLModel.metadata.tables) - set(WORKING) - {"journal"}
    assert [one.name for one in SQLModel.metadata.tables.values() if len(one.primary_key.columns) != 1] == []


FOLDERS = ("tasks", "notifications", "publication", "upkeep", "workbooks", "views", "flows", "board", "dingdian")
UNSEEN = re.compile(
    r"execute\(\s*(?:\w+\.)?(?:insert|update|delete)\(|execute\(\s*text\(\s*f?\"(?:INSERT|UPDATE|DELETE)"
)


def test_nobody_writes_past_the_journal() -> None:
    """Statements that write go through `models.bulk`, which notes the rows; objects are noted by the session."""
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    assert [str(one) for one in files if UNSEEN.search(one.read_text(encoding="utf-8"))] == []
    own = [str(one) for one in files if re.search(r"\bSession\(engine_for", one.read_text(encoding="utf-8"))]
    taking_back = ["foretelling.py", "preview.py", "sweep.py"]
    assert [Path(one).name for one in sorted(own)] == [*taking_back, "importing.py"]


def test_a_transaction_that_is_taken_back_leaves_no_entry_and_one_that_only_reads_neither(database: str) -> None:
    with transaction(database) as session:
        session.add(models.Staff(staff_no="1", name="甲", roles=[]))
        say(session, "staff_added", "1000")
        session.flush()
        session.rollback()
    with transaction(database) as session:
        assert prove(session).entries == 0
    assert dump(database)["staff"] == []


def test_no_text_of_a_row_stands_in_the_journal(database: str) -> None:
    with transaction(database) as session:
        session.add(models.Staff(staff_no="1001", name="王小明", roles=["handler"]))
        say(session, "staff_added", "1000")
    (entry,) = rows_of(database, "journal")
    assert "王小明" not in entry["rows"]
    assert "1001" not in entry["rows"]
    assert "handler" not in entry["rows"]


@pytest.mark.parametrize("table", TOLD)
def test_who_may_act_and_which_days_count_change_only_with_a_record(filled: Connection, table: str) -> None:
    of = SQLModel.metadata.tables[table]
    name = {"staff": "name", "workday_schedule": "notice", "machine_key": "made_by"}[table]
    filled.execute(update(of).where(of.c.id == 1).values({name: "改动"}))
    note(filled, of, [1], [name])
    with pytest.raises(DatabaseError, match=f"{table} 的变更没有载明何人何事"):
        append(filled)
    note(filled, of, [1], [name])
    append(filled, [{"event": "told", "by": "1000"}])
    assert found(filled).differences == []
