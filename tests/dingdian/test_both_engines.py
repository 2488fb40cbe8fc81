"""The real flows give the outcome of the direct engine: objections to the second, an agreement to its dissolution, and
acts whose second person the file names.

What comes before is played directly: a round from its announcement on is `test_replay`'s. All of them on one Prefect
server, whose start costs as much as their flows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dingdian.replay import replay
from dingdian.scenario import check
from tests.dingdian.test_agreement_scenarios import DISSOLVED, going_on
from tests.dingdian.test_objection_moments import MOMENTS, in_time, moments
from tests.dingdian.test_second_persons_in_files import scenario, seconds
from tests.support.flows_from import Given, Told, outcomes_from

pytestmark = pytest.mark.long


def named_twice() -> dict[str, Any]:
    """Up to the draw with a second person for each act that may have one; one expert stands aside twice."""
    made = scenario("复核员")
    place = next(number for number, one in enumerate(made["events"]) if one["do"] == "recuse_expert")
    made["events"].insert(place, dict(made["events"][place]))
    return {**made, "until": "2025-09-19T18:00:00+08:00"}


GIVEN: dict[str, Given] = {
    "second persons": (named_twice(), "2025-09-18T00:00:00+08:00"),  # from the recusal on
    "objections": (moments(), "2025-09-24T00:00:00+08:00"),  # from the notice of results on
    "agreement": (going_on(DISSOLVED, "2025-12-20T18:00:00+08:00"), "2025-11-01T00:00:00+08:00"),  # the signature
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What became of each through the flows, and its database."""
    return outcomes_from(GIVEN, tmp_path_factory.mktemp("flows"))


@pytest.mark.parametrize("name", GIVEN)
def test_both_engines_give_the_same_outcome(told: Told, tmp_path: Path, name: str) -> None:
    assert told[name][0] == replay(check(dict(GIVEN[name][0])), f"sqlite:///{tmp_path}/direct.db")


def test_objections_through_the_flows_are_in_time_or_late(told: Told) -> None:
    assert in_time(told["objections"][1]) == {one: expected for one, (*_, expected) in MOMENTS.items()}


def test_the_flows_take_the_second_person_of_a_file(told: Told) -> None:
    outcome, url = told["second persons"]
    assert seconds(url) == dict.fromkeys(("announce_round", "recuse_expert", "draw_experts"), "复核员")
    assert [(one["do"], "已登记过" in one["reason"]) for one in outcome["refused"]] == [("recuse_expert", True)]
