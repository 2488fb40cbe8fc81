"""What other accounts of the machine, and our own programs, can do to the data: as little as they need."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text

from dingdian.running.embedded import OURS, PREFECT, Cluster
from dingdian.running.processes import command_line
from foundation.programs import programs
from foundation.settings import without_password
from models import migrate
from models.database import engine_for, transaction
from models.roles import let_write, powers_of
from rules.errors import InputError
from tests.support.stack import Stack
from upkeep.proof import prove

OTHERS = stat.S_IRWXG | stat.S_IRWXO


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    with Cluster(tmp_path_factory.mktemp("ground") / "postgres", durable=False) as started:
        migrate.upgrade(started.owner_url())
        let_write(started.owner_url(), started.url())
        yield started
        for url in (started.url(), started.owner_url()):
            engine_for(url).dispose()


def asked(url: str, statement: str) -> object:
    with psycopg.connect(url.replace("+psycopg", "").replace("+asyncpg", ""), autocommit=True) as connection:
        found = connection.execute(statement.encode())
        return found.fetchone() if found.description else None


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER audit_record_append_only ON audit_record",
        "ALTER TABLE audit_record DISABLE TRIGGER ALL",
        "ALTER TABLE audit_record ADD COLUMN x integer",
        "TRUNCATE notification",
        "DROP TABLE staff",
        "CREATE TABLE mine (x integer)",
        "CREATE OR REPLACE FUNCTION audit_record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN END$$",
        "SET session_replication_role = replica",
        "UPDATE schema_version SET version_num = '0001'",
        "COPY staff TO PROGRAM 'true'",
        "SET ROLE dingdian_owner",
    ],
)
def test_who_works_in_the_database_does_not_unmake_what_it_forbids(cluster: Cluster, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        asked(cluster.url(), statement)


def test_who_works_in_the_database_reads_writes_and_counts(cluster: Cluster) -> None:
    with transaction(cluster.url()) as session:
        columns = session.execute(text("SELECT column_name FROM information_schema.columns WHERE table_name='staff'"))
        assert {"staff_no", "name"} <= {row[0] for row in columns}
        assert prove(session).records == 0
        session.execute(text("LOCK TABLE audit_record IN SHARE ROW EXCLUSIVE MODE"))
    assert asked(cluster.url(), "SELECT has_table_privilege('staff', 'INSERT')") == (True,)
    assert asked(cluster.url(), "SELECT has_sequence_privilege('staff_id_seq', 'USAGE')") == (True,)
    assert powers_of(cluster.url()) == ""
    assert powers_of(cluster.owner_url()) == "数据表的所有者"
    assert powers_of(cluster.administrator_url(OURS)) == "数据库的超级用户"


def test_our_database_and_prefect_s_do_not_see_each_other(cluster: Cluster) -> None:
    for url, other in ((cluster.prefect_url(), OURS), (cluster.url(), PREFECT), (cluster.owner_url(), PREFECT)):
        database = url.rpartition("/")[2] if "?" not in url else url.split("@/")[1].partition("?")[0]
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            asked(url.replace(f"@/{database}", f"@/{other}"), "SELECT 1")


def test_the_server_lets_in_by_account_and_trusts_nobody(cluster: Cluster) -> None:
    rules = cluster.data / "pg_hba.conf"
    assert rules.read_text() == "local all all peer map=dingdian\n"
    assert not stat.S_IMODE(rules.stat().st_mode) & OTHERS
    assert asked(cluster.administrator_url(), "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'peer'") == (
        0,
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_another_account_of_the_machine_is_not_let_in(cluster: Cluster) -> None:
    """Even one that reaches the socket: here because a test as root may open the way to it."""
    socket = cluster.socket_dir
    before = {path: path.stat().st_mode for path in (socket, socket / ".s.PGSQL.5432")}
    for path in before:
        path.chmod(0o777)
    try:
        for role in ("postgres", "dingdian_owner", "dingdian", "prefect"):
            tried = [str(programs() / "psql"), "-h", str(socket), "-U", role, "-c", "SELECT 1", OURS]
            done = subprocess.run(
                tried, user="nobody", group=65534, extra_groups=[], cwd="/", capture_output=True, text=True, check=False
            )
            assert f'Peer authentication failed for user "{role}"' in done.stderr
    finally:
        for path, mode in before.items():
            path.chmod(stat.S_IMODE(mode))


def test_a_server_of_before_is_closed_and_its_tables_handed_over(tmp_path: Path) -> None:
    """One that trusted whoever came, with everything in the hands of its superuser."""
    with Cluster(tmp_path / "postgres", durable=False) as first:
        migrate.upgrade(first.administrator_url(OURS))
        engine_for(first.administrator_url(OURS)).dispose()
        asked(first.administrator_url(), f"COMMENT ON DATABASE {OURS} IS NULL")
        assert powers_of(first.owner_url()) == ""
        engine_for(first.owner_url()).dispose()
    (first.data / "pg_hba.conf").write_text("local all all trust\n")
    with Cluster(tmp_path / "postgres", durable=False) as second:
        assert powers_of(second.owner_url()) == "数据表的所有者"
        migrate.upgrade(second.owner_url())
        assert asked(second.url(), "SELECT count(*) FROM audit_record") == (0,)
        with pytest.raises(errors.InsufficientPrivilege):
            asked(second.url(), "DROP TRIGGER audit_record_append_only ON audit_record")
        assert "trust" not in (second.data / "pg_hba.conf").read_text()
        for url in (second.url(), second.owner_url()):
            engine_for(url).dispose()


def test_a_writer_of_a_server_elsewhere_is_let_work_by_the_owner(cluster: Cluster) -> None:
    asked(cluster.administrator_url(), "CREATE ROLE county LOGIN")
    writer = cluster.url().replace("dingdian@", "county@")
    let_write(cluster.owner_url(), writer)
    let_write(cluster.owner_url(), writer)
    may = "SELECT has_table_privilege('county', 'staff', '{}')"
    held = {one: asked(cluster.owner_url(), may.format(one)) for one in ("INSERT", "UPDATE", "TRUNCATE", "TRIGGER")}
    assert held == {"INSERT": (True,), "UPDATE": (True,), "TRUNCATE": (False,), "TRIGGER": (False,)}


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (
            "postgresql+psycopg://u:p@ss/w@h:1/d?sslmode=require&password=x",
            "postgresql+psycopg://u@h:1/d?sslmode=require",
        ),
        ("postgresql://u:p@h/d?password=x", "postgresql://u@h/d"),
        ("sqlite:////srv/d.db", "sqlite:////srv/d.db"),
        ("postgresql+psycopg://dingdian@/dingdian?host=%2Fsrv", "postgresql+psycopg://dingdian@/dingdian?host=%2Fsrv"),
    ],
)
def test_an_address_is_written_down_without_its_password(url: str, told: str) -> None:
    assert without_password(url) == told


def test_an_address_that_is_none_is_told_without_its_password() -> None:
    with pytest.raises(InputError) as refused:
        engine_for("mysql+x:y//u:secret@h/d")
    assert "secret" not in str(refused.value)


@pytest.mark.long
def test_nothing_under_the_data_folder_is_open_to_others(prefect_stack: Stack) -> None:
    passing = stat.S_IXGRP | stat.S_IXOTH if os.geteuid() == 0 else 0
    assert not stat.S_IMODE(prefect_stack.var_dir.stat().st_mode) & OTHERS & ~passing
    open_to_others = [
        str(path)
        for path in prefect_stack.var_dir.rglob("*")
        if not path.is_symlink()
        and path.is_file()
        and path.stat().st_mode & OTHERS
        and prefect_stack.var_dir / "site" not in path.parents  # public content, in a folder that nobody else enters
    ]
    assert open_to_others == []


@pytest.mark.long
def test_no_password_stands_in_the_lock_or_on_a_command_line(prefect_stack: Stack) -> None:
    told = json.loads((prefect_stack.var_dir / "up.lock").read_text())
    assert told["database_url"] == without_password(told["database_url"])
    for pid in prefect_stack.processes():
        assert "postgresql+" not in command_line(pid)
