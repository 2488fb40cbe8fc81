"""Rounds side by side: what comes of a round does not depend on which others run beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dingdian.replay import replay_together
from dingdian.scenario import check
from publication.site import build_site
from tests.support.rounds import replayed, small_round

SAME = {"quota": {"hospital": 1, "pharmacy": 2}, "objections": {"P01": False}}


def batch(number: int, **knobs: Any) -> dict[str, Any]:
    """A round of the same county and year, with the same numbers in it."""
    made = small_round(1, 3, **{**SAME, **knobs})
    made["announcement"]["batch"] = number
    return made


def alone(tmp_path: Any, scenario: Mapping[str, Any], name: str) -> dict[str, Any]:
    folder = tmp_path / name
    folder.mkdir()
    return replayed(folder, scenario)[1]


def told(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """What came of a round, without the hashes of its records: they bind its name and its number too."""
    return {name: value for name, value in outcome.items() if name not in ("audit", "notifications")}


def test_two_batches_of_a_year_come_out_as_each_would_alone(database: str, tmp_path: Any) -> None:
    """The same numbers, the same days, the same people: an act meant for one that reached the other would show."""
    first, second = batch(1), batch(2, unsigned=["P01"], until="2026-03-02T09:00:00+08:00")
    together = replay_together([check(first), check(second)], database)
    assert [told(one) for one in together] == [told(alone(tmp_path, first, "1")), told(alone(tmp_path, second, "2"))]
    assert together[0]["refused"] == together[1]["refused"] == []
    assert together[0]["applicants"]["P01"]["outcome"] != together[1]["applicants"]["P01"]["outcome"]


@pytest.mark.parametrize("number", [1, 2])
def test_a_batch_is_announced_once(database: str, number: int) -> None:
    twice = replay_together(
        [check(batch(number, until="announced")), check(batch(number, until="announced"))], database
    )
    (refusal,) = [one["refused"] for one in twice if one["refused"]]
    said = refusal[0]["reason"]
    assert f"的公告已经发布，不能重复发布；本年度再次评估的，在公告中填写批次（batch: {number + 1}）" in said


def test_each_batch_has_its_own_pages_and_calendar_entries(tmp_path: Path) -> None:
    """Two rounds with equal numbers on one site: every page tells of its own round, no entry takes another's place."""
    url = f"sqlite:///{tmp_path / 'both.db'}"
    replay_together([check(batch(1)), check(batch(2, unsigned=["P01"], until="2026-03-02T09:00:00+08:00"))], url)
    site = tmp_path / "site"
    build_site(url, site, datetime.fromisoformat("2026-03-02T09:00:00+08:00"))
    titles = {path.name: _title(path) for path in site.glob("*.html")}
    for name in ("results-{}.html", "draw-{}.html", "limits-{}.html"):
        first, second = titles[name.format(1)], titles[name.format(2)]
        assert "第2批" not in first, name
        assert "第2批" in second, name
    entries = re.findall(r"^UID:(.*)$", (site / "dates.ics").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(entries) == len(set(entries)) > 0
    signed = [
        len(json.loads((site / f"results-{one}.json").read_text(encoding="utf-8"))["institutions"]) for one in (1, 2)
    ]
    assert signed == [3, 2]


def _title(path: Path) -> str:
    found = re.search(r"<title>(.*?)</title>", path.read_text(encoding="utf-8"), re.DOTALL)
    assert found, path
    return found[1]
