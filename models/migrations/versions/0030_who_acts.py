"""Who may come in, who is in, who came and went, and who started which run (GB/T 22239—2019, 8.1.4.1 and 8.1.4.3).

Revision: 0030
Follows: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.triggers import append_only

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

WAYS = "way IN ('password', 'proxy', 'rehearsal')"
EVENTS = (
    "event IN ('staff_added', 'staff_left', 'code_given', 'enrolled', 'logged_in', 'logged_out', 'refused', 'locked', "
    "'password_changed')"
)


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "account",
        sa.Column("staff_no", AutoString(), nullable=False),
        sa.Column("password_hash", AutoString(), nullable=False),
        sa.Column("password_set_at", UTCDateTime(), nullable=True),
        sa.Column("code_sealed", AutoString(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", UTCDateTime(), nullable=True),
        sa.Column("enrol_hash", AutoString(), nullable=False),
        sa.Column("enrol_until", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_no"], ["staff.staff_no"], name=op.f("fk_account_staff_no")),
        sa.PrimaryKeyConstraint("staff_no", name=op.f("pk_account")),
    )
    op.create_index(op.f("ix_account_enrol_hash"), "account", ["enrol_hash"])
    op.create_table(
        "gate_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", AutoString(), nullable=False),
        sa.Column("staff_no", AutoString(), nullable=False),
        sa.Column("way", AutoString(), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(WAYS, name=op.f("ck_gate_session_way")),
        sa.ForeignKeyConstraint(["staff_no"], ["staff.staff_no"], name=op.f("fk_gate_session_staff_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_gate_session_token_hash")),
    )
    op.create_index(op.f("ix_gate_session_staff_no"), "gate_session", ["staff_no"])
    op.create_table(
        "access_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("staff_no", AutoString(), nullable=False),
        sa.Column("event", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(EVENTS, name=op.f("ck_access_record_event")),
        sa.ForeignKeyConstraint(["session_id"], ["gate_session.id"], name=op.f("fk_access_record_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_record")),
    )
    op.create_index(op.f("ix_access_record_at"), "access_record", ["at"])
    op.create_table(
        "run_start",
        sa.Column("nonce", AutoString(), nullable=False),
        sa.Column("run_id", AutoString(), nullable=False),
        sa.Column("staff_no", AutoString(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("act", AutoString(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("begun_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["gate_session.id"], name=op.f("fk_run_start_session_id")),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_run_start")),
        sa.UniqueConstraint("run_id", name=op.f("uq_run_start_run_id")),
    )
    append_only(op.get_bind(), "access_record")
    append_only(op.get_bind(), "run_start")
