"""A restore is rehearsed in a scratch place: on both databases, with a report, and never over what is live."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from dingdian.cli import app
from dingdian.running.embedded import empty_database
from foundation.secrets import Keyring
from foundation.settings import Settings, get_settings, reset_settings
from models import RestoreRehearsal
from models.database import engine_for, reading, transaction
from models.migrate import newest_revision
from models.shape import shape_by_code
from policies.upkeep import load_restore_good_for
from tasks import surroundings
from tests.support.database import dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing
from upkeep.backup import Backup, make_backup
from upkeep.health import Level, examine
from upkeep.rehearsed_restore import Rehearsed, keep, rehearse

AT = beijing("2025-10-24 10:00")
FINE = Rehearsed("dingdian-20251024-011000.tar", "2025-10-24T01:10:00+08:00", 9, 3, 12, 1, 4, "")


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """A round in which agreements may be signed."""
    return at_stage("signing")


@pytest.fixture
def backup(office: Rehearsal, tmp_path: Path) -> Backup:
    """A backup of it, with a document."""
    (tmp_path / "var" / "documents").mkdir(parents=True)
    (tmp_path / "var" / "documents" / "notice.pdf").write_bytes(b"%PDF")
    return make_backup(office.url, tmp_path / "var", tmp_path / "backups", AT, KEYS)


@pytest.fixture
def scratch(database_kind: str, shared_tmp: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An empty database and an empty folder."""
    folder = shared_tmp / f"scratch-{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    folder.mkdir()
    with empty_database(database_kind, folder) as url:
        yield url, folder / "var"


def rehearsed(scratch: tuple[str, Path], file: Path, keys: Keyring = KEYS) -> Rehearsed:
    return rehearse(*scratch, file, keys)


def test_a_good_backup_comes_back_and_proves(scratch: tuple[str, Path], backup: Backup, office: Rehearsal) -> None:
    live = dump(office.url)
    done = rehearsed(scratch, backup.path)
    assert (done.fault, done.backup, done.files) == ("", backup.path.name, 1)
    assert (done.records, done.chains) == (backup.manifest.records, backup.manifest.chains)
    assert done.entries > 0
    assert done.said.startswith(f"恢复演练成功：{backup.path.name}（2025-10-24T10:00:00+08:00）已在临时位置恢复")
    assert dump(office.url) == live
    assert (scratch[1] / "documents" / "notice.pdf").read_bytes() == b"%PDF"


def test_a_backup_that_is_damaged_signed_by_nobody_or_gone_is_reported(
    scratch: tuple[str, Path], backup: Backup, tmp_path: Path
) -> None:
    damaged = tmp_path / "dingdian-20251024-110000.tar"
    damaged.write_bytes(backup.path.read_bytes()[:3000])
    for file, keys, why in (
        (damaged, KEYS, "不是完整的备份文件"),
        (tmp_path / "none.tar", KEYS, "没有文件"),
        (backup.path, Keyring(bytes(range(1, 33))), "不能证明备份没有被改动"),
    ):
        done = rehearsed(scratch, file, keys)
        assert why in done.fault
        assert done.said.startswith(f"恢复演练没有成功（{file.name}）：")


def test_faults_that_were_copied_along_are_no_success(
    scratch: tuple[str, Path], office: Rehearsal, tmp_path: Path
) -> None:
    url = office.url
    with engine_for(url).begin() as connection:
        if url.startswith("sqlite"):
            for act in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER audit_record_no_{act}"))
        else:
            connection.execute(text("ALTER TABLE audit_record DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE audit_record SET \"by\" = 'somebody else' WHERE id = 7"))
        if url.startswith("sqlite"):
            for act in ("UPDATE", "DELETE"):
                connection.execute(
                    text(
                        f"CREATE TRIGGER audit_record_no_{act.lower()} BEFORE {act} ON audit_record "
                        "BEGIN SELECT RAISE(ABORT, 'audit_record is append-only'); END"
                    )
                )
        else:
            connection.execute(text("ALTER TABLE audit_record ENABLE TRIGGER USER"))
    made = make_backup(url, tmp_path / "var", tmp_path / "backups", AT, KEYS)
    assert made.manifest.faults
    assert "审计记录有 2 处不符" in rehearsed(scratch, made.path).fault


