"""The panel and the scores on a real database: recusals, substitutes in the order drawn, conflicts (五(二); A7-26)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from models import Draw, Round
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, items

VALUES = {"source_values": [[3, 9, 14, 20, 27, 33], 11], "unavailable": []}


def order(rehearsal: Rehearsal) -> list[str]:
    """The experts in the order drawn."""
    drawn = rehearsal.rows(Draw)[0]
    by_number = {entry["number"]: entry["expert_id"] for entry in drawn.pool}
    return [by_number[number] for number in drawn.picks]


def recuse(rehearsal: Rehearsal, at: str, expert_id: str, applicant_id: str = "") -> None:
    rehearsal.act(at, "recuse_expert", expert_id=expert_id, reason="亲属任职", applicant_id=applicant_id)


def test_the_first_of_the_order_sit_and_the_whole_order_is_kept(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    assert list(rehearsal.panel()) == order(rehearsal)[:3]
    assert sorted(order(rehearsal)) == [f"Z{number:02}" for number in range(1, 9)]


def test_who_stands_aside_after_the_draw_is_followed_by_the_next_in_order(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    drawn = order(rehearsal)
    recuse(rehearsal, "2025-09-19 13:00", drawn[1])
    assert list(rehearsal.panel()) == [drawn[0], drawn[2], drawn[3]]
    recuse(rehearsal, "2025-09-19 14:00", drawn[3])
    assert list(rehearsal.panel()) == [drawn[0], drawn[2], drawn[4]]


def test_who_stands_aside_for_one_dossier_is_replaced_for_that_one_where_three_would_not_remain(
    at_stage: Stage,
) -> None:
    rehearsal = at_stage("drawn")
    drawn = order(rehearsal)
    recuse(rehearsal, "2025-09-19 13:00", drawn[0], "P01")
    assert list(rehearsal.panel("P01")) == drawn[1:4]
    assert list(rehearsal.panel("P02")) == list(rehearsal.panel()) == drawn[:3]
    fields = {"applicant_id": "P01", "expert_id": drawn[0], "items": items("P01")}
    assert rehearsal.refused("2025-09-22 10:00", "record_score_sheet", **fields) == (
        f"专家 {drawn[0]} 不是 P01 的评分专家（应为 {'、'.join(drawn[1:4])}），评分表不予录入"
    )
    substitute = {"applicant_id": "P01", "expert_id": drawn[3], "items": items("P01")}
    assert rehearsal.act("2025-09-22 10:00", "record_score_sheet", **substitute).applicants == ("P01",)


def test_of_a_panel_of_five_two_may_stand_aside_without_substitutes(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    plan = {"wanted": 5, "sources": ["红球（虚构）", "蓝球（虚构）"]}
    rehearsal.act("2025-09-17 15:00", "publish_draw_plan", **plan)
    rehearsal.act("2025-09-19 09:30", "draw_experts", **VALUES)
    drawn = order(rehearsal)
    for place, expert_id in enumerate(drawn[:2], 1):
        recuse(rehearsal, "2025-09-19 13:00", expert_id, "P01")
        assert list(rehearsal.panel("P01")) == drawn[place:5]
    recuse(rehearsal, "2025-09-19 14:00", drawn[2], "P01")
    assert list(rehearsal.panel("P01")) == drawn[3:6]


def test_who_cannot_come_on_the_day_is_skipped_and_nobody_is_renumbered(at_stage: Stage) -> None:
    rehearsal = at_stage("planned")
    pool = rehearsal.rows(Draw)[0].pool
    rehearsal.act("2025-09-18 09:30", "draw_experts", **VALUES | {"unavailable": [1, 2]})
    absent = {entry["expert_id"] for entry in pool if entry["number"] in (1, 2)}
    assert list(rehearsal.panel()) == [one for one in order(rehearsal) if one not in absent][:3]
    assert rehearsal.rows(Draw)[0].pool == pool


def test_an_expert_employed_by_an_applicant_is_not_in_the_pool(at_stage: Stage) -> None:
    rehearsal = at_stage("planned", "employer applies")
    drawn = rehearsal.rows(Draw)[0]
    assert [entry["expert_id"] for entry in drawn.pool] == ["Z01", "Z02", "Z04", "Z05", "Z06", "Z07", "Z08"]
    assert [entry["number"] for entry in drawn.pool] == [1, 2, 3, 4, 5, 6, 7]


def test_who_stands_aside_for_the_employer_alone_stays_in_the_pool_and_never_scores_it(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating", "employer applies")
    recuse(rehearsal, "2025-09-16 13:00", "Z03", "P01")
    plan = {"wanted": 5, "sources": ["红球（虚构）", "蓝球（虚构）"]}
    rehearsal.act("2025-09-17 15:00", "publish_draw_plan", **plan)
    rehearsal.act("2025-09-19 09:30", "draw_experts", **VALUES)
    assert "Z03" in order(rehearsal)
    assert "Z03" not in rehearsal.panel("P01")


def test_a_recusal_before_the_plan_leaves_the_pool(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    recuse(rehearsal, "2025-09-16 13:00", "Z02")
    rehearsal.act("2025-09-17 15:00", "publish_draw_plan", wanted=3, sources=["红球（虚构）"])
    assert [entry["expert_id"] for entry in rehearsal.rows(Draw)[0].pool] == [f"Z0{n}" for n in (1, 3, 4, 5, 6, 7, 8)]


def test_the_sheet_of_one_who_then_stood_aside_does_not_count(at_stage: Stage) -> None:
    rehearsal = at_stage("scored")
    drawn = order(rehearsal)
    recuse(rehearsal, "2025-09-22 17:05", drawn[0], "P02")
    sentence = rehearsal.refused("2025-09-22 17:10", "conclude_evaluation")
    assert sentence == f"评分表未齐，不能汇总：P02 缺 {drawn[3]}（每家不少于 3 名专家）"
    sheet = {"applicant_id": "P02", "expert_id": drawn[3], "items": items("P02", 60)}
    rehearsal.act("2025-09-22 17:15", "record_score_sheet", **sheet)
    rehearsal.act("2025-09-22 17:30", "conclude_evaluation")
    means = {one["applicant_id"]: one["mean"] for one in rehearsal.rows(Round)[0].ranking["pharmacy"]["order"]}
    assert Fraction(means["P02"]) == Fraction(90 + 90 + 60, 3)


def test_a_mean_just_below_the_mark_is_out_though_it_shows_the_mark(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    for applicant_id in ("H01", "P01", "P02"):
        rehearsal.score("2025-09-22 10:00", applicant_id, 80)
    for expert_id, first in zip(rehearsal.panel(), ("30", "30", "29.99"), strict=True):
        sheet = {"P-a": first, "P-b": "20", "P-c": "10", "P-d": "10"}
        fields = {"applicant_id": "P03", "expert_id": expert_id, "items": sheet}
        rehearsal.act("2025-09-22 10:00", "record_score_sheet", **fields)
    rehearsal.act("2025-09-22 17:30", "conclude_evaluation")
    assert rehearsal.state("P03") == "BELOW_THRESHOLD"
    assert rehearsal.reasons("P03") == ["SCORE_LT_70"]
    told = rehearsal.rows(Round)[0].ranking["pharmacy"]["below"]
    assert told == [{"applicant_id": "P03", "mean": str(Fraction(Decimal("209.99")) / 3)}]


@pytest.mark.parametrize("applicant_id", ["P01", "P02"])
def test_who_withdraws_before_the_conclusion_is_not_ranked_and_leaves_the_place_to_the_next(
    at_stage: Stage, applicant_id: str
) -> None:
    rehearsal = at_stage("scored")
    rehearsal.act("2025-09-22 17:10", "withdraw_application", applicant_id=applicant_id, reason="自愿")
    rehearsal.act("2025-09-22 17:30", "conclude_evaluation")
    other = {"P01": "P02", "P02": "P01"}[applicant_id]
    assert rehearsal.states() == {"H01": "SELECTED", applicant_id: "WITHDRAWN", other: "SELECTED", "P03": "SELECTED"}


def test_of_a_tie_at_the_quota_line_a_public_draw_decides_and_is_kept(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    for applicant_id in ("H01", "P01", "P02", "P03"):
        rehearsal.score("2025-09-22 10:00", applicant_id, 80)
    rehearsal.act("2025-09-22 17:30", "conclude_evaluation")
    ranking = rehearsal.rows(Round)[0].ranking["pharmacy"]
    key = rehearsal.rows(Draw)[0].key
    drawn = [one["applicant_id"] for one in ranking["order"]]
    assert ranking["tie_draws"] == {f"{key}2./1./": drawn}
    states = rehearsal.states()
    assert [states[one] for one in drawn] == ["SELECTED", "SELECTED", "OUT_OF_QUOTA"]
