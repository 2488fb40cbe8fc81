"""Backups are made while people work, and each is proved by bringing it back and working on."""

from __future__ import annotations

import hashlib
import json
import tarfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from foundation.secrets import Keyring
from models import migrate
from models.database import engine_for
from rules.errors import DatabaseError, InputError
from rules.generations import Generations
from tests.support.database import dump
from tests.support.patience import until
from tests.support.postgres import fresh_database
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing, crowd
from upkeep.backup import MANIFEST, SIGNATURE, Backup, make_backup, newest
from upkeep.restore import inspect_backup, restore

AT = beijing("2025-10-24 10:00")
OTHER_KEYS = Keyring(bytes(range(1, 33)))


@pytest.fixture
def empty(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A second, empty database of the same kind."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'restored.db'}"
        engine_for(f"sqlite:///{tmp_path / 'restored.db'}").dispose()
        return
    yield from fresh_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """A round in which agreements may be signed."""
    return at_stage("signing")


@pytest.fixture
def backed_up(office: Rehearsal, tmp_path: Path) -> Backup:
    """A backup of it, with a document and a piece of evidence."""
    for name, content in (("documents/1/notice-1.pdf", b"%PDF"), ("evidence/ab.png", b"\x89PNG")):
        (tmp_path / "var" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "var" / name).write_bytes(content)
    (tmp_path / "var" / "secret.key").write_text("not for a backup")
    return make_backup(office.url, tmp_path / "var", tmp_path / "backups", AT, KEYS)


def altered(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """The backup with other bytes."""
    other = path.with_name("other.tar")
    other.write_bytes(change(path.read_bytes()))
    return other


def test_what_comes_back_is_what_was_there_row_for_row(
    office: Rehearsal, backed_up: Backup, empty: str, tmp_path: Path
) -> None:
    restored = restore(empty, tmp_path / "elsewhere", backed_up.path, KEYS)
    assert dump(empty) == dump(office.url)
    assert (restored.proof.records, restored.proof.faults, restored.wanted) == (backed_up.manifest.records, (), "")
    found = {one.name: one.read_bytes() for one in (tmp_path / "elsewhere").rglob("*") if one.is_file()}
    assert found == {"notice-1.pdf": b"%PDF", "ab.png": b"\x89PNG"}


def test_work_goes_on_after_a_restore(office: Rehearsal, backed_up: Backup, empty: str, tmp_path: Path) -> None:
    restore(empty, tmp_path / "elsewhere", backed_up.path, KEYS)
    for url in (office.url, empty):
        Rehearsal(url).act("2025-10-25 09:00", "sign_agreement", applicant_id="P01", signed_on="2025-10-25")
        Rehearsal(url).sweep("2026-01-17 00:05")
    Rehearsal(empty).is_sound()
    assert Rehearsal(empty).states() == Rehearsal(office.url).states()
    assert Rehearsal(empty).state("P01") == "SIGNED"


def test_a_backup_under_writing_is_of_one_instant(office: Rehearsal, empty: str, tmp_path: Path) -> None:
    ids, signed, first_is_made = crowd(office.url, 80), [], threading.Event()

    def work() -> None:
        for number, name in enumerate(ids):
            if number == 40:
                first_is_made.wait()
            office.act("2025-10-25 09:00", "sign_agreement", applicant_id=name, signed_on="2025-10-25")
            signed.append(name)

    def backup(second: int) -> Backup:
        return make_backup(office.url, tmp_path, tmp_path / "b", AT + timedelta(seconds=second), KEYS)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        until(lambda: signed, "the first signature")
        made = [backup(0)]
        first_is_made.set()
        until(lambda: len(signed) > 40, "a signature after the first backup", alive=worker.is_alive)
        made += [backup(1), backup(2)]
    finally:
        first_is_made.set()
        worker.join()
    assert [one.manifest.faults for one in made] == [(), (), ()]
    assert 0 < made[-1].manifest.records - made[0].manifest.records <= len(signed) == len(ids)
    assert restore(empty, tmp_path / "elsewhere", made[-1].path, KEYS).proof.records == made[-1].manifest.records


def test_the_file_is_private_and_holds_no_key_and_no_contact(backed_up: Backup) -> None:
    assert backed_up.path.stat().st_mode & 0o777 == 0o600
    content = backed_up.path.read_bytes()
    assert b"not for a backup" not in content
    assert KEYS.current not in content
    with tarfile.open(backed_up.path) as archive:
        names = archive.getnames()
    assert names == [MANIFEST, SIGNATURE, "database", "documents/1/notice-1.pdf", "evidence/ab.png"]


def test_the_generations_are_kept_and_other_files_are_left_alone(office: Rehearsal, tmp_path: Path) -> None:
    folder, second, keep = tmp_path / "backups", tmp_path / "elsewhere", Generations(days=2, weeks=1, months=2)
    folder.mkdir()
    (folder / "dingdian-notes.tar").write_text("mine")
    (folder / "dingdian-20200101-000000-before-upgrade.tar").write_text("for a reason")
    others = {path.name for path in folder.iterdir()}
    days = [AT - timedelta(days=30), AT - timedelta(days=29), AT, AT + timedelta(days=1), AT + timedelta(days=2)]
    made = [make_backup(office.url, tmp_path, folder, at, KEYS, keep=keep, second=second) for at in days]
    kept = {made[1].path.name, made[3].path.name, made[4].path.name}
    assert {path.name for path in folder.iterdir()} == kept | others
    assert {path.name for path in second.iterdir()} == kept
    assert (second / made[4].path.name).read_bytes() == made[4].path.read_bytes()
    assert newest(folder) == made[4].path


def test_a_backup_that_a_person_makes_pushes_nothing_out(office: Rehearsal, tmp_path: Path) -> None:
    made = [make_backup(office.url, tmp_path, tmp_path / "b", AT + timedelta(days=n), KEYS) for n in range(3)]
    assert [one.removed for one in made] == [()] * 3
    assert len(list((tmp_path / "b").iterdir())) == 3


def test_a_second_place_that_fails_is_said_and_the_first_stands(office: Rehearsal, tmp_path: Path) -> None:
    (tmp_path / "full").write_text("no folder")
    with pytest.raises(DatabaseError, match="复制到第二处"):
        make_backup(office.url, tmp_path, tmp_path / "b", AT, KEYS, second=tmp_path / "full")
    assert newest(tmp_path / "b")


def test_a_damaged_chain_is_backed_up_but_pushes_nothing_out(office: Rehearsal, tmp_path: Path) -> None:
    keep = Generations(days=1, weeks=1, months=1)
    sound = make_backup(office.url, tmp_path, tmp_path / "b", AT, KEYS, keep=keep)
    with engine_for(office.url).begin() as connection:
        connection.execute(text("UPDATE application SET audit_head = 'x' WHERE id = 1"))
    made = make_backup(office.url, tmp_path, tmp_path / "b", AT + timedelta(days=1), KEYS, keep=keep)
    assert (made.removed, sound.path.exists()) == ((), True)
    assert len(made.manifest.faults) == 2  # the end of the chain, and the cell
    assert "请与旧备份核对" in made.warning


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """A backup in which a part was changed by somebody who can count: its hash in the list is right again."""
    other = path.with_name("rewritten.tar")
    with tarfile.open(path) as source, tarfile.open(other, "w") as target:
        contents = {name: source.extractfile(name).read() for name in source.getnames()}  # type: ignore[union-attr]
        contents[part] = change(contents[part])
        listed = json.loads(contents[MANIFEST])
        for one in listed["parts"]:
            if one["name"] == part:
                one.update(size=len(contents[part]), sha256=hashlib.sha256(contents[part]).hexdigest())
        contents[MANIFEST] = json.dumps(listed).encode()
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            target.addfile(member, BytesIO(content))
    return other


def test_a_backup_that_somebody_rewrote_is_refused_and_nothing_is_written(
    backed_up: Backup, empty: str, tmp_path: Path
) -> None:
    forged = rewritten(backed_up.path, "evidence/ab.png", lambda _: b"another picture")
    with pytest.raises(InputError, match=r"没有本机构的签名或已被改动.*--unsigned"):
        restore(empty, tmp_path / "elsewhere", forged, KEYS)
    with pytest.raises(InputError, match="没有本机构的签名或已被改动"):
        inspect_backup(forged, KEYS)
    assert not (tmp_path / "elsewhere").exists()
    migrate.upgrade(empty)


@pytest.mark.parametrize("planted", ["trigger", "no trigger", "function"])
def test_a_backup_with_triggers_of_its_own_is_refused_and_the_database_emptied(
    office: Rehearsal, empty: str, tmp_path: Path, planted: str, database_kind: str
) -> None:
    """Signed by us, because the database itself was changed before it was copied."""
    is_sqlite = database_kind == "sqlite"
    statements = {
        "trigger": "CREATE TRIGGER more AFTER INSERT ON staff BEGIN DELETE FROM staff; END"
        if is_sqlite
        else "CREATE TRIGGER more BEFORE UPDATE ON staff EXECUTE FUNCTION audit_record_is_append_only()",
        "no trigger": "DROP TRIGGER audit_record_no_update"
        if is_sqlite
        else "ALTER TABLE audit_record DISABLE TRIGGER audit_record_append_only",
        "function": "CREATE VIEW staffs AS SELECT * FROM staff"
        if is_sqlite
        else "CREATE OR REPLACE FUNCTION audit_record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NULL; END $$",
    }
    with engine_for(office.url).begin() as connection:
        connection.execute(text(statements[planted]))
    made = make_backup(office.url, tmp_path / "var", tmp_path / "backups", AT, KEYS)
    with pytest.raises(DatabaseError, match="表、触发器或函数与本程序的不同"):
        restore(empty, tmp_path / "elsewhere", made.path, KEYS)
    assert not (tmp_path / "elsewhere").exists()
    migrate.upgrade(empty)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda raw: raw[: len(raw) // 2], "备份"),
        (lambda raw: raw.replace(b"%PDF", b"%PDX"), "documents/1/notice-1.pdf 已损坏"),
        (lambda raw: raw.replace(b'"format": 2', b'"format": 9'), "格式不是本程序能读的版本"),
        (lambda raw: raw.replace(b"evidence/ab.png", b"../../../ab.png"), "请换一份备份"),
        (lambda raw: b"nothing", "不是完整的备份文件"),
    ],
)
def test_a_damaged_file_is_refused_and_nothing_is_written(
    backed_up: Backup, empty: str, tmp_path: Path, change: Callable[[bytes], bytes], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        restore(empty, tmp_path / "elsewhere", altered(backed_up.path, change), KEYS)
    assert not (tmp_path / "elsewhere").exists()
    migrate.upgrade(empty)  # still empty: the migrations find nothing in their way
    assert dump(empty)["application"] == []


def test_a_database_that_holds_something_is_never_overwritten(
    office: Rehearsal, backed_up: Backup, tmp_path: Path
) -> None:
    before = dump(office.url)
    with pytest.raises(InputError, match="不是空的"):
        restore(office.url, tmp_path / "elsewhere", backed_up.path, KEYS)
    assert dump(office.url) == before


def test_a_file_that_stands_there_with_another_content_stops_the_restore(
    backed_up: Backup, empty: str, tmp_path: Path
) -> None:
    there = tmp_path / "elsewhere" / "evidence" / "ab.png"
    there.parent.mkdir(parents=True)
    there.write_bytes(b"other")
    with pytest.raises(InputError, match=r"ab\.png 已存在且内容不同"):
        restore(empty, tmp_path / "elsewhere", backed_up.path, KEYS)
    assert there.read_bytes() == b"other"


def test_another_key_is_said_not_hidden(backed_up: Backup, empty: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"用密钥 {KEYS.key_id} 签名，本机的密钥不是它"):
        restore(empty, tmp_path / "elsewhere", backed_up.path, OTHER_KEYS)
    assert not (tmp_path / "elsewhere").exists()
    restored = restore(empty, tmp_path / "elsewhere", backed_up.path, OTHER_KEYS, unsigned=True)
    assert KEYS.key_id in restored.wanted


def test_a_file_can_be_checked_without_restoring(backed_up: Backup) -> None:
    assert inspect_backup(backed_up.path) == inspect_backup(backed_up.path, KEYS) == backed_up.manifest


def test_a_backup_of_a_newer_program_is_refused(backed_up: Backup, empty: str, tmp_path: Path) -> None:
    revision = json.dumps(backed_up.manifest.revision).encode()
    newer = altered(backed_up.path, lambda raw: raw.replace(revision, b'"9999"', 1))
    with pytest.raises(InputError, match="比本程序新"):
        restore(empty, tmp_path / "elsewhere", newer, KEYS, unsigned=True)


def test_kinds_are_not_mixed(backed_up: Backup, database_kind: str, tmp_path: Path) -> None:
    if database_kind == "sqlite":
        wrong = "postgresql+psycopg://nobody@127.0.0.1/none"
    else:
        wrong = f"sqlite:///{tmp_path / 'wrong.db'}"
    with pytest.raises(InputError, match=make_url(wrong).get_backend_name()):
        restore(wrong, tmp_path / "elsewhere", backed_up.path, KEYS)