def test_what_a_rehearsal_showed_stays(office: Rehearsal) -> None:
    keep(office.url, AT, FINE)
    for change in ("UPDATE restore_rehearsal SET is_good = is_good", "DELETE FROM restore_rehearsal"):
        with pytest.raises(DBAPIError, match="append-only"), transaction(office.url) as session:
            session.execute(text(change))
    (row,) = office.rows(RestoreRehearsal)
    assert (row.is_good, row.backup, row.seconds) == (True, FINE.backup, 4)


# --- what health says of it ---------------------------------------------------------------------------------------


def health(office: Rehearsal, folder: Path, at: Any) -> tuple[Level, str]:
    with reading(office.url) as session:
        settings = Settings(var_dir=folder, backup_dir=folder / "backups")
        found = {one.part: one for one in examine(session, settings, KEYS, at)}
    return found["恢复演练"].level, found["恢复演练"].said


def test_health_reminds_when_the_last_good_rehearsal_is_too_old(office: Rehearsal, tmp_path: Path) -> None:
    keep(office.url, AT, FINE)
    limit = load_restore_good_for()
    assert limit == timedelta(days=10)
    for after, level in ((-1, Level.OK), (0, Level.OK), (1, Level.WARN)):
        assert health(office, tmp_path, AT + limit + timedelta(seconds=after))[0] is level
    assert "最近一次成功是 10 天前" in health(office, tmp_path, AT + limit + timedelta(seconds=1))[1]


def test_health_names_the_newest_failure_until_another_went_well(office: Rehearsal, tmp_path: Path) -> None:
    keep(office.url, AT, FINE)
    keep(office.url, AT, Rehearsed("x.tar", "", 0, 0, 0, 0, 1, "备份清单没有本机构的签名"))
    level, said = health(office, tmp_path, AT)
    assert (level, "最近一次没有成功（x.tar）：备份清单没有本机构的签名" in said) == (Level.WARN, True)
    keep(office.url, AT, FINE)
    assert health(office, tmp_path, AT)[0] is Level.OK


def test_health_reminds_of_a_first_rehearsal_once_there_have_been_backups_for_so_long(
    office: Rehearsal, tmp_path: Path, backup: Backup
) -> None:
    made = beijing("2025-10-24 10:00").timestamp()
    os.utime(backup.path, (made, made))
    limit = load_restore_good_for()
    assert health(office, tmp_path, AT + limit) == (Level.OK, "按计划每周进行")
    assert health(office, tmp_path, AT + limit + timedelta(seconds=1))[0] is Level.WARN
    (tmp_path / "elsewhere").mkdir()
    assert health(office, tmp_path / "elsewhere", AT + 9 * limit)[0] is Level.OK


# --- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture
def installed(office: Rehearsal, monkeypatch: pytest.MonkeyPatch, shared_tmp: Path, tmp_path: Path) -> Path:
    """The office as this machine's own; its data folder, which the system's account can pass into."""
    var = shared_tmp / f"var-{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    var.mkdir(mode=0o700)
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(var))
    monkeypatch.setenv("DINGDIAN_DATABASE_URL", office.url)
    reset_settings()
    return var


def test_the_command_brings_the_newest_back_leaves_a_record_and_nothing_else(
    office: Rehearsal, installed: Path
) -> None:
    with surroundings.surrounded(database_url=office.url):
        make_backup(office.url, installed, get_settings().backups, AT, surroundings.keys())
    before = sorted(one.name for one in installed.iterdir())
    tables = dump(office.url)
    result = CliRunner().invoke(app, ["rehearse-restore", "--json"], catch_exceptions=False)
    done = json.loads(result.stdout)
    assert (done["fault"], done["backup"]) == ("", "dingdian-20251024-100000.tar")
    assert sorted(one.name for one in installed.iterdir()) == before
    after = dump(office.url)
    assert {name for name in after if after[name] != tables[name]} == {"restore_rehearsal"}
    (row,) = office.rows(RestoreRehearsal)
    assert (row.is_good, row.records) == (True, done["records"])
    office.is_sound()


def test_where_there_is_no_backup_the_command_says_so_and_the_record_too(office: Rehearsal, installed: Path) -> None:
    result = CliRunner().invoke(app, ["rehearse-restore"])
    assert (result.exit_code, "还没有备份，无从演练" in str(result.exception)) == (1, True)
    (row,) = office.rows(RestoreRehearsal)
    assert (row.is_good, "还没有备份" in row.fault) == (False, True)


def test_the_scratch_database_is_empty_and_takes_our_tables(scratch: tuple[str, Path]) -> None:
    assert any("audit_record" in line for line in shape_by_code(scratch[0], newest_revision()))
