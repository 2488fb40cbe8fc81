"""The stages and their picture are what the table of transitions says: nothing is joined that it does not join."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise

from rules.evaluation import EVALUATION
from rules.evaluation.states import ENDS
from rules.vocabulary import State
from views.round_page import picture
from views.round_pipeline import RoundPipeline, StageView
from views.stages import GOAL, STATES, Stage, stage_of, ways_on, ways_out

ARROW = re.compile(r"^  (\w+) (?:-->|-\.->) (\w+)$", re.MULTILINE)
BOX = re.compile(r'^  (\w+)\[?\(?\[?"(.*)"\]?\)?\]?$', re.MULTILINE)
NUMBER = {stage: number for number, stage in enumerate(Stage, start=1)}


def empty_picture() -> str:
    views = [StageView(stage, 0, 0, 0, 0, 0, {}, {}, None, ()) for stage in Stage]
    return picture(RoundPipeline(1, "试验轮次", datetime(2026, 3, 2, tzinfo=UTC), tuple(views)))


def boxes_of(state: State, left_from: State | None = None) -> set[str]:
    """Where a state stands in the picture; an end beside the stages that a dossier may leave for it."""
    if state is GOAL:
        return {"goal"}
    if state not in ENDS:
        return {f"s{NUMBER[stage]}" for stage, states in STATES.items() if state in states}
    stages = [stage for stage in Stage if left_from is None or left_from in STATES[stage]]
    return {f"x{NUMBER[stage]}" for stage in stages if state in ways_out(stage)}


def allowed() -> set[tuple[str, str]]:
    """Every pair of boxes that some row of the table joins."""
    return {
        (before, after)
        for row in EVALUATION.table
        for before in boxes_of(row.frm)
        for after in boxes_of(row.to, row.frm if row.frm not in ENDS else None)
        if before != after
    }


def test_every_state_is_in_a_stage_or_an_end() -> None:
    assert {state for states in STATES.values() for state in states} | set(ENDS) == set(State)
    assert [stage_of(State.EVALUATING, is_drawn=drawn) for drawn in (False, True)] == [
        *(Stage.EXPERT_DRAW, Stage.SITE_SCORING)
    ]


def test_the_table_joins_the_stages_in_the_order_of_the_law_and_in_no_other() -> None:
    assert ways_on() == tuple(pairwise(Stage))


def test_the_picture_joins_what_the_table_joins() -> None:
    """The picture of before chained whichever steps held dossiers: 未申请 → 待补正 → 已受理."""
    arrows = set(ARROW.findall(empty_picture()))
    assert arrows <= allowed()
    for row in EVALUATION.table:
        if row.frm is row.to or (row.frm in ENDS and row.to in ENDS) or (row.goes_back and row.frm not in ENDS):
            continue
        joined = {(a, b) for a in boxes_of(row.frm) for b in boxes_of(row.to, row.frm) or boxes_of(row.to)}
        assert joined & arrows or boxes_of(row.frm) == boxes_of(row.to), row
    assert {after for before, after in arrows if before == "s1"} == {"s2", "x1"}


def test_the_picture_shows_every_stage_and_every_way_out_even_without_dossiers() -> None:
    boxes = dict(BOX.findall(empty_picture()))
    for stage in Stage:
        assert f"<b>{NUMBER[stage]} {stage.label}</b>" in boxes[f"s{NUMBER[stage]}"]
        out = [line.rpartition(" ")[0] for line in boxes.get(f"x{NUMBER[stage]}", "").split("<br/>") if line]
        assert out == [state.label for state in ways_out(stage)]
    assert {state for stage in Stage for state in ways_out(stage)} == set(ENDS) - {GOAL}
    assert State.BELOW_THRESHOLD not in ways_out(Stage.EXPERT_DRAW)  # nobody is scored before the draw
