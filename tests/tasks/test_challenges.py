"""Challenges of a draw: until when, what they hold up, what follows from them (五(二))."""

from __future__ import annotations

from typing import Any

import pytest

from models import Draw, DrawChallenge, ScoreSheet
from tests.support.stages import Stage
from tests.tasks.drawing import DRAWN, RED, declare, plan
from tests.tasks.rehearsal import Rehearsal, items


def drawn(at_stage: Stage) -> Rehearsal:
    """Drawn on Friday 19 September; two days for challenges end on Sunday, so on Monday 22."""
    rehearsal = at_stage("evaluating", "safeguards")
    declare(rehearsal, *(f"Z{number:02}" for number in range(1, 9)))
    plan(rehearsal, RED)
    said = rehearsal.act("2025-09-19 09:00", "draw_experts", source_values=[DRAWN], unavailable=[]).summary
    assert "质疑期至 2025-09-22，其后方可评分。" in said
    return rehearsal


def challenge(rehearsal: Rehearsal, at: str, received: str, **fields: Any) -> str:
    day, clock = received.split(" ")
    about = {"ref": "Z-1", "via": "online", "content": "名册有误", "received_on": day, "received_time": clock}
    return rehearsal.act(at, "challenge_draw", **{**about, **fields}).summary


def sheet(rehearsal: Rehearsal) -> dict[str, Any]:
    return {"applicant_id": "H01", "expert_id": rehearsal.panel()[0], "items": items("H01")}


def test_nobody_scores_while_the_draw_can_be_challenged(at_stage: Stage) -> None:
    rehearsal = drawn(at_stage)
    said = rehearsal.refused("2025-09-22 23:59:59", "record_score_sheet", **sheet(rehearsal))
    assert said == "抽取质疑期至 2025-09-22，其后方可录入评分"
    rehearsal.act("2025-09-23 00:00", "record_score_sheet", **sheet(rehearsal))


@pytest.mark.parametrize(
    ("received", "fields", "in_time"),
    [
        ("2025-09-22 23:59:59", {}, True),
        ("2025-09-23 00:00:00", {}, False),
        ("2025-09-22 17:30:00", {"via": "counter"}, True),
        ("2025-09-22 17:30:01", {"via": "counter"}, False),
        ("2025-09-24 10:00:00", {"via": "post", "postmarked_on": "2025-09-22"}, True),
        ("2025-09-24 10:00:00", {"via": "post", "postmarked_on": "2025-09-23"}, False),
    ],
)
def test_the_last_moment_for_a_challenge(at_stage: Stage, received: str, fields: dict[str, Any], in_time: bool) -> None:
    rehearsal = drawn(at_stage)
    said = challenge(rehearsal, "2025-09-24 11:00", received, **fields)
    assert ("核查完结前不能评分" in said, "不暂停评分" in said) == (in_time, not in_time)
    if in_time:
        refused = rehearsal.refused("2025-09-24 12:00", "record_score_sheet", **sheet(rehearsal))
        assert refused == "抽取质疑 Z-1 尚未核查完结，不能录入评分"
    else:
        rehearsal.act("2025-09-24 12:00", "record_score_sheet", **sheet(rehearsal))


def test_a_challenge_that_fails_lets_the_scoring_begin(at_stage: Stage) -> None:
    rehearsal = drawn(at_stage)
    challenge(rehearsal, "2025-09-22 10:00", "2025-09-22 09:00")
    answer = {"ref": "Z-1", "upheld": False, "finding": "名册无误"}
    rehearsal.act("2025-09-24 10:00", "resolve_draw_challenge", **answer)
    rehearsal.act("2025-09-24 11:00", "record_score_sheet", **sheet(rehearsal))
    said = rehearsal.refused("2025-09-24 12:00", "resolve_draw_challenge", **answer)
    assert said == "质疑 Z-1 已作出结论，不能再次认定"


