"""The stages of a round in the order of the law, and what `rules.evaluation.table` says of them: which states each
holds, which stage leads to which, and the ways out of each.

A dossier under evaluation is in the draw until the experts are drawn, and on the site afterwards: the table keeps one
state for both, because the draw is the round's, not the dossier's.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from rules.evaluation import EVALUATION
from rules.evaluation.states import ENDS
from rules.procedure import Transition
from rules.vocabulary import State, Term

GOAL = State.PUBLISHED
THE_DRAW = "draw_experts"
AFTER_THE_DRAW = ("record_score_sheet", "conclude_evaluation")


class Stage(Enum):
    """A stage: what it is called, and its clause."""

    APPLICATION = "公告与申请", "三、四"
    PRELIMINARY_REVIEW = "初审", "五(一)"
    EXPERT_DRAW = "专家抽取", "五(二)"
    SITE_SCORING = "现场评分", "五(二)"
    FIRST_NOTICE = "第一次公示", "五(二)"
    NEGOTIATION = "谈判", "五(三)"
    SECOND_NOTICE = "第二次公示", "五(三)"
    SIGNING = "签约", "五(三)"
    RESULT = "备案与结果", "五(三)、五(四)"

    @property
    def label(self) -> str:
        """What it is called."""
        return self.value[0]

    @property
    def clause(self) -> str:
        """The clause that it stands on."""
        return self.value[1]


ORDER = {stage: place for place, stage in enumerate(Stage)}
STATES: Mapping[Stage, tuple[State, ...]] = {
    Stage.APPLICATION: (State.NOT_APPLIED, State.TOO_EARLY, State.INCOMPLETE),
    Stage.PRELIMINARY_REVIEW: (State.ACCEPTED, State.PRELIM_PASSED, State.COUNTY_REQUESTED),
    Stage.EXPERT_DRAW: (State.EVALUATING,),
    Stage.SITE_SCORING: (State.EVALUATING,),
    Stage.FIRST_NOTICE: (State.SELECTED, State.NOTICE_RESULT),
    Stage.NEGOTIATION: (State.NEGOTIATING,),
    Stage.SECOND_NOTICE: (State.CONSENSUS, State.AWAITING_CITY, State.DETERMINED, State.NOTICE_PROPOSED),
    Stage.SIGNING: (State.SIGNING,),
    Stage.RESULT: (State.SIGNED, State.FILED),
}
_OF_STATE: Mapping[Term, Stage] = {
    state: stage for stage, states in STATES.items() for state in states
}  # of two the later: drawn


def stage_of(state: State, *, is_drawn: bool) -> Stage:
    """The stage that a dossier in a state is in. Raises KeyError for an end: that is no stage."""
    return _OF_STATE[state] if is_drawn or state is not State.EVALUATING else Stage.EXPERT_DRAW


def ways_out(stage: Stage) -> tuple[State, ...]:
    """The ends that the table joins to a stage, in the order of the vocabulary; the goal is none."""
    found = {row.to for row in EVALUATION.table if stage in _from(row) and row.to in ENDS and row.to is not GOAL}
    return tuple(state for state in State if state in found)


def ways_on() -> tuple[tuple[Stage, Stage], ...]:
    """Which stage the table joins to which, in order; the draw joins its two stages of one state. What takes a mistake
    back is no way on."""
    joined = {
        (before, after)
        for row in EVALUATION.table
        if row.to not in ENDS and not row.goes_back and (row.to is not row.frm or row.event == THE_DRAW)
        for before in _from(row)
        if (after := _to(row)) is not before
    }
    return tuple(sorted(joined, key=lambda pair: (ORDER[pair[0]], ORDER[pair[1]])))


def ways_back() -> tuple[tuple[Term, Stage], ...]:
    """From which end the table leads back into which stage: a place that became free, a correction."""
    return tuple(
        dict.fromkeys((row.frm, _to(row)) for row in EVALUATION.table if row.frm in ENDS and row.to not in ENDS)
    )


def _from(row: Transition[Any, Any]) -> tuple[Stage, ...]:
    """The stages that a row leaves from; of the two under evaluation, what needs the panel leaves the later one."""
    if row.frm in ENDS:
        return ()
    if row.frm is not State.EVALUATING:
        return (_OF_STATE[row.frm],)
    if row.event == THE_DRAW:
        return (Stage.EXPERT_DRAW,)
    return (Stage.SITE_SCORING,) if row.event in AFTER_THE_DRAW else (Stage.EXPERT_DRAW, Stage.SITE_SCORING)


def _to(row: Transition[Any, Any]) -> Stage:
    """The stage that a row leads to: into the evaluation by the draw, out of the draw by the experts drawn."""
    if row.to is State.EVALUATING and row.frm is not State.EVALUATING:
        return Stage.EXPERT_DRAW
    return _OF_STATE[row.to]
