"""Objections answered one by one; the draw by strata, with rules for its sources, challenges and annulment.

Revision: 0008
Follows: 0006
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
STANDS = sa.text("annulled_at IS NULL")
KNOWN = sa.text("complainant_bidx <> ''")
OBJECTION_CHECKS = {
    "ck_objection_status": "status IN ('open', 'upheld', 'dismissed', 'withdrawn')",
    "ck_objection_withdrawn_on_with_withdrawn_by": "(withdrawn_on IS NULL) = (withdrawn_by IS NULL)",
    "ck_objection_replied_on_with_replied_by": "(replied_on IS NULL) = (replied_by IS NULL)",
    "ck_objection_withdrawn_on": "status <> 'withdrawn' OR withdrawn_on IS NOT NULL",
    "ck_objection_late_never_holds": "is_in_time OR NOT holds",
    "ck_objection_anonymous_is_unknown": "NOT is_anonymous OR complainant_sealed = ''",
    "ck_objection_reply_how": "reply_how IN ('', 'call', 'paper', 'counter')",
    "ck_objection_reply_is_proved": "replied_on IS NULL OR (status <> 'open' AND reply_how <> '' AND reply_proof <> '')",
}
DRAW_CHECKS = {
    "ck_draw_challenge_days": "challenge_days >= 0",
    "ck_draw_annulled_was_drawn": "annulled_at IS NULL OR drawn_at IS NOT NULL",
    "ck_draw_annulled_at_with_annulled_by": "(annulled_at IS NULL) = (annulled_by IS NULL)",
}


def upgrade() -> None:
    """One step up."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild("objection", _objection)
        _rebuild("draw", _draw)
    else:
        _alter()
    op.execute("UPDATE objection SET holds = is_in_time")
    op.create_index(
        "ix_objection_complainant_bidx",
        "objection",
        ["complainant_bidx"],
        sqlite_where=KNOWN,
        postgresql_where=KNOWN,
    )
    op.create_index(
        "uq_draw_that_stands", "draw", ["round_id"], unique=True, sqlite_where=STANDS, postgresql_where=STANDS
    )
    _new_tables()


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, AutoString(), nullable=False, server_default="")


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _list(name: str) -> sa.Column[Any]:
    return sa.Column(name, JSON, nullable=False, server_default=sa.text("'[]'"))


