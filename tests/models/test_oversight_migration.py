"""The migration to double random inspections: inspections and documents stay, a published plan stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models import migrate
from models.database import engine_for
from tests.support.migrations import A_ROUND, insert, upgrade_to

AT = datetime(2025, 9, 24, 1, tzinfo=UTC)
DOCUMENT = (
    "INSERT INTO document (id, round_id, kind, ref, file_format, number, title, template_version, fonts, pages, "
    "data_sha256, file_sha256, created_at, created_by) "
    "VALUES ({id}, 1, '{kind}', 1, 'pdf', 'n', 't', 'v', '{{}}', 1, 'd', 'f{id}', :at, 'b')"
)
PLAN = (
    "INSERT INTO double_random_draw (id, round_id, ref, from_on, to_on, wanted, inspectors_each, institutions, "
    "inspectors, conflicts, pools_sha256, sources, source_rules, commitment, secret_sealed, published_at, "
    "published_by, source_values, assigned, secret) VALUES (1, 1, '1', '2026-01-01', '2026-02-01', 1, 2, '[]', '[]', "
    "'[]', 'p', '[]', '[]', 'c', 's', :at, 'b', '[]', '[]', '')"
)


@pytest.fixture
def migrated(database_url: str) -> str:
    """A database that had a document before, and has a plan now."""
    upgrade_to(database_url, "0022")
    insert(database_url, (A_ROUND, DOCUMENT.format(id=1, kind="suspension_notice")), AT)
    migrate.upgrade(database_url)
    insert(database_url, (PLAN,), AT)
    return database_url


def test_documents_stay_and_the_record_of_an_inspection_may_be_kept(migrated: str) -> None:
    insert(migrated, (DOCUMENT.format(id=2, kind="inspection_record"),), AT)
    with engine_for(migrated).connect() as connection:
        rows = connection.execute(text("SELECT id, kind FROM document ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [(1, "suspension_notice"), (2, "inspection_record")]
    with pytest.raises(DBAPIError, match="append-only"):
        insert(migrated, ("DELETE FROM document",), AT)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE double_random_draw SET commitment = 'another'",
        "UPDATE double_random_draw SET institutions = '[1]'",
        "UPDATE double_random_draw SET wanted = 2",
        "DELETE FROM double_random_draw",
    ],
)
def test_a_published_plan_and_its_commitment_cannot_be_changed(migrated: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match="frozen"):
        insert(migrated, (statement,), AT)


def test_a_key_may_be_changed_under_the_secret(migrated: str) -> None:
    insert(migrated, ("UPDATE double_random_draw SET secret_sealed = 'anew'",), AT)
