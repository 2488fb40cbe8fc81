"""Former names within a round; contacts and absences of experts; what the office says of itself;
who stands in for whom, and who looks after which dossier.

Revision: 0036
Follows: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.triggers import append_only

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    _former_names()
    _experts()
    _office()
    _desk()


def _former_names() -> None:
    op.create_table(
        "former_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", AutoString(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", AutoString(), nullable=False),
        sa.Column("evidence", AutoString(), nullable=False),
        sa.CheckConstraint("subject IN ('applicant', 'expert')", name=op.f("ck_former_name_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_name")),
    )
    op.create_index("ix_former_name_subject_subject_id", "former_name", ["subject", "subject_id"])
    append_only(op.get_bind(), "former_name")


def _experts() -> None:
    for name in ("contact_sealed", "email_masked", "phone_masked"):
        op.add_column("expert", sa.Column(name, AutoString(), server_default=sa.text("''"), nullable=False))
    op.create_table(
        "expert_absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("expert_pk", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("evidence", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_by", AutoString(), nullable=True),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_expert_absence_order")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)",
            name=op.f("ck_expert_absence_withdrawn_at_with_withdrawn_by"),
        ),
        sa.ForeignKeyConstraint(["expert_pk"], ["expert.id"], name=op.f("fk_expert_absence_expert_pk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_absence")),
    )
    op.create_index(op.f("ix_expert_absence_expert_pk"), "expert_absence", ["expert_pk"])


def _office() -> None:
    texts = ("by", "evidence", "place", "phones", "hours", "department", "phone", "address", "email", "online")
    op.create_table(
        "office_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        *(sa.Column(name, AutoString(), nullable=False) for name in texts),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_record")),
    )
    append_only(op.get_bind(), "office_record")


def _desk() -> None:
    op.create_table(
        "staff_absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_no", AutoString(), nullable=False),
        sa.Column("deputy", AutoString(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by", AutoString(), nullable=True),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_staff_absence_order")),
        sa.CheckConstraint("deputy <> staff_no", name=op.f("ck_staff_absence_two_persons")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_staff_absence_ended_at_with_ended_by")
        ),
        sa.ForeignKeyConstraint(["staff_no"], ["staff.staff_no"], name=op.f("fk_staff_absence_staff_no")),
        sa.ForeignKeyConstraint(["deputy"], ["staff.staff_no"], name=op.f("fk_staff_absence_deputy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_absence")),
    )
    op.create_table(
        "dossier_handler",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("staff_no", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_dossier_handler_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_handler")),
    )
    for table, column in (
        *(("staff_absence", "staff_no"), ("staff_absence", "deputy")),
        *(("dossier_handler", "application_id"), ("dossier_handler", "staff_no")),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    append_only(op.get_bind(), "dossier_handler")
