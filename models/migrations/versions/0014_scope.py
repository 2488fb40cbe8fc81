"""The scope (定点范围) that an institution applies for: which special drugs and services, as the public lists print it.

Revision: 0014
Follows: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.add_column("applicant", sa.Column("scope", AutoString(), nullable=False, server_default=""))
