"""From every state that can be reached there is a way on; no place has two holders; no limit is watched by nobody.

As a rule two experts stand aside after the draw, which is enough for a panel to fall apart. `EXPLORE=wide` lets four of
them do it, in every order with everything else: 250 states for 150.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.database import engine_for
from models.migrate import upgrade
from rules.vocabulary import State
from tests.support.rounds import small_round
from tests.tasks.exploring import LIBRARY, Explored, Explorer
from tests.tasks.rehearsal import play

pytestmark = pytest.mark.long

IS_WIDE = os.environ.get("EXPLORE") == "wide"
RECUSALS, STATES = (4, 240) if IS_WIDE else (2, 150)

WAY = (
    *("submit_application", "supplement_materials", "verify_site", "sign_preliminary_opinion", "request_evaluation"),
    *("publish_draw_plan", "draw_experts", "record_score_sheet", "conclude_evaluation", "publish_notice"),
    *("record_negotiation", "sign_agreement", "file_agreement", "correct_record"),
)
ASIDE = ("withdraw_application", "record_objection", "resolve_objection")


def explored(
    folder: Path, until: str, at: str, acts: tuple[str, ...], pharmacies: int = 1, recusals: int = 0
) -> Explored:
    scenario = small_round(0, pharmacies, quota={"hospital": 0, "pharmacy": 1}, experts=LIBRARY, until=until)
    scenario["announcement"]["substitution"] = "next_in_rank"
    start = folder / "start.db"
    upgrade(f"sqlite:///{start}")
    play(f"sqlite:///{start}", scenario)
    engine_for(f"sqlite:///{start}").dispose()
    return Explorer(folder, start, at, acts, absent=((), (1, 2)), recusals=recusals).explore()


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
    never.add(State.NOT_ACCEPTED_LATE)  # an application after the window changes nothing that waits
    assert found.states | {state.value for state in never} == {state.value for state in State}


def test_two_dossiers_and_one_place_after_the_conclusion(tmp_path: Path) -> None:
    acts = ("publish_notice", "record_negotiation", "sign_agreement", "file_agreement", "correct_record")
    acts = (*acts, "withdraw_application")
    found = explored(tmp_path, "concluded", "2025-09-22 18:01", acts, pharmacies=2)
    expect_sound(found, 80)
