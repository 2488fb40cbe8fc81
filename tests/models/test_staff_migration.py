"""The migration to groups of staff keeps every message, pause and suppressed address, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models import migrate
from models.database import engine_for
from tests.support.migrations import A_ROUND, insert, upgrade_to

AT = datetime(2025, 9, 24, 1, tzinfo=UTC)
MESSAGE = (
    "INSERT INTO notification (id, dedupe_key, event, audience, channel, round_id, subject, subject_id, "
    "template_version, params, status, created_at, attempts, lease_owner, lease_token, message_ref, last_detail) "
    "VALUES ({id}, 'k{id}', 'x', 'authority', '{channel}', 1, 'round', 1, '3', '{{}}', 'pending', :at, 0, '', 0, '', "
    "'')"
)
TRIED = (
    "INSERT INTO notification_attempt (notification_id, lease_token, owner, started_at, outcome, detail) "
    "VALUES (1, 1, 'w', :at, '', '')"
)
LISTED = (
    "INSERT INTO suppression (channel, bidx, sealed, masked, reason, created_by, created_at) "
    "VALUES ('sms', 'b', 's', 'm', 'r', 'c', :at)"
)
PAUSED = "UPDATE channel_state SET faults = 2 WHERE channel = 'email'"


def test_messages_stay_and_a_group_may_be_told(database_url: str) -> None:
    upgrade_to(database_url, "0019")
    insert(database_url, (A_ROUND, MESSAGE.format(id=1, channel="email"), TRIED, LISTED), AT)
    with engine_for(database_url).begin() as connection:
        connection.execute(text(PAUSED))
    migrate.upgrade(database_url)
    insert(database_url, (MESSAGE.format(id=2, channel="staff"),), AT)
    with engine_for(database_url).connect() as connection:
        told = connection.execute(text("SELECT id, channel, recipient FROM notification ORDER BY id")).all()
        tries = connection.execute(text("SELECT notification_id FROM notification_attempt")).all()
        listed = connection.execute(text("SELECT channel, bidx FROM suppression")).all()
        states = connection.execute(text("SELECT channel, faults FROM channel_state ORDER BY channel")).all()
    assert [tuple(row) for row in told] == [(1, "email", ""), (2, "staff", "")]
    assert [tuple(row) for row in tries] == [(1,)]
    assert [tuple(row) for row in listed] == [("sms", "b")]
    assert [tuple(row) for row in states] == [("email", 2), ("sms", 0), ("staff", 0)]


def test_no_other_channel_slips_in(database: str) -> None:
    insert(database, (A_ROUND,), AT)
    with pytest.raises(IntegrityError):
        insert(database, (MESSAGE.format(id=1, channel="pigeon"),), AT)
