"""What belongs to the database: the marks of the key and the folders that it was written with.

Revision: 0019
Follows: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "belonging",
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("mark", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_belonging")),
    )
