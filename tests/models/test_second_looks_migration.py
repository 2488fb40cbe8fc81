"""The migration to second looks keeps every message and every document, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import migrate
from models.database import engine_for
from tests.support.migrations import A_ROUND, insert, upgrade_to

AT = datetime(2025, 9, 24, 1, tzinfo=UTC)
MESSAGE = (
    "INSERT INTO notification (id, dedupe_key, event, audience, channel, round_id, subject, subject_id, "
    "template_version, params, status, created_at, attempts, lease_owner, lease_token, message_ref, last_detail) "
    "VALUES ({id}, 'k{id}', 'posting_alert', 'authority', 'email', 1, 'round', 1, '1', '{{}}', '{status}', :at, 0, "
    "'', 0, '', '')"
)
DOCUMENT = (
    "INSERT INTO document (id, round_id, kind, ref, file_format, number, title, template_version, fonts, pages, "
    "data_sha256, file_sha256, created_at, created_by) "
    "VALUES ({id}, 1, '{kind}', 1, 'pdf', 'n', 't', 'v', '{{}}', 1, 'd', 'f{id}', :at, 'b')"
)


@pytest.fixture
def migrated(database_url: str) -> str:
    """A database that had a message and a document before."""
    upgrade_to(database_url, "0035")
    before = A_ROUND, MESSAGE.format(id=1, status="pending"), DOCUMENT.format(id=1, kind="announcement")
    insert(database_url, before, AT)
    migrate.upgrade(database_url)
    return database_url


def test_what_was_there_stays_and_the_new_may_be_kept(migrated: str) -> None:
    insert(migrated, (MESSAGE.format(id=2, status="held"), DOCUMENT.format(id=2, kind="message_proof")), AT)
    with engine_for(migrated).connect() as connection:
        told = connection.execute(text("SELECT id, status FROM notification ORDER BY id")).all()
        papers = connection.execute(text("SELECT id, kind FROM document ORDER BY id")).all()
    assert [tuple(one) for one in told] == [(1, "pending"), (2, "held")]
    assert [tuple(one) for one in papers] == [(1, "announcement"), (2, "message_proof")]


@pytest.mark.parametrize("row", [MESSAGE.format(id=2, status="kept"), DOCUMENT.format(id=2, kind="letter")])
def test_other_values_are_still_refused(migrated: str, row: str) -> None:
    with pytest.raises(IntegrityError):
        insert(migrated, (row,), AT)


def test_documents_stay_append_only(migrated: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        insert(migrated, ("DELETE FROM document",), AT)
