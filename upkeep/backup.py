"""Backups: one file with the whole database, the kept documents, and a list of what is in it with each part's hash.

The key that contacts are sealed with is not inside: who steals a backup reads no phone number. It is kept apart
(`var/secret.key`); the list names the key that is needed, and is signed with it: who can write to the folder of the
backups makes none that is taken for ours. Prefect's database is left out: no legal fact lives there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from foundation.files import write_file
from foundation.secrets import Keyring
from models.dump import dump, kind_of
from models.migrate import revision_of
from rules.errors import DatabaseError, InputError
from rules.generations import Generations, kept
from rules.localtime import ZONE
from upkeep.kept_scans import keep_beside
from upkeep.proof import prove

MANIFEST = "manifest.json"
SIGNATURE = "manifest.signature"
DATABASE = "database"
# Under `var`; scans are kept beside (`upkeep.kept_scans`), everything else is made anew from the database.
KEPT_FOLDERS = ("documents", "evidence")
NAME = re.compile(r"dingdian-\d{8}-\d{6}(?:-[a-z-]+)?\.tar")
PLAIN_NAME = re.compile(r"dingdian-\d{8}-\d{6}\.tar")
FORMAT = 2  # 1 had no signature
FORMATS = (1, FORMAT)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a backup, with its size in bytes and its SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; written as its first member."""

    format: int
    made_at: str
    database: str
    revision: str
    key_id: str
    records: int
    chains: int
    audit_head: str
    faults: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup, and the older ones that gave way to it."""

    path: Path
    size: int
    manifest: Manifest
    removed: tuple[str, ...]

    @property
    def warning(self) -> str:
        """What is wrong with what was copied; empty when nothing is."""
        faults = self.manifest.faults
        if not faults:
            return ""
        return f"审计记录有 {len(faults)} 处不符（{faults[0]}）：本次已备份，旧备份一份未删；请与旧备份核对"


def make_backup(
    url: str,
    var: Path,
    folder: Path,
    at: datetime,
    keys: Keyring,
    *,
    keep: Generations | None = None,
    second: Path | None = None,
    why: str = "",
) -> Backup:
    """Writes a backup into the folder (mode 0600, whole or not at all) and a copy of it into the `second` one, and
    removes from both what the generations to `keep` no longer want (none: nothing is removed; so it is for a backup
    that a person makes). `why` becomes part of the name.

    A database whose audit chains are broken is copied too, but pushes no older backup out: `Backup.warning` says so.
    Raises DatabaseError when the database cannot be copied.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"dingdian-{at.astimezone(ZONE):%Y%m%d-%H%M%S}{'-' * bool(why)}{why}.tar"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as work:
        copy = Path(work) / DATABASE
        proof = dump(url, copy, prove)
        files = {DATABASE: copy, **_kept(var)}
        manifest = Manifest(
            format=FORMAT,
            made_at=at.astimezone(ZONE).isoformat(),
            database=kind_of(url),
            revision=revision_of(url),
            key_id=keys.key_id,
            records=proof.records,
            chains=proof.chains,
            audit_head=proof.head,
            faults=proof.faults,
            parts=tuple(_part(name, file) for name, file in files.items()),
        )
        draft = Path(work) / "draft.tar"
        _write(draft, manifest, files, keys)
        os.replace(draft, path)
    places = (folder, second) if second else (folder,)
    if second:
        _copy(path, second)
    for place in places:
        keep_beside(var, place)
    removed = () if proof.faults or keep is None else tuple(one for place in places for one in _prune(place, keep))
    return Backup(path, path.stat().st_size, manifest, removed)


def _copy(path: Path, folder: Path) -> None:
    """The same file in another place, whole or not at all, read back and compared. Raises DatabaseError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = path.read_bytes()
        write_file(folder / path.name, content)
        is_same = (folder / path.name).read_bytes() == content
    except OSError as error:
        said = f"备份已写入 {path}，但复制到第二处 {folder} 失败（{error.strerror}）：请检查该处后重做"
        raise DatabaseError(said) from None
    if not is_same:
        raise DatabaseError(f"备份已写入 {path}，但第二处 {folder} 读回的内容不同：请检查该处的存储后重做")


def signed_text(listed: bytes) -> str:
    """What is signed of a list: its own bytes, and what they are for."""
    return f"dingdian backup manifest\n{listed.decode()}"


def newest(folder: Path) -> Path | None:
    """The newest backup of a folder, by the time in its name."""
    return max(backups_in(folder), default=None, key=lambda path: path.name)


def backups_in(folder: Path) -> Iterator[Path]:
    """The files of a folder that carry a backup's name."""
    with suppress(FileNotFoundError):
        yield from (path for path in folder.iterdir() if NAME.fullmatch(path.name))


def _prune(folder: Path, keep: Generations) -> tuple[str, ...]:
    """Removes files only that carry a name of ours without a reason in it (such as an upgrade) why they were made."""
    made = {path.name: _made_at(path.name) for path in backups_in(folder) if PLAIN_NAME.fullmatch(path.name)}
    old = sorted(set(made) - kept(made, keep))
    for name in old:
        (folder / name).unlink()
    return tuple(old)


def _made_at(name: str) -> datetime:
    return datetime.strptime(f"{name[9:24]}+0800", "%Y%m%d-%H%M%S%z")


def _kept(var: Path) -> dict[str, Path]:
    found = [file for name in KEPT_FOLDERS for file in sorted((var / name).rglob("*")) if file.is_file()]
    return {file.relative_to(var).as_posix(): file for file in found}


def _part(name: str, file: Path) -> Part:
    with file.open("rb") as content:
        return Part(name, file.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest())


def _write(draft: Path, manifest: Manifest, files: dict[str, Path], keys: Keyring) -> None:
    listed = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    heads = {MANIFEST: listed, SIGNATURE: keys.sign(signed_text(listed)).encode()}
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w") as archive:
            for name, text in heads.items():
                archive.addfile(_member(name, len(text)), BytesIO(text))
            for name, file in files.items():
                with file.open("rb") as content:
                    archive.addfile(_member(name, file.stat().st_size), content)
        raw.flush()
        os.fsync(raw.fileno())


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def read_manifest(given: dict[str, Any]) -> Manifest:
    """The list of a backup. Raises InputError when it is not one that this program can read."""
    if given.get("format") not in FORMATS:
        raise InputError("备份文件的格式不是本程序能读的版本：请用制作它的那一版程序恢复")
    return Manifest(
        **{**given, "faults": tuple(given["faults"]), "parts": tuple(Part(**part) for part in given["parts"])}
    )
