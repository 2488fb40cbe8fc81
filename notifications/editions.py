"""Editions of the e-mail wording: a message is rendered with the edition of the day it was queued.

`templates/1` holds the first edition whole; a later one is a folder that holds only the files it changes. A published
edition never changes: `templates/published.sha256` lists the hash of each of its files (`sha256sum -c` reads it, and a
test holds the files to it).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rules.errors import InputError

TEMPLATES = Path(__file__).parent / "templates"


def editions(root: Path = TEMPLATES) -> tuple[int, ...]:
    """The numbers of the editions that are there, in order."""
    return tuple(sorted(int(folder.name) for folder in root.iterdir() if folder.is_dir()))


@cache
def folders(edition: str, root: Path = TEMPLATES) -> tuple[Path, ...]:
    """Where the files of an edition are looked for: its own folder, then the earlier ones.

    Raises:
        InputError: there is no such edition.
    """
    known = editions(root)
    if edition not in map(str, known):
        raise InputError(f"没有第 {edition} 版邮件模板：请恢复 notifications/templates 下该版的文件夹")
    return tuple(root / str(number) for number in reversed(known) if number <= int(edition))


NEWEST = str(editions()[-1])
