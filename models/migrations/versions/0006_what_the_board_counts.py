"""What the board counts stays cheap however long the office's history grows: acts of this week, messages whose end is
unknown.

Revision: 0006
Follows: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UNKNOWN = sa.text("status = 'unknown'")


def upgrade() -> None:
    """One step up."""
    op.create_index("ix_audit_record_at", "audit_record", ["at"])
    op.create_index(
        "ix_notification_unknown", "notification", ["status"], sqlite_where=UNKNOWN, postgresql_where=UNKNOWN
    )
