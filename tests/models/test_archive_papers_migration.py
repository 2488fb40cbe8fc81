"""The migrations to further kinds of documents (ledger, cover, index; supplements, annexes) keep every document, on
both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import migrate
from models.database import engine_for
from tests.models.test_second_looks_migration import AT, DOCUMENT
from tests.support.migrations import A_ROUND, insert, upgrade_to

ARCHIVED = ("work_ledger", "dossier_cover", "dossier_index")
ANNEXED = ("supplement_agreement", "stock_annex", "annual_agreement", "renewal_agreement", "hold_notice")
BEFORE = [("0037", "message_proof", ARCHIVED), ("0039", "dossier_index", ANNEXED)]


def migrated(url: str, revision: str, kind: str) -> str:
    """A database that had a document of that kind at a revision."""
    upgrade_to(url, revision)
    insert(url, (A_ROUND, DOCUMENT.format(id=1, kind=kind)), AT)
    migrate.upgrade(url)
    return url


@pytest.mark.parametrize(("revision", "held", "added"), BEFORE)
def test_what_was_there_stays_and_the_new_kinds_may_be_kept(
    database_url: str, revision: str, held: str, added: tuple[str, ...]
) -> None:
    url = migrated(database_url, revision, held)
    insert(url, tuple(DOCUMENT.format(id=place, kind=kind) for place, kind in enumerate(added, 2)), AT)
    with engine_for(url).connect() as connection:
        kept = connection.execute(text("SELECT kind FROM document ORDER BY id")).scalars().all()
    assert kept == [held, *added]
    with pytest.raises(IntegrityError):
        insert(url, (DOCUMENT.format(id=99, kind="letter"),), AT)


@pytest.mark.parametrize(("revision", "held", "added"), BEFORE)
def test_documents_stay_append_only(database_url: str, revision: str, held: str, added: tuple[str, ...]) -> None:
    url = migrated(database_url, revision, held)
    with pytest.raises(DBAPIError, match="append-only"):
        insert(url, ("DELETE FROM document",), AT)
