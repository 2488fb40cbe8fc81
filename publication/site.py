"""The static site: every page rendered from the database, and written only where its bytes changed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models.database import transaction
from models.settings import ROOT
from publication.pages import render
from publication.reading import NoticeView, RoundPages, read_rounds
from rules.audit import canonical

VERIFIER = ROOT / "docs" / "verify_draw.py"
READABLE = 0o644  # a web server under another account serves these files


@dataclass(frozen=True, slots=True)
class SiteReport:
    """The names of the files that were written, and of those that already stood so."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]


def build_site(url: str, folder: Path, as_of: datetime | None = None) -> SiteReport:
    """Brings the site in a folder up to date with the database.

    `as_of` decides which notices the index lists as running; without it, the instant of the newest record does, so
    that equal data give equal bytes. Running it again writes nothing. Raises DatabaseError when a frozen list does
    not match its hash: then nothing is written.
    """
    with transaction(url) as session:
        rounds = read_rounds(session, as_of)
    files = dict(site_files(rounds))
    folder.mkdir(parents=True, exist_ok=True)
    written = tuple(name for name, content in files.items() if _write(folder / name, content))
    return SiteReport(written, tuple(name for name in files if name not in written))


def site_files(rounds: list[RoundPages]) -> Iterator[tuple[str, bytes]]:
    """Every file of the site; a name is made of our own numbers only, never of an applicant's text."""
    yield "index.html", render("index", rounds=rounds)
    for pages in rounds:
        yield from _round_files(pages)


def _round_files(pages: RoundPages) -> Iterator[tuple[str, bytes]]:
    for notice in pages.notices:
        yield from _notice_files(pages, notice)
    if pages.draw:
        yield f"draw-{pages.round.id}.html", render("draw", pages=pages, draw=pages.draw)
        yield f"pool-{pages.round.id}.json", canonical(pages.draw.pool)
        if pages.draw.result:
            text = json.dumps(pages.draw.result.record, ensure_ascii=False, indent=1)
            yield f"draw-{pages.round.id}.json", f"{text}\n".encode()
            yield VERIFIER.name, VERIFIER.read_bytes()
        for number, record in enumerate(pages.draw.earlier, 1):
            text = json.dumps(record, ensure_ascii=False, indent=1)
            yield f"draw-{pages.round.id}-annulled-{number}.json", f"{text}\n".encode()
    if pages.register:
        yield f"results-{pages.round.id}.html", render("results", pages=pages)


def _notice_files(pages: RoundPages, notice: NoticeView) -> Iterator[tuple[str, bytes]]:
    """The page, and the frozen list in the very bytes that its hash was taken of."""
    yield f"notice-{notice.id}.html", render("notice", pages=pages, notice=notice)
    yield f"notice-{notice.id}.json", canonical(notice.snapshot)


def _write(path: Path, content: bytes) -> bool:
    """Replaces the file in one step unless it already holds these bytes; says whether it did."""
    with suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return False
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), READABLE)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return True
