"""Clocks and messages belong to a subject, known by its kind and number, as audit records do: a dossier is one kind, and
what kinds there are is said by the procedures (`tasks.procedures`), not by the tables.

Revision: 0018
Follows: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from models.migrations.remaking import remake

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OF_A_DOSSIER = "CASE WHEN application_id IS NULL THEN 'round' ELSE 'application' END"
WHICH = "coalesce(application_id, round_id)"
CHECK_OF_KINDS = (
    "\tCONSTRAINT ck_audit_record_subject CHECK (subject IN ('round', 'application')), \n",
    "",
)


def upgrade() -> None:
    """One step up."""
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()
    op.create_index(op.f("ix_notification_subject_subject_id"), "notification", ["subject", "subject_id"])


def _on_sqlite() -> None:
    connection = op.get_bind()
    deadline = [
        ("\tapplication_id INTEGER NOT NULL", "\tsubject VARCHAR NOT NULL, \n\tsubject_id INTEGER NOT NULL"),
        ("\tCONSTRAINT fk_deadline_application_id FOREIGN KEY(application_id) REFERENCES application (id), \n", ""),
        (
            "uq_deadline_application_id_kind UNIQUE (application_id, kind)",
            "uq_deadline_subject_subject_id_kind UNIQUE (subject, subject_id, kind)",
        ),
    ]
    remake(connection, "deadline", deadline, {"subject": "'application'", "subject_id": "application_id"})
    notification = [
        ("\tapplication_id INTEGER, ", "\tsubject VARCHAR NOT NULL, \n\tsubject_id INTEGER NOT NULL, "),
        ("\tCONSTRAINT fk_notification_application_id FOREIGN KEY(application_id) REFERENCES application (id), \n", ""),
    ]
    remake(connection, "notification", notification, {"subject": OF_A_DOSSIER, "subject_id": WHICH})
    remake(connection, "audit_record", [CHECK_OF_KINDS])


def _on_postgresql() -> None:
    op.drop_constraint(op.f("ck_audit_record_subject"), "audit_record", type_="check")
    for table, kind, which in (
        ("deadline", "'application'", "application_id"),
        ("notification", OF_A_DOSSIER, WHICH),
    ):
        op.add_column(table, sa.Column("subject", AutoString(), nullable=True))
        op.add_column(table, sa.Column("subject_id", sa.Integer(), nullable=True))
        op.execute(f"UPDATE {table} SET subject = {kind}, subject_id = {which}")
        op.alter_column(table, "subject", nullable=False)
        op.alter_column(table, "subject_id", nullable=False)
    op.drop_constraint(op.f("uq_deadline_application_id_kind"), "deadline", type_="unique")
    op.create_unique_constraint(
        op.f("uq_deadline_subject_subject_id_kind"), "deadline", ["subject", "subject_id", "kind"]
    )
    op.drop_index(op.f("ix_notification_application_id"), "notification")
    for table in ("deadline", "notification"):
        op.drop_column(table, "application_id")
