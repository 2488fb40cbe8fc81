"""The checkpoint of each day: what it binds, when it is made, and that whoever tampers afterwards is found out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import SQLModel

from models import AuditCheckpoint
from models.database import engine_for, transaction
from rules.audit import link
from tests.support.database import dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, beijing
from upkeep import checkpoints
from upkeep.checkpoints import bind_finished_days
from upkeep.proof import Proof, prove

FIRST = date(2025, 8, 18)  # the announcement
SIGNING = date(2025, 10, 23)  # the day before the stage's last instant
Row = dict[str, Any]


def bind(rehearsal: Rehearsal, at: str) -> list[date]:
    return bind_finished_days(rehearsal.url, beijing(at))


def held(rehearsal: Rehearsal) -> list[Row]:
    return dump(rehearsal.url)["audit_checkpoint"]


def proof(rehearsal: Rehearsal) -> Proof:
    with transaction(rehearsal.url) as session:
        return prove(session)


def of_checkpoints(found: Proof) -> tuple[str, ...]:
    """The journal of changes tells of the same harm in its own words (`tests/models/test_every_cell.py`)."""
    return tuple(one for one in found.faults if " 的检查点：" in one)


def tamper(rehearsal: Rehearsal, *statements: str, **values: Any) -> None:
    """Changes what the triggers protect, as somebody who owns the database can."""
    with engine_for(rehearsal.url).begin() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        for table in ("audit_record", "audit_checkpoint"):
            for act in ("update", "delete") if is_sqlite else ():
                connection.execute(text(f"DROP TRIGGER {table}_no_{act}"))
            if not is_sqlite:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only"))
        for statement in statements:
            connection.execute(text(statement), values)


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """A round in which agreements may be signed, bound up to yesterday."""
    rehearsal = at_stage("signing")
    bind(rehearsal, "2025-10-24 09:00")
    return rehearsal


def test_every_finished_day_is_bound_once_and_the_running_one_not(office: Rehearsal) -> None:
    days = [row["day"] for row in held(office)]
    assert (days[0], days[-1], len(days)) == (FIRST, SIGNING, 67)
    of_today = [one for one in dump(office.url)["audit_record"] if one["at"] >= beijing("2025-10-24 00:00")]
    assert sum(row["records"] for row in held(office)) == len(dump(office.url)["audit_record"]) - len(of_today)
    before = held(office)
    assert (bind(office, "2025-10-24 23:59:59"), held(office)) == ([], before)
    assert bind(office, "2025-10-25 00:00") == [date(2025, 10, 24)]
    assert held(office)[:-1] == before
    found = proof(office)
    assert (found.faults, found.first_bad_day, found.checkpoints) == ((), None, 68)
    assert (found.bound_until, found.checkpoint) == (date(2025, 10, 24), held(office)[-1]["hash"])


def test_before_anything_is_recorded_there_is_nothing_to_bind(database: str) -> None:
    assert bind_finished_days(database, beijing("2025-10-24 09:00")) == []
    with transaction(database) as session:
        assert prove(session).checkpoints == 0


def test_days_that_were_missed_are_made_up_for_as_if_made_each_night(office: Rehearsal, at_stage: Stage) -> None:
    other = at_stage("signing")
    for number in range(1, 68):
        bind_finished_days(other.url, beijing("2025-08-18 00:05") + timedelta(days=number))
    assert held(other) == held(office)


def test_what_is_entered_late_counts_to_the_next_checkpoint(office: Rehearsal) -> None:
    before = held(office)
    office.act("2025-10-23 23:59", "withdraw_application", applicant_id="P01", reason="自愿")
    bind(office, "2025-10-25 00:05")
    assert held(office)[:-1] == before
    late = dump(office.url)["audit_record"][-1]
    assert (late["at"], held(office)[-1]["last_id"]) == (beijing("2025-10-23 23:59"), late["id"])
    assert proof(office).faults == ()


def test_the_cost_is_what_came_since(office: Rehearsal) -> None:
    asked: list[tuple[str, Any]] = []
    note = lambda *call: asked.append((call[2], call[3]))  # noqa: E731
    event.listen(engine_for(office.url), "before_cursor_execute", note)
    bind(office, "2025-10-25 00:05")
    event.remove(engine_for(office.url), "before_cursor_execute", note)
    (records,) = [(how, given) for how, given in asked if how.lstrip().startswith("SELECT audit_record.")]
    assert "WHERE audit_record.id > " in records[0]
    given = records[1] if isinstance(records[1], dict) else dict(enumerate(records[1]))
    assert list(given.values()) == [held(office)[-2]["last_id"]]


def test_a_writer_that_is_not_done_is_waited_for(office: Rehearsal) -> None:
    """Its record has a lower number than those that come after it, and must not be missing under the root."""
    made: list[date] = []
    worker = threading.Thread(target=lambda: made.extend(bind(office, "2025-10-25 00:05")))
    with transaction(office.url) as session:
        session.execute(SQLModel.metadata.tables["audit_record"].insert().values(**another(office)))
        worker.start()
        time.sleep(0.3)
        assert made == []
    worker.join()
    assert made == [date(2025, 10, 24)]
    newest = held(office)[-1]
    assert newest["last_id"] == dump(office.url)["audit_record"][-1]["id"]


def another(office: Rehearsal) -> Row:
    """A record as an unfinished act would have written it."""
    row = dump(office.url)["audit_record"][-1]
    return {name: value for name, value in row.items() if name != "id"} | {"seq": 9999}


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_writer_that_never_ends_leaves_it_to_the_next_sweep(
    office: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "PATIENCE", "100ms")
    with transaction(office.url) as session:
        session.execute(SQLModel.metadata.tables["audit_record"].insert().values(**another(office)))
        with pytest.raises(checkpoints.DatabaseError, match="下次巡查会补上"):
            bind(office, "2025-10-25 00:05")
        session.rollback()
    assert bind(office, "2025-10-25 00:05") == [date(2025, 10, 24)]


def test_two_sweeps_at_once_make_one_chain(at_stage: Stage) -> None:
    rehearsal, made = at_stage("signing"), []
    work = lambda: made.append(bind(rehearsal, "2025-10-24 09:00"))  # noqa: E731
    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(len(days) for days in made) == [0, 0, 0, 67]
    assert proof(rehearsal).faults == ()


# --- tampering: the chains of the cases are mended by whoever tampers, so only the checkpoints tell ------------

NOTICE_DAY = date(2025, 10, 16)


def last_of_a_case(office: Rehearsal) -> Row:
    """The newest record of P01's chain that is bound."""
    rows = [one for one in dump(office.url)["audit_record"] if one["subject"] == "application"]
    case, today = office.case("P01").id, beijing("2025-10-24 00:00")
    return [one for one in rows if one["subject_id"] == case and one["at"] < today][-1]


