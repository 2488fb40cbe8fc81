"""A backup brought back into an empty installation, checked before anything is written and proved afterwards."""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from foundation.secrets import Keyring
from models import migrate
from models.database import engine_for, reading, transaction
from models.dump import is_empty, kind_of, load
from models.shape import empty, shape_by_code, shape_now
from rules.errors import DatabaseError, InputError
from tasks.scans import FOLDER as SCANS
from upkeep.backup import (
    DATABASE,
    FORMAT,
    KEPT_FOLDERS,
    MANIFEST,
    SIGNATURE,
    Manifest,
    Part,
    read_manifest,
    signed_text,
)
from upkeep.kept_scans import bring_back
from upkeep.proof import Proof, prove


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: the backup's list, the proof of the restored records, and what a person still has to do."""

    manifest: Manifest
    proof: Proof
    revision: str
    files: int
    wanted: str


def restore(url: str, var: Path, file: Path, keys: Keyring, *, unsigned: bool = False) -> Restored:
    """Brings a backup into an empty database and its files into `var`.

    The list must be signed with a key of ours (`unsigned`: a person says that the key is lost, and answers for the
    file), and every part is compared with its hash, before anything is written. Tables, triggers and functions are then
    compared with those that our own migrations make; a database that brought others along is emptied again.

    Raises InputError for a file that is no backup, not signed, damaged, of another kind of database, or newer than this
    program; for a database that is not empty; for files that stand there already with another content. Raises
    DatabaseError when what came back is of another shape, or the restored records do not prove.
    """
    with _opened(file) as (archive, manifest):
        _check(url, var, archive, manifest)
        if not unsigned:
            expect_signed(archive, manifest, keys)
        expected = shape_by_code(url, manifest.revision)
        with tempfile.TemporaryDirectory() as work:
            copy = Path(work) / DATABASE
            copy.write_bytes(_content(archive, DATABASE))
            load(url, copy)
        _expect_shape(url, expected)
        files = _files(manifest)
        for part in files:
            _place(var / part.name, _content(archive, part.name))
    engine_for(url).dispose()
    migrate.upgrade(url)
    proof = _proved(url, manifest)
    with reading(url) as session:
        lost = bring_back(session, var, file.parent)
    wanted = [
        "" if manifest.key_id == keys.key_id else _KEY_WANTED.format(manifest.key_id),
        _SCANS_WANTED.format(lost, file.parent / SCANS) if lost else "",
    ]
    return Restored(manifest, proof, migrate.newest_revision(), len(files), "；".join(filter(None, wanted)))


_SCANS_WANTED = "材料扫描件有 {} 份不在 {} 或与哈希不符：请找到备份处的这个文件夹，把其中的文件放回数据目录的 materials"
_KEY_WANTED = (
    "联系方式用密钥 {} 加密，本机的密钥不是它：请把原来的 secret.key 放回数据目录（或设置 DINGDIAN_SECRET_KEY）"
)


def expect_signed(archive: tarfile.TarFile, manifest: Manifest, keys: Keyring) -> None:
    """Raises InputError unless the list is signed with a key on the ring."""
    try:
        signature = _content(archive, SIGNATURE).decode("ascii", "replace")
    except KeyError:
        signature = ""
    if keys.is_signed(signed_text(_content(archive, MANIFEST)), signature):
        return
    if manifest.format == FORMAT and manifest.key_id not in keys.key_ids:
        raise InputError(
            f"备份清单用密钥 {manifest.key_id} 签名，本机的密钥不是它，不能证明备份没有被改动，未恢复任何内容："
            f"请把原来的 secret.key 放回数据目录；{_KEY_LOST}"
        )
    raise InputError(f"备份清单没有本机构的签名或已被改动，未恢复任何内容：请换一份备份；{_KEY_LOST}")


_KEY_LOST = "密钥确已丢失、或是签名出现以前的旧备份，由负责人核对来源后加 --unsigned"


