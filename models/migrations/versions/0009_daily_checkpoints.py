"""A checkpoint for every day: one hash over all of its audit records, chained to the day before.

Revision: 0009
Follows: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from models.migrations.triggers import append_only

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "audit_checkpoint",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        *(sa.Column(name, AutoString(), nullable=False) for name in ("root", "previous", "hash")),
        sa.CheckConstraint("records >= 0", name=op.f("ck_audit_checkpoint_records")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_checkpoint")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_checkpoint_previous")),
    )
    append_only(op.get_bind(), "audit_checkpoint")
