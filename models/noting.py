"""Which rows a transaction touches, noted as it goes: by the session's flush, and by the statements of `models.bulk`.

A row is noted by its key, with the columns that were set (None: the row as a whole). What they read is looked up when
the transaction ends (`models.journal`): nobody who writes has to name his rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, Table, event, inspect
from sqlmodel import Session

KEPT = "touched"
Columns = frozenset[str] | None
Touched = dict[Table, dict[Any, Columns]]


def note(connection: Connection, table: Table, keys: Iterable[Any], columns: Iterable[str] | None = None) -> None:
    """Rows of a table that this transaction inserts, changes or deletes."""
    kept: Touched = connection.info.setdefault(KEPT, {})
    rows = kept.setdefault(table, {})
    given = None if columns is None else frozenset(columns)
    for key in keys:
        before = rows.get(key, frozenset())
        rows[key] = None if before is None or given is None else before | given


def taken(connection: Connection) -> Touched:
    """What was noted so far; it is noted no longer."""
    touched: Touched = connection.info.pop(KEPT, {})
    return touched


def key_of(table: Table) -> Any:
    """The column that is the key of a table: every table of ours has one."""
    (key,) = table.primary_key.columns
    return key


@event.listens_for(Session, "after_flush")
def _note_objects(session: Session, _context: Any) -> None:
    for one in (*session.new, *session.deleted):
        state = inspect(one)
        note(session.connection(), state.mapper.local_table, [state.mapper.primary_key_from_instance(one)[0]])
    for one in session.dirty:
        state = inspect(one)
        changed = [
            name
            for prop in state.mapper.column_attrs
            if state.attrs[prop.key].history.has_changes()
            for name in (column.name for column in prop.columns)
        ]
        if changed:
            key = state.mapper.primary_key_from_instance(one)[0]
            note(session.connection(), state.mapper.local_table, [key], changed)


@event.listens_for(Engine, "commit")
@event.listens_for(Engine, "rollback")
def _forget(connection: Connection) -> None:
    """A connection that broke has nothing noted any more, and is not to be asked."""
    if not connection.invalidated:
        connection.info.pop(KEPT, None)
