"""The city determines (R75); agreements that were there before (R74): states and columns, and the steps of the city.

Revision: 0026
Follows: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from models.migrations.remaking import remake

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
DOSSIER = ("'CONSENSUS', ", "'CONSENSUS', 'AWAITING_CITY', 'DETERMINED', ")
DOSSIER_END = ("'NEGOTIATION_FAILED', ", "'NEGOTIATION_FAILED', 'NOT_DETERMINED', ")
DOSSIER_STATES = (
    "state IN ('NOT_APPLIED', 'TOO_EARLY', 'INCOMPLETE', 'ACCEPTED', 'PRELIM_PASSED', 'COUNTY_REQUESTED', "
    "'EVALUATING', 'SELECTED', 'NOTICE_RESULT', 'NEGOTIATING', 'CONSENSUS', 'AWAITING_CITY', 'DETERMINED', "
    "'NOTICE_PROPOSED', 'SIGNING', 'SIGNED', 'FILED', 'PUBLISHED', 'NOT_ACCEPTED_LATE', 'NOT_ACCEPTED_INCOMPLETE', "
    "'NOT_ACCEPTED_BAN', 'PRELIM_FAILED', 'BELOW_THRESHOLD', 'OUT_OF_QUOTA', 'DISQUALIFIED_PUBLICITY_1', "
    "'DISQUALIFIED_PUBLICITY_2', 'NEGOTIATION_FAILED', 'NOT_DETERMINED', 'DEEMED_ABANDONED', 'WITHDRAWN')"
)
AGREEMENT_STATES = (
    "state IN ('DRAFT', 'SIGNED', 'FILED', 'IN_FORCE', 'SUSPENDED', 'TO_BE_DISSOLVED', 'DISSOLVED', 'EXPIRED', "
    "'SUPERSEDED', 'LEFT', 'CANCELLED')"
)
CHECKS = {
    "ck_agreement_suspensions_before": "suspensions_before >= 0",
    "ck_agreement_assessed_if_migrated": "assessed_on IS NULL OR assess_by IS NOT NULL",
}
DAYS = ("assess_by", "assessed_on", "cancelled_on")
ROUND_KIND = "kind IN ('evaluation', 'intake')"


def upgrade() -> None:
    """One step up."""
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()
    _city_step()


def _on_sqlite() -> None:
    connection = op.get_bind()
    remake(connection, "application", [DOSSIER, DOSSIER_END])
    columns = "\tleaves_on DATE, \n"
    columns += "\tsuspensions_before INTEGER DEFAULT '0' NOT NULL, \n" + "".join(f"\t{day} DATE, \n" for day in DAYS)
    checks = "".join(f"\tCONSTRAINT {name} CHECK ({said}), \n" for name, said in CHECKS.items())
    previous = "\tCONSTRAINT fk_agreement_previous_id FOREIGN KEY(previous_id) REFERENCES agreement (id), \n"
    remake(
        connection,
        "agreement",
        [
            ("'LEFT')", "'LEFT', 'CANCELLED')"),
            ("\tleaves_on DATE, \n", columns),
            (previous, previous + checks),
        ],
    )
    window = "\tCONSTRAINT ck_round_window "
    remake(
        connection,
        "round",
        [
            (window, f"\tCONSTRAINT ck_round_kind CHECK ({ROUND_KIND}), \n{window}"),
            (
                "\tname VARCHAR NOT NULL, \n",
                "\tkind VARCHAR DEFAULT 'evaluation' NOT NULL, \n\tname VARCHAR NOT NULL, \n",
            ),
        ],
    )


def _on_postgresql() -> None:
    op.drop_constraint(op.f("ck_application_state"), "application", type_="check")
    op.create_check_constraint(op.f("ck_application_state"), "application", DOSSIER_STATES)
    op.drop_constraint(op.f("ck_agreement_state"), "agreement", type_="check")
    op.create_check_constraint(op.f("ck_agreement_state"), "agreement", AGREEMENT_STATES)
    before = sa.Column("suspensions_before", sa.Integer(), server_default="0", nullable=False)
    op.add_column("agreement", before)
    for day in DAYS:
        op.add_column("agreement", sa.Column(day, sa.Date(), nullable=True))
    for name, said in CHECKS.items():
        op.create_check_constraint(op.f(name), "agreement", said)
    of_round: sa.Column[str] = sa.Column("kind", AutoString(), server_default=sa.text("'evaluation'"), nullable=False)
    op.add_column("round", of_round)
    op.create_check_constraint(op.f("ck_round_kind"), "round", ROUND_KIND)


def _city_step() -> None:
    decision = "decision IN ('', 'confirmed', 'returned', 'refused')"
    subject = "(application_id IS NULL) <> (agreement_id IS NULL)"
    op.create_table(
        "city_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("agreement_id", sa.Integer(), nullable=True),
        sa.Column("about", AutoString(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("report_no", AutoString(), nullable=False),
        sa.Column("minutes", AutoString(), nullable=False),
        sa.Column("told", JSON, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", AutoString(), nullable=False),
        sa.Column("decision", AutoString(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_no", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("decided_by", AutoString(), nullable=True),
        sa.CheckConstraint(subject, name=op.f("ck_city_step_one_subject")),
        sa.CheckConstraint(decision, name=op.f("ck_city_step_decision")),
        sa.CheckConstraint("(decision = '') = (decided_on IS NULL)", name=op.f("ck_city_step_decided")),
        sa.CheckConstraint(
            "decided_on IS NULL OR decided_on >= reported_on", name=op.f("ck_city_step_answered_after_report")
        ),
        sa.CheckConstraint(
            "(decided_on IS NULL) = (decided_by IS NULL)", name=op.f("ck_city_step_decided_on_with_decided_by")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_city_step_round_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_city_step_application_id")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_city_step_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_step")),
    )
    for column in ("round_id", "application_id", "agreement_id"):
        op.create_index(op.f(f"ix_city_step_{column}"), "city_step", [column])