def _expect_shape(url: str, expected: frozenset[str]) -> None:
    """Raises DatabaseError for a database that our migrations did not make, which is emptied again."""
    found = shape_now(url)
    if found == expected:
        return
    foreign, missing = sorted(found - expected), sorted(expected - found)
    empty(url)
    first = f"多出“{foreign[0][:80]}”" if foreign else f"缺少“{missing[0][:80]}”"
    raise DatabaseError(
        f"备份中的表、触发器或函数与本程序的不同（{len(foreign) + len(missing)} 处，{first}），已撤回，未恢复任何内容："
        "备份可能被人改动过，请换一份备份，并保存这一份备查"
    )


def inspect_backup(file: Path, keys: Keyring | None = None) -> Manifest:
    """The list of a backup after every part was compared with its hash, and the list's signature where there are keys
    to compare it with. Raises InputError."""
    with _opened(file) as (archive, manifest):
        if keys is not None:
            expect_signed(archive, manifest, keys)
        _check_parts(archive, manifest)
        return manifest


@contextmanager
def _opened(file: Path) -> Iterator[tuple[tarfile.TarFile, Manifest]]:
    try:
        with tarfile.open(file) as archive:
            yield archive, read_manifest(json.loads(_content(archive, MANIFEST)))
    except FileNotFoundError:
        raise InputError(f"没有文件 {file}：请核对备份文件的路径") from None
    except (tarfile.TarError, EOFError, ValueError, TypeError, KeyError):
        raise InputError(f"{file} 不是完整的备份文件：请换一份备份") from None


def _content(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(name)
    if member is None:
        raise InputError(f"备份文件中的 {name} 不是普通文件：请换一份备份")
    return member.read()


def _check(url: str, var: Path, archive: tarfile.TarFile, manifest: Manifest) -> None:
    if manifest.database != kind_of(url):
        raise InputError(f"备份来自 {manifest.database}，目标数据库是 {kind_of(url)}：请恢复到同一种数据库")
    if not migrate.is_known(manifest.revision):
        raise InputError(f"备份的数据库版本 {manifest.revision} 比本程序新：请先升级程序再恢复")
    if not is_empty(url):
        raise InputError(
            "目标数据库不是空的，不恢复：请指定空的数据库或新的数据目录（DINGDIAN_VAR_DIR），原有数据不会被覆盖"
        )
    _check_parts(archive, manifest)
    for part in _files(manifest):
        there = var / part.name
        if there.exists() and hashlib.sha256(there.read_bytes()).hexdigest() != part.sha256:
            raise InputError(f"{there} 已存在且内容不同，不恢复：请先移走它")


def _check_parts(archive: tarfile.TarFile, manifest: Manifest) -> None:
    for part in manifest.parts:
        content = _content(archive, part.name)
        if len(content) != part.size or hashlib.sha256(content).hexdigest() != part.sha256:
            raise InputError(f"备份文件中的 {part.name} 已损坏（与清单中的哈希不符）：请换一份备份")


def _files(manifest: Manifest) -> list[Part]:
    """The kept documents; a name that leaves its folder is refused."""
    files = [part for part in manifest.parts if part.name != DATABASE]
    for part in files:
        pieces = Path(part.name).parts
        if pieces[0] not in KEPT_FOLDERS or ".." in pieces:
            raise InputError(f"备份清单中的文件名 {part.name} 不可接受：请换一份备份")
    return files


def _place(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _proved(url: str, manifest: Manifest) -> Proof:
    with transaction(url) as session:
        proof = prove(session)
    if (proof.records, proof.head, proof.faults) != (manifest.records, manifest.audit_head, manifest.faults):
        raise DatabaseError(
            f"恢复后的审计记录与备份清单不符：{'；'.join(proof.faults[:3]) or '记录的条数或末端哈希不同'}"
        )
    return proof
