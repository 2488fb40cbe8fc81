"""Too few experts, at the draw or after it: stop, enlarge or plan anew, and go on (五(二); A7-26)."""

from __future__ import annotations

import pytest

from models import Draw, Expert
from rules.case import Event
from rules.errors import RefusedError
from tasks.perform import perform
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, Rehearsal, beijing

PLAN = {"wanted": 3, "sources": ["红球（虚构）"]}
VALUES = {"source_values": [[3, 9, 14, 20, 27, 33]], "unavailable": []}
NEW = [
    {"expert_id": f"N{number:02}", "name": f"新专家{number}", "specialty": "药学", "employer": f"外县单位{number}"}
    for number in (1, 2)
]


def register(rehearsal: Rehearsal, at: str) -> str:
    return perform(rehearsal.url, Event("register_experts", beijing(at), BOSS, {"experts": NEW})).summary


def all_but(rehearsal: Rehearsal, at: str, staying: int) -> None:
    """Everybody but the first few drawn stands aside."""
    drawn = rehearsal.rows(Draw)[-1]
    by_number = {entry["number"]: entry["expert_id"] for entry in drawn.pool}
    for number in drawn.picks[staying:]:
        rehearsal.act(at, "recuse_expert", expert_id=by_number[number], reason="亲属任职")


def test_a_draw_with_too_few_who_can_come_stays_on_record_and_another_follows(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    rehearsal.act("2025-09-17 15:00", "publish_draw_plan", **PLAN)
    absent = VALUES | {"unavailable": [1, 2, 3, 4, 5, 6]}
    said = rehearsal.act("2025-09-18 09:30", "draw_experts", **absent).refusal
    assert said == (
        "可到场的专家只有 2 人，不足 3 人：本次抽取已如实公开并作废，"
        "请登记市局补充的专家或者调整人数后，重新公布抽取方案"
    )
    [first] = rehearsal.rows(Draw)
    assert (len(first.picks), first.unavailable, first.annulled_because) == (
        8,
        [1, 2, 3, 4, 5, 6],
        "可到场的专家只有 2 人，不足 3 人，未组成专家组",
    )
    assert register(rehearsal, "2025-09-18 10:00") == "已扩充专家库 2 名：N01、N02，现共 10 名。"
    rehearsal.act("2025-09-18 15:00", "publish_draw_plan", **PLAN)
    rehearsal.act("2025-09-19 09:30", "draw_experts", **VALUES)
    assert len(rehearsal.panel()) == 3
    assert [entry["expert_id"] for entry in rehearsal.rows(Draw)[-1].pool][-2:] == ["N01", "N02"]
    rehearsal.is_sound()


def test_recusals_that_leave_too_few_open_the_way_to_a_new_plan(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    all_but(rehearsal, "2025-09-19 13:00", 3)
    with pytest.raises(RefusedError, match="本轮抽取方案已公布，名册已冻结"):
        rehearsal.act("2025-09-19 13:30", "publish_draw_plan", **PLAN)
    with pytest.raises(RefusedError, match="名册已冻结，现在不能扩充专家库"):
        register(rehearsal, "2025-09-19 13:30")
    rehearsal.act("2025-09-19 14:00", "recuse_expert", expert_id=rehearsal.panel()[0], reason="突发疾病")
    register(rehearsal, "2025-09-19 15:00")
    rehearsal.act("2025-09-19 16:00", "publish_draw_plan", **PLAN)
    rehearsal.act("2025-09-22 09:30", "draw_experts", **VALUES)
    assert len(rehearsal.panel("P01")) == 3
    assert rehearsal.rows(Draw)[0].annulled_because == "回避后可以评分的专家不足下限，重新公布方案"
    for applicant_id in ("H01", "P01", "P02", "P03"):
        rehearsal.score("2025-09-22 10:00", applicant_id)
    rehearsal.act("2025-09-22 17:30", "conclude_evaluation")
    rehearsal.is_sound()


def test_a_number_that_is_taken_is_not_given_again(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    twice = [NEW[0], {**NEW[1], "expert_id": "Z01"}]
    event = Event("register_experts", beijing("2025-09-17 10:00"), BOSS, {"experts": twice})
    with pytest.raises(RefusedError, match="专家编号 Z01 已登记，请核对后换用新的编号"):
        perform(rehearsal.url, event)
    assert len(rehearsal.rows(Expert)) == 8
