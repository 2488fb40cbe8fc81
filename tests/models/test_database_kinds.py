"""The shared database fixtures: both kinds, fresh for every test, empty or at the newest migration."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from models import Applicant, migrate
from models.bulk import insert_rows
from models.database import engine_for
from rules.errors import DatabaseError


def tables(url: str) -> set[str]:
    return set(inspect(engine_for(url)).get_table_names())


def test_an_empty_database_is_empty_and_refused_until_it_is_migrated(database_url: str) -> None:
    assert tables(database_url) == set()
    with pytest.raises(DatabaseError):
        migrate.ensure_current(database_url)
    migrate.upgrade(database_url)
    assert migrate.VERSION_TABLE in tables(database_url)


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_migrated_database_is_this_test_alone_s(database: str, time: str) -> None:
    assert "marks" not in tables(database), time
    migrate.ensure_current(database)
    with engine_for(database).begin() as connection:
        connection.execute(text("CREATE TABLE marks (id integer)"))


def test_an_error_does_not_quote_what_was_to_be_written(database: str) -> None:
    row = {"round_id": 1, "applicant_id": "P01", "type": "pharmacy", "name": "隐私大药房", "facts": {}}
    with pytest.raises(DBAPIError) as bulk, engine_for(database).begin() as connection:
        insert_rows(connection, Applicant, [row])
    assert "隐私大药房" not in str(bulk.value).split("DETAIL")[0]  # PostgreSQL's own detail is beyond us
