"""Brings our own database to its newest migration, and refuses to work on one that is not there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from foundation.audit_key import known_ring
from models import journal
from models.database import engine_for, rebuilding, telling_conflicts
from models.noting import note
from models.row_proof import prove_rows
from rules.errors import DatabaseError

FOLDER = Path(__file__).resolve().parent / "migrations"
VERSION_TABLE = "schema_version"
NAMED = 20  # faults of before that an upgrade quotes


def upgrade(url: str) -> None:
    """Runs every missing migration, all in one transaction; on a database that is current it does nothing.

    Raises DatabaseError for a database that a newer program has upgraded already.
    """
    found = revision_of(url)
    if found and not is_known(found):
        raise DatabaseError(f"数据库的版本 {found} 比本程序新，本程序不能使用它：请改用较新的程序，或恢复升级前的备份")
    if found == newest_revision():
        return
    with rebuilding(url) as connection:
        before = [one.sentence for one in prove_rows(connection, known_ring()).differences] if found else []
        command.upgrade(_config(connection), "head")
        _take_over(connection, found, before)


def _take_over(connection: Connection, found: str, faults_before: Sequence[str]) -> None:
    """What the migrations made of the rows is bound from now on, in an entry that says so, and what was wrong before.
    A database of before the journal is taken over as it stands."""
    for one in prove_rows(connection, known_ring()).differences:
        note(connection, one.table, [one.key])
    said = {"event": "upgraded", "by": "dingdian migrate", "from": found, "to": newest_revision()}
    faults = {"count": len(faults_before), "faults": list(faults_before[:NAMED])} if faults_before else {}
    journal.append(connection, [{**said, **faults}] if found else [])


@cache
def ensure_current(url: str) -> None:
    """Raises DatabaseError unless the database is at the newest migration; asked once per process and database."""
    found = revision_of(url)
    newest = newest_revision()
    if found != newest:
        state = f"停留在旧版本 {found}" if found else "还没有建表"
        raise DatabaseError(f"数据库{state}，本程序需要版本 {newest}：请先运行 dingdian migrate（或 make up）再试")


def revision_of(url: str) -> str:
    """The revision that a database is at; empty when it has no tables of ours."""
    with telling_conflicts(), engine_for(url).connect() as connection:
        found = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
    return found or ""


def is_known(revision: str) -> bool:
    """Whether this program can bring a database from a revision to the newest one."""
    return revision in {one.revision for one in ScriptDirectory.from_config(_config(None)).walk_revisions()}


@cache
def newest_revision() -> str:
    """The revision that the code was written for."""
    return str(ScriptDirectory.from_config(_config(None)).get_current_head())


def _config(connection: Connection | None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER))
    return config
