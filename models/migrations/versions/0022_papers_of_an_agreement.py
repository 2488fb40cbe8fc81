"""The official papers of an agreement's life (六): six more kinds of document, and the agreement that one is about.

Revision: 0022
Follows: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.migrations.remaking import remake

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BEFORE = (
    "kind IN ('announcement', 'preliminary_opinion', 'result_letter', 'notice', 'draw_record', 'result', 'agreement', "
    "'filing_sheet', 'review_summary', 'evaluation_request', 'evaluation_record')"
)
ADDED = (
    "'finding_notice', 'rectification_notice', 'suspension_notice', 'resumption_notice', 'dissolution_notice', "
    "'service_receipt'"
)
KINDS = f"{BEFORE.removesuffix(')')}, {ADDED})"


def upgrade() -> None:
    """One step up."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_document_kind"), "document", type_="check")
        op.create_check_constraint(op.f("ck_document_kind"), "document", KINDS)
        op.add_column("document", sa.Column("agreement_id", sa.Integer(), nullable=True))
        op.create_foreign_key(op.f("fk_document_agreement_id"), "document", "agreement", ["agreement_id"], ["id"])
    else:
        _on_sqlite()
    op.create_index(op.f("ix_document_agreement_id"), "document", ["agreement_id"])


def _on_sqlite() -> None:
    of_round = "\tCONSTRAINT fk_document_round_id FOREIGN KEY(round_id) REFERENCES round (id), \n"
    of_agreement = "\tCONSTRAINT fk_document_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreement (id), \n"
    remake(
        op.get_bind(),
        "document",
        [
            (BEFORE, KINDS),
            ("\tnotice_id INTEGER, \n", "\tnotice_id INTEGER, \n\tagreement_id INTEGER, \n"),
            (of_round, of_agreement + of_round),
        ],
    )
