"""The migration of objections and draws keeps what was there: who was held stays held, and the draw stands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models import migrate
from models.database import engine_for
from tests.support.migrations import A_ROUND, insert, upgrade_to

AT = datetime(2025, 9, 24, 1, tzinfo=UTC)
OLD_ROWS = (
    A_ROUND,
    "INSERT INTO applicant (id, round_id, applicant_id, type, name, facts, contact_sealed, email_masked, phone_masked, "
    "email_bidx, phone_bidx, consent_reference) VALUES (1, 1, 'P01', 'pharmacy', 'x', '{}', '', '', '', '', '', '')",
    "INSERT INTO application (id, round_id, applicant_pk, type, state, version, holds, findings, reasons, audit_seq, "
    "audit_head) VALUES (1, 1, 1, 'pharmacy', 'NOTICE_RESULT', 0, 1, '{}', '[]', 0, '')",
    "INSERT INTO notice (id, round_id, kind, number, created_at, created_by, snapshot, snapshot_sha256) "
    "VALUES (1, 1, 'evaluation_result', 1, :at, 'x', '{}', '')",
    "INSERT INTO objection (id, round_id, application_id, notice_id, ref, via, received_at, is_in_time, allegation, "
    "complainant_sealed, status, finding, recorded_at, recorded_by) "
    "VALUES (1, 1, 1, 1, 'Y-1', 'online', :at, true, 'a', '', 'open', '', :at, 'x')",
    "INSERT INTO objection (id, round_id, application_id, notice_id, ref, via, received_at, is_in_time, allegation, "
    "complainant_sealed, status, finding, recorded_at, recorded_by) "
    "VALUES (2, 1, 1, 1, 'Y-2', 'online', :at, false, 'a', '', 'open', '', :at, 'x')",
    "INSERT INTO draw (id, round_id, wanted, pool, pool_sha256, sources, published_at, published_by, source_values, "
    "key, picks, digests, unavailable) VALUES (1, 1, 3, '[]', '0', '[\"a\"]', :at, 'x', '[]', '', '[]', '[]', '[]')",
)
SECOND_DRAW = (
    "INSERT INTO draw (id, round_id, wanted, pool, pool_sha256, sources, published_at, published_by, source_values, "
    "key, picks, digests, unavailable, annulled_because) "
    "VALUES (2, 1, 3, '[]', '0', '[]', :at, 'x', '[]', '', '[]', '[]', '[]', '')"
)


def test_rows_are_kept_and_what_held_holds(database_url: str) -> None:
    upgrade_to(database_url, "0006")
    insert(database_url, OLD_ROWS, AT)
    migrate.upgrade(database_url)
    with engine_for(database_url).connect() as connection:
        held = connection.execute(text("SELECT ref, holds, is_anonymous, status FROM objection ORDER BY id")).all()
        drawn = connection.execute(text("SELECT wanted, challenge_days, annulled_at FROM draw")).all()
    assert [(row[0], bool(row[1]), bool(row[2]), row[3]) for row in held] == [
        ("Y-1", True, False, "open"),
        ("Y-2", False, False, "open"),
    ]
    assert [tuple(row) for row in drawn] == [(3, 0, None)]
    with pytest.raises(IntegrityError):
        insert(database_url, (SECOND_DRAW,), AT)