def remove(office: Rehearsal) -> str:
    """The end of a chain cut off, and the case told so."""
    row = last_of_a_case(office)
    later = [one for one in dump(office.url)["audit_record"] if one["prev_hash"] == row["hash"]]
    gone = [row["id"], *(one["id"] for one in later)]
    back = "UPDATE application SET audit_seq = :seq, audit_head = :head WHERE id = :case"
    cut = f"DELETE FROM audit_record WHERE id IN ({', '.join(map(str, gone))})"
    tamper(office, cut, back, seq=row["seq"] - 1, head=row["prev_hash"], case=row["subject_id"])
    return f"应有 {records_on(office, day_of(office, row))} 条审计记录，缺 1 条"


def change(office: Rehearsal) -> str:
    """A record rewritten, and everything after it chained anew."""
    row = last_of_a_case(office)
    chain = [one for one in dump(office.url)["audit_record"] if same_chain(one, row) and one["seq"] >= row["seq"]]
    head, statements = row["prev_hash"], []
    for one in chain:
        forged = {**one, "by": "别人", "prev_hash": head}
        new = link(head, bound(forged))
        statements.append(
            f"UPDATE audit_record SET by = '别人', prev_hash = '{head}', hash = '{new}' WHERE id = {one['id']}"
        )
        head = new
    statements.append(f"UPDATE application SET audit_head = '{head}' WHERE id = {row['subject_id']}")
    tamper(office, *statements)
    return "当日审计记录与根哈希不符，有记录被改动"


