"""Supplements to agreements, and their document.

Revision: 0040
Follows: 0039
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.remaking import remake

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KINDS = (
    "kind IN ('announcement', 'preliminary_opinion', 'result_letter', 'notice', 'draw_record', 'result', 'agreement', "
    "'filing_sheet', 'review_summary', 'evaluation_request', 'evaluation_record', 'finding_notice', "
    "'rectification_notice', 'suspension_notice', 'resumption_notice', 'dissolution_notice', 'service_receipt', "
    "'assessment_notice', 'settlement_sheet', 'inspection_record', 'warning_notice', 'message_proof', "
    "'work_ledger', 'dossier_cover', 'dossier_index', 'supplement_agreement')"
)
LAST = "'dossier_index'"


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "agreement_supplement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("number", AutoString(), nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("other_terms", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("filed_by", AutoString(), nullable=True),
        sa.CheckConstraint("effective_on >= signed_on", name=op.f("ck_agreement_supplement_not_backwards")),
        sa.CheckConstraint(
            "filed_on IS NULL OR filed_on >= signed_on", name=op.f("ck_agreement_supplement_filed_after_signed")
        ),
        sa.CheckConstraint(
            "(filed_on IS NULL) = (filed_by IS NULL)", name=op.f("ck_agreement_supplement_filed_on_with_filed_by")
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_supplement_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_supplement")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_agreement_supplement_agreement_id_ref")),
        sa.UniqueConstraint("number", name=op.f("uq_agreement_supplement_number")),
    )
    if op.get_bind().dialect.name == "postgresql":
        name = op.f("ck_document_kind")
        op.drop_constraint(name, "document", type_="check")
        op.create_check_constraint(name, "document", KINDS)
    else:
        remake(op.get_bind(), "document", [(LAST, f"{LAST}, 'supplement_agreement'")])
