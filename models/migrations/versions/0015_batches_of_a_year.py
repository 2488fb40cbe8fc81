"""A county may announce several batches (批次) in a year: a round is known by county, year and batch.

Revision: 0015
Follows: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    with op.batch_alter_table("round") as the_round:
        the_round.add_column(sa.Column("batch", sa.Integer(), server_default=sa.text("1"), nullable=False))
        the_round.drop_constraint(op.f("uq_round_county_year"), type_="unique")
        the_round.create_unique_constraint(op.f("uq_round_county_year_batch"), ["county", "year", "batch"])
