"""The migrations: they make what the models say, keep the rows that are there, and let nobody rewrite evidence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

import models  # noqa: F401  (registers every table)
from models import migrate
from models.database import engine_for
from tests.support.migrations import A_ROUND, insert, upgrade_to

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
OLD_ROWS = (
    A_ROUND,
    "INSERT INTO notification (id, dedupe_key, event, audience, channel, round_id, template_version, params, status, "
    "created_at, attempts, lease_owner, lease_token, message_ref, last_detail) "
    "VALUES (7, 'k', 'authority_breach', 'authority', 'email', 1, 'v', '{}', 'accepted', :at, 1, '', 1, '<a>', '')",
    "INSERT INTO notification_attempt (id, notification_id, lease_token, owner, started_at, ended_at, outcome, detail) "
    "VALUES (3, 7, 1, 'w', :at, :at, 'accepted', '')",
)


def test_the_newest_migration_is_what_the_models_say(database: str) -> None:
    with engine_for(database).connect() as connection:
        options = {"version_table": migrate.VERSION_TABLE}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata) == []


def test_messages_of_the_first_tables_are_kept(database_url: str) -> None:
    upgrade_to(database_url, "0001")
    insert(database_url, OLD_ROWS, AT)
    migrate.upgrade(database_url)
    with engine_for(database_url).connect() as connection:
        kept = connection.execute(text("SELECT id, status, generation, priority FROM notification")).one()
        tried = connection.execute(text("SELECT notification_id, outcome, to_masked FROM notification_attempt")).one()
    assert (tuple(kept), tuple(tried)) == ((7, "accepted", 0, 3), (7, "accepted", ""))


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE notification_attempt SET outcome = 'rejected'",
        "DELETE FROM notification_attempt",
        "INSERT INTO notification_attempt (notification_id, lease_token, owner, started_at, outcome, detail) "
        "SELECT notification_id, lease_token, owner, started_at, outcome, detail FROM notification_attempt",
    ],
)
def test_the_evidence_of_a_try_cannot_be_rewritten(database_url: str, harm: str) -> None:
    test_messages_of_the_first_tables_are_kept(database_url)
    with engine_for(database_url).begin() as connection, pytest.raises(DBAPIError):
        connection.execute(text(harm))
