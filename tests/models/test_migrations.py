"""Migrations on both databases: from nothing, agreement with the tables, what is append-only, what is refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import SQLModel

from models import migrate
from models.database import engine_for, transaction
from rules.case import Event
from rules.errors import DatabaseError
from tasks.perform import perform

AT = datetime(2025, 9, 1, 1, 0, tzinfo=UTC)
DAY = date(2025, 9, 1)


def test_from_nothing_to_the_newest_and_again_changes_nothing(database_url: str) -> None:
    migrate.upgrade(database_url)
    tables = set(inspect(engine_for(database_url)).get_table_names())
    assert tables == {*SQLModel.metadata.tables, migrate.VERSION_TABLE}
    migrate.upgrade(database_url)
    migrate.ensure_current(database_url)


def test_tables_and_migrations_agree(database: str) -> None:
    with engine_for(database).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": migrate.VERSION_TABLE, "compare_server_default": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_checks_of_the_tables_stand_in_the_database(database: str) -> None:
    held = inspect(engine_for(database))
    for name, table in SQLModel.metadata.tables.items():
        wanted = {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
        assert {one["name"] for one in held.get_check_constraints(name)} == wanted, name


@pytest.mark.parametrize(("revision", "state"), [(None, "数据库还没有建表"), ("0000", "数据库停留在旧版本 0000")])
def test_an_older_database_is_refused_with_what_to_do(database: str, revision: str | None, state: str) -> None:
    with engine_for(database).begin() as connection:
        connection.execute(text(f"DELETE FROM {migrate.VERSION_TABLE}"))
        if revision:
            connection.execute(text(f"INSERT INTO {migrate.VERSION_TABLE} VALUES ('{revision}')"))
    newest = migrate.newest_revision()
    sentence = f"{state}，本程序需要版本 {newest}：请先运行 dingdian migrate（或 make up）再试"
    with pytest.raises(DatabaseError, match="^" + re.escape(sentence) + "$"):
        perform(database, Event("conclude_evaluation", AT, "经办员甲"))


def record(**changes: Any) -> dict[str, Any]:
    about = {"subject": "round", "subject_id": 1, "seq": 1, "at": AT, "event": "announce_round", "by": "经办员甲"}
    rest = {"from_state": "", "to_state": "", "clause": "", "detail": {}, "prev_hash": "", "hash": "00"}
    return {**about, **rest, **changes}


def insert(url: str, table: str, **values: Any) -> None:
    with transaction(url) as session:
        session.execute(SQLModel.metadata.tables[table].insert().values(**values))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET by = '别人'",
        "UPDATE audit_record SET hash = hash WHERE seq = 1",
        "DELETE FROM audit_record",
        "DELETE FROM audit_record WHERE seq = 1",
    ],
)
def test_what_was_recorded_is_neither_changed_nor_deleted(database: str, statement: str) -> None:
    insert(database, "audit_record", **record())
    with pytest.raises(DBAPIError, match="audit_record is append-only"), transaction(database) as session:
        session.execute(text(statement))
    with engine_for(database).connect() as connection:
        held = connection.execute(text("SELECT by, hash FROM audit_record")).all()
    assert [tuple(row) for row in held] == [("经办员甲", "00")]


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_the_records_cannot_be_truncated(database: str) -> None:
    insert(database, "audit_record", **record())
    with pytest.raises(DBAPIError, match="audit_record is append-only"), transaction(database) as session:
        session.execute(text("TRUNCATE audit_record"))


@pytest.fixture
def dossier(database: str) -> str:
    """A round with one applicant, its application (1) and a running clock (1)."""
    window = {"accept_from": AT, "accept_until": datetime(2025, 9, 12, 9, 30, tzinfo=UTC)}
    named = {"county": "样例县", "year": 2025, "name": "本轮", "procedure": "special_drug@1", "ranking": {}}
    pinned = {"policy_sha256": "", "workdays_version": "", "announcement": {}, "rubric": {}}
    counters = {"version": 0, "audit_seq": 0, "audit_head": ""}
    insert(database, "round", id=1, **named, **pinned, **window, **counters)
    sealed = {"contact_sealed": "", "email_masked": "", "phone_masked": ""}
    insert(
        database, "applicant", id=1, round_id=1, applicant_id="P01", type="pharmacy", name="药房", facts={}, **sealed
    )
    insert(database, "application", id=1, applicant_pk=1, **APPLICATION)
    insert(database, "deadline", id=1, kind="signing", **DEADLINE)
    return database


APPLICATION = {
    "round_id": 1,
    "type": "pharmacy",
    "state": "SIGNING",
    "version": 0,
    "holds": 0,
    "findings": {},
    "reasons": [],
    "audit_seq": 0,
    "audit_head": "",
}
DEADLINE = {
    "subject": "application",
    "subject_id": 1,
    "holder": "applicant",
    "period": "60wd",
    "roll": True,
    "start_on": DAY,
    "due_on": DAY,
    "earliest_on": DAY,
    "latest_on": DAY,
    "status": "running",
    "check_on": DAY,
}
MESSAGE = {
    "dedupe_key": "a",
    "event": "x",
    "audience": "authority",
    "channel": "email",
    "round_id": 1,
    "subject": "round",
    "subject_id": 1,
    "template_version": "1",
    "params": {},
    "status": "pending",
    "created_at": AT,
    "attempts": 0,
    "lease_owner": "",
    "lease_token": 0,
    "message_ref": "",
    "last_detail": "",
}
OBJECTION = {
    "round_id": 1,
    "application_id": 1,
    "notice_id": 1,
    "ref": "Y-1",
    "via": "online",
    "received_at": AT,
    "is_in_time": True,
    "allegation": "",
    "complainant_sealed": "",
    "status": "open",
    "finding": "",
    "recorded_at": AT,
    "recorded_by": "甲",
}
NOTICE = {
    "round_id": 1,
    "kind": "evaluation_result",
    "number": 1,
    "created_at": AT,
    "created_by": "甲",
    "snapshot": {},
    "snapshot_sha256": "",
}
AGREEMENT = {"round_id": 1, "application_id": 1, "signed_on": DAY, "signed_by": "甲", "recorded_at": AT}
SUSPENSION = {"deadline_id": 1, "reason": "", "clause": "", "by": "甲", "recorded_at": AT}
FIRED = {"deadline_id": 1, "rung": -5, "due_on": DAY, "fired_at": AT}

UPDATES = {
    "a state that is none": ("application", "state = 'DREAMING'"),
    "a type that is none": ("application", "type = 'clinic'"),
    "more objections resolved than open": ("application", "holds = -1"),
    "signed without a day": ("application", "state = 'SIGNED'"),
    "filed but never signed": ("application", "filed_on = '2025-09-01'"),
    "a rank without a score": ("application", "rank = 1"),
    "a case of no round": ("application", "round_id = 99"),
    "a provisional limit with a day": ("deadline", "status = 'provisional'"),
    "a running limit without a day": ("deadline", "due_on = NULL, check_on = NULL"),
    "met on no day": ("deadline", "status = 'met'"),
    "a look at what has no day": ("deadline", "status = 'ended', due_on = NULL"),
    "a holder that is none": ("deadline", "holder = 'nobody'"),
    "a window that closes before it opens": ("round", "accept_until = accept_from"),
}


@pytest.mark.parametrize("name", UPDATES)
def test_what_can_never_be_is_refused_by_the_database(dossier: str, name: str) -> None:
    table, change = UPDATES[name]
    with pytest.raises(IntegrityError), transaction(dossier) as session:
        session.execute(text(f"UPDATE {table} SET {change} WHERE id = 1"))


# what goes in well, and what must then not go in
INSERTS: dict[str, tuple[list[tuple[str, dict[str, Any]]], tuple[str, dict[str, Any]]]] = {
    "a second application of one applicant": ([], ("application", {**APPLICATION, "applicant_pk": 1})),
    "a second limit of one kind": (
        [],
        ("deadline", {**DEADLINE, "kind": "signing"}),
    ),
    "one message twice": ([("notification", MESSAGE)], ("notification", MESSAGE)),
    "a message to an applicant that is not named": ([], ("notification", {**MESSAGE, "audience": "applicant"})),
    "one rung twice": ([("reminder_fired", FIRED)], ("reminder_fired", FIRED)),
    "one place of a chain twice": ([("audit_record", record())], ("audit_record", record(hash="01"))),
    "one number of objection twice": (
        [("notice", {**NOTICE, "id": 1}), ("objection", OBJECTION)],
        ("objection", OBJECTION),
    ),
    "an objection resolved by nobody": (
        [("notice", {**NOTICE, "id": 1})],
        ("objection", {**OBJECTION, "status": "upheld", "resolved_at": AT}),
    ),
    "an open objection that is resolved": (
        [("notice", {**NOTICE, "id": 1})],
        ("objection", {**OBJECTION, "resolved_at": AT, "resolved_by": "甲"}),
    ),
    "one number of notice twice": ([("notice", NOTICE)], ("notice", NOTICE)),
    "a notice that ends and never began": ([], ("notice", {**NOTICE, "last_day": DAY})),
    "a second agreement": ([("agreement", AGREEMENT)], ("agreement", AGREEMENT)),
    "filed before it was signed": (
        [],
        ("agreement", {**AGREEMENT, "filed_on": date(2025, 8, 31), "filed_by": "甲"}),
    ),
    "filed by nobody": ([], ("agreement", {**AGREEMENT, "filed_on": DAY})),
    "suspended backwards": ([], ("suspension", {**SUSPENSION, "from_on": DAY, "to_on": date(2025, 8, 31)})),
    "the same days suspended twice": (
        [("suspension", {**SUSPENSION, "from_on": DAY, "to_on": DAY})],
        ("suspension", {**SUSPENSION, "from_on": DAY, "to_on": DAY}),
    ),
}


@pytest.mark.parametrize("name", INSERTS)
def test_what_must_be_once_or_whole_is_refused_otherwise(dossier: str, name: str) -> None:
    good, (table, values) = INSERTS[name]
    for into, row in good:
        insert(dossier, into, **row)
    with pytest.raises(IntegrityError):
        insert(dossier, table, **values)


def test_an_error_takes_the_whole_transaction_back(dossier: str) -> None:
    def half() -> None:
        with transaction(dossier) as session:
            session.execute(text("UPDATE application SET holds = 3 WHERE id = 1"))
            session.execute(text("UPDATE application SET holds = -1 WHERE id = 1"))

    with pytest.raises(IntegrityError):
        half()
    with engine_for(dossier).connect() as connection:
        assert connection.execute(text("SELECT holds FROM application")).scalar_one() == 0
