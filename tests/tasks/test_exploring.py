"""From every state that can be reached there is a way on; no place has two holders; no limit is watched by nobody.

As a rule two experts stand aside after the draw, which is enough for a panel to fall apart. `EXPLORE=wide` lets four of
them do it, in every order with everything else: 250 states for 150.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from models.migrate import upgrade
from rules.vocabulary import State
from tests.support.letting_go import let_go
from tests.support.rounds import small_round
from tests.tasks.exploring import LIBRARY, Explored, Explorer
from tests.tasks.rehearsal import STAGES, play

pytestmark = pytest.mark.long

IS_WIDE = os.environ.get("EXPLORE") == "wide"
RECUSALS, STATES = (4, 240) if IS_WIDE else (2, 150)

THE_CITYS = {State.AWAITING_CITY, State.DETERMINED, State.NOT_DETERMINED}

WAY = (
    *("submit_application", "supplement_materials", "verify_site", "sign_preliminary_opinion", "request_evaluation"),
    *("publish_draw_plan", "draw_experts", "record_score_sheet", "conclude_evaluation", "publish_notice"),
    *("record_negotiation", "sign_agreement", "file_agreement", "correct_record"),
)
ASIDE = ("withdraw_application", "record_objection", "resolve_objection")


def explored(
    folder: Path,
    until: str,
    at: str,
    acts: tuple[str, ...],
    pharmacies: int = 1,
    recusals: int = 0,
    readings: Mapping[str, str] | None = None,
    rounds: int = 1,
) -> Explored:
    start = folder / "start.db"
    upgrade(f"sqlite:///{start}")
    for batch in range(1, rounds + 1):
        names = {"P01": f"样例大药房{batch}店"}  # who evaluated an institution in one round does not do it in the next
        quota = {"hospital": 0, "pharmacy": 1}
        scenario = small_round(0, pharmacies, quota=quota, experts=LIBRARY, names=names, until=until)
        scenario["announcement"] |= {"substitution": "next_in_rank", "batch": batch}
        scenario["announcement"] |= {"readings": dict(readings)} if readings else {}
        play(f"sqlite:///{start}", scenario)
    let_go(f"sqlite:///{start}")
    return Explorer(folder, start, at, acts, absent=((), (1, 2)), recusals=recusals, rounds=rounds).explore()


def expect_sound(found: Explored, at_least: int) -> None:
    assert found.wrong == []
    assert found.dead_ends == []
    assert len(found.leads) >= at_least


def test_one_dossier_from_the_announcement_to_every_end(tmp_path: Path) -> None:
    acts = (*WAY, *ASIDE, "recuse_expert", "register_experts")
    found = explored(tmp_path, "announced", "2025-09-01 09:00", acts, recusals=RECUSALS)
    expect_sound(found, STATES)
    assert found.panels_apart
    never = {State.TOO_EARLY, State.NOT_ACCEPTED_BAN, State.PRELIM_FAILED, State.BELOW_THRESHOLD, State.OUT_OF_QUOTA}
    never |= THE_CITYS
    never.add(State.NOT_ACCEPTED_LATE)  # an application after the window changes nothing that waits
    assert found.states | {state.value for state in never} == {state.value for state in State}


def test_two_dossiers_and_one_place_after_the_conclusion(tmp_path: Path) -> None:
    acts = ("publish_notice", "record_negotiation", "sign_agreement", "file_agreement", "correct_record")
    acts = (*acts, "withdraw_application")
    found = explored(tmp_path, "concluded", "2025-09-22 18:01", acts, pharmacies=2)
    expect_sound(found, 80)


def test_of_two_rounds_side_by_side_each_reaches_what_it_reaches_alone(tmp_path: Path) -> None:
    """Two batches with equal numbers from the negotiation on: no act for one changes the other, the clock changes each
    as if the other were not there, and whatever the one does, the other has a way on."""
    acts = ("publish_notice", "record_negotiation", "sign_agreement", "file_agreement")
    (tmp_path / "alone").mkdir()
    alone = explored(tmp_path / "alone", STAGES["negotiating"], "2025-10-14 18:01", acts)
    found = explored(tmp_path, STAGES["negotiating"], "2025-10-14 18:01", acts, rounds=2)
    expect_sound(found, 100)
    assert found.seen_of(0) == found.seen_of(1) == alone.seen_of(0)


def test_two_dossiers_and_one_place_where_the_city_determines(tmp_path: Path) -> None:
    """Reported, returned, refused, confirmed, or not answered for ever: there is a way on from everywhere."""
    acts = ("publish_notice", "record_negotiation", "report_to_city", "record_city_decision", "sign_agreement")
    acts = (*acts, "file_agreement", "correct_record")
    until, at = STAGES["negotiating"], "2025-10-15 09:00"
    found = explored(tmp_path, until, at, acts, pharmacies=2, readings={"determination": "city"})
    expect_sound(found, 20)
    assert {state.value for state in THE_CITYS} <= found.states


@pytest.mark.parametrize(
    ("until", "at", "pharmacies", "acts"),
    [
        (
            "announced",
            "2025-09-01 09:00",
            1,
            ("submit_application", "supplement_materials", "verify_site", "sign_preliminary_opinion"),
        ),
        (
            STAGES["negotiating"],
            "2025-10-14 18:01",
            2,
            ("publish_notice", "record_negotiation", "sign_agreement", "file_agreement", "correct_record"),
        ),
    ],
)
def test_mistakes_that_are_taken_back_lead_into_no_dead_end(
    tmp_path: Path, until: str, at: str, pharmacies: int, acts: tuple[str, ...]
) -> None:
    tried = (*acts, "withdraw_application", "take_back_act")
    found = explored(tmp_path, until, at, tried, pharmacies=pharmacies)
    assert found.wrong == []
    taken_back = [way for way in found.way.values() if way and way[-1].startswith("take_back_act")]
    assert taken_back
    if pharmacies == 2:  # without the evaluation the other comes to no end
        assert found.dead_ends == []
