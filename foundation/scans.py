"""Scans as they are counted and shown: read by another process (`scan_reader.py`), shown as pictures of their pages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rules.errors import InputError

READER = Path(__file__).with_name("scan_reader.py")
PATIENCE_SECONDS = 120.0
WIDTH = 1200  # pixels of a page as it is shown
UNREADABLE = "打不开：可能已损坏、加了密码或不完整；请打开原件核对，另存后再放入"


def pages_of(kind: str, content: bytes) -> int:
    """How many pages a scan has. Raises InputError for what cannot be opened."""
    return int(_read(kind, "count", content=content))


def picture_of(kind: str, content: bytes, page: int) -> bytes:
    """One page (from 1) as a JPEG. Raises InputError for what cannot be opened, or has no such page."""
    return _read(kind, str(page), str(WIDTH), content=content)


def _read(*command: str, content: bytes) -> bytes:
    program = [sys.executable, "-I", str(READER), *command]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and a kind and numbers of ours
            program, input=content, capture_output=True, check=True, timeout=PATIENCE_SECONDS, env={}
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise InputError(UNREADABLE) from None
    return done.stdout
