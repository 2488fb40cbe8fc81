"""Official documents with their hashes, and the checks of posted pages.

Revision: 0005
Follows: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.triggers import append_only

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
KINDS = (
    "kind IN ('announcement', 'preliminary_opinion', 'result_letter', 'notice', 'draw_record', 'result', 'agreement', "
    "'filing_sheet')"
)
OUTCOMES = "outcome IN ('present', 'changed', 'gone', 'unreachable')"


def upgrade() -> None:
    """One step up."""
    _documents()
    _checks()
    for table in ("document", "posting_check"):
        append_only(op.get_bind(), table)


def _documents() -> None:
    texts = ("number", "title", "template_version")
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("ref", sa.Integer(), nullable=False),
        sa.Column("file_format", AutoString(), nullable=False),
        *(sa.Column(name, AutoString(), nullable=False) for name in texts),
        sa.Column("fonts", JSON, nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("data_sha256", AutoString(), nullable=False),
        sa.Column("file_sha256", AutoString(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", AutoString(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_document_kind")),
        sa.CheckConstraint("file_format IN ('pdf', 'docx')", name=op.f("ck_document_file_format")),
        sa.CheckConstraint("(file_format = 'pdf') = (pages IS NOT NULL)", name=op.f("ck_document_pages")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_document_application_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_document_notice_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_document_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint(
            *("kind", "ref", "file_format", "file_sha256"), name=op.f("uq_document_kind_ref_file_format_file_sha256")
        ),
    )
    op.create_index(op.f("ix_document_application_id"), "document", ["application_id"])


def _checks() -> None:
    op.create_table(
        "posting_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("posting_id", sa.Integer(), nullable=False),
        sa.Column("checked_at", UTCDateTime(), nullable=False),
        sa.Column("outcome", AutoString(), nullable=False),
        sa.Column("detail", AutoString(), nullable=False),
        sa.Column("missing", JSON, nullable=False),
        sa.Column("content_sha256", AutoString(), nullable=False),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_posting_check_outcome")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_posting_check_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting_check")),
    )
    op.create_index(op.f("ix_posting_check_posting_id"), "posting_check", ["posting_id"])
