"""An institution is one record across rounds: known by its credit code and campus (院区), where the code is known.

Applicants of before with one code and campus become one institution; one without a code is one of its own. The column is
added without rebuilding `applicant`: both databases take a reference in ADD COLUMN as long as it may be empty.

Revision: 0017
Follows: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from rules.register import identity_of

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "institution",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, AutoString(), nullable=False) for name in ("credit_code", "campus")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
    )
    known = sa.text("credit_code <> ''")
    op.create_index(
        *("uq_institution_credit_code_campus", "institution", ["credit_code", "campus"]),
        unique=True,
        sqlite_where=known,
        postgresql_where=known,
    )
    op.execute(
        "ALTER TABLE applicant ADD COLUMN institution_id INTEGER "
        "CONSTRAINT fk_applicant_institution_id REFERENCES institution (id)"
    )
    op.create_index(op.f("ix_applicant_institution_id"), "applicant", ["institution_id"])
    _attach_what_is_there(op.get_bind())


def _attach_what_is_there(connection: sa.Connection) -> None:
    rows = connection.execute(sa.text("SELECT id, credit_code, campus FROM applicant ORDER BY id")).all()
    tables = sa.MetaData()
    institutions = sa.Table("institution", tables, autoload_with=connection)
    made: dict[tuple[str, str], int] = {}
    for applicant, credit_code, campus in rows:
        identity = identity_of(credit_code, campus)
        id_ = made.get(identity) if identity[0] else None
        if id_ is None:
            values = dict(zip(("credit_code", "campus"), identity, strict=True))
            id_ = connection.execute(institutions.insert().returning(institutions.c.id), values).scalar_one()
            made[identity] = id_
        set_to = sa.text("UPDATE applicant SET institution_id = :institution WHERE id = :applicant")
        connection.execute(set_to, {"institution": id_, "applicant": applicant})
