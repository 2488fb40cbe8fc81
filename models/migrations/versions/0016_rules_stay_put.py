"""A round keeps the whole text of the rules that it runs on.

Rounds that were announced before are pinned to the file as it stands at the upgrade, and say so (`pinned_by`); the hash
that they stored at their announcement stays in `round.policy_sha256`.

Revision: 0016
Follows: 0015
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.triggers import append_only
from policies.loader import PROCEDURE, newest_text, parse_policy

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "policy_text",
        sa.Column("sha256", AutoString(), nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.Column("kept_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_policy_text")),
    )
    op.create_table(
        "policy_pin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        *(sa.Column(name, AutoString(), nullable=False) for name in ("sha256", "identity", "pinned_by")),
        sa.Column("pinned_at", UTCDateTime(), nullable=False),
        *(sa.Column(name, AutoString(), nullable=False) for name in ("acted_by", "reason")),
        sa.Column("difference", JSON, nullable=False),
        sa.CheckConstraint(
            "pinned_by IN ('announcement', 'upgrade', 'adoption')", name=op.f("ck_policy_pin_pinned_by")
        ),
        sa.CheckConstraint("(pinned_by = 'adoption') = (reason <> '')", name=op.f("ck_policy_pin_reason_of_adoption")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_policy_pin_round_id")),
        sa.ForeignKeyConstraint(["sha256"], ["policy_text.sha256"], name=op.f("fk_policy_pin_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_pin")),
    )
    op.create_index(op.f("ix_policy_pin_round_id"), "policy_pin", ["round_id"])
    _pin_what_is_there(op.get_bind())
    for table in ("policy_text", "policy_pin"):
        append_only(op.get_bind(), table)


def _pin_what_is_there(connection: sa.Connection) -> None:
    rounds = list(connection.execute(sa.text("SELECT id FROM round ORDER BY id")).scalars())
    if not rounds:
        return
    text, now = newest_text(), datetime.now(UTC)
    policy = parse_policy(text, date.max, PROCEDURE)
    tables = sa.MetaData()
    texts, pins = (sa.Table(name, tables, autoload_with=connection) for name in ("policy_text", "policy_pin"))
    at = now if connection.dialect.name == "postgresql" else now.replace(tzinfo=None)
    connection.execute(texts.insert(), {"sha256": policy.sha256, "text": text, "kept_at": at})
    about = {"sha256": policy.sha256, "identity": policy.identity, "pinned_by": "upgrade", "pinned_at": at}
    rest = {"acted_by": "", "reason": "", "difference": []}
    connection.execute(pins.insert(), [{"round_id": round_id, **about, **rest} for round_id in rounds])
