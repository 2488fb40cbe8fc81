"""A round from announcement to result through Prefect's interface, by its forms alone, on a fresh database.

Three applicants of the sample round: one that is objected to and signs, one that fails the review, one whose papers
never come. It must end as the replay of the same events ends. By hand is filled in what shows something new: a kind of
field that was not filled in before, or nothing to fill in. Every other form is sent as the interface sends it.
`WALK_APPLICANTS=all` walks the whole sample round, every form by hand. `WALK_PICTURES` names a folder for a picture of
every form and result.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from dingdian.replay import replay
from dingdian.scenario import check
from models.database import transaction
from tasks.case_loading import newest_round
from tests.support.walk import sample
from tests.support.walk.camera import Camera
from tests.support.walk.clerk import Clerk
from tests.support.walk.office import fresh_office
from views.outcome import outcome_of

pytestmark = pytest.mark.long

PICTURES = os.environ.get("WALK_PICTURES", "")
APPLICANTS = () if os.environ.get("WALK_APPLICANTS") == "all" else ("H03", "P02", "P05")
LEFT_OUT = [] if APPLICANTS else ["request_supplement", "request_evaluation"]
KINDS = {
    *("string", "integer", "boolean", "date", "choice", "nothing"),
    *(
        "list of string",
        "list of choice",
        "list of object",
        "list of integer",
        "list of list of integer",
        "list of date",
    ),
}
COMPARED = ("panel", "ranking", "vacant", "notices", "breaches")


def test_a_round_from_announcement_to_result_by_forms_alone(shared_tmp: Path, tmp_path: Path, page: Page) -> None:
    scenario, names, refused = sample.scenario(APPLICANTS), sample.names(), []
    seen: set[str] = set()
    with fresh_office(shared_tmp / "office", scenario) as (desk, clock):
        clerk = Clerk(desk, page, clock, Camera(Path(PICTURES)) if PICTURES else None)
        for step in sample.steps(scenario):
            clerk.set_clock(step.at)
            shown = clerk.kinds(names[step.do], step.values)
            if APPLICANTS and shown <= seen:
                state, _ = clerk.send(names[step.do], step.values)
            else:
                state = clerk.do(names[step.do], step.values, picture=names[step.do].split()[0]).state
                seen |= shown
            refused += [step.do] if state != "COMPLETED" else []
        with transaction(desk.database_url) as session:
            told = outcome_of(session, newest_round(session))
    assert refused == LEFT_OUT
    assert compared(told) == compared(replay(check(scenario), f"sqlite:///{tmp_path}/replayed.db"))
    assert seen == KINDS
    assert [one.deployment for one in clerk.done if "下一步" not in one.page] == []


def compared(told: dict[str, Any]) -> dict[str, Any]:
    """The outcome without what depends on how often the sweep ran: history of reminders, messages, hashes."""
    ended = {name: {**one, "history": []} for name, one in told["applicants"].items()}
    return {**{name: told[name] for name in COMPARED}, "applicants": ended}
