"""Databases of an older program: brought to a revision, and given the rows that one of that time held."""

from __future__ import annotations

from datetime import datetime

from alembic import command
from sqlalchemy import text

from models import migrate
from models.database import engine_for

A_ROUND = (
    "INSERT INTO round (id, county, year, name, procedure, policy_sha256, workdays_version, announcement, rubric, "
    "ranking, accept_from, accept_until, version, audit_seq, audit_head) "
    "VALUES (1, 'x', 2025, 'x', 'x', '0', '0', '{}', '{}', '{}', :at, '2100-01-01 00:00:00', 0, 0, '')"
)


def upgrade_to(url: str, revision: str) -> None:
    """Runs the migrations up to a revision."""
    with engine_for(url).begin() as connection:
        command.upgrade(migrate._config(connection), revision)


def insert(url: str, statements: tuple[str, ...], at: datetime) -> None:
    """Runs statements whose `:at` is the instant, as the kind of database keeps it."""
    given = at if url.startswith("postgresql") else at.replace(tzinfo=None).isoformat(" ")
    with engine_for(url).begin() as connection:
        for statement in statements:
            connection.execute(text(statement), {"at": given} if ":at" in statement else {})
