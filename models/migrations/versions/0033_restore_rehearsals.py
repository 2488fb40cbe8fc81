"""Rehearsals of a restore: which backup was brought back, and what it showed.

Revision: 0033
Follows: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.triggers import append_only

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None

TABLE = "restore_rehearsal"
COUNTED = ("records", "chains", "entries", "files", "seconds")


def upgrade() -> None:
    """One step up."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("is_good", sa.Boolean(), nullable=False),
        sa.Column("backup", AutoString(), nullable=False),
        sa.Column("made_at", AutoString(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTED),
        sa.Column("fault", AutoString(), nullable=False),
        sa.CheckConstraint("is_good = (fault = '')", name=op.f("ck_restore_rehearsal_good_without_fault")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restore_rehearsal")),
    )
    append_only(op.get_bind(), TABLE)
