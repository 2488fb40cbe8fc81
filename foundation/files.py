"""Files written in one step: a reader sees the old bytes or the new ones, never half of them."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o600
READABLE = 0o644  # public content: other accounts may serve or collect it


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
