"""The ledger of a round, and the cover and the index of a dossier, as kinds of document.

Revision: 0038
Follows: 0037
"""

from __future__ import annotations

from alembic import op

from models.migrations.remaking import remake

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('announcement', 'preliminary_opinion', 'result_letter', 'notice', 'draw_record', 'result', 'agreement', "
    "'filing_sheet', 'review_summary', 'evaluation_request', 'evaluation_record', 'finding_notice', "
    "'rectification_notice', 'suspension_notice', 'resumption_notice', 'dissolution_notice', 'service_receipt', "
    "'assessment_notice', 'settlement_sheet', 'inspection_record', 'warning_notice', 'message_proof', "
    "'work_ledger', 'dossier_cover', 'dossier_index')"
)
LAST = "'message_proof'"


def upgrade() -> None:
    """One step up."""
    if op.get_bind().dialect.name == "postgresql":
        name = op.f("ck_document_kind")
        op.drop_constraint(name, "document", type_="check")
        op.create_check_constraint(name, "document", KINDS)
    else:
        remake(op.get_bind(), "document", [(LAST, f"{LAST}, 'work_ledger', 'dossier_cover', 'dossier_index'")])
