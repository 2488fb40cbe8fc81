"""Triggers that make a table append-only in the database itself, on both engines. Used by migrations, never changed."""

from __future__ import annotations

from sqlalchemy import Connection, text


def append_only(connection: Connection, table: str) -> None:
    """Refuses UPDATE and DELETE on a table, whoever asks."""
    if connection.dialect.name == "postgresql":
        _on_postgresql(connection, table)
    else:
        _on_sqlite(connection, table)


def _on_postgresql(connection: Connection, table: str) -> None:
    connection.execute(
        text(
            f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        )
    )
    connection.execute(
        text(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
        )
    )


def _on_sqlite(connection: Connection, table: str) -> None:
    for act in ("UPDATE", "DELETE"):
        connection.execute(
            text(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        )
