"""Social supervisors, their names sealed.

Revision: 0044
Follows: 0043
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "social_supervisor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name_sealed", AutoString(), nullable=False),
        sa.Column("body", AutoString(), nullable=False),
        sa.Column("evidence", AutoString(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("ended_by", AutoString(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= from_on", name=op.f("ck_social_supervisor_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_social_supervisor")),
    )
