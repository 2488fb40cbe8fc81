"""Backups: one file with the whole database, the kept documents, and a list of what is in it with each part's hash.

The key that contacts are sealed with is not inside: who steals a backup reads no phone number. It is kept apart
(`var/secret.key`); the list names the key that is needed. Prefect's database is left out: no legal fact lives there.
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
from pathlib import Path
from typing import Any

from foundation.secrets import Keyring
from models.dump import dump, kind_of
from models.migrate import revision_of
from rules.errors import InputError
from rules.localtime import ZONE
from upkeep.proof import prove

MANIFEST = "manifest.json"
DATABASE = "database"
KEPT_FOLDERS = ("documents", "evidence")  # under `var`; everything else is made anew from the database
NAME = re.compile(r"dingdian-\d{8}-\d{6}(?:-[a-z-]+)?\.tar")
FORMAT = 1


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
    url: str, var: Path, folder: Path, at: datetime, keys: Keyring, *, keep: int = 0, why: str = ""
) -> Backup:
    """Writes a backup into the folder (mode 0600, whole or not at all) and removes all but the newest `keep` (0: none
    is removed). `why` becomes part of the name.

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
        _write(draft, manifest, files)
        os.replace(draft, path)
    return Backup(path, path.stat().st_size, manifest, _prune(folder, 0 if proof.faults else keep))


def newest(folder: Path) -> Path | None:
    """The newest backup of a folder, by the time in its name."""
    return max(_ours(folder), default=None, key=lambda path: path.name)


def _ours(folder: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from (path for path in folder.iterdir() if NAME.fullmatch(path.name))


def _prune(folder: Path, keep: int) -> tuple[str, ...]:
    """Removes files that carry our own kind of name only."""
    old = sorted(_ours(folder), key=lambda path: path.name, reverse=True)[keep:] if keep else []
    for path in old:
        path.unlink()
    return tuple(path.name for path in old)


def _kept(var: Path) -> dict[str, Path]:
    found = [file for name in KEPT_FOLDERS for file in sorted((var / name).rglob("*")) if file.is_file()]
    return {file.relative_to(var).as_posix(): file for file in found}


def _part(name: str, file: Path) -> Part:
    with file.open("rb") as content:
        return Part(name, file.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest())


def _write(draft: Path, manifest: Manifest, files: dict[str, Path]) -> None:
    listed = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
        with tempfile.TemporaryFile() as first, tarfile.open(fileobj=raw, mode="w") as archive:
            first.write(listed)
            first.seek(0)
            archive.addfile(_member(MANIFEST, len(listed)), first)
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
    if given.get("format") != FORMAT:
        raise InputError("备份文件的格式不是本程序能读的版本：请用制作它的那一版程序恢复")
    return Manifest(
        **{**given, "faults": tuple(given["faults"]), "parts": tuple(Part(**part) for part in given["parts"])}
    )
