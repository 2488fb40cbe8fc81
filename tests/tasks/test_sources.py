"""The sources that seed a draw: chance enough, results that a game can give, results that fail (五(二))."""

from __future__ import annotations

from typing import Any

import pytest

from models import Draw
from tests.support.stages import Stage
from tests.tasks.drawing import BLUE, DRAWN, ELSE, FRONT, PLAN_AT, RED, declare, plan, refused_plan


def test_sources_with_too_little_chance_are_refused_with_the_figures(at_stage: Stage) -> None:
    said = refused_plan(at_stage("evaluating"), BLUE)
    assert said == (
        "随机源的随机量不足：共 4.00 比特，抽取需要 5.81 比特，另须余量 4 比特；请增加随机源，或改用号码更多的种类"
    )


def test_a_source_may_count_as_nothing_only_where_the_others_are_enough(at_stage: Stage) -> None:
    said = refused_plan(at_stage("evaluating"), BLUE, FRONT)
    assert said.startswith("随机源的随机量不足（“大乐透第25108期前区”按 0 计入时）：共 4.00 比特")
    plan(at_stage("evaluating"), RED, FRONT)


def test_a_round_that_asks_takes_no_bare_names(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating", "safeguards")
    declare(rehearsal, *(f"Z{number:02}" for number in range(1, 9)))
    said = refused_plan(rehearsal, "双色球第2025109期")
    assert said == "本轮要求逐一公布随机源的种类、公布日和不公布时的办法：请补全后再公布方案"
    said = refused_plan(rehearsal, RED, "某股票指数")
    assert said == "随机源“某股票指数”没有写明种类，无法计算随机量：请选择种类"


@pytest.mark.parametrize(("due_on", "is_early"), [("2025-09-17", True), ("2025-09-18", False)])
def test_a_result_must_still_be_to_come_when_the_plan_is_published(
    at_stage: Stage, due_on: str, is_early: bool
) -> None:
    rehearsal = at_stage("evaluating")
    source = {**RED, "due_on": due_on}
    if is_early:
        assert "公布日 2025-09-17 过早，最早 2025-09-18" in refused_plan(rehearsal, source)
    else:
        plan(rehearsal, source)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([3, 9, 14, 20, 27], "第1个随机源（双色球红球）应为 6 个不同的号码，1 至 33；请与开奖公告核对"),
        ([3, 9, 14, 20, 27, 34], "第1个随机源（双色球红球）应为 6 个不同的号码，1 至 33；请与开奖公告核对"),
        ([0, 9, 14, 20, 27, 33], "第1个随机源（双色球红球）应为 6 个不同的号码，1 至 33；请与开奖公告核对"),
        ([3, 3, 14, 20, 27, 33], "第1个随机源（双色球红球）应为 6 个不同的号码，1 至 33；请与开奖公告核对"),
    ],
)
def test_results_that_the_game_cannot_give_are_refused(at_stage: Stage, values: list[int], said: str) -> None:
    rehearsal = at_stage("evaluating")
    plan(rehearsal, RED)
    assert rehearsal.refused("2025-09-19 09:00", "draw_experts", source_values=[values], unavailable=[]) == said


def test_a_result_that_is_put_off_moves_the_draw(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    plan(rehearsal, RED)
    event = {"number": 1, "happened": "postponed", "postponed_to": "2025-09-21", "evidence": "发行中心公告"}
    assert "已延期至 2025-09-21" in rehearsal.act("2025-09-18 10:00", "record_source_event", **event).summary
    said = rehearsal.refused("2025-09-20 09:00", "draw_experts", source_values=[DRAWN], unavailable=[])
    assert said == "第1个随机源应于 2025-09-21 公布，此前不能抽取；延期或不公布的请先登记"
    rehearsal.act("2025-09-21 22:00", "draw_experts", source_values=[DRAWN], unavailable=[])
    rehearsal.is_sound()


def test_a_result_that_never_comes_counts_as_the_plan_said(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    plan(rehearsal, RED, FRONT)
    missing = {"number": 2, "happened": "确定不公布", "evidence": "当期停售公告"}
    early = rehearsal.refused("2025-09-18 23:59", "record_source_event", **missing)
    assert early == "公布日 2025-09-18 尚未过去，不能登记为不公布"
    assert "未公布，按方案以 0 计入" in rehearsal.act("2025-09-19 00:00", "record_source_event", **missing).summary
    again = rehearsal.refused("2025-09-19 09:00", "record_source_event", **missing)
    assert again == "该随机源已登记为不公布，无需重复办理"
    said = rehearsal.refused("2025-09-19 09:00", "draw_experts", source_values=[DRAWN, [1]], unavailable=[])
    assert said == "第2个随机源未公布，按方案以 0 计入：结果请填 0"
    rehearsal.act("2025-09-19 09:01", "draw_experts", source_values=[DRAWN, 0], unavailable=[])
    assert rehearsal.rows(Draw)[0].key == "3.9.14.20.27.33./0./"


def test_a_replacement_is_the_announced_one_and_of_the_same_kind(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    plan(rehearsal, RED, ELSE)
    missing = {"number": 2, "happened": "missing", "evidence": "当期停售公告"}
    said = rehearsal.act("2025-09-19 00:00", "record_source_event", **missing).summary
    assert said == "第2个随机源“大乐透第25108期前区”未公布，按方案改用“大乐透第25109期前区”。"
    rehearsal.act("2025-09-20 21:30", "draw_experts", source_values=[DRAWN, [1, 2, 3, 4, 35]], unavailable=[])
    assert rehearsal.rows(Draw)[0].key == "3.9.14.20.27.33./1.2.3.4.35./"


@pytest.mark.parametrize(
    ("sources", "event", "said"),
    [
        ((RED,), {"number": 1, "happened": "missing"}, "方案公布的办法是顺延等待：请登记延期，不能按不公布处理"),
        ((RED,), {"number": 2, "happened": "missing"}, "方案只有 1 个随机源，没有第 2 个"),
        (
            (RED,),
            {"number": 1, "happened": "postponed", "postponed_to": "2025-09-18"},
            "延期后的公布日须晚于原定的 2025-09-18",
        ),
        (
            ("双色球",),
            {"number": 1, "happened": "missing"},
            "本轮方案只公布了随机源的名称，没有公布日和替代办法：请等待结果，或经质疑程序处理",
        ),
    ],
)
def test_nobody_decides_afterwards_what_a_failed_source_means(
    at_stage: Stage, sources: Any, event: dict[str, Any], said: str
) -> None:
    rehearsal = at_stage("evaluating")
    plan(rehearsal, *sources)
    assert rehearsal.refused("2025-09-19 09:00", "record_source_event", evidence="公告", **event) == said


def test_before_the_plan_and_after_the_draw_no_source_fails(at_stage: Stage) -> None:
    said = "没有等待抽取的方案：方案公布之后、抽取之前才能登记随机源的延期或缺失"
    event = {"number": 1, "happened": "missing", "evidence": "公告"}
    assert at_stage("evaluating").refused(PLAN_AT, "record_source_event", **event) == said
    assert at_stage("drawn").refused("2025-09-19 13:00", "record_source_event", **event) == said
