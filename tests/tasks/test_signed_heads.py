"""Checkpoints that others keep: whoever writes everything anew, even with our own key, is found out by one of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select, text, update
from sqlmodel import Session, SQLModel, col

from foundation.audit_key import AuditKey, AuditRing
from foundation.settings import get_settings, reset_settings
from models import CheckpointStamp, SignedCheckpoint
from models.database import reading, transaction
from models.journal import JOURNAL, append
from models.noting import note
from models.row_proof import prove_rows
from rules.errors import DatabaseError, InputError
from rules.tlog import read_note
from tests.models.test_every_cell import unguarded
from tests.support.copies import AUDIT_KEY
from tests.support.database import rows_of
from tests.support.stages import Stage
from tests.support.time_stamps import Authority, authority
from tests.tasks.rehearsal import Rehearsal, beijing
from upkeep.checkpoints import bind_finished_days
from upkeep.proof import prove
from upkeep.signed_heads import compare_kept, note_now
from upkeep.stamps import stamp_days

RING = AuditRing(AuditKey(AUDIT_KEY.encode()))


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """A round in which dossiers have been accepted, bound up to the day before."""
    rehearsal = at_stage("accepted")
    bind_finished_days(rehearsal.url, beijing("2025-09-03 09:00"))
    return rehearsal


def faults(url: str) -> tuple[str, ...]:
    with reading(url) as session:
        return prove(session).faults


def compared(url: str, kept: str) -> list[str]:
    with reading(url) as session:
        return compare_kept(session, kept)[1]


def kept_now(url: str) -> str:
    with reading(url) as session:
        return note_now(session)


def test_each_night_the_journal_is_signed_as_it_stands(office: Rehearsal) -> None:
    (row,) = rows_of(office.url, "signed_checkpoint")
    signed = read_note(row["note"])
    entries = len(rows_of(office.url, "journal"))
    assert (row["day"], row["size"], signed.head.size) == (date(2025, 9, 2), entries - 1, entries - 1)
    assert bind_finished_days(office.url, beijing("2025-09-03 23:00")) == []
    bind_finished_days(office.url, beijing("2025-09-04 00:05"))
    assert [one["day"] for one in rows_of(office.url, "signed_checkpoint")] == [date(2025, 9, 2), date(2025, 9, 3)]
    assert faults(office.url) == ()


def test_a_kept_checkpoint_agrees_however_much_comes_after_it(office: Rehearsal) -> None:
    kept = kept_now(office.url)
    office.act("2025-09-03 10:00", "withdraw_application", applicant_id="P01", reason="自愿")
    assert (compared(office.url, kept), compared(office.url, kept_now(office.url))) == ([], [])


def test_what_is_no_checkpoint_of_ours_is_refused_or_told(office: Rehearsal) -> None:
    with pytest.raises(InputError, match="不是检查点"):
        compared(office.url, "办理记录 12 条")
    kept = kept_now(office.url)
    size = kept.split("\n")[1]
    forged = kept.replace(f"\n{size}\n", f"\n{int(size) - 1}\n", 1)
    assert "不是本机密钥签名的" in compared(office.url, forged)[0]


def written_anew(connection: Connection) -> None:
    """What somebody does who owns the database and has stolen the key: one cell is another, and everything that the
    journal and its checkpoints say is made to fit."""
    tables = SQLModel.metadata.tables
    staff = tables["staff"]
    connection.execute(update(staff).where(staff.c.id == 1).values(name="顶替的人"))
    for table in (tables["checkpoint_stamp"], tables["signed_checkpoint"], JOURNAL):
        connection.execute(delete(table))
    for one in prove_rows(connection, RING).differences:
        note(connection, one.table, [one.key])
    append(connection, [{"event": "upgraded", "by": "dingdian migrate"}])


@pytest.fixture
def harmed(office: Rehearsal) -> Iterator[tuple[Connection, str]]:
    """The database of an insider under way, and the checkpoint that the supervisor kept."""
    kept = kept_now(office.url)
    with unguarded(office.url) as connection:
        written_anew(connection)
        yield connection, kept


def test_everything_written_anew_with_our_own_key_is_caught_by_a_kept_checkpoint(
    harmed: tuple[Connection, str],
) -> None:
    connection, kept = harmed
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        assert prove_rows(connection, RING).differences == []
        assert prove(session).faults == ()  # by itself it is as good as the true one
        size = read_note(kept).head.size
        assert compare_kept(session, kept)[1] == [f"留存的检查点记载变更登记有 {size} 条，现只有 1 条：末尾被删除"]


def test_as_many_entries_with_another_content_are_caught_too(harmed: tuple[Connection, str]) -> None:
    connection, kept = harmed
    size = read_note(kept).head.size
    for number in range(size):
        append(connection, [{"event": "filler", "by": str(number)}])
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        assert prove(session).faults == ()
        assert compare_kept(session, kept)[1] == [f"前 {size} 条变更登记与留存的检查点不符：有登记被改动、删除或重写"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE signed_checkpoint SET size = size - 1", "所记的条数或根哈希与签名的不同，被改动"),
        ("UPDATE signed_checkpoint SET note = 'x'", "不是检查点，被改动"),
        ("UPDATE signed_checkpoint SET root = 'x'", "所记的条数或根哈希与签名的不同，被改动"),
        ("UPDATE signed_checkpoint SET note = replace(note, '— dingdian', '- dingdian')", "签名不成立"),
        ("DELETE FROM journal WHERE seq >= (SELECT size FROM signed_checkpoint)", "条，现只有"),
    ],
)
def test_a_changed_checkpoint_or_a_shorter_journal_shows(office: Rehearsal, statement: str, said: str) -> None:
    with unguarded(office.url) as connection:
        connection.execute(text(statement))
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            found = [one for one in prove(session).faults if one.startswith("2025-09-02 的签名检查点：")]
    assert any(said in one for one in found)


# --- time stamps -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stamping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest.fixture
def trusted(stamping: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    monkeypatch.setenv("DINGDIAN_TSA_URL", stamping.url)
    monkeypatch.setenv("DINGDIAN_TSA_ROOT", str(stamping.root))
    reset_settings()
    stamping.is_down = False
    return stamping


def test_without_an_authority_nobody_is_asked(office: Rehearsal, stamping: Authority) -> None:
    before = stamping.asked
    assert (stamp_days(office.url), stamping.asked) == (0, before)


def test_a_checkpoint_is_stamped_once_and_verified(office: Rehearsal, trusted: Authority) -> None:
    assert (stamp_days(office.url), stamp_days(office.url)) == (1, 0)
    (row,) = rows_of(office.url, "checkpoint_stamp")
    assert (row["day"], row["authority"]) == (date(2025, 9, 2), trusted.url)
    assert faults(office.url) == ()


def test_an_authority_that_is_out_of_order_is_asked_again_next_time(office: Rehearsal, trusted: Authority) -> None:
    trusted.is_down = True
    with pytest.raises(DatabaseError, match="下次巡查再试"):
        stamp_days(office.url)
    assert rows_of(office.url, "checkpoint_stamp") == []
    trusted.is_down = False
    bind_finished_days(office.url, beijing("2025-09-04 00:05"))
    assert stamp_days(office.url) == 2
    assert faults(office.url) == ()


def test_a_stamp_of_another_authority_is_not_taken(
    office: Rehearsal, trusted: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with authority(tmp_path / "other") as other:
        monkeypatch.setenv("DINGDIAN_TSA_URL", other.url)
        reset_settings()
        with pytest.raises(DatabaseError, match="DINGDIAN_TSA_ROOT"):
            stamp_days(office.url)
    assert rows_of(office.url, "checkpoint_stamp") == []


def test_a_stamp_over_something_else_shows(office: Rehearsal, trusted: Authority) -> None:
    stamp_days(office.url)
    bind_finished_days(office.url, beijing("2025-09-04 00:05"))
    stamp_days(office.url)
    with unguarded(office.url) as connection, Session(connection, join_transaction_mode="create_savepoint") as session:
        first, second = session.execute(select(CheckpointStamp).order_by(col(CheckpointStamp.day))).scalars()
        session.execute(
            update(CheckpointStamp)
            .where(col(CheckpointStamp.day) == second.day)
            .values(answer=first.answer, stamped_at=first.stamped_at)
        )
        assert f"{second.day} 的时间戳不成立：不是为当日的检查点盖的" in prove(session).faults
        session.execute(
            update(CheckpointStamp)
            .where(col(CheckpointStamp.day) == first.day)
            .values(stamped_at=first.stamped_at + timedelta(seconds=1))
        )
        assert f"{first.day} 的时间戳不成立：所记的时刻与时间戳不同，被改动" in prove(session).faults


def test_an_authority_without_its_root_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGDIAN_TSA_URL", "http://127.0.0.1:1/")
    reset_settings()
    with pytest.raises(InputError, match="DINGDIAN_TSA_ROOT"):
        get_settings()


def test_signed_checkpoints_are_append_only(office: Rehearsal) -> None:
    with pytest.raises(Exception, match="append-only"), transaction(office.url) as session:
        session.execute(update(SignedCheckpoint).values(size=1))
