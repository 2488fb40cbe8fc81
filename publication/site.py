"""The static site: brought up to date with the database, reading, rendering and writing only what changed."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from foundation.files import READABLE, write_file
from foundation.settings import ROOT, get_settings
from models.database import transaction
from publication.change_scan import survey
from publication.identity import SiteIdentity, site_identity
from publication.manifest import NAME, Manifest, encoded, read_manifest, stamped
from publication.site_pages import SitePart, site_parts

MADE_WITH = ("publication", "rules", "policies")
LIBRARIES = ("jinja2", "segno", "icalendar")


@dataclass(frozen=True, slots=True)
class SiteReport:
    """The names of the files that were written, of those that already stood so, and of those that were taken away.

    `rendered` counts the parts that were read and rendered again (the index, a notice, a draw, a register)."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...] = ()
    rendered: int = 0


def build_site(
    url: str, folder: Path, as_of: datetime | None = None, identity: SiteIdentity | None = None
) -> SiteReport:
    """Brings the site in a folder up to date with the database; builds of one folder wait for each other.

    `as_of` decides which notices are shown as running; without it, the instant of the newest record does, so that
    equal data give equal bytes. Running it again reads no list and writes nothing; changed code, templates, policies
    or settings build everything anew. `identity`: default as the settings say. Raises DatabaseError when a frozen list
    that is read does not match its hash: then nothing is written.
    """
    site = identity or site_identity(get_settings())
    with _one_at_a_time(folder):
        return _build(url, folder, as_of, site)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """An older build that ends late must not write over a newer one. The lock stands beside the served folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(url: str, folder: Path, as_of: datetime | None, site: SiteIdentity) -> SiteReport:
    known = read_manifest(folder, basis(site))
    with transaction(url) as session:
        parts = list(site_parts(survey(session, as_of), site))
        stale = [part for part in parts if not known.holds(folder, part.key, part.fingerprint)]
        renderings = {part.key: part.read(session) for part in stale}
    files = {key: dict(rendering()) for key, rendering in renderings.items()}
    folder.mkdir(exist_ok=True)
    made = (item for each in files.values() for item in each.items())
    written = [name for name, content in made if write_file(folder / name, content, READABLE)]
    names = {part.key: tuple(files.get(part.key) or known.parts[part.key].files) for part in parts}
    return _finish(folder, known, parts, names, written, len(stale))


def _finish(
    folder: Path,
    known: Manifest,
    parts: Sequence[SitePart],
    names: dict[str, tuple[str, ...]],
    written: list[str],
    rendered: int,
) -> SiteReport:
    """Takes away what is no longer published, and leaves the manifest of what stands now."""
    standing = [name for part in parts for name in names[part.key]]
    removed = sorted(known.names - set(standing))
    for name in removed:
        with suppress(FileNotFoundError):
            (folder / name).unlink()
    if rendered or removed or set(known.parts) != set(names):
        made = {part.key: stamped(folder, part.fingerprint, names[part.key]) for part in parts}
        write_file(folder / NAME, encoded(Manifest(known.basis, made)), READABLE)
    unchanged = tuple(name for name in standing if name not in set(written))
    return SiteReport(tuple(written), unchanged, tuple(removed), rendered)


def basis(site: SiteIdentity) -> str:
    """What every page rests on besides the data: templates, code, policies, libraries and settings."""
    return sha256(f"{_made_with()} {site!r}".encode()).hexdigest()


@cache
def _made_with() -> str:
    digest = sha256()
    for name in LIBRARIES:
        digest.update(f"{name} {version(name)}".encode())
    for path in sorted(path for folder in MADE_WITH for path in (ROOT / folder).rglob("*") if _is_source(path)):
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_source(path: Path) -> bool:
    return path.is_file() and path.suffix in (".py", ".j2", ".css", ".yaml")
