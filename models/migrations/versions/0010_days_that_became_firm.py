"""The day from which a limit that became firm too late has its effect, and the printed last day for challenges.

Revision: 0010
Follows: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.add_column("deadline", sa.Column("effect_from", sa.Date(), nullable=True))
    op.add_column("draw", sa.Column("challenge_until", sa.Date(), nullable=True))
