"""How a case stood before each act that may be taken back, the rows that are set aside with one; plans of a draw that
were withdrawn.

Revision: 0035
Follows: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.triggers import append_only

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

STANDS = sa.text("annulled_at IS NULL AND withdrawn_at IS NULL")


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "stood_before",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", AutoString(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kept", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stood_before")),
        sa.UniqueConstraint("subject", "subject_id", "seq", name=op.f("uq_stood_before_subject_subject_id_seq")),
    )
    op.create_table(
        "set_aside",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", AutoString(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("of_table", AutoString(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("row", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_aside")),
    )
    op.create_index(op.f("ix_set_aside_subject_id"), "set_aside", ["subject_id"])
    op.add_column("draw", sa.Column("withdrawn_at", UTCDateTime(), nullable=True))
    op.add_column("draw", sa.Column("withdrawn_by", AutoString(), nullable=True))
    op.add_column("draw", sa.Column("withdrawn_because", AutoString(), server_default=sa.text("''"), nullable=False))
    op.drop_index("uq_draw_that_stands", "draw")
    op.create_index(
        *("uq_draw_that_stands", "draw", ["round_id"]), unique=True, sqlite_where=STANDS, postgresql_where=STANDS
    )
    for table in ("stood_before", "set_aside"):
        append_only(op.get_bind(), table)
