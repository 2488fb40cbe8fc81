"""Who may not sit while an institution is evaluated: the table."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rules.conflicts import Interest, Person, conflicts
from tests.rules.cases import names, table

CASES = table("conflicts.yaml")
APPLICANTS = {"H01": "样例县第1医院", "P01": "样例大药房1店"}
GROUPS = [["样例医药集团", "P01", "样例市单位03"], ["另一集团", "样例市单位09"]]


@pytest.mark.parametrize("row", CASES, ids=names(CASES))
def test_the_table(row: dict[str, Any]) -> None:
    given = row["given"]
    declared = given.get("interests")
    ties = None if declared is None else tuple(Interest(**one) for one in declared)
    person = Person("Z01", given.get("employer", "样例市单位01"), ties, frozenset(given.get("evaluated", ())))
    must = given.get("must_declare", False)
    found = conflicts([person], APPLICANTS, GROUPS, must_declare=must, on=date(2025, 9, 17))
    assert [[one.applicant_id, one.kind.value] for one in found] == row["expect"]
    assert {one.expert_id for one in found} <= {"Z01"}


def test_without_applicants_only_the_unknown_is_in_the_way() -> None:
    found = conflicts([Person("Z01", "x", None)], {}, [], must_declare=True, on=date(2025, 9, 17))
    assert [(one.applicant_id, one.kind.value) for one in found] == [(None, "unknown")]
