"""Editions of the wording and the evidence of documents that went with a letter.

E-mails queued before wordings had editions are given the first one: it is the oldest that can still be printed.

Revision: 0003
Follows: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.add_column("notification_attempt", sa.Column("enclosed", AutoString(), nullable=False, server_default=""))
    op.execute("UPDATE notification SET template_version = '1' WHERE channel = 'email'")