def test_a_challenge_that_is_upheld_annuls_the_draw_and_another_follows(at_stage: Stage) -> None:
    rehearsal = drawn(at_stage)
    first = rehearsal.panel()
    challenge(rehearsal, "2025-09-22 10:00", "2025-09-22 09:00")
    answer = {"ref": "Z-1", "upheld": True, "finding": "名册漏列一人"}
    said = rehearsal.act("2025-09-22 15:00", "resolve_draw_challenge", **answer).summary
    assert said == "抽取质疑 Z-1 成立，本次抽取已撤销，请重新公布抽取方案。"
    assert rehearsal.panel() == ()
    plan(rehearsal, {**RED, "due_on": "2025-09-23"}, at="2025-09-22 16:00")
    again = [1, 2, 3, 4, 5, 6]
    rehearsal.act("2025-09-24 09:00", "draw_experts", source_values=[again], unavailable=[])
    assert rehearsal.panel() != first
    held = rehearsal.rows(Draw)
    assert [(one.annulled_because, one.key) for one in held] == [
        ("名册漏列一人", "3.9.14.20.27.33./"),
        ("", "1.2.3.4.5.6./"),
    ]
    rehearsal.is_sound()


def test_sheets_of_a_draw_that_is_annulled_stay_on_record_and_count_no_longer(at_stage: Stage) -> None:
    rehearsal = drawn(at_stage)
    rehearsal.act("2025-09-23 09:00", "record_score_sheet", **sheet(rehearsal))
    challenge(rehearsal, "2025-09-23 10:00", "2025-09-23 09:30")
    answer = {"ref": "Z-1", "upheld": True, "finding": "名册漏列一人"}
    rehearsal.act("2025-09-23 11:00", "resolve_draw_challenge", **answer)
    plan(rehearsal, {**RED, "due_on": "2025-09-25"}, at="2025-09-23 15:00")
    rehearsal.act("2025-09-25 09:00", "draw_experts", source_values=[DRAWN], unavailable=[])
    for applicant_id in ("H01", "P01", "P02", "P03"):
        rehearsal.score("2025-09-29 09:00", applicant_id)
    rehearsal.act("2025-09-29 17:00", "conclude_evaluation")
    assert len(rehearsal.rows(ScoreSheet)) == 1 + 4 * 3
    assert len({sheet.draw_id for sheet in rehearsal.rows(ScoreSheet)}) == 2
    rehearsal.is_sound()


def test_once_concluded_a_draw_is_not_annulled_and_the_refusal_names_the_way_that_is_left(at_stage: Stage) -> None:
    rehearsal = drawn(at_stage)
    for applicant_id in ("H01", "P01", "P02", "P03"):
        rehearsal.score("2025-09-23 09:00", applicant_id)
    rehearsal.act("2025-09-23 09:30", "conclude_evaluation")
    challenge(rehearsal, "2025-09-23 10:00", "2025-09-23 09:45")
    answer = {"ref": "Z-1", "upheld": True, "finding": "名册漏列一人"}
    assert rehearsal.refused("2025-09-23 11:00", "resolve_draw_challenge", **answer) == (
        "评估结果已经汇总，不能再撤销抽取：请将此质疑作为对评估结果公示的异议登记并核查"
    )


def test_nothing_is_concluded_while_a_challenge_in_time_is_open(at_stage: Stage) -> None:
    rehearsal = drawn(at_stage)
    for applicant_id in ("H01", "P01", "P02", "P03"):
        rehearsal.score("2025-09-23 09:00", applicant_id)
    challenge(rehearsal, "2025-09-23 10:00", "2025-09-22 09:45")
    assert rehearsal.refused("2025-09-23 11:00", "conclude_evaluation") == ("抽取质疑 Z-1 尚未核查完结，不能录入评分")


def test_challenges_that_cannot_be(at_stage: Stage) -> None:
    about = {"ref": "Z-1", "via": "online", "content": "x", "received_on": "2025-09-17", "received_time": "11:00"}
    said = at_stage("planned").refused("2025-09-18 09:00", "challenge_draw", **about)
    assert said == "本轮尚未抽取专家，没有可以质疑的抽取：对名册或方案有意见的，请向经办中心提出"
    rehearsal = drawn(at_stage)
    challenge(rehearsal, "2025-09-22 10:00", "2025-09-22 09:00")
    late = {**about, "received_on": "2025-09-23"}
    assert rehearsal.refused("2025-09-22 11:00", "challenge_draw", **late) == "质疑编号 Z-1 已登记，请换用新的编号"
    later = {**late, "ref": "Z-2"}
    said = rehearsal.refused("2025-09-22 11:00", "challenge_draw", **later)
    assert said == "质疑的收到时间晚于登记时间，请核对日期和时间"
    assert [one.ref for one in rehearsal.rows(DrawChallenge)] == ["Z-1"]


def test_without_days_for_challenges_scoring_begins_at_once(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    rehearsal.act("2025-09-19 12:30", "record_score_sheet", **sheet(rehearsal))
