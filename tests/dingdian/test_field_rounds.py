"""Small rounds as they went wrong in the field, each with the value that is right (names and numbers are invented)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dingdian.replay import replay
from dingdian.scenario import load

FOLDER = Path(__file__).with_name("field_rounds")


@pytest.fixture
def outcome(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """What became of the round of this name."""
    return replay(load(FOLDER / f"{request.param}.json"), f"sqlite:///{tmp_path}/round.db")


def of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("outcome", [name], indirect=True)


def refused(outcome: dict[str, Any]) -> list[int]:
    return [one["event"] for one in outcome["refused"]]


@of("brought_back")
def test_a_place_has_one_holder_when_a_lapsed_dossier_is_brought_back(outcome: dict[str, Any]) -> None:
    told = {one: case["outcome"] for one, case in outcome["applicants"].items()}
    assert told == {"A": "SIGNED_FILED_PUBLISHED", "B": "OUT_OF_QUOTA"}
    assert [(one["event"], one["from"], one["to"]) for one in outcome["applicants"]["B"]["history"]][-1] == (
        "yield_place",
        "NEGOTIATING",
        "OUT_OF_QUOTA",
    )
    assert outcome["notifications"]["by_event"]["effect_reversed"] == 2


@of("late_opinion")
def test_a_dossier_whose_opinion_came_late_is_evaluated_and_ranked(outcome: dict[str, Any]) -> None:
    late, other = outcome["applicants"]["B"], outcome["applicants"]["A"]
    assert (late["mean_score"], late["rank"], late["outcome"]) == ("95.00", 1, "IN_PROGRESS")
    assert (other["rank"], other["outcome"]) == (2, "OUT_OF_QUOTA")
    assert outcome["ranking"]["hospital"] == ["B", "A"]
    assert (refused(outcome), outcome["vacant"]["hospital"]) == ([], 0)


@of("too_few_experts")
def test_after_a_draw_with_too_few_experts_another_is_planned_and_drawn(outcome: dict[str, Any]) -> None:
    assert refused(outcome) == [6]
    assert "可到场的专家只有 4 人，不足 5 人" in outcome["refused"][0]["reason"]
    assert len(outcome["panel"]) == 4


@of("shown_as_the_mark")
def test_a_mean_below_the_mark_is_not_shown_as_the_mark(outcome: dict[str, Any]) -> None:
    case = outcome["applicants"]["A"]
    assert (case["outcome"], case["mean_score"]) == ("BELOW_THRESHOLD", "69.997")


@of("corrected_never_signed")
def test_a_corrected_dossier_that_is_never_signed_does_not_wait_for_ever(outcome: dict[str, Any]) -> None:
    case = outcome["applicants"]["A"]
    assert (case["outcome"], case["deadlines"]["signing"]["status"]) == ("DEEMED_ABANDONED", "lapsed")


@of("drawn_before_anybody")
def test_no_expert_is_drawn_before_the_city_was_asked(outcome: dict[str, Any]) -> None:
    assert (refused(outcome), outcome["panel"]) == ([1, 2], [])