def _objection_columns() -> list[sa.Column[Any]]:
    return [
        _flag("holds"),
        _flag("is_anonymous"),
        _text("matter"),
        _text("complainant_bidx"),
        sa.Column("duplicate_of", sa.Integer(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_by", AutoString(), nullable=True),
        _text("withdrawal_reason"),
        sa.Column("replied_on", sa.Date(), nullable=True),
        sa.Column("replied_by", AutoString(), nullable=True),
        _text("reply_how"),
        _text("reply_proof"),
    ]


def _draw_columns() -> list[sa.Column[Any]]:
    return [
        _list("strata"),
        _list("source_rules"),
        _list("excluded"),
        sa.Column("challenge_days", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("annulled_at", UTCDateTime(), nullable=True),
        sa.Column("annulled_by", AutoString(), nullable=True),
        _text("annulled_because"),
    ]


def _alter() -> None:
    for table, columns in (("objection", _objection_columns()), ("draw", _draw_columns())):
        for column in columns:
            op.add_column(table, column)
    op.create_foreign_key(op.f("fk_objection_duplicate_of"), "objection", "objection", ["duplicate_of"], ["id"])
    op.drop_constraint(op.f("ck_objection_status"), "objection", type_="check")
    op.drop_constraint(op.f("uq_draw_round_id"), "draw", type_="unique")
    for table, checks in (("objection", OBJECTION_CHECKS), ("draw", DRAW_CHECKS)):
        for name, condition in checks.items():
            op.create_check_constraint(op.f(name), table, condition)


def _rebuild(table: str, make: Any) -> None:
    """SQLite cannot change a constraint: the rows are set aside, the table made anew, the rows put back."""
    names = ", ".join(f'"{column["name"]}"' for column in sa.inspect(op.get_bind()).get_columns(table))
    op.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
    op.drop_table(table)
    make()
    op.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM kept_{table}")
    op.drop_table(f"kept_{table}")


def _objection() -> None:
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("via", AutoString(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("postmarked_on", sa.Date(), nullable=True),
        sa.Column("is_in_time", sa.Boolean(), nullable=False),
        sa.Column("allegation", AutoString(), nullable=False),
        sa.Column("complainant_sealed", AutoString(), nullable=False),
        sa.Column("status", AutoString(), nullable=False),
        sa.Column("finding", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("resolved_at", UTCDateTime(), nullable=True),
        sa.Column("resolved_by", AutoString(), nullable=True),
        *_objection_columns(),
        sa.CheckConstraint("(status = 'open') = (resolved_at IS NULL)", name=op.f("ck_objection_open_is_unresolved")),
        sa.CheckConstraint("via IN ('online', 'counter', 'post')", name=op.f("ck_objection_via")),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL)", name=op.f("ck_objection_resolved_at_with_resolved_by")
        ),
        *(sa.CheckConstraint(condition, name=op.f(name)) for name, condition in OBJECTION_CHECKS.items()),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_objection_application_id")),
        sa.ForeignKeyConstraint(["duplicate_of"], ["objection.id"], name=op.f("fk_objection_duplicate_of")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_objection_notice_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_objection_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("round_id", "ref", name=op.f("uq_objection_round_id_ref")),
    )
    op.create_index(op.f("ix_objection_application_id"), "objection", ["application_id"])


def _draw() -> None:
    op.create_table(
        "draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("pool", JSON, nullable=False),
        sa.Column("pool_sha256", AutoString(), nullable=False),
        sa.Column("sources", JSON, nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("published_by", AutoString(), nullable=False),
        sa.Column("drawn_at", UTCDateTime(), nullable=True),
        sa.Column("drawn_by", AutoString(), nullable=True),
        sa.Column("source_values", JSON, nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("picks", JSON, nullable=False),
        sa.Column("digests", JSON, nullable=False),
        sa.Column("unavailable", JSON, nullable=False),
        *_draw_columns(),
        sa.CheckConstraint("(drawn_at IS NULL) = (drawn_by IS NULL)", name=op.f("ck_draw_drawn_at_with_drawn_by")),
        sa.CheckConstraint("wanted > 0", name=op.f("ck_draw_wanted")),
        *(sa.CheckConstraint(condition, name=op.f(name)) for name, condition in DRAW_CHECKS.items()),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_draw_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
    )


def _new_tables() -> None:
    op.create_table(
        "expert_declaration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("expert_pk", sa.Integer(), nullable=False),
        sa.Column("interests", JSON, nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["expert_pk"], ["expert.id"], name=op.f("fk_expert_declaration_expert_pk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_declaration")),
    )
    op.create_index(op.f("ix_expert_declaration_expert_pk"), "expert_declaration", ["expert_pk"])
    op.create_table(
        "draw_challenge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("via", AutoString(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("postmarked_on", sa.Date(), nullable=True),
        sa.Column("is_in_time", sa.Boolean(), nullable=False),
        sa.Column("content", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("status", AutoString(), nullable=False),
        sa.Column("finding", AutoString(), nullable=False),
        sa.Column("resolved_at", UTCDateTime(), nullable=True),
        sa.Column("resolved_by", AutoString(), nullable=True),
        sa.CheckConstraint("via IN ('online', 'counter', 'post')", name=op.f("ck_draw_challenge_via")),
        sa.CheckConstraint("status IN ('open', 'upheld', 'dismissed')", name=op.f("ck_draw_challenge_status")),
        sa.CheckConstraint(
            "(status = 'open') = (resolved_at IS NULL)", name=op.f("ck_draw_challenge_open_is_unresolved")
        ),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL)", name=op.f("ck_draw_challenge_resolved_at_with_resolved_by")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_challenge_draw_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_challenge")),
        sa.UniqueConstraint("draw_id", "ref", name=op.f("uq_draw_challenge_draw_id_ref")),
    )
