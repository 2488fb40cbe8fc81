"""Whether an objection came in time: the table, to the second."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest

from rules.objections import holds, is_in_time, matter_of
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


@pytest.mark.parametrize(
    ("in_time", "is_anonymous", "anonymous_holds", "held"),
    [
        *((True, False, True, True), (True, False, False, True), (True, True, True, True), (True, True, False, False)),
        *((False, False, True, False), (False, True, True, False), (False, True, False, False)),
    ],
)
def test_what_holds_a_dossier(in_time: bool, is_anonymous: bool, anonymous_holds: bool, held: bool) -> None:
    assert holds(in_time=in_time, is_anonymous=is_anonymous, anonymous_holds=anonymous_holds) is held


@pytest.mark.parametrize("other", ["营业面积 不足。", "营业面积不足！", "「营业面积」不足", "　营业面积不足\n"])
def test_the_same_matter_however_it_is_written(other: str) -> None:
    assert matter_of(other) == matter_of("营业面积不足")


@pytest.mark.parametrize("other", ["营业面积不足179", "营业面积", "冷链不足", ""])
def test_another_matter(other: str) -> None:
    assert matter_of(other) != matter_of("营业面积不足")
