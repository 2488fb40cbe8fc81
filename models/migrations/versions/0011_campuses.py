"""The campus (院区) of an applicant that shares its credit code with others of the same legal person.

Revision: 0011
Follows: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.add_column("applicant", sa.Column("campus", AutoString(), nullable=False, server_default=""))
