"""A score sheet belongs to the draw that seated its expert: of a draw that was annulled it counts no longer. And a
dossier knows the day on which its site was checked.

Revision: 0013
Follows: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STANDING = """
UPDATE score_sheet SET draw_id = (
    SELECT max(draw.id) FROM draw JOIN application ON application.round_id = draw.round_id
    WHERE application.id = score_sheet.application_id AND draw.annulled_at IS NULL
)
"""


def upgrade() -> None:
    """One step up."""
    with op.batch_alter_table("application") as application:
        application.add_column(sa.Column("site_checked_on", sa.Date(), nullable=True))
    with op.batch_alter_table("score_sheet") as sheet:
        sheet.add_column(sa.Column("draw_id", sa.Integer(), nullable=True))
    op.execute(STANDING)
    with op.batch_alter_table("score_sheet") as sheet:
        sheet.alter_column("draw_id", existing_type=sa.Integer(), nullable=False)
        sheet.create_foreign_key(op.f("fk_score_sheet_draw_id"), "draw", ["draw_id"], ["id"])
        sheet.drop_constraint(op.f("uq_score_sheet_application_id_expert_pk"), type_="unique")
        sheet.create_unique_constraint(
            op.f("uq_score_sheet_application_id_expert_pk_draw_id"), ["application_id", "expert_pk", "draw_id"]
        )
