"""What a transaction notes goes with it, whichever way it ends."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from models import Staff
from models.database import engine_for
from models.noting import note, taken


def test_what_was_noted_is_gone_after_a_rollback(database: str) -> None:
    with engine_for(database).connect() as connection:
        connection.execute(text("SELECT 1"))
        note(connection, Staff.__table__, [1])  # type: ignore[attr-defined]
        connection.rollback()
        assert taken(connection) == {}


def test_a_connection_that_breaks_ends_in_its_own_error(database: str) -> None:
    """Not in that of the note: whoever waits for a database to come back asks which error it is."""
    engine = engine_for(database)
    with engine.connect() as other, engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("SELECT 1"))
            connection.invalidate()
        else:
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            with pytest.raises(OperationalError):
                connection.execute(text("SELECT 1"))
        assert connection.invalidated
        connection.rollback()
    with engine.connect() as again:
        assert again.execute(text("SELECT 1")).scalar_one() == 1
