"""The migration to subjects keeps every clock, message and record, each with the dossier or the round it was about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import migrate
from models.database import engine_for
from tests.support.migrations import A_ROUND, insert, upgrade_to

AT = datetime(2025, 9, 24, 1, tzinfo=UTC)
APPLICANT = (
    "INSERT INTO applicant (id, round_id, applicant_id, type, name, facts, contact_sealed, email_masked, phone_masked, "
    "email_bidx, phone_bidx, consent_reference) VALUES (7, 1, 'P01', 'pharmacy', 'x', '{}', '', '', '', '', '', '')"
)
APPLICATION = (
    "INSERT INTO application (id, round_id, applicant_pk, type, state, version, holds, findings, reasons, audit_seq, "
    "audit_head) VALUES (5, 1, 7, 'pharmacy', 'SIGNING', 0, 0, '{}', '[]', 0, '')"
)
CLOCK = (
    "INSERT INTO deadline (id, {whose}, kind, holder, period, roll, start_on, due_on, nominal_on, earliest_on, "
    "latest_on, status, check_on, effect_from) VALUES (3, {values}, 'signing', 'applicant', '60wd', true, "
    "'2025-10-23', '2026-01-16', '2026-01-16', '2026-01-16', '2026-01-16', 'running', '2026-01-17', '2026-01-20')"
)
MESSAGE = (
    "INSERT INTO notification (id, dedupe_key, event, audience, channel, round_id, application_id, applicant_pk, "
    "template_version, params, status, created_at, attempts, lease_owner, lease_token, message_ref, last_detail) "
    "VALUES ({id}, 'k{id}', 'x', '{audience}', 'email', 1, {about}, {to}, '3', '{{}}', 'pending', :at, 0, '', 0, '', "
    "'')"
)
RECORD = (
    "INSERT INTO audit_record (id, subject, subject_id, seq, at, event, by, from_state, to_state, clause, detail, "
    "prev_hash, hash) VALUES ({id}, '{subject}', 5, {seq}, :at, 'x', 'y', '', '', '', '{{}}', '', '00')"
)
OLD_ROWS = (
    *(A_ROUND, APPLICANT, APPLICATION),
    CLOCK.format(whose="application_id", values="5"),
    MESSAGE.format(id=1, audience="applicant", about="5", to="7"),
    MESSAGE.format(id=2, audience="authority", about="NULL", to="NULL"),
    RECORD.format(id=1, subject="application", seq=1),
)


def test_every_row_keeps_whom_it_was_about(database_url: str) -> None:
    upgrade_to(database_url, "0017")
    insert(database_url, OLD_ROWS, AT)
    migrate.upgrade(database_url)
    with engine_for(database_url).connect() as connection:
        clocks = connection.execute(
            text("SELECT id, subject, subject_id, kind, period, effect_from FROM deadline")
        ).all()
        told = connection.execute(text("SELECT id, subject, subject_id, priority FROM notification ORDER BY id")).all()
        records = connection.execute(text("SELECT id, subject, subject_id FROM audit_record")).all()
    assert [(*row[:5], str(row[5])) for row in clocks] == [(3, "application", 5, "signing", "60wd", "2026-01-20")]
    assert [tuple(row) for row in told] == [(1, "application", 5, 3), (2, "round", 1, 3)]
    assert [tuple(row) for row in records] == [(1, "application", 5)]
    insert(database_url, (RECORD.format(id=2, subject="agreement", seq=1),), AT)


@pytest.mark.parametrize("statement", ["UPDATE audit_record SET by = 'z'", "DELETE FROM audit_record"])
def test_records_stay_append_only(database_url: str, statement: str) -> None:
    upgrade_to(database_url, "0017")
    insert(database_url, OLD_ROWS, AT)
    migrate.upgrade(database_url)
    with pytest.raises(DBAPIError, match="append-only"):
        insert(database_url, (statement,), AT)


def test_one_clock_of_a_kind_for_a_subject_and_others_for_others(database_url: str) -> None:
    upgrade_to(database_url, "0017")
    insert(database_url, OLD_ROWS, AT)
    migrate.upgrade(database_url)
    same = CLOCK.replace("VALUES (3", "VALUES (4").format(whose="subject, subject_id", values="'{}', 5")
    insert(database_url, (same.format("agreement"),), AT)
    with pytest.raises(IntegrityError):
        insert(database_url, (same.replace("VALUES (4", "VALUES (6").format("application"),), AT)
