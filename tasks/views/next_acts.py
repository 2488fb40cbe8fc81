"""What a person can do next with a dossier, read from the table of its life (`rules.evaluation.table`)."""

from __future__ import annotations

from collections.abc import Mapping

from rules.evaluation import EVALUATION
from rules.evaluation.states import ENDS
from rules.policy import Policy
from rules.vocabulary import State
from tasks.acts import ACTS

FINDING, WITHDRAWAL = "resolve_objection", "withdraw_objection"
ON_AN_OBJECTION = (FINDING, WITHDRAWAL)  # known by its own number, possible while one is open


def possible_acts(state: State, open_objections: int) -> tuple[str, ...]:
    """The acts of a person that the table allows in a state, in the table's order; what the clock does is not among
    them."""
    events = dict.fromkeys(row.event for row in EVALUATION.table if row.frm is state and row.event in ACTS)
    return tuple(act for act in events if act not in ON_AN_OBJECTION or open_objections)


def next_acts(state: State, open_objections: int) -> tuple[str, ...]:
    """The possible acts as a dossier's page shows them: those that move it on first, then the others; of either, what
    belongs to few states before what is possible in many. A finding comes first, a withdrawal of an objection last."""
    onward, allowed = onward_acts(state), possible_acts(state, open_objections)
    return tuple(sorted(allowed, key=lambda act: (act != FINDING, act not in onward, len(EVALUATION.states_for(act)))))


def onward_acts(state: State) -> tuple[str, ...]:
    """The acts that can bring a dossier from a state to the next step, an end apart unless it is the goal."""
    goals = (State.PUBLISHED,)
    rows = (row for row in EVALUATION.table if row.frm is state and row.event in ACTS and row.to is not state)
    return tuple(dict.fromkeys(row.event for row in rows if row.to not in ENDS or row.to in goals))


def act_owed(state: State, is_held: bool) -> str:
    """The one act that a dossier waits for while it is the authority's move."""
    if is_held:
        return FINDING
    return "request_supplement" if state is State.INCOMPLETE else onward_acts(state)[0]


def roles_by_act(policy: Policy) -> Mapping[str, tuple[str, ...]]:
    """Which roles may carry out each act."""
    return {act: tuple(role for role, acts in policy.roles.items() if act in acts) for act in ACTS}
