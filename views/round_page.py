"""A round's pipeline in words, as a table and as a picture (Mermaid) that the table of transitions draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rules.acts import CATALOGUE
from rules.vocabulary import State
from views.markdown import plain
from views.round_pipeline import NextStep, RoundPipeline, StageView
from views.stages import GOAL, ORDER, Stage, ways_back, ways_on, ways_out

STAGES = ("环节", "依据", "进入", "待办", "暂停", "逾期", "离开", "转入下一环节", "最近届满", "下一步（谁办）")
WIDE = '%%{init: {"flowchart": {"wrappingWidth": 500}}}%%'  # a line of a box is not broken
LIVE, OUT, LATE = "live", "out", "late"


def condition(view: StageView) -> str:
    """One word for a stage: 未开始, 有逾期, 进行中, 已办结."""
    if not view.entered:
        return "未开始"
    if view.late:
        return "有逾期"
    return "进行中" if view.standing else "已办结"


def headline(view: StageView) -> str:
    """`2 初审：进 12，待 3，停 1，离 2（初审不合格 2），过 6`; what is zero and needs no word is left out."""
    if not view.entered:
        return f"{_number(view.stage)} {view.stage.label}：未开始"
    counted = (("停", view.held), ("逾期", view.late))
    parts = [f"进 {view.entered}", f"待 {view.waiting}", *(f"{word} {n}" for word, n in counted if n)]
    left = [f"离 {sum(view.left.values())}（{ways_taken(view)}）"] if view.left else []
    return f"{_number(view.stage)} {view.stage.label}：{'，'.join([*parts, *left, f'过 {view.moved_on}'])}"


def ways_taken(view: StageView) -> str:
    """`初审不合格 2、申请人撤回 1`: who left a stage, and how."""
    return _counted(view.left)


def sentence(view: StageView) -> str:
    """Everything that is known of a stage, in a few sentences."""
    if not view.entered:
        return f"{view.stage.label}（{view.stage.clause}）：还没有案件进入。"
    here = f"（{_counted(view.standing)}）" if view.standing else ""
    left = f"（{ways_taken(view)}）" if view.left else ""
    late = f"，其中逾期 {view.late} 家" if view.late else ""
    onward = "已公布" if view.stage is Stage.RESULT else "转入下一环节"
    said = (
        f"{view.stage.label}（{view.stage.clause}）：进入 {view.entered} 家；待办 {view.waiting} 家、"
        f"暂停 {view.held} 家{here}{late}；离开 {sum(view.left.values())} 家{left}；{onward} {view.moved_on} 家。"
    )
    steps = "；".join(_step(one) for one in view.steps)
    return said + (f"最近届满：{_due(view)}。" if view.due else "") + (f"下一步：{steps}。" if steps else "")


def stage_table(pipeline: RoundPipeline) -> str:
    """The stages as a Markdown table."""
    lines = ["| " + " | ".join(STAGES) + " |", "|" + " --- |" * len(STAGES)]
    return "\n".join([*lines, *("| " + " | ".join(_row(view)) + " |" for view in pipeline.stages)])


def picture(pipeline: RoundPipeline) -> str:
    """All stages with the ways out of each, joined as the table of transitions joins them."""
    return "\n".join(["```mermaid", WIDE, "flowchart TB", *_boxes(pipeline), *_arrows(), *_colours(pipeline), "```"])


def _row(view: StageView) -> Iterator[str]:
    yield f"{_number(view.stage)} {view.stage.label}"
    yield view.stage.clause
    yield from (str(n) for n in (view.entered, view.waiting, view.held, view.late))
    yield plain(ways_taken(view)) or "0"
    yield str(view.moved_on)
    yield plain(_due(view)) if view.due else "—"
    yield "<br>".join(_step(one) for one in view.steps) or "—"


def _due(view: StageView) -> str:
    return f"{view.due.on} {view.due.label} {view.due.dossiers} 家" if view.due else ""


def _step(one: NextStep) -> str:
    what = CATALOGUE[one.act.do].title if one.act else "等待"
    return f"{one.state.label} {one.dossiers} 家：{what}（{one.who}）"


def _number(stage: Stage) -> int:
    return ORDER[stage] + 1


def _counted(tally: Mapping[State, int]) -> str:
    return "、".join(f"{state.label} {count}" for state, count in tally.items())


def _boxes(pipeline: RoundPipeline) -> Iterator[str]:
    for view in pipeline.stages:
        here = "".join(f"<br/>{state.label} {n}" for state, n in view.standing.items())
        counts = f"进 {view.entered}　待 {view.waiting}　停 {view.held}　过 {view.moved_on}"
        yield f'  s{_number(view.stage)}["<b>{_number(view.stage)} {view.stage.label}</b><br/>{counts}{here}"]'
        if out := ways_out(view.stage):
            ways = "<br/>".join(f"{state.label} {view.left.get(state, 0)}" for state in out)
            yield f'  x{_number(view.stage)}["{ways}"]'
    yield f'  goal(["<b>{GOAL.label} {pipeline.stages[-1].moved_on}</b>"])'


def _arrows() -> Iterator[str]:
    for before, after in ways_on():
        yield f"  s{_number(before)} --> s{_number(after)}"
    yield f"  s{_number(Stage.RESULT)} --> goal"
    for stage in Stage:
        if ways_out(stage):
            yield f"  s{_number(stage)} -.-> x{_number(stage)}"
    for end, stage in ways_back():
        yield from (f"  x{_number(left)} -.-> s{_number(stage)}" for left in Stage if end in ways_out(left))


def _colours(pipeline: RoundPipeline) -> Iterator[str]:
    """What moves stands out; a late stage more than any other."""
    yield f"  classDef {LIVE} stroke-width:3px"
    yield f"  classDef {LATE} stroke:#c00,stroke-width:4px"
    yield f"  classDef {OUT} stroke-dasharray:4 3"
    for view in pipeline.stages:
        if view.standing:
            yield f"  class s{_number(view.stage)} {LATE if view.late else LIVE}"
        if ways_out(view.stage):
            yield f"  class x{_number(view.stage)} {OUT}"
