"""Results of yearly assessments that were corrected; a renewal and a hold of the settlement as documents.

Revision: 0043
Follows: 0042
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from models.migrations.remaking import remake

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('announcement', 'preliminary_opinion', 'result_letter', 'notice', 'draw_record', 'result', 'agreement', "
    "'filing_sheet', 'review_summary', 'evaluation_request', 'evaluation_record', 'finding_notice', "
    "'rectification_notice', 'suspension_notice', 'resumption_notice', 'dissolution_notice', 'service_receipt', "
    "'assessment_notice', 'settlement_sheet', 'inspection_record', 'warning_notice', 'message_proof', "
    "'work_ledger', 'dossier_cover', 'dossier_index', 'supplement_agreement', 'stock_annex', 'annual_agreement', "
    "'renewal_agreement', 'hold_notice')"
)
LAST = "'annual_agreement'"
RESULTS = "assessment_result"
ONE_A_YEAR = "uq_assessment_result_institution_id_year"
PAIR = "(superseded_on IS NULL) = (superseded_by IS NULL)"
WITH = "ck_assessment_result_superseded_on_with_superseded_by"


def upgrade() -> None:
    """One step up."""
    op.add_column(RESULTS, sa.Column("superseded_on", sa.Date(), nullable=True))
    op.add_column(RESULTS, sa.Column("superseded_by", AutoString(), nullable=True))
    op.add_column(RESULTS, sa.Column("superseded_why", AutoString(), server_default=sa.text("''"), nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        name = op.f("ck_document_kind")
        op.drop_constraint(name, "document", type_="check")
        op.create_check_constraint(name, "document", KINDS)
        op.drop_constraint(op.f(ONE_A_YEAR), RESULTS, type_="unique")
        op.create_check_constraint(op.f(WITH), RESULTS, PAIR)
    else:
        remake(op.get_bind(), "document", [(LAST, f"{LAST}, 'renewal_agreement', 'hold_notice'")])
        one_a_year = f"CONSTRAINT {ONE_A_YEAR} UNIQUE (institution_id, year)"
        remake(op.get_bind(), RESULTS, [(one_a_year, f"CONSTRAINT {WITH} CHECK ({PAIR})")])
    op.create_index(
        "uq_assessment_result_counts",
        RESULTS,
        ["institution_id", "year"],
        unique=True,
        sqlite_where=sa.text("superseded_on IS NULL"),
        postgresql_where=sa.text("superseded_on IS NULL"),
    )
