"""The limits that anybody can look up: the same days as the engine gives the dossiers, with the same working."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models.database import transaction
from publication.change_scan import survey
from publication.limits import signing_limit
from publication.site import build_site
from tests.support.rounds import replayed, small_round
from views.casefile import case_file

Limits = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("limits")
    url, _ = replayed(folder, small_round())
    build_site(url, folder)
    return url


@pytest.fixture
def limits(url: str) -> Limits:
    told = json.loads(Path(url.removeprefix("sqlite:///")).with_name("limits-1.json").read_text(encoding="utf-8"))
    return {(one["kind"], one["start_on"]): one for one in told["limits"]}


def deadlines(url: str) -> dict[str, dict[str, Any]]:
    with transaction(url) as session:
        return {one["kind"]: one for one in case_file(session, "P01", 1)["deadlines"]}


@pytest.mark.parametrize("kind", ["preliminary_review", "whole_procedure"])
def test_a_dossiers_limit_is_the_published_one_of_its_day(url: str, limits: Limits, kind: str) -> None:
    own = deadlines(url)[kind]
    found = limits[kind, own["start"]]
    assert (found["due_on"], found["label"], found["length"]) == (own["due"], own["label"], own["period"])
    published = [(one["day"], one["effect"], one["count"], one["reason"]) for one in found["working"]]
    assert published == [(one["day"], one["effect"], one["count"], one["reason"]) for one in own["working"]]


def test_the_signing_limit_stands_with_the_second_notice(url: str) -> None:
    own = deadlines(url)["signing"]
    with transaction(url) as session:
        found = survey(session)
    notices = found.rounds[0].notices
    limits = [signing_limit(found.rounds[0].round, head, found.workdays) for head in notices]
    assert [limit and (str(limit.start_on), str(limit.due_on)) for limit in limits] == [
        None,
        (own["start"], own["due"]),
        None,
    ]


def test_every_day_of_the_window_has_its_limits(limits: Limits) -> None:
    days = {date.fromisoformat(start) for _, start in limits}
    assert (min(days), max(days), len(days), len(limits)) == (date(2025, 9, 1), date(2025, 9, 12), 12, 36)
    assert limits["supplement_notice", "2025-09-12"]["due_on"] == "2025-09-19"
    reasons = [one["reason"] for one in limits["preliminary_review", "2025-09-12"]["working"]]
    assert "国庆节、中秋节放假（国办发明电〔2024〕12号）" in reasons
