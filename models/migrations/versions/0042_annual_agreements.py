"""Annual agreements, the last day of what an agreement fixes, and their document.

Revision: 0042
Follows: 0041
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.remaking import remake

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KINDS = (
    "kind IN ('announcement', 'preliminary_opinion', 'result_letter', 'notice', 'draw_record', 'result', 'agreement', "
    "'filing_sheet', 'review_summary', 'evaluation_request', 'evaluation_record', 'finding_notice', "
    "'rectification_notice', 'suspension_notice', 'resumption_notice', 'dissolution_notice', 'service_receipt', "
    "'assessment_notice', 'settlement_sheet', 'inspection_record', 'warning_notice', 'message_proof', "
    "'work_ledger', 'dossier_cover', 'dossier_index', 'supplement_agreement', 'stock_annex', 'annual_agreement')"
)
LAST = "'stock_annex'"


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "annual_agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("number", AutoString(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_annual_agreement_range")),
        sa.CheckConstraint("from_on >= signed_on", name=op.f("ck_annual_agreement_not_backwards")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_annual_agreement_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_agreement")),
        sa.UniqueConstraint("agreement_id", "year", name=op.f("uq_annual_agreement_agreement_id_year")),
        sa.UniqueConstraint("number", name=op.f("uq_annual_agreement_number")),
    )
    op.add_column("agreed_term", sa.Column("valid_until", sa.Date(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        name = op.f("ck_document_kind")
        op.drop_constraint(name, "document", type_="check")
        op.create_check_constraint(name, "document", KINDS)
    else:
        remake(op.get_bind(), "document", [(LAST, f"{LAST}, 'annual_agreement'")])
