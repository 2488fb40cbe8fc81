"""The yearly plan, visits, copies and receipts, notes on score sheets, the panel's summary; three more documents.

Revision: 0012
Follows: 0011
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.triggers import append_only

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
KINDS = (
    "kind IN ('announcement', 'preliminary_opinion', 'result_letter', 'notice', 'draw_record', 'result', 'agreement', "
    "'filing_sheet', 'review_summary', 'evaluation_request', 'evaluation_record')"
)
HOLDERS = "holder IN ('applicant', 'agency', 'county_bureau')"


def upgrade() -> None:
    """One step up."""
    _more_kinds()
    for name in ("notes", "evidence"):
        op.add_column("score_sheet", sa.Column(name, JSON, nullable=False, server_default=sa.text("'{}'")))
    for make in (_development_plan, _site_visit, _filing_receipt, _dossier_copy, _evaluation_summary):
        make()
        append_only(op.get_bind(), make.__name__.removeprefix("_"))


def _more_kinds() -> None:
    """SQLite cannot change a constraint: the rows are set aside, the table made anew, the rows put back."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_document_kind"), "document", type_="check")
        op.create_check_constraint(op.f("ck_document_kind"), "document", KINDS)
        return
    names = ", ".join(f'"{column["name"]}"' for column in sa.inspect(op.get_bind()).get_columns("document"))
    op.execute("CREATE TABLE kept_document AS SELECT * FROM document")
    op.drop_table("document")
    _document()
    op.execute(f"INSERT INTO document ({names}) SELECT {names} FROM kept_document")
    op.drop_table("kept_document")
    append_only(op.get_bind(), "document")


def _document() -> None:
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


def _column(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False)


def _recorded() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return _column("recorded_at", UTCDateTime()), _column("recorded_by", AutoString())


def _of_an_application(table: str) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    name = op.f(f"fk_{table}_application_id")
    return _column("application_id", sa.Integer()), sa.ForeignKeyConstraint(
        ["application_id"], ["application.id"], name=name
    )


def _development_plan() -> None:
    op.create_table(
        "development_plan",
        _column("id", sa.Integer()),
        _column("county", AutoString()),
        _column("year", sa.Integer()),
        _column("title", AutoString()),
        _column("number", AutoString()),
        _column("approved_on", sa.Date()),
        _column("approved_by", AutoString()),
        _column("quota", JSON),
        _column("evidence", AutoString()),
        _column("evidence_sha256", AutoString()),
        *_recorded(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development_plan")),
        sa.UniqueConstraint(
            *("county", "year", "approved_on"), name=op.f("uq_development_plan_county_year_approved_on")
        ),
    )


def _site_visit() -> None:
    op.create_table(
        "site_visit",
        _column("id", sa.Integer()),
        *_of_an_application("site_visit"),
        _column("visited_on", sa.Date()),
        _column("visitors", JSON),
        _column("minutes", AutoString()),
        *_recorded(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_visit")),
    )
    op.create_index(op.f("ix_site_visit_application_id"), "site_visit", ["application_id"])


def _filing_receipt() -> None:
    op.create_table(
        "filing_receipt",
        _column("id", sa.Integer()),
        *_of_an_application("filing_receipt"),
        _column("number", AutoString()),
        _column("received_by", AutoString()),
        _column("received_on", sa.Date()),
        *_recorded(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_receipt")),
        sa.UniqueConstraint("application_id", name=op.f("uq_filing_receipt_application_id")),
    )


def _dossier_copy() -> None:
    op.create_table(
        "dossier_copy",
        _column("id", sa.Integer()),
        *_of_an_application("dossier_copy"),
        _column("holder", AutoString()),
        _column("kept_by", AutoString()),
        _column("held_since", sa.Date()),
        *_recorded(),
        sa.CheckConstraint(HOLDERS, name=op.f("ck_dossier_copy_holder")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_copy")),
        sa.UniqueConstraint("application_id", "holder", name=op.f("uq_dossier_copy_application_id_holder")),
    )


def _evaluation_summary() -> None:
    op.create_table(
        "evaluation_summary",
        _column("id", sa.Integer()),
        _column("round_id", sa.Integer()),
        _column("text", AutoString()),
        _column("signed_by", JSON),
        *_recorded(),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_evaluation_summary_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_summary")),
        sa.UniqueConstraint("round_id", name=op.f("uq_evaluation_summary_round_id")),
    )
