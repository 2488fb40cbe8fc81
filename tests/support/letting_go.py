"""Ends a test's use of a database, so that its files can be copied, replaced or thrown away."""

from __future__ import annotations

from pathlib import Path

from models.database import _reader_for, engine_for


def let_go(url: str) -> bool:
    """Closes every connection to a database that this process keeps; answers whether none was in use."""
    engines = (engine_for(url), _reader_for(url))
    is_quiet = all(engine.pool.checkedout() == 0 for engine in engines)  # type: ignore[attr-defined]
    for engine in engines:
        engine.dispose()
    return is_quiet


def file_of(url: str) -> Path:
    """The file of a SQLite database."""
    return Path(url.removeprefix("sqlite:///"))


def remove_file(url: str) -> None:
    """Throws a SQLite file away, and what a killed writer may have left beside it."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{file_of(url)}{ending}").unlink(missing_ok=True)
