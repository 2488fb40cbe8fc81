"""The journal: what every transaction did to the rows of every bound table; its signed and stamped checkpoints.

Revision: 0027
Follows: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.triggers import append_only

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("said", JSON, nullable=False),
        *(sa.Column(name, AutoString(), nullable=False) for name in ("rows", "prev_hash", "hash")),
        *(sa.Column(name, AutoString(), nullable=False) for name in ("key_id", "signature")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
        sa.UniqueConstraint("prev_hash", name=op.f("uq_journal_prev_hash")),
    )
    op.create_table(
        "signed_checkpoint",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        *(sa.Column(name, AutoString(), nullable=False) for name in ("root", "note")),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_signed_checkpoint")),
    )
    op.create_table(
        "checkpoint_stamp",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("authority", AutoString(), nullable=False),
        sa.Column("stamped_at", UTCDateTime(), nullable=False),
        sa.Column("answer", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["day"], ["signed_checkpoint.day"], name=op.f("fk_checkpoint_stamp_day")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_checkpoint_stamp")),
    )
    for table in ("journal", "signed_checkpoint", "checkpoint_stamp"):
        append_only(op.get_bind(), table)
