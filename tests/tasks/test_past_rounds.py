"""Which rounds of the past keep an expert from an institution: those of this county, before this one."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from models import Round
from tests.support.stages import Stage
from tests.tasks.drawing import plan
from tests.tasks.test_drawing import _past_round, excluded


@pytest.mark.parametrize(
    ("county", "year", "batch", "is_out"),
    [("", 2024, 1, True), ("邻县", 2024, 1, False), ("", 2023, 1, False), ("", 2026, 1, False), ("", 2025, 2, False)],
)
def test_a_neighbours_round_and_a_later_one_keep_nobody_out(
    at_stage: Stage, county: str, year: int, batch: int, is_out: bool
) -> None:
    rehearsal = at_stage("evaluating")
    _past_round(rehearsal, year, "Z02", "样例大药房1店", batch)
    with rehearsal.session() as session:
        # the round of these tests stays the newest: what is announced last is the one that acts are about
        past = session.exec(select(Round).where(col(Round.year) == year, col(Round.id) != 1)).one()
        past.county = county or past.county
        session.add(past)
    plan(rehearsal)
    assert excluded(rehearsal) == ({"Z02": ["past_evaluation"]} if is_out else {})
