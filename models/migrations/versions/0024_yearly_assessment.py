"""The yearly assessment and the settlement of agreements (R51, R58, R61, R64): the county's tables, surveys, evaluations
by third parties, assessments, results, decisions on costs, holds; two more kinds of document.

Revision: 0024
Follows: 0022
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.remaking import remake

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LAST, ADDED = "'service_receipt'", "'assessment_notice', 'settlement_sheet'"


def upgrade() -> None:
    """One step up."""
    _kinds_of_document()
    _records()


def _kinds_of_document() -> None:
    """The kinds that there are, whatever they are by now, and two more."""
    if op.get_bind().dialect.name != "postgresql":
        remake(op.get_bind(), "document", [(LAST, f"{LAST}, {ADDED}")])
        return
    checks = sa.inspect(op.get_bind()).get_check_constraints("document")
    before = next(one["sqltext"] for one in checks if one["name"] == "ck_document_kind")
    kinds = ", ".join(f"'{kind}'" for kind in re.findall(r"'(\w+)'", before))
    op.drop_constraint(op.f("ck_document_kind"), "document", type_="check")
    op.create_check_constraint(op.f("ck_document_kind"), "document", f"kind IN ({kinds}, {ADDED})")


def _records() -> None:
    op.create_table(
        "assessment_table",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("title", AutoString(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("sha256", AutoString(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("published_where", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_table")),
        sa.UniqueConstraint("first_year", "sha256", name=op.f("uq_assessment_table_first_year_sha256")),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("scores", JSON, nullable=False),
        sa.Column("parts", JSON, nullable=False),
        sa.Column("total", AutoString(), nullable=False),
        sa.Column("note", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_assessment_agreement_id")),
        sa.ForeignKeyConstraint(["table_id"], ["assessment_table.id"], name=op.f("fk_assessment_table_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_assessment_agreement_id_ref")),
    )
    op.create_table(
        "cost_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("month", AutoString(), nullable=False),
        sa.Column("amount", AutoString(), nullable=False),
        sa.Column("ground", AutoString(), nullable=False),
        sa.Column("finding", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('refused', 'recovered', 'set_off_next_month')", name=op.f("ck_cost_decision_kind")
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_cost_decision_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_decision")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_cost_decision_agreement_id_ref")),
    )
    op.create_table(
        "satisfaction_survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("method", AutoString(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("score", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.CheckConstraint("answers BETWEEN 1 AND sample", name=op.f("ck_satisfaction_survey_answers")),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_satisfaction_survey_range")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_satisfaction_survey_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_satisfaction_survey")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_satisfaction_survey_agreement_id_ref")),
    )
    op.create_table(
        "settlement_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("released_by", AutoString(), nullable=True),
        sa.Column("released_why", AutoString(), nullable=False),
        sa.CheckConstraint(
            "(released_on IS NULL) = (released_by IS NULL)",
            name=op.f("ck_settlement_hold_released_on_with_released_by"),
        ),
        sa.CheckConstraint("released_on IS NULL OR released_on > from_on", name=op.f("ck_settlement_hold_range")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_settlement_hold_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_hold")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_settlement_hold_agreement_id_ref")),
    )
    op.create_table(
        "third_party_evaluation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("evaluated_on", sa.Date(), nullable=False),
        sa.Column("evaluator", AutoString(), nullable=False),
        sa.Column("contract", AutoString(), nullable=False),
        sa.Column("report", AutoString(), nullable=False),
        sa.Column("score", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_third_party_evaluation_agreement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_third_party_evaluation")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_third_party_evaluation_agreement_id_ref")),
    )
    op.create_table(
        "assessment_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("total", AutoString(), nullable=False),
        sa.Column("satisfaction", AutoString(), nullable=False),
        sa.Column("grade", AutoString(), nullable=False),
        sa.Column("effect", AutoString(), nullable=False),
        sa.Column("coefficient", AutoString(), nullable=False),
        sa.Column("why", AutoString(), nullable=False),
        sa.Column("concluded_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.CheckConstraint(
            "(effect = '') = (coefficient = '')", name=op.f("ck_assessment_result_effect_with_coefficient")
        ),
        sa.CheckConstraint("effect IN ('', 'a', 'b', 'c')", name=op.f("ck_assessment_result_effect")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_assessment_result_agreement_id")),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_result_assessment_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_assessment_result_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_result")),
        sa.UniqueConstraint("assessment_id", name=op.f("uq_assessment_result_assessment_id")),
        sa.UniqueConstraint("institution_id", "year", name=op.f("uq_assessment_result_institution_id_year")),
    )
    op.create_index(op.f("ix_assessment_result_agreement_id"), "assessment_result", ["agreement_id"], unique=False)
