"""An enrolment code waits for a second person: who gave it out, whether it waits, and what becomes of it.

Revision: 0031
Follows: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from models.migrations.remaking import remake

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

EMPTY = sa.text("''")
TABLE, CHECK = "access_record", "ck_access_record_event"
AFTER = ("'code_given', ", "'code_given', 'code_confirmed', 'code_returned', ")
EVENTS = (
    "event IN ('staff_added', 'staff_left', 'code_given', 'code_confirmed', 'code_returned', 'enrolled', 'logged_in', "
    "'logged_out', 'refused', 'locked', 'password_changed')"
)


def upgrade() -> None:
    """One step up."""
    op.add_column("account", sa.Column("code_given_by", AutoString(), server_default=EMPTY, nullable=False))
    op.add_column("account", sa.Column("code_waits", sa.Boolean(), server_default=sa.false(), nullable=False))
    if op.get_bind().dialect.name == "sqlite":
        remake(op.get_bind(), TABLE, [AFTER])
        return
    op.drop_constraint(op.f(CHECK), TABLE, type_="check")
    op.create_check_constraint(op.f(CHECK), TABLE, EVENTS)
