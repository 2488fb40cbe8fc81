"""Sets of rows in one statement, without row objects and without a cost per parameter.

On PostgreSQL the rows travel as one JSON document that the database spreads into a table (`json_to_recordset`): one
round trip and one plan for ten thousand rows. On SQLite, which has no round trip, the driver's own `executemany`.
The column types are those of the table, so that what is written is what a row object would have written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Dialect, Table, bindparam, select, text, tuple_
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import JSON, Boolean, Integer, Text, TypeDecorator, TypeEngine
from sqlmodel import Session

from models.noting import key_of, note

Row = Mapping[str, Any]
MANY = 10  # rows; fewer are sent as they are, by one and the same statement


def insert_rows(connection: Connection, model: Any, rows: Sequence[Row]) -> None:
    """Writes rows that all have the same columns."""
    if not rows:
        return
    table = model.__table__
    if connection.dialect.name == "postgresql":
        own, same = _apart(rows, ())
        note(connection, table, _sent(connection, _insert(table, tuple(own[0]), tuple(same)), own, same))
        return
    connection.exec_driver_sql(_insert_for_sqlite(table, tuple(rows[0])), _for_driver(rows))
    note(connection, table, _inserted(connection, table, rows))


def update_rows(connection: Connection, model: Any, rows: Sequence[Row], keys: Sequence[str], also: str = "") -> int:
    """Changes the rows that `keys` find, each to its own values; `also` is a further SET term (a constant of the code).
    Answers how many rows were found."""
    if not rows:
        return 0
    table = model.__table__
    columns = {*(set(rows[0]) - set(keys)), *([also.split(" = ")[0]] if also else [])}
    if connection.dialect.name == "postgresql":
        own, same = _apart(rows, keys)
        written = _sent(connection, _update(table, tuple(own[0]), tuple(same), tuple(keys), also), own, same)
        note(connection, table, written, columns)
        return len(written)
    note(connection, table, _keys_of(connection, table, keys, rows), columns)
    statement = _update_for_sqlite(table, tuple(rows[0]), tuple(keys), also)
    return connection.exec_driver_sql(statement, _for_driver(rows)).rowcount


def changed(session: Session, statement: Any) -> Sequence[Any]:
    """Carries out an `insert`, `update` or `delete` and answers the keys of the rows that it found. There is no other
    way: the journal would not know of them."""
    keys: Sequence[Any] = session.execute(statement.returning(key_of(statement.table))).scalars().all()
    note(session.connection(), statement.table, keys)
    return keys


def plain_rows(session: Session, statement: Any, given: Mapping[str, Any] | None = None) -> Sequence[Any]:
    """The rows of a query for columns, as the driver's: what would be loaded as objects costs twice as much. What the
    session still holds back is written first, as it would do itself."""
    session.flush()
    return session.connection().execute(statement, given).all()


def _apart(rows: Sequence[Row], keys: Sequence[str]) -> tuple[Sequence[Row], Row]:
    """What differs from row to row, and what all of many rows have in common, which then travels once: of a thousand
    letters of one kind it is nearly everything."""
    if len(rows) < MANY:
        return rows, {}
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    same = {
        name: values[0]
        for name, values in columns.items()
        if name not in keys and values.count(values[0]) == len(values)
    }
    names = [name for name in columns if name not in same] or [next(iter(columns))]
    own = [dict(zip(names, values, strict=True)) for values in zip(*(columns[name] for name in names), strict=True)]
    return own, {name: value for name, value in same.items() if name not in names}


def _sent(connection: Connection, statement: str, own: Sequence[Row], same: Row) -> Sequence[Any]:
    """Answers the keys of what was written."""
    given = {"rows": _JSON(own), **({"same": _JSON(same)} if same else {})}
    return connection.execute(text(statement), given).scalars().all()


def _for_driver(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """The values in the order of the first row's columns, made column by column: a sweep writes thousands of rows."""
    return list(zip(*(_spelled([row[name] for row in rows]) for name in rows[0]), strict=True))


def _inserted(connection: Connection, table: Table, rows: Sequence[Row]) -> Sequence[Any]:
    """SQLite, whose only writer we are, numbers rows one after the other."""
    own = key_of(table)
    if own.name in rows[0]:
        return [row[own.name] for row in rows]
    last = connection.exec_driver_sql(f'SELECT max("{own.name}") FROM "{table.name}"').scalar_one()
    return range(last - len(rows) + 1, last + 1)


def _keys_of(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]) -> Sequence[Any]:
    own = key_of(table)
    if own.name in keys:
        return [row[own.name] for row in rows]
    found = tuple_(*(table.c[key] for key in keys)).in_([tuple(row[key] for key in keys) for row in rows])
    return connection.execute(select(own).where(found)).scalars().all()


