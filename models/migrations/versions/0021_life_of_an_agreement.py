"""An agreement has a life of its own (六): a state, clocks, records of its performance; the bar stands in a register.

Agreements signed before stay drafts: their rounds were announced without it.

Revision: 0021
Follows: 0020
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.remaking import remake

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STATES = (
    "state IN ('DRAFT', 'SIGNED', 'FILED', 'IN_FORCE', 'SUSPENDED', 'TO_BE_DISSOLVED', 'DISSOLVED', 'EXPIRED', "
    "'SUPERSEDED', 'LEFT')"
)
PINNED = "state = 'DRAFT' OR suspension_limit IS NOT NULL"
ROUND_OF = "(SELECT round_id FROM application WHERE application.id = agreement.application_id)"
COLUMNS = (
    ("previous_id INTEGER", "previous_id"),
    ("suspension_limit INTEGER", "suspension_limit"),
    ("leaves_on DATE", "leaves_on"),
    ("state VARCHAR DEFAULT 'DRAFT' NOT NULL", "state"),
    ("entered_at DATETIME", "entered_at"),
    ("reasons JSON DEFAULT '[]' NOT NULL", "reasons"),
    ("version INTEGER DEFAULT '0' NOT NULL", "version"),
    ("holds INTEGER DEFAULT '0' NOT NULL", "holds"),
    ("audit_seq INTEGER DEFAULT '0' NOT NULL", "audit_seq"),
    ("audit_head VARCHAR DEFAULT '' NOT NULL", "audit_head"),
)


def upgrade() -> None:
    """One step up."""
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()
    op.create_index(op.f("ix_agreement_application_id"), "agreement", ["application_id"])
    op.create_index(op.f("ix_agreement_round_id"), "agreement", ["round_id"])
    op.create_index("ix_agreement_state", "agreement", ["state"])
    first = sa.text("previous_id IS NULL")
    op.create_index(
        "uq_agreement_first", "agreement", ["application_id"], unique=True, sqlite_where=first, postgresql_where=first
    )
    _records()


def _on_sqlite() -> None:
    named = ", ".join(f"\n\t{column}" for column, _ in COLUMNS)
    remake(
        op.get_bind(),
        "agreement",
        [
            ("\texpires_on DATE, ", f"\texpires_on DATE, \n\tround_id INTEGER NOT NULL, {named}, "),
            (
                "\tCONSTRAINT uq_agreement_application_id UNIQUE (application_id), \n",
                "\tCONSTRAINT fk_agreement_round_id FOREIGN KEY(round_id) REFERENCES round (id), \n"
                "\tCONSTRAINT fk_agreement_previous_id FOREIGN KEY(previous_id) REFERENCES agreement (id), \n"
                "\tCONSTRAINT uq_agreement_previous_id UNIQUE (previous_id), \n"
                f"\tCONSTRAINT ck_agreement_state CHECK ({STATES}), \n"
                f"\tCONSTRAINT ck_agreement_limit_pinned CHECK ({PINNED}), \n",
            ),
        ],
        {"round_id": ROUND_OF},
    )


def _on_postgresql() -> None:
    op.add_column("agreement", sa.Column("round_id", sa.Integer(), nullable=True))
    op.execute(f"UPDATE agreement SET round_id = {ROUND_OF}")
    op.alter_column("agreement", "round_id", nullable=False)
    columns: list[sa.Column[Any]] = [
        sa.Column("previous_id", sa.Integer()),
        sa.Column("suspension_limit", sa.Integer()),
        sa.Column("leaves_on", sa.Date()),
        sa.Column("state", AutoString(), server_default=sa.text("'DRAFT'"), nullable=False),
        sa.Column("entered_at", UTCDateTime()),
        sa.Column("reasons", JSON, server_default="[]", nullable=False),
        *(
            sa.Column(name, sa.Integer(), server_default="0", nullable=False)
            for name in ("version", "holds", "audit_seq")
        ),
        sa.Column("audit_head", AutoString(), server_default=sa.text("''"), nullable=False),
    ]
    for column in columns:
        op.add_column("agreement", column)
    op.drop_constraint(op.f("uq_agreement_application_id"), "agreement", type_="unique")
    op.create_unique_constraint(op.f("uq_agreement_previous_id"), "agreement", ["previous_id"])
    op.create_foreign_key(op.f("fk_agreement_round_id"), "agreement", "round", ["round_id"], ["id"])
    op.create_foreign_key(op.f("fk_agreement_previous_id"), "agreement", "agreement", ["previous_id"], ["id"])
    op.create_check_constraint(op.f("ck_agreement_state"), "agreement", STATES)
    op.create_check_constraint(op.f("ck_agreement_limit_pinned"), "agreement", PINNED)


def _records() -> None:
    op.create_table(
        "agreement_ending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("finding", AutoString(), nullable=False),
        sa.Column("decision_no", AutoString(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", AutoString(), nullable=False),
        sa.Column("confirmed_by", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("served_how", AutoString(), nullable=False),
        sa.Column("proof", AutoString(), nullable=False),
        sa.Column("overturned_on", sa.Date(), nullable=True),
        sa.CheckConstraint("confirmed_by <> decided_by", name=op.f("ck_agreement_ending_two_persons")),
        sa.CheckConstraint(
            "served_on IS NULL OR served_on >= decided_on", name=op.f("ck_agreement_ending_served_after_decided")
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_ending_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_ending")),
        sa.UniqueConstraint("decision_no", name=op.f("uq_agreement_ending_decision_no")),
    )
    op.create_index(op.f("ix_agreement_ending_agreement_id"), "agreement_ending", ["agreement_id"], unique=False)
    op.create_table(
        "agreement_suspension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("decision_no", AutoString(), nullable=False),
        sa.Column("findings", JSON, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", AutoString(), nullable=False),
        sa.Column("confirmed_by", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("overturned_on", sa.Date(), nullable=True),
        sa.CheckConstraint("confirmed_by <> decided_by", name=op.f("ck_agreement_suspension_two_persons")),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_agreement_suspension_range")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_suspension_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_suspension")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_agreement_suspension_agreement_id_ref")),
        sa.UniqueConstraint("decision_no", name=op.f("uq_agreement_suspension_decision_no")),
    )
    op.create_table(
        "inspection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("inspectors", JSON, nullable=False),
        sa.Column("minutes", AutoString(), nullable=False),
        sa.Column("corrections", JSON, nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.CheckConstraint("kind IN ('routine', 'special', 'complaint', 'joint')", name=op.f("ck_inspection_kind")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_inspection_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_inspection_agreement_id_ref")),
    )
    op.create_table(
        "institution_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("change", AutoString(), nullable=False),
        sa.Column("described", AutoString(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.CheckConstraint(
            "change IN ('name', 'address', 'legal_representative', 'level', 'licence', 'owner', 'staff', 'stock_list')",
            name=op.f("ck_institution_change_change"),
        ),
        sa.CheckConstraint("reported_on >= changed_on", name=op.f("ck_institution_change_reported_after_changed")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_institution_change_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution_change")),
    )
    op.create_index(op.f("ix_institution_change_agreement_id"), "institution_change", ["agreement_id"], unique=False)
    op.create_table(
        "rectification_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("findings", JSON, nullable=False),
        sa.Column("items", JSON, nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("within_suspension", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("handed_in_on", sa.Date(), nullable=True),
        sa.Column("re_inspected_on", sa.Date(), nullable=True),
        sa.Column("result", AutoString(), nullable=False),
        sa.Column("note", AutoString(), nullable=False),
        sa.Column("overturned_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "result IN ('', 'done', 'insufficient', 'late')", name=op.f("ck_rectification_order_result")
        ),
        sa.CheckConstraint("due_on > served_on", name=op.f("ck_rectification_order_due_after_service")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_rectification_order_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_order")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_rectification_order_agreement_id_ref")),
    )
    op.create_table(
        "renewal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_renewal_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal")),
    )
    op.create_index(op.f("ix_renewal_agreement_id"), "renewal", ["agreement_id"], unique=False)
    op.create_table(
        "violation_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("code", AutoString(), nullable=False),
        sa.Column("is_ground", sa.Boolean(), nullable=False),
        sa.Column("facts", AutoString(), nullable=False),
        sa.Column("amount", AutoString(), nullable=False),
        sa.Column("evidence", AutoString(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("heard_until", sa.Date(), nullable=True),
        sa.Column("statement_on", sa.Date(), nullable=True),
        sa.Column("statement", AutoString(), nullable=False),
        sa.Column("established_on", sa.Date(), nullable=True),
        sa.Column("confirmed_by", AutoString(), nullable=True),
        sa.Column("overturned_on", sa.Date(), nullable=True),
        sa.Column("overturned_by", AutoString(), nullable=True),
        sa.Column("overturned_why", AutoString(), nullable=False),
        sa.Column("stands_on", JSON, nullable=False),
        sa.CheckConstraint(
            "(established_on IS NULL) = (confirmed_by IS NULL)",
            name=op.f("ck_violation_finding_established_on_with_confirmed_by"),
        ),
        sa.CheckConstraint(
            "(overturned_on IS NULL) = (overturned_by IS NULL)",
            name=op.f("ck_violation_finding_overturned_on_with_overturned_by"),
        ),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> recorded_by", name=op.f("ck_violation_finding_two_persons")
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_violation_finding_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violation_finding")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_violation_finding_agreement_id_ref")),
    )
    op.create_table(
        "bar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("ending_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.CheckConstraint("last_day > from_on", name=op.f("ck_bar_range")),
        sa.ForeignKeyConstraint(["ending_id"], ["agreement_ending.id"], name=op.f("fk_bar_ending_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_bar_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bar")),
        sa.UniqueConstraint("ending_id", name=op.f("uq_bar_ending_id")),
    )
    op.create_index(op.f("ix_bar_institution_id"), "bar", ["institution_id"], unique=False)
