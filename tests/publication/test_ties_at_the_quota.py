"""Whether the quota line runs between those who are equal: what a page says of their draw."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.database import transaction
from publication.ties import ties_of
from tests.support.rounds import replayed, small_round


@pytest.mark.parametrize(("quota", "is_at_quota"), [(1, True), (2, True), (3, False)])
def test_the_line_runs_between_equals_or_below_all_of_them(tmp_path: Path, quota: int, is_at_quota: bool) -> None:
    equal = dict.fromkeys(("P01", "P02", "P03"), "80")
    places = {"hospital": 1, "pharmacy": quota}
    scenario = small_round(pharmacies=3, scores=equal, quota=places, until="2025-09-24T18:00:00+08:00")
    url, _ = replayed(tmp_path, scenario)
    with transaction(url) as session:
        [tie] = ties_of(session, 1)
    assert (tie.place, len(tie.order), tie.is_at_quota) == (1, 3, is_at_quota)
