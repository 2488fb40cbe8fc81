"""Makes a SQLite table anew with other words in its definition: SQLite changes no constraint of a table that there is.
Used by migrations, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

ASIDE = "made_anew"


def remake(
    connection: Connection, table: str, words: Sequence[tuple[str, str]], values: Mapping[str, str] | None = None
) -> None:
    """Replaces words of the table's definition, each of which must stand there once, and carries every row over.

    `values` are the expressions over the old row for columns of the new one that the old one lacks; a column that the
    new one lacks is left out. Indexes and triggers stay as they are, but for those on a column that is gone.
    """
    made = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table}).scalar_one()
    kept = connection.execute(
        text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type <> 'table' AND sql IS NOT NULL"),
        {"table": table},
    )
    statements = list(kept.scalars())
    before = _columns(connection, table)
    for old, new in words:
        if made.count(old) != 1:
            raise ValueError(f"{table}: “{old}” stands {made.count(old)} times in its definition")
        made = made.replace(old, new)
    connection.exec_driver_sql(_under_another_name(made, table))
    named = _columns(connection, ASIDE)
    given = dict(values or {})
    columns = [name for name in named if name in given or name in before]
    listed = ", ".join(f'"{name}"' for name in columns)
    chosen = ", ".join(given.get(name, f'"{name}"') for name in columns)
    connection.exec_driver_sql(f'INSERT INTO {ASIDE} ({listed}) SELECT {chosen} FROM "{table}"')
    connection.exec_driver_sql(f'DROP TABLE "{table}"')
    connection.exec_driver_sql(f'ALTER TABLE {ASIDE} RENAME TO "{table}"')
    for statement in statements:
        if not any(f"({gone})" in statement for gone in set(before) - set(named)):
            connection.exec_driver_sql(statement)


def _under_another_name(made: str, table: str) -> str:
    for spelled in (f'CREATE TABLE "{table}"', f"CREATE TABLE {table}"):
        if made.startswith(spelled):
            return f"CREATE TABLE {ASIDE}" + made.removeprefix(spelled)
    raise ValueError(f"{table}: its definition does not begin as a table's does")


def _columns(connection: Connection, table: str) -> list[str]:
    return [row[1] for row in connection.exec_driver_sql(f'PRAGMA table_info("{table}")')]
