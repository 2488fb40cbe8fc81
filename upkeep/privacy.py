"""A search for personal data where none belongs (Prefect's database, logs, pages): it tells place and kind, never what
it found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from foundation.masking import found_in
from models.database import engine_for

LARGEST = 50_000_000  # bytes of a file that is read; a log is cut at less
TEXTS = ("CHAR", "TEXT", "JSON", "CLOB")


@dataclass(frozen=True, slots=True)
class Leak:
    """A place (a table's column, a file's line) where a kind of personal data stands in clear, and how often."""

    place: str
    kind: str
    times: int


def look_through_database(url: str) -> tuple[Leak, ...]:
    """Every text of every table of a database."""
    engine = engine_for(url)
    with engine.connect() as connection:
        counted = [one for table in sorted(inspect(connection).get_table_names()) for one in _table(connection, table)]
    engine.dispose()
    return tuple(counted)


def _table(connection: Connection, table: str) -> Iterator[Leak]:
    columns = [
        one["name"] for one in inspect(connection).get_columns(table) if any(kind in str(one["type"]) for kind in TEXTS)
    ]
    quote = connection.dialect.identifier_preparer.quote
    for column in columns:
        query = text(f"SELECT CAST({quote(column)} AS TEXT) FROM {quote(table)} WHERE {quote(column)} IS NOT NULL")
        times: dict[str, int] = {}
        for (value,) in connection.execution_options(stream_results=True).execute(query):
            for kind in found_in(value):
                times[kind] = times.get(kind, 0) + 1
        yield from (Leak(f"{table}.{column}", kind, count) for kind, count in sorted(times.items()))


def look_through_files(folder: Path) -> tuple[Leak, ...]:
    """Every line of every text file under a folder; a file of other content is passed over."""
    return tuple(one for path in sorted(folder.rglob("*")) if path.is_file() for one in _file(path, folder))


def _file(path: Path, folder: Path) -> Iterator[Leak]:
    if path.stat().st_size > LARGEST:
        return
    content = path.read_bytes()
    if b"\0" in content:
        return
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        place = f"{path.relative_to(folder.parent)} 第 {number} 行"
        yield from (Leak(place, kind, 1) for kind in sorted(found_in(line)))
