"""Double random inspections, complaints about institutions, lists of institutions (R61, R64, R72, R76, R77, R82); an
inspection says which plan drew it and what was seen of the five matches; its record is a paper.

Revision: 0025
Follows: 0022
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.remaking import remake

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
FROZEN = (
    *("round_id", "ref", "from_on", "to_on", "wanted", "inspectors_each", "institutions", "inspectors", "conflicts"),
    *("pools_sha256", "sources", "commitment", "published_at", "published_by"),
)  # a source may be put off, a key changed: `source_rules` and `secret_sealed` may


def upgrade() -> None:
    """One step up."""
    _tables()
    _frozen("double_random_draw")
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()
    op.create_index(op.f("ix_inspection_draw_id"), "inspection", ["draw_id"])


def _on_postgresql() -> None:
    for table, added in (("inspection", "double_random"), ("document", "inspection_record")):
        name = op.f(f"ck_{table}_kind")
        query = sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")
        said = op.get_bind().execute(query, {"name": name}).scalar_one()
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, _kinds([*re.findall(r"'(\w+)'", said), added]))
    op.add_column("inspection", sa.Column("draw_id", sa.Integer(), nullable=True))
    op.add_column("inspection", sa.Column("matches", JSON, server_default=sa.text("'{}'"), nullable=False))
    op.create_foreign_key(op.f("fk_inspection_draw_id"), "inspection", "double_random_draw", ["draw_id"], ["id"])


def _on_sqlite() -> None:
    recorded = "\trecorded_by VARCHAR NOT NULL, \n"
    columns = f"{recorded}\tdraw_id INTEGER, \n\tmatches JSON DEFAULT '{{}}' NOT NULL, \n"
    of_agreement = "\tCONSTRAINT fk_inspection_agreement_id"
    of_draw = "\tCONSTRAINT fk_inspection_draw_id FOREIGN KEY(draw_id) REFERENCES double_random_draw (id), \n"
    words = [_widened("inspection", "double_random"), (recorded, columns), (of_agreement, of_draw + of_agreement)]
    remake(op.get_bind(), "inspection", words)
    remake(op.get_bind(), "document", [_widened("document", "inspection_record")])


def _widened(table: str, added: str) -> tuple[str, str]:
    """The kinds that a table may hold, before and after; whatever they are by now."""
    query = sa.text("SELECT sql FROM sqlite_master WHERE name = :table")
    made = op.get_bind().execute(query, {"table": table}).scalar_one()
    before = re.search(r"kind IN \([^)]*\)", made)
    assert before
    return before[0], _kinds([*re.findall(r"'(\w+)'", before[0]), added])


def _kinds(kinds: list[str]) -> str:
    return f"kind IN ({', '.join(repr(one) for one in kinds)})"


def _frozen(table: str) -> None:
    """What a plan said when it was published stays so, whoever asks."""
    columns = ", ".join(FROZEN)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_is_frozen() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION 'a plan of {table} is frozen'; END $$"
        )
        when = f"BEFORE DELETE OR UPDATE OF {columns} ON {table}"
        op.execute(f"CREATE TRIGGER {table}_frozen {when} FOR EACH ROW EXECUTE FUNCTION {table}_is_frozen()")
        return
    for act in (f"UPDATE OF {columns}", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{act.split()[0].lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'a plan of {table} is frozen'); END"
        )


def _tables() -> None:
    op.create_table(
        "double_random_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("inspectors_each", sa.Integer(), nullable=False),
        sa.Column("institutions", JSON, nullable=False),
        sa.Column("inspectors", JSON, nullable=False),
        sa.Column("conflicts", JSON, nullable=False),
        sa.Column("pools_sha256", AutoString(), nullable=False),
        sa.Column("sources", JSON, nullable=False),
        sa.Column("source_rules", JSON, nullable=False),
        sa.Column("commitment", AutoString(), nullable=False),
        sa.Column("secret_sealed", AutoString(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("published_by", AutoString(), nullable=False),
        sa.Column("drawn_at", UTCDateTime(), nullable=True),
        sa.Column("drawn_by", AutoString(), nullable=True),
        sa.Column("source_values", JSON, nullable=False),
        sa.Column("assigned", JSON, nullable=False),
        sa.Column("revealed_at", UTCDateTime(), nullable=True),
        sa.Column("revealed_by", AutoString(), nullable=True),
        sa.Column("secret", AutoString(), nullable=False),
        sa.CheckConstraint(
            "(revealed_at IS NULL) = (secret = '')", name=op.f("ck_double_random_draw_secret_until_revealed")
        ),
        sa.CheckConstraint(
            "(drawn_at IS NULL) = (drawn_by IS NULL)", name=op.f("ck_double_random_draw_drawn_at_with_drawn_by")
        ),
        sa.CheckConstraint(
            "(revealed_at IS NULL) = (revealed_by IS NULL)",
            name=op.f("ck_double_random_draw_revealed_at_with_revealed_by"),
        ),
        sa.CheckConstraint(
            "revealed_at IS NULL OR drawn_at IS NOT NULL", name=op.f("ck_double_random_draw_revealed_was_drawn")
        ),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_double_random_draw_range")),
        sa.CheckConstraint("wanted > 0 AND inspectors_each > 0", name=op.f("ck_double_random_draw_wanted")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_double_random_draw_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_double_random_draw")),
        sa.UniqueConstraint("round_id", "ref", name=op.f("uq_double_random_draw_round_id_ref")),
    )
    op.create_table(
        "list_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("on_list", AutoString(), nullable=False),
        sa.Column("ground", AutoString(), nullable=False),
        sa.Column("document", AutoString(), nullable=False),
        sa.Column("evidence", AutoString(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("confirmed_by", AutoString(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("removed_by", AutoString(), nullable=True),
        sa.Column("removal_confirmed_by", AutoString(), nullable=True),
        sa.Column("removed_why", AutoString(), nullable=False),
        sa.Column("removal_evidence", AutoString(), nullable=False),
        sa.CheckConstraint("on_list IN ('refusal', 'black')", name=op.f("ck_list_entry_on_list")),
        sa.CheckConstraint(
            "(removed_on IS NULL) = (removal_confirmed_by IS NULL)",
            name=op.f("ck_list_entry_removed_on_with_removal_confirmed_by"),
        ),
        sa.CheckConstraint(
            "(removed_on IS NULL) = (removed_by IS NULL)", name=op.f("ck_list_entry_removed_on_with_removed_by")
        ),
        sa.CheckConstraint("confirmed_by <> recorded_by", name=op.f("ck_list_entry_two_persons")),
        sa.CheckConstraint("until IS NULL OR until >= from_on", name=op.f("ck_list_entry_range")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_list_entry_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_entry")),
    )
    op.create_index(op.f("ix_list_entry_institution_id"), "list_entry", ["institution_id"], unique=False)
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("via", AutoString(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("matter", AutoString(), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("complainant_sealed", AutoString(), nullable=False),
        sa.Column("complainant_bidx", AutoString(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("status", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("finding", AutoString(), nullable=False),
        sa.Column("resolved_at", UTCDateTime(), nullable=True),
        sa.Column("resolved_by", AutoString(), nullable=True),
        sa.Column("replied_on", sa.Date(), nullable=True),
        sa.Column("replied_by", AutoString(), nullable=True),
        sa.Column("reply_how", AutoString(), nullable=False),
        sa.Column("reply_proof", AutoString(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (resolved_at IS NULL)", name=op.f("ck_complaint_open_is_unresolved")),
        sa.CheckConstraint(
            "NOT is_anonymous OR complainant_sealed = ''", name=op.f("ck_complaint_anonymous_is_unknown")
        ),
        sa.CheckConstraint(
            "replied_on IS NULL OR (status <> 'open' AND reply_how <> '' AND reply_proof <> '')",
            name=op.f("ck_complaint_reply_is_proved"),
        ),
        sa.CheckConstraint("reply_how IN ('', 'call', 'paper', 'counter')", name=op.f("ck_complaint_reply_how")),
        sa.CheckConstraint("status IN ('open', 'upheld', 'dismissed')", name=op.f("ck_complaint_status")),
        sa.CheckConstraint("via IN ('online', 'counter', 'post')", name=op.f("ck_complaint_via")),
        sa.CheckConstraint(
            "(replied_on IS NULL) = (replied_by IS NULL)", name=op.f("ck_complaint_replied_on_with_replied_by")
        ),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL)", name=op.f("ck_complaint_resolved_at_with_resolved_by")
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_complaint_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("agreement_id", "ref", name=op.f("uq_complaint_agreement_id_ref")),
    )
    op.create_index(
        "ix_complaint_complainant_bidx",
        "complaint",
        ["complainant_bidx"],
        unique=False,
        sqlite_where=sa.text("complainant_bidx <> ''"),
        postgresql_where=sa.text("complainant_bidx <> ''"),
    )
