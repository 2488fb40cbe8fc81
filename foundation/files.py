"""Files written in one step: a reader sees the old bytes or the new ones, never half of them."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o600
READABLE = 0o644  # public content: other accounts may serve or collect it


def close_to_others(folder: Path) -> None:
    """Makes a folder, or closes one of before: other accounts read nothing in it. As root they may pass through it, for
    PostgreSQL runs as an account of its own then, and its folder lies within."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(folder.stat().st_mode)
    passing = stat.S_IXGRP | stat.S_IXOTH if os.geteuid() == 0 else 0
    if mode & ~(stat.S_IRWXU | passing):
        folder.chmod(mode & (stat.S_IRWXU | passing))


def write_file(path: Path, content: bytes, mode: int = PRIVATE) -> bool:
    """Replaces the file in one step unless it already holds these bytes; says whether it did."""
    with suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return True
