"""A round as its stages, on both databases: who entered each stage waits there, is held, left it or went on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from dingdian.replay import DirectEngine, Play, play_out
from dingdian.scenario import Happening, check
from models import Application, AuditRecord
from models.database import reading, transaction
from rules.errors import RefusedError
from rules.evaluation.states import ENDS
from rules.localtime import local_day
from rules.vocabulary import State
from tasks.announce import register_staff
from tasks.case_loading import context_of, round_numbered
from tests.support.stages import Stage as AtStage
from tests.support.walk.sample import scenario as sample
from tests.tasks.rehearsal import KEYS, beijing
from views import next_steps
from views.round_page import condition, headline, sentence
from views.round_pipeline import RoundPipeline, StageView, round_pipeline
from views.stages import GOAL, ORDER, Stage, stage_of


def seen(url: str, at: datetime) -> RoundPipeline:
    with reading(url) as session:
        ctx = context_of(session, round_numbered(session, 1))
        acts = {state: act for state, _, act in next_steps.for_round(session, ctx, local_day(at))}
        return round_pipeline(session, at, ctx, acts)


def numbers(view: StageView) -> tuple[int, int, int, dict[State, int], int]:
    return view.entered, view.waiting, view.held, dict(view.left), view.moved_on


def furthest(url: str) -> list[Stage]:
    """How far each dossier came, by its own history alone."""
    with reading(url) as session:
        ids = session.execute(select(col(Application.id)).where(col(Application.round_id) == 1)).scalars()
        reached = dict.fromkeys(ids, Stage.APPLICATION)
        record = select(col(AuditRecord.subject_id), col(AuditRecord.event), col(AuditRecord.to_state))
        for case, event, state in session.execute(record.where(col(AuditRecord.subject) == "application")):
            if State(state) not in ENDS:
                came = stage_of(State(state), is_drawn=event in ("draw_experts", "record_score_sheet"))
                reached[case] = max(reached[case], came, key=lambda stage: ORDER[stage])
        return list(reached.values())


class Watched(DirectEngine):
    """Looks at the round after every act and every sweep that changed it."""

    looked: int = 0

    def act(self, happening: Happening, round_id: int) -> None:
        super().act(happening, round_id)
        self.look(happening.at)

    def look(self, at: datetime) -> None:
        whole = seen(self.url, at)
        reached, states = furthest(self.url), self._states()
        is_open = at <= self._accept_until()
        for view in whole.stages:
            assert view.entered == view.waiting + view.held + sum(view.left.values()) + view.moved_on
            assert view.entered == sum(ORDER[one] >= ORDER[view.stage] for one in reached), (at, view)
            assert sum(view.standing.values()) == view.waiting + view.held
        for before, after in pairwise(whole.stages):
            assert before.moved_on == after.entered
        left = sum((Counter(view.left) for view in whole.stages), Counter())
        gone = {state for state in ENDS if state is not GOAL} | (set() if is_open else {State.NOT_APPLIED})
        assert left == Counter({state: n for state, n in states.items() if state in gone})
        assert whole.stages[-1].moved_on == states[GOAL]
        self.looked += 1

    def _states(self) -> Counter[State]:
        with reading(self.url) as session:
            return Counter(State(one) for one in session.execute(select(col(Application.state))).scalars())

    def _accept_until(self) -> datetime:
        with reading(self.url) as session:
            return round_numbered(session, 1).accept_until


def test_after_every_act_of_the_sample_round_the_counts_are_those_of_the_histories(database: str) -> None:
    scenario = check(sample())
    with transaction(database) as session:
        register_staff(session, [{"staff_no": one, "name": one, "roles": ["all"]} for one in scenario.staff])
    engine = Watched(database, KEYS)
    play_out([Play(scenario)], database, engine)
    engine.look(scenario.until)
    assert engine.looked > 50
    assert [headline(view) for view in seen(database, scenario.until).stages] == [
        "1 公告与申请：进 11，待 0，离 2（不予受理（不在受理时间内） 1、不予受理（材料不齐） 1），过 9",
        "2 初审：进 9，待 0，离 2（初审不合格 1、申请人撤回 1），过 7",
        "3 专家抽取：进 7，待 0，过 7",
        "4 现场评分：进 7，待 0，离 4（评估未达分数线 1、评估合格，名额已满 3），过 3",
        "5 第一次公示：进 3，待 0，过 3",
        "6 谈判：进 3，待 0，过 3",
        "7 第二次公示：进 3，待 0，过 3",
        "8 签约：进 3，待 0，离 1（逾期未签约，视作自动放弃 1），过 2",
        "9 备案与结果：进 2，待 0，过 2",
    ]


def test_the_draw_divides_the_evaluation(at_stage: AtStage) -> None:
    before, after = at_stage("planned"), at_stage("drawn")
    asked = seen(before.url, beijing("2025-09-17 19:00"))
    assert (asked.of(Stage.EXPERT_DRAW).waiting, asked.of(Stage.SITE_SCORING).entered) == (4, 0)
    drawn = seen(after.url, beijing("2025-09-19 13:00"))
    assert (drawn.of(Stage.EXPERT_DRAW).moved_on, drawn.of(Stage.SITE_SCORING).waiting) == (4, 4)
    before.act("2025-09-17 19:00", "withdraw_application", applicant_id="P01", reason="停业")
    after.act("2025-09-19 13:00", "withdraw_application", applicant_id="P01", reason="停业")
    asked, drawn = seen(before.url, beijing("2025-09-17 20:00")), seen(after.url, beijing("2025-09-19 14:00"))
    assert numbers(asked.of(Stage.EXPERT_DRAW)) == (4, 3, 0, {State.WITHDRAWN: 1}, 0)
    assert numbers(drawn.of(Stage.EXPERT_DRAW)) == (4, 0, 0, {}, 4)
    assert numbers(drawn.of(Stage.SITE_SCORING)) == (4, 3, 0, {State.WITHDRAWN: 1}, 0)


def test_who_is_brought_back_counts_where_it_stands_now(at_stage: AtStage) -> None:
    round_ = at_stage("signing", "next_in_rank")
    whole = seen(round_.url, beijing("2025-10-24 09:00"))
    assert numbers(whole.of(Stage.SITE_SCORING)) == (4, 0, 0, {State.OUT_OF_QUOTA: 1}, 3)
    round_.act("2025-10-24 10:00", "withdraw_application", applicant_id="P01", reason="停业")
    whole = seen(round_.url, beijing("2025-10-24 11:00"))
    assert numbers(whole.of(Stage.SITE_SCORING)) == (4, 0, 0, {}, 4)
    assert numbers(whole.of(Stage.FIRST_NOTICE)) == (4, 1, 0, {}, 3)
    assert numbers(whole.of(Stage.SIGNING)) == (3, 2, 0, {State.WITHDRAWN: 1}, 0)


def test_a_dossier_under_objection_is_held_and_waits_for_the_finding(at_stage: AtStage) -> None:
    round_ = at_stage("result_notice")
    given: Mapping[str, Any] = {"received_on": "2025-09-24", "received_time": "10:00", "via": "窗口"}
    round_.act("2025-09-24 10:30", "record_objection", applicant_id="P01", ref="Y-1", allegation="面积", **given)
    view = seen(round_.url, beijing("2025-09-24 11:00")).of(Stage.FIRST_NOTICE)
    assert numbers(view) == (3, 2, 1, {}, 0)
    assert [(one.dossiers, one.act and one.act.do, one.who) for one in view.steps] == [
        *((2, None, "期满自动进入下一环节"), (1, "resolve_objection", "复核、纪检")),
    ]


@pytest.mark.parametrize(
    ("at", "word", "left"),
    [
        ("2025-09-12 17:29", "进行中", {}),
        ("2025-09-12 17:30", "进行中", {}),
        ("2025-09-12 17:31", "已办结", {State.NOT_APPLIED: 4}),
    ],
)
def test_who_did_not_apply_is_out_once_the_window_is_closed(
    at_stage: AtStage, at: str, word: str, left: dict[State, int]
) -> None:
    round_ = at_stage("announced")
    with transaction(round_.url) as session:
        assert round_numbered(session, 1).accept_until == beijing("2025-09-12 17:30")
    view = seen(round_.url, beijing(at)).of(Stage.APPLICATION)
    assert (condition(view), dict(view.left), view.entered) == (word, left, 4)


def test_a_stage_tells_what_is_due_until_when_and_who_acts(at_stage: AtStage) -> None:
    round_ = at_stage("accepted")
    view = seen(round_.url, beijing("2025-09-02 10:00")).of(Stage.PRELIMINARY_REVIEW)
    assert view.due is not None
    assert (view.due.on, view.due.label, view.due.dossiers) == (date(2025, 9, 30), "初审期限", 4)
    assert sentence(view) == (
        "初审（五(一)）：进入 4 家；待办 4 家、暂停 0 家（已受理，初审中 4）；离开 0 家；转入下一环节 0 家。"
        "最近届满：2025-09-30 初审期限 4 家。下一步：已受理，初审中 4 家：08 签署初审意见（复核）。"
    )
    late = seen(round_.url, beijing("2025-10-01 09:00")).of(Stage.PRELIMINARY_REVIEW)
    assert (condition(view), view.late, condition(late), late.late) == ("进行中", 0, "有逾期", 4)


def test_a_round_that_is_none_is_refused(at_stage: AtStage) -> None:
    with reading(at_stage("announced").url) as session, pytest.raises(RefusedError, match="没有第 2 轮次"):
        round_numbered(session, 2)
