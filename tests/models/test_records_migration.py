"""The migration of the records keeps the documents that were made, and they still cannot be rewritten."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import migrate
from models.database import engine_for
from tests.support.migrations import A_ROUND, insert, upgrade_to

AT = datetime(2025, 9, 24, 1, tzinfo=UTC)
COLUMNS = (
    "id, round_id, kind, ref, file_format, number, title, template_version, fonts, pages, data_sha256, file_sha256, "
)
A_DOCUMENT = (
    f"INSERT INTO document ({COLUMNS}created_at, created_by) "
    "VALUES (7, 1, '{kind}', 1, 'pdf', 'x', 't', 'v', '{{}}', 3, 'a', '{kind}', :at, 'x')"
)


def test_documents_are_kept_and_more_kinds_go_in(database_url: str) -> None:
    upgrade_to(database_url, "0009")
    insert(database_url, (A_ROUND, A_DOCUMENT.format(kind="announcement")), AT)
    migrate.upgrade(database_url)
    insert(database_url, (A_DOCUMENT.format(kind="review_summary").replace("(7,", "(8,"),), AT)
    with engine_for(database_url).connect() as connection:
        held = connection.execute(text("SELECT id, kind, pages, created_by FROM document ORDER BY id")).all()
    assert [tuple(row) for row in held] == [(7, "announcement", 3, "x"), (8, "review_summary", 3, "x")]
    with pytest.raises(IntegrityError):
        insert(database_url, (A_DOCUMENT.format(kind="dream").replace("(7,", "(9,"),), AT)
    for harm in ("UPDATE document SET number = 'y'", "DELETE FROM document"):
        with pytest.raises(DBAPIError, match="append-only"), engine_for(database_url).begin() as connection:
            connection.execute(text(harm))