def same_chain(one: Row, other: Row) -> bool:
    return (one["subject"], one["subject_id"]) == (other["subject"], other["subject_id"])


def bound(row: Row) -> Row:
    names = ("seq", "event", "by", "from_state", "to_state", "clause", "detail", "subject", "subject_id")
    return {**{name: row[name] for name in names}, "at": utc(row["at"])}


def utc(at: datetime) -> str:
    return (at - (at.utcoffset() or timedelta())).replace(tzinfo=None).isoformat() + "+00:00"


def day_of(office: Rehearsal, row: Row) -> date:
    """The day under which a record is bound."""
    return next(one["day"] for one in held(office) if one["last_id"] >= row["id"])


def records_on(office: Rehearsal, day: date) -> int:
    return next(one["records"] for one in held(office) if one["day"] == day)


@pytest.mark.parametrize("harm", [remove, change])
def test_a_record_that_is_gone_or_changed_shows_though_its_chain_was_mended(
    office: Rehearsal, harm: Callable[[Rehearsal], str]
) -> None:
    day = day_of(office, last_of_a_case(office))
    said = harm(office)
    found = proof(office)
    assert (found.first_bad_day, of_checkpoints(found)) == (day, (f"{day} 的检查点：{said}",))


@pytest.mark.parametrize(
    ("statement", "first", "said"),
    [
        (
            "UPDATE audit_checkpoint SET root = 'x' WHERE day = :day",
            NOTICE_DAY,
            ["内容与其哈希不符，检查点被改动；当日审计记录与根哈希不符，有记录被改动"],
        ),
        (
            "UPDATE audit_checkpoint SET hash = 'x' WHERE day = :day",
            NOTICE_DAY,
            ["内容与其哈希不符，检查点被改动", "没有接在前一天的检查点之后"],
        ),
    ],
)
def test_a_changed_checkpoint_shows(office: Rehearsal, statement: str, first: date, said: list[str]) -> None:
    tamper(office, statement, day=NOTICE_DAY)
    found = proof(office)
    days = [first + timedelta(days=number) for number in range(len(said))]
    assert found.first_bad_day == first
    assert of_checkpoints(found) == tuple(f"{day} 的检查点：{why}" for day, why in zip(days, said, strict=True))


def test_a_missing_checkpoint_shows_on_the_day_after(office: Rehearsal) -> None:
    tamper(office, "DELETE FROM audit_checkpoint WHERE day = :day", day=NOTICE_DAY)
    found = proof(office)
    assert found.first_bad_day == NOTICE_DAY + timedelta(days=1)
    assert "之前缺 1 天的检查点；没有接在前一天的检查点之后" in found.faults[0]


@pytest.mark.parametrize("act", ["UPDATE audit_checkpoint SET root = 'x'", "DELETE FROM audit_checkpoint"])
def test_the_database_itself_refuses_to_change_one(office: Rehearsal, act: str) -> None:
    before = held(office)
    with pytest.raises(Exception, match="audit_checkpoint is append-only"), transaction(office.url) as session:
        session.execute(text(act))
    assert held(office) == before


def test_checkpoints_hold_nothing_but_numbers_and_hashes() -> None:
    columns = SQLModel.metadata.tables[str(AuditCheckpoint.__tablename__)].columns
    assert {one.name for one in columns} == {"day", "records", "last_id", "root", "previous", "hash"}
