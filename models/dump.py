"""A copy of the whole database as it stood at one instant, and the way back: PostgreSQL's own `pg_dump` and
`pg_restore` from the wheel, SQLite's own backup. Writers go on meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import inspect, text
from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

from foundation.programs import run_client
from foundation.settings import SECRET_OPTIONS
from models.database import engine_for

Seen = TypeVar("Seen")


def kind_of(url: str) -> str:
    """`postgresql` or `sqlite`."""
    return make_url(url).get_backend_name()


def is_empty(url: str) -> bool:
    """Whether the database has no table at all."""
    return not inspect(engine_for(url)).get_table_names()


def dump(url: str, file: Path, look: Callable[[Session], Seen]) -> Seen:
    """Writes the copy and answers what `look` sees in exactly that state of the database.

    Raises DatabaseError when the copy cannot be made; a half-written file is the caller's to remove.
    """
    return _dump_sqlite(url, file, look) if kind_of(url) == "sqlite" else _dump_postgresql(url, file, look)


def load(url: str, file: Path) -> None:
    """Brings a copy of the same kind into an empty database, whole or not at all. Raises DatabaseError."""
    if kind_of(url) == "sqlite":
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(_path(url))) as target:
            source.backup(target)
        return
    arguments = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname", _address(url))
    run_client("pg_restore", *arguments, str(file), environment=_secrets(url))


def _dump_sqlite(url: str, file: Path, look: Callable[[Session], Seen]) -> Seen:
    with closing(sqlite3.connect(_path(url))) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    copy = f"sqlite:///{file}"
    with Session(engine_for(copy)) as session:
        seen = look(session)
    engine_for(copy).dispose()
    with closing(sqlite3.connect(file)) as target:
        target.execute("PRAGMA journal_mode=DELETE")
    return seen


def _dump_postgresql(url: str, file: Path, look: Callable[[Session], Seen]) -> Seen:
    with _snapshot(url) as (session, name):
        arguments = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={name}", f"--file={file}")
        run_client("pg_dump", *arguments, "--dbname", _address(url), environment=_secrets(url))
        return look(session)


@contextmanager
def _snapshot(url: str) -> Iterator[tuple[Session, str]]:
    """A transaction that sees one state, and the name by which `pg_dump` sees the same one."""
    engine = engine_for(url).execution_options(isolation_level="REPEATABLE READ")
    with Session(engine) as session, session.begin():
        yield session, session.execute(text("SELECT pg_export_snapshot()")).scalar_one()


def _path(url: str) -> str:
    return str(make_url(url).database)


def _address(url: str) -> str:
    return _without_password(make_url(url)).render_as_string(hide_password=False)


def _without_password(url: URL) -> URL:
    told = {name: value for name, value in url.query.items() if name not in SECRET_OPTIONS}
    return URL.create("postgresql", url.username, None, url.host, url.port, url.database, told)


def _secrets(url: str) -> dict[str, str]:
    password = make_url(url).password or make_url(url).query.get("password")
    return {"PGPASSWORD": str(password)} if password else {}
