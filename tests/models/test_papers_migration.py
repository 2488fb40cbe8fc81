"""The migration to the papers of an agreement keeps every document, and the table append-only, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import migrate
from models.database import engine_for
from tests.support.migrations import A_ROUND, insert, upgrade_to

AT = datetime(2025, 9, 24, 1, tzinfo=UTC)
DOCUMENT = (
    "INSERT INTO document (id, round_id, kind, ref, file_format, number, title, template_version, fonts, pages, "
    "data_sha256, file_sha256, created_at, created_by) "
    "VALUES ({id}, 1, '{kind}', 1, 'pdf', 'n', 't', 'v', '{{}}', 1, 'd', 'f{id}', :at, 'b')"
)


@pytest.fixture
def migrated(database_url: str) -> str:
    """A database that had one document before."""
    upgrade_to(database_url, "0021")
    insert(database_url, (A_ROUND, DOCUMENT.format(id=1, kind="announcement")), AT)
    migrate.upgrade(database_url)
    return database_url


def test_documents_stay_and_papers_of_an_agreement_may_be_kept(migrated: str) -> None:
    insert(migrated, (DOCUMENT.format(id=2, kind="suspension_notice"),), AT)
    with engine_for(migrated).connect() as connection:
        rows = connection.execute(text("SELECT id, kind, number, agreement_id FROM document ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [(1, "announcement", "n", None), (2, "suspension_notice", "n", None)]


def test_other_kinds_are_still_refused(migrated: str) -> None:
    with pytest.raises(IntegrityError):
        insert(migrated, (DOCUMENT.format(id=2, kind="letter"),), AT)


@pytest.mark.parametrize("statement", ["UPDATE document SET number = 'z'", "DELETE FROM document"])
def test_documents_stay_append_only(migrated: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        insert(migrated, (statement,), AT)
