"""A round runs on the text of the rules that is pinned to it, and on no other."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from models import PolicyPin, PolicyText, Round, migrate
from models.database import engine_for, transaction
from models.pinned import pinned_policy, pins_of, policy_of
from policies.loader import PROCEDURE, load_policy, newest_text
from rules.errors import DatabaseError
from tests.support.migrations import A_ROUND, insert, upgrade_to

AT = datetime(2025, 9, 1, 1, 0, tzinfo=UTC)
SAID = {"published_on": "2025-08-18"}


@pytest.fixture
def upgraded(database_url: str) -> str:
    """A database of the program before this one, with a round, upgraded."""
    upgrade_to(database_url, "0015")
    insert(database_url, (A_ROUND,), AT)
    migrate.upgrade(database_url)
    return database_url


def disarm(url: str, table: str) -> None:
    """Takes the trigger away that keeps a table as it is, as somebody with the database in hand can."""
    with engine_for(url).begin() as connection:
        if url.startswith("postgresql"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        else:
            connection.execute(text(f"DROP TRIGGER {table}_no_update"))


def test_a_round_of_before_is_pinned_to_the_file_of_the_upgrade_and_says_so(upgraded: str) -> None:
    with transaction(upgraded) as session:
        [pin] = session.execute(select(PolicyPin)).scalars()
        newest = load_policy()
        assert (pin.round_id, pin.pinned_by, pin.sha256, pin.identity) == (
            *(1, "upgrade", newest.sha256, newest.identity),
        )
        assert session.execute(select(col(PolicyText.text))).scalars().all() == [newest_text()]
        assert session.execute(select(col(Round.policy_sha256))).scalar_one() == "0"  # what it stored stays
        on = load_policy(PROCEDURE, date(2025, 8, 18))
        assert pinned_policy(session, pin.sha256, SAID) == on


def test_what_is_pinned_is_neither_changed_nor_deleted(upgraded: str) -> None:
    for statement in (
        *("UPDATE policy_text SET text = ''", "DELETE FROM policy_pin", "UPDATE policy_pin SET sha256 = sha256"),
    ):
        with pytest.raises(Exception, match="is append-only"), transaction(upgraded) as session:
            session.execute(text(statement))


def test_a_text_that_is_not_what_its_hash_says_is_refused(upgraded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.pinned._parsed", {})
    disarm(upgraded, "policy_text")
    with transaction(upgraded) as session:
        session.execute(text("UPDATE policy_text SET text = replace(text, 'value: 22}', 'value: 23}')"))
    with (
        pytest.raises(DatabaseError, match=r"^数据库中的规则文本与其哈希 [0-9a-f]{64} 不符，轮次不能继续：请保护现场"),
        transaction(upgraded) as session,
    ):
        pinned_policy(session, load_policy().sha256, SAID)


def test_a_round_without_pinned_rules_and_one_that_was_announced_with_others_are_refused(upgraded: str) -> None:
    with transaction(upgraded) as session:
        with pytest.raises(DatabaseError, match=r"^轮次 2 没有固定的规则，不能继续：请保护现场"):
            pins_of(session, {2: "0"})
        the_round = session.get_one(Round, 1)
        pinned = session.execute(select(PolicyPin)).scalar_one()
        session.add(PolicyPin(round_id=1, sha256=pinned.sha256, identity="x", pinned_by="announcement", pinned_at=AT))
        session.flush()
        with pytest.raises(DatabaseError, match=r"^轮次 1 公告时记载的规则哈希 0 与固定的 [0-9a-f]{64} 不符"):
            policy_of(session, the_round)
