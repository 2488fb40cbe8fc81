"""The migrations to supplements and annexes keep every document, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import migrate
from models.database import engine_for
from tests.models.test_second_looks_migration import AT, DOCUMENT
from tests.support.migrations import A_ROUND, insert, upgrade_to

KINDS = ("supplement_agreement", "stock_annex", "annual_agreement", "renewal_agreement", "hold_notice")


@pytest.fixture
def migrated(database_url: str) -> str:
    """A database that had a document before."""
    upgrade_to(database_url, "0039")
    insert(database_url, (A_ROUND, DOCUMENT.format(id=1, kind="dossier_index")), AT)
    migrate.upgrade(database_url)
    return database_url


def test_what_was_there_stays_and_the_new_kinds_may_be_kept(migrated: str) -> None:
    insert(migrated, tuple(DOCUMENT.format(id=place, kind=kind) for place, kind in enumerate(KINDS, 2)), AT)
    with engine_for(migrated).connect() as connection:
        kept = connection.execute(text("SELECT kind FROM document ORDER BY id")).scalars().all()
    assert kept == ["dossier_index", *KINDS]
    with pytest.raises(IntegrityError):
        insert(migrated, (DOCUMENT.format(id=99, kind="letter"),), AT)


def test_documents_stay_append_only(migrated: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        insert(migrated, ("DELETE FROM document",), AT)
