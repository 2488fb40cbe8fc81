"""Whether an objection came in time: the table, to the second."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest

from rules.objections import is_in_time
from rules.vocabulary import ObjectionVia
from tests.rules.cases import POLICY, beijing, names, table

CASES = table("objections.yaml")


def asked(row: dict[str, Any], shift: timezone | None = None) -> bool:
    given = row["given"]
    received = beijing(given["received"])
    return is_in_time(
        ObjectionVia(given["via"]),
        received.astimezone(shift) if shift else received,
        given.get("postmarked"),
        given["last_day"],
        POLICY.time_of_day("counter_closes"),
        postmark_counts=given.get("postmark_counts", POLICY.reads("posted_objection") == "postmark"),
    )


@pytest.mark.parametrize("row", CASES, ids=names(CASES))
def test_the_table(row: dict[str, Any]) -> None:
    assert asked(row) is row["expect"]


@pytest.mark.parametrize("hours", [-11, 0, 13])
@pytest.mark.parametrize("row", CASES, ids=names(CASES))
def test_the_same_instant_told_in_another_zone_changes_nothing(row: dict[str, Any], hours: int) -> None:
    assert asked(row, timezone(timedelta(hours=hours))) is row["expect"]
