"""Stock lists of agreements, and their document.

Revision: 0041
Follows: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.remaking import remake
from models.migrations.triggers import append_only

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KINDS = (
    "kind IN ('announcement', 'preliminary_opinion', 'result_letter', 'notice', 'draw_record', 'result', 'agreement', "
    "'filing_sheet', 'review_summary', 'evaluation_request', 'evaluation_record', 'finding_notice', "
    "'rectification_notice', 'suspension_notice', 'resumption_notice', 'dissolution_notice', 'service_receipt', "
    "'assessment_notice', 'settlement_sheet', 'inspection_record', 'warning_notice', 'message_proof', "
    "'work_ledger', 'dossier_cover', 'dossier_index', 'supplement_agreement', 'stock_annex')"
)
LAST = "'supplement_agreement'"


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "stock_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("entries", JSON, nullable=False),
        sa.Column("sha256", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_stock_list_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_list")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_stock_list_agreement_id_ref")),
    )
    append_only(op.get_bind(), "stock_list")
    if op.get_bind().dialect.name == "postgresql":
        name = op.f("ck_document_kind")
        op.drop_constraint(name, "document", type_="check")
        op.create_check_constraint(name, "document", KINDS)
    else:
        remake(op.get_bind(), "document", [(LAST, f"{LAST}, 'stock_annex'")])
