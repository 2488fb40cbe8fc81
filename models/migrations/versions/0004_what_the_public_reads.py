"""What the public reads: credit codes, and the number and term of an agreement.

Revision: 0004
Follows: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBERED = sa.text("number <> ''")


def upgrade() -> None:
    """One step up."""
    op.add_column("applicant", sa.Column("credit_code", AutoString(), nullable=False, server_default=""))
    with op.batch_alter_table("agreement") as agreement:
        agreement.add_column(sa.Column("number", AutoString(), nullable=False, server_default=""))
        agreement.add_column(sa.Column("effective_on", sa.Date(), nullable=True))
        agreement.add_column(sa.Column("expires_on", sa.Date(), nullable=True))
        agreement.create_check_constraint(
            op.f("ck_agreement_effective_on_with_expires_on"), "(effective_on IS NULL) = (expires_on IS NULL)"
        )
        agreement.create_check_constraint(op.f("ck_agreement_term"), "expires_on IS NULL OR expires_on > effective_on")
    op.create_index(
        "uq_agreement_number", "agreement", ["number"], unique=True, sqlite_where=NUMBERED, postgresql_where=NUMBERED
    )