def among(of: Any, numbers: Sequence[int]) -> ColumnElement[bool]:
    """The condition that a whole-number column is one of many, as a single parameter however many there are."""
    return _OneOf(of, bindparam(None, list(numbers), type_=_Numbers()))


def among_given(of: Any) -> ColumnElement[bool]:
    """The same for a statement that is built once: the numbers come when it is carried out, as `numbers`."""
    return _OneOf(of, bindparam("numbers", type_=_Numbers()))


class _Numbers(TypeDecorator[Sequence[int]]):
    """Whole numbers as one parameter: an array on PostgreSQL, a JSON text on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Integer) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        numbers = list(value or ())
        return numbers if dialect.name == "postgresql" else json.dumps(numbers)


class _OneOf(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """As it is: SQLAlchemy would write `… IN (…) = 1` for SQLite, which then uses no index and reads all rows."""
        return self


@compiles(_OneOf)
def _spell_one_of(element: _OneOf, compiler: SQLCompiler, **how: Any) -> str:
    of, numbers = (compiler.process(one, **how) for one in element.clauses)
    if compiler.dialect.name == "postgresql":
        return f"{of} = ANY ({numbers})"
    return f"{of} IN (SELECT value FROM json_each({numbers}))"


def _for_postgresql(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


@lru_cache(maxsize=256)
def _instant(value: datetime) -> str:
    """As SQLAlchemy keeps instants on SQLite: UTC, without an offset, with microseconds."""
    return f"{value.astimezone(UTC).replace(tzinfo=None):%Y-%m-%d %H:%M:%S.%f}"


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_for_postgresql)
_JSON = _ENCODER.encode
_FOR_SQLITE: dict[type, Callable[[Any], Any]] = {
    datetime: _instant,
    date: date.isoformat,
    dict: _JSON,
    list: _JSON,
}


def _spelled(values: Sequence[Any]) -> Sequence[Any]:
    """One column for SQLite. What all rows have in common is spelled once."""
    if values.count(values[0]) == len(values):
        return [_spell(values[0])] * len(values)
    return [_spell(value) for value in values]


def _spell(value: Any) -> Any:
    spell = _FOR_SQLITE.get(type(value))
    return spell(value) if spell else value


@lru_cache
def _insert_for_sqlite(table: Table, columns: tuple[str, ...]) -> str:
    return f'INSERT INTO "{table.name}" ({_listed(columns)}) VALUES ({", ".join("?" for _ in columns)})'


@lru_cache
def _update_for_sqlite(table: Table, columns: tuple[str, ...], keys: tuple[str, ...], also: str) -> str:
    given = {name: f"?{place}" for place, name in enumerate(columns, 1)}
    return _setting(table, given, keys, also, "")


@lru_cache
def _insert(table: Table, own: tuple[str, ...], same: tuple[str, ...]) -> str:
    names = _listed((*own, *same))
    told = f'RETURNING "{key_of(table).name}"'
    return f'INSERT INTO "{table.name}" ({names}) SELECT {names} FROM {_spread(table, own, same)} {told}'


@lru_cache
def _update(table: Table, own: tuple[str, ...], same: tuple[str, ...], keys: tuple[str, ...], also: str) -> str:
    given = {**{name: f'x."{name}"' for name in own}, **{name: f's."{name}"' for name in same}}
    told = f' RETURNING "{table.name}"."{key_of(table).name}"'
    return _setting(table, given, keys, also, f" FROM {_spread(table, own, same)}") + told


def _setting(table: Table, given: Mapping[str, str], keys: tuple[str, ...], also: str, source: str) -> str:
    terms = [f'"{name}" = {value}' for name, value in given.items() if name not in keys] + ([also] if also else [])
    found = " AND ".join(f'"{table.name}"."{key}" = {given[key]}' for key in keys)
    return f'UPDATE "{table.name}" SET {", ".join(terms)}{source} WHERE {found}'


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _spread(table: Table, own: tuple[str, ...], same: tuple[str, ...]) -> str:
    """The JSON document as a table `x` with columns of the real one; `s` is its one row of what all have in common."""
    rows = f"json_to_recordset(CAST(:rows AS json)) AS x({_typed(table, own)})"
    return f"{rows}, json_to_record(CAST(:same AS json)) AS s({_typed(table, same)})" if same else rows


def _typed(table: Table, names: Sequence[str]) -> str:
    return ", ".join(f'"{name}" {_postgresql_type(table.c[name])}' for name in names)


def _postgresql_type(of: Column[Any]) -> str:
    return "jsonb" if isinstance(of.type, JSON) else of.type.compile(postgresql.dialect())  # type: ignore[no-untyped-call]
