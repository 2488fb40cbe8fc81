"""Acts that wait for their second person; the evidence of a draw.

Revision: 0028
Follows: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STILL_OPEN = sa.text("status = 'open'")
CHECKS = {
    "status": "status IN ('open', 'confirmed', 'returned', 'lapsed')",
    "open_is_undecided": "(status = 'open') = (decided_at IS NULL)",
    "two_persons": "decided_by IS NULL OR decided_by <> proposed_by",
    "returned_with_reason": "status <> 'returned' OR reason <> ''",
    "decided_at_with_decided_by": "(decided_at IS NULL) = (decided_by IS NULL)",
}


EVIDENCE = {"draw": ("values_evidence", "absence_note"), "recusal": ("evidence",)}


def upgrade() -> None:
    """One step up."""
    for table, columns in EVIDENCE.items():
        for name in columns:
            op.add_column(table, sa.Column(name, AutoString(), server_default=sa.text("''"), nullable=False))
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", AutoString(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("about", AutoString(), nullable=False),
        sa.Column("shown", JSON, nullable=False),
        sa.Column("fields_sealed", AutoString(), nullable=False),
        sa.Column("digest", AutoString(), nullable=False),
        sa.Column("asked", AutoString(), nullable=False),
        sa.Column("proposed_by", AutoString(), nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("status", AutoString(), nullable=False),
        sa.Column("decided_by", AutoString(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("audit_seq", sa.Integer(), nullable=False),
        sa.Column("audit_head", AutoString(), nullable=False),
        *(sa.CheckConstraint(said, name=op.f(f"ck_proposal_{name}")) for name, said in CHECKS.items()),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_proposal_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    for column in ("round_id", "last_day"):
        op.create_index(op.f(f"ix_proposal_{column}"), "proposal", [column])
    op.create_index(
        "uq_proposal_digest",
        "proposal",
        ["digest"],
        unique=True,
        sqlite_where=STILL_OPEN,
        postgresql_where=STILL_OPEN,
    )
