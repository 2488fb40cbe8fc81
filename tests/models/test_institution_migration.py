"""The migration of institutions keeps the applicants and finds who is the same; the database holds one code once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models import migrate
from models.database import engine_for
from tests.support.migrations import A_ROUND, insert, upgrade_to

AT = datetime(2025, 9, 24, 1, tzinfo=UTC)
CODE = "91350100M000100Y43"
ROWS = ((1, "P01", CODE, ""), (2, "P02", CODE, "东院区"), (3, "P03", "", ""), (4, "P04", "", ""))
SAME = (1, "P05", f" {CODE.lower()}", ""), (2, "P06", CODE, "东 院区")


def applicant(id_: int, number: str, code: str, campus: str) -> str:
    return (
        "INSERT INTO applicant (id, round_id, applicant_id, type, name, credit_code, campus, facts, contact_sealed, "
        f"email_masked, phone_masked) VALUES ({id_}, 1, '{number}', 'pharmacy', 'x', '{code}', '{campus}', '{{}}', "
        "'', '', '')"
    )


def test_applicants_are_kept_and_one_code_and_campus_is_one_institution(database_url: str) -> None:
    upgrade_to(database_url, "0006")
    insert(database_url, (A_ROUND,), AT)
    upgrade_to(database_url, "0016")
    again = [(id_ + 4, *rest) for id_, *rest in SAME]
    insert(database_url, tuple(applicant(*row) for row in (*ROWS, *again)), AT)
    migrate.upgrade(database_url)
    with engine_for(database_url).connect() as connection:
        query = text("SELECT applicant_id, credit_code, institution_id FROM applicant ORDER BY id")
        rows = [tuple(row) for row in connection.execute(query)]
    assert [row[:2] for row in rows] == [(row[1], row[2]) for row in (*ROWS, *again)]
    one, other, third, fourth, *same = [row[2] for row in rows]
    assert same == [one, other]
    assert len({one, other, third, fourth}) == 4
    with pytest.raises(IntegrityError):
        insert(database_url, (f"INSERT INTO institution (credit_code, campus) VALUES ('{CODE}', '')",), AT)
    insert(database_url, ("INSERT INTO institution (credit_code, campus) VALUES ('', '')",), AT)
