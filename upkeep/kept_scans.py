"""Scans of materials beside the backups: they are many and never change, so each is copied once to where the backups
lie, and not into every one of them. What a restored database names is brought back from there, by its hash."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from foundation.files import write_file
from models import MaterialScan
from rules.errors import DatabaseError
from tasks.scans import FOLDER, file_of


def keep_beside(var: Path, place: Path) -> int:
    """Copies what a place of backups does not have yet; answers how many. Raises DatabaseError where one cannot be
    copied whole."""
    new = [one for one in _files(var / FOLDER) if not (place / FOLDER / one.name).exists()]
    try:
        for one in new:
            _copy(one, place / FOLDER / one.name)
    except OSError as error:
        raise DatabaseError(
            f"备份已写入，但材料扫描件复制到 {place} 失败（{error.strerror}）：请检查该处后重做"
        ) from None
    return len(new)


def bring_back(session: Session, var: Path, place: Path) -> int:
    """Puts every scan that the database names into `var`, where it is not there; answers how many are nowhere, or are
    not what their hash says."""
    named = session.execute(select(col(MaterialScan.sha256), col(MaterialScan.kind)).distinct()).tuples()
    return sum(not _brought(var, place, digest, kind) for digest, kind in named)


def _brought(var: Path, place: Path, digest: str, kind: str) -> bool:
    there, kept = (file_of(folder, digest, kind) for folder in (var, place))
    if there.exists():
        return _is(there, digest)
    if not kept.exists() or not _is(kept, digest):
        return False
    there.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(kept, there)  # a rehearsal brings back gigabytes; nobody writes into such a file
    except OSError:
        _copy(kept, there)
    return True


def _is(path: Path, digest: str) -> bool:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == digest


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all, read back and compared."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_file(target, source.read_bytes())
    if not _is(target, target.stem):
        target.unlink()
        raise OSError(0, "读回的内容不同")


def _files(folder: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        return sorted(one for one in folder.iterdir() if one.is_file() and not one.name.startswith("."))
    return []
