"""A database of before is taken over as it stands; what was wrong before an upgrade stays told."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from foundation.audit_key import known_ring
from models import migrate
from models.database import engine_for
from models.row_proof import JournalProof, prove_rows
from tests.support.database import rows_of
from tests.support.migrations import upgrade_to

ENTERED = "INSERT INTO staff (staff_no, name, roles, is_active) VALUES ('1', '甲', '[]', true), ('2', '乙', '[]', true)"


def proof(url: str) -> JournalProof:
    with engine_for(url).connect() as connection:
        return prove_rows(connection, known_ring())


def execute(url: str, statement: str) -> None:
    with engine_for(url).begin() as connection:
        connection.execute(text(statement))


def test_a_database_of_before_is_taken_over_as_it_stands(database_url: str) -> None:
    upgrade_to(database_url, "0026")
    execute(database_url, ENTERED)
    migrate.upgrade(database_url)
    (entry,) = rows_of(database_url, "journal")
    said = {"event": "upgraded", "by": "dingdian migrate", "from": "0026", "to": migrate.newest_revision()}
    assert entry["said"] == [said]
    assert (proof(database_url).faults, proof(database_url).differences) == ([], [])
    execute(database_url, "UPDATE staff SET name = '丙' WHERE staff_no = '2'")
    assert [(one.table.name, one.key, one.column) for one in proof(database_url).differences] == [("staff", 2, "name")]


def test_what_was_wrong_before_an_upgrade_is_told_for_ever(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(database, ENTERED)  # past the journal: nobody said who came
    back = f"UPDATE {migrate.VERSION_TABLE} SET version_num = '0026'"
    on = f"UPDATE {migrate.VERSION_TABLE} SET version_num = '{migrate.newest_revision()}'"
    execute(database, back)
    monkeypatch.setattr(migrate.command, "upgrade", lambda config, _: config.attributes["connection"].execute(text(on)))
    migrate.upgrade(database)
    (fault,) = proof(database).faults
    assert "升级前已有 2 处不符：staff 第 1 行没有变更登记，来历不明；staff 第 2 行没有变更登记，来历不明" in fault
    assert proof(database).differences == []
