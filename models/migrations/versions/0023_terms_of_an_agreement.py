"""What an agreement fixes, and what is reported of it month by month: terms, drafts, the test of the system, values,
warnings, reports of occurrences.

Revision: 0023
Follows: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.remaking import remake

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

LAST, ADDED = "'service_receipt'", "'warning_notice'"
KINDS = (
    "kind IN ('announcement', 'preliminary_opinion', 'result_letter', 'notice', 'draw_record', 'result', 'agreement', "
    "'filing_sheet', 'review_summary', 'evaluation_request', 'evaluation_record', 'finding_notice', "
    f"'rectification_notice', 'suspension_notice', 'resumption_notice', 'dissolution_notice', {LAST}, {ADDED})"
)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "agreed_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("field", AutoString(), nullable=False),
        sa.Column("value", AutoString(), nullable=False),
        sa.Column("waived_why", AutoString(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("document_no", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.CheckConstraint("(value = '') <> (waived_why = '')", name=op.f("ck_agreed_term_value_or_waiver")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_agreed_term_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreed_term")),
        sa.UniqueConstraint(
            "agreement_id", "field", "document_no", name=op.f("uq_agreed_term_agreement_id_field_document_no")
        ),
    )
    op.create_table(
        "drafted_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_drafted_terms_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafted_terms")),
    )
    op.create_index(op.f("ix_drafted_terms_application_id"), "drafted_terms", ["application_id"], unique=False)
    op.create_table(
        "system_test",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("passed_on", sa.Date(), nullable=False),
        sa.Column("record", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_system_test_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system_test")),
        sa.UniqueConstraint("application_id", name=op.f("uq_system_test_application_id")),
    )
    _of_the_months()
    _papers()


def _papers() -> None:
    """One more kind of document: the written warning."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_document_kind"), "document", type_="check")
        op.create_check_constraint(op.f("ck_document_kind"), "document", KINDS)
    else:
        remake(op.get_bind(), "document", [(LAST, f"{LAST}, {ADDED}")])


def _of_the_months() -> None:
    op.create_table(
        "indicator_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("month", AutoString(), nullable=False),
        sa.Column("field", AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", AutoString(), nullable=False),
        sa.Column("numerator", AutoString(), nullable=False),
        sa.Column("denominator", AutoString(), nullable=False),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.CheckConstraint("source IN ('institution', 'agency')", name=op.f("ck_indicator_report_source")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_indicator_report_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_report")),
        sa.UniqueConstraint(
            *("agreement_id", "month", "field", "version"),
            name=op.f("uq_indicator_report_agreement_id_month_field_version"),
        ),
    )
    op.create_index("ix_indicator_report_month", "indicator_report", ["month"], unique=False)
    op.create_table(
        "indicator_warning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("month", AutoString(), nullable=False),
        sa.Column("exceeded", JSON, nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("answer_due", sa.Date(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("measures", AutoString(), nullable=False),
        sa.CheckConstraint(
            "(answered_on IS NULL) = (measures = '')", name=op.f("ck_indicator_warning_answered_with_measures")
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_indicator_warning_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_warning")),
        sa.UniqueConstraint("agreement_id", "month", name=op.f("uq_indicator_warning_agreement_id_month")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_indicator_warning_agreement_id_ref")),
    )
    op.create_table(
        "event_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("described", AutoString(), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("reported_at", UTCDateTime(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.CheckConstraint("kind IN ('trauma', 'readmission')", name=op.f("ck_event_report_kind")),
        sa.CheckConstraint("reported_at >= occurred_at", name=op.f("ck_event_report_reported_after_occurred")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_event_report_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_report")),
    )
    op.create_index(op.f("ix_event_report_agreement_id"), "event_report", ["agreement_id"], unique=False)
