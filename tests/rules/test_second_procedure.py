"""The walls: a second procedure stands on the same engine, and what one of its acts still lacks is named."""

from __future__ import annotations

import pytest

from rules.case import Refused
from rules.evaluation import EVALUATION
from rules.procedure import BREACH
from tests.rules.cases import WORKDAYS, event
from tests.rules.soundness import faults
from tests.support import permits
from tests.support.permits import LIMITS, PLACES, Permit, PermitSetting, State, procedure

SETTING = PermitSetting(LIMITS, WORKDAYS)

LACKS = {
    "way": ["state SUSPENDED: neither on the way nor an end"],
    "next_step": ["state SUSPENDED: what is to be done next is said of every state on the way, and of no end"],
    "row": [
        "state SUSPENDED: no row leads there",
        "event suspend_permit: has no row",
        "clock suspension: no row makes its mark _from_today",
    ],
    "row back": ["event resume_permit: has no row"],
    "clock": ["event breach: nobody starts it", "clock suspension: unknown to the procedure"],
    "limit": ["clock suspension: no time limit in the policy"],
    "act": ["event suspend_permit: nobody starts it"],
    "message": [
        "row IN_FORCE-suspend_permit-always: no message decision_review",
        "row SUSPENDED-resume_permit-always: no message decision_review",
    ],
}


def permit(state: State) -> Permit:
    return Permit(
        id=1, number="X1", name="许可X1", state=state, version=0, holds=0, audit_seq=0, audit_head="", round_id=1
    )


def test_the_second_procedure_is_sound() -> None:
    assert named("") == []


def named(without: str) -> list[str]:
    """What is named when one of the places in which 暂停 stands is left out."""
    return faults(
        procedure(without),
        acts=permits.acts(without),
        messages=permits.messages(without),
        limits=permits.limits(without),
    )


@pytest.mark.parametrize("place", PLACES)
def test_each_of_the_eight_places_is_missed_by_name(place: str) -> None:
    assert named(place) == LACKS[place]


def test_its_refusals_speak_of_its_own_steps() -> None:
    refused = procedure().decide(permit(State.DRAFT), event("suspend_permit"), SETTING)
    assert refused == Refused("X1 现处“拟定”，不能办理此事项；请先准予", "流程")
    over = procedure().decide(permit(State.SUSPENDED), event("grant_permit"), SETTING)
    assert over == Refused("X1 现处“暂停”，不能办理此事项；此环节已经过去，不能再次办理；请查看案件经过", "流程")
    ended = procedure().decide(permit(State.GIVEN_BACK), event("grant_permit"), SETTING)
    assert ended == Refused("X1 现处“交回”，不能办理此事项；本案已办结", "流程")


def test_its_events_are_unknown_to_a_dossier() -> None:
    assert set(procedure().events) & set(EVALUATION.events) == {BREACH}
