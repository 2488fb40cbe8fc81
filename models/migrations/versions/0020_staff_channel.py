"""Groups of staff are a channel of the outbox; a message to one names the role.

Revision: 0020
Follows: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from models.migrations.remaking import remake

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BEFORE, NOW = "channel IN ('email', 'sms')", "channel IN ('email', 'sms', 'staff')"
TABLES = ("notification", "channel_state", "suppression")


def upgrade() -> None:
    """One step up."""
    for table in TABLES:
        if op.get_bind().dialect.name == "postgresql":
            name = op.f(f"ck_{table}_channel")
            op.drop_constraint(name, table, type_="check")
            op.create_check_constraint(name, table, NOW)
        else:
            remake(op.get_bind(), table, [(BEFORE, NOW)])
    op.add_column("notification", sa.Column("recipient", AutoString(), server_default=sa.text("''"), nullable=False))
    op.execute("INSERT INTO channel_state (channel, faults, pauses, reason) VALUES ('staff', 0, 0, '')")
