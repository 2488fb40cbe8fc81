"""Who is in the pool of a draw: conflicts computed, the unknown kept out, each specialty by itself (五(二))."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from models import Applicant, Application, Draw, Expert, Round, ScoreSheet
from models.database import transaction
from publication.records import draw_record
from rules.draw import draw
from rules.errors import RefusedError
from tests.support.stages import Stage
from tests.tasks.drawing import BLUE, DRAWN, RED, declare, plan, refused_plan
from tests.tasks.rehearsal import Rehearsal, beijing

SPECIALTIES = ("药学", "财务", "医保管理", "临床医学")


def pool(rehearsal: Rehearsal) -> list[str]:
    return [entry["expert_id"] for entry in rehearsal.rows(Draw)[-1].pool]


def excluded(rehearsal: Rehearsal) -> dict[str, list[str]]:
    rows = rehearsal.rows(Draw)[-1].excluded
    return {one["expert_id"]: [why["kind"] for why in one["reasons"]] for one in rows}


def test_who_declared_nothing_is_not_in_the_pool_of_a_round_that_asks(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating", "safeguards")
    declare(rehearsal, "Z01", "Z02", "Z03", "Z04", "Z05")
    said = plan(rehearsal, RED).summary
    assert pool(rehearsal) == ["Z01", "Z02", "Z03", "Z04", "Z05"]
    assert excluded(rehearsal) == {"Z06": ["unknown"], "Z07": ["unknown"], "Z08": ["unknown"]}
    assert "未入名册：Z06 未作利益申报；Z07 未作利益申报；Z08 未作利益申报。" in said


def test_too_few_who_declared_stop_the_plan(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating", "safeguards")
    declare(rehearsal, "Z01", "Z02")
    assert refused_plan(rehearsal, RED) == "回避后名册只有 2 人，不足 3 人：请市局扩充专家库后再公布"


def test_a_round_that_does_not_ask_takes_those_who_declared_nothing(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    plan(rehearsal)
    assert (len(pool(rehearsal)), excluded(rehearsal)) == (8, {})


def test_a_declared_tie_keeps_out_and_the_newest_declaration_counts(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    tie = {"institution": "样例大药房2店", "kind": "顾问", "until": None}
    past = {"institution": "样例大药房1店", "kind": "任职", "until": "2025-09-16"}
    declare(rehearsal, "Z01", "Z02", ties=[tie, past])
    declare(rehearsal, "Z03", ties=[past])
    declare(rehearsal, "Z02", at="2025-09-16 16:00")
    plan(rehearsal)
    assert excluded(rehearsal) == {"Z01": ["interest"]}


def test_an_expert_of_the_same_group_is_out_unless_aside_for_that_dossier_alone(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating", "group")
    plan(rehearsal)
    assert excluded(rehearsal) == {"Z03": ["group"]}
    other = at_stage("evaluating", "group")
    aside = {"expert_id": "Z03", "reason": "同属一个集团", "applicant_id": "P01"}
    other.act("2025-09-16 15:00", "recuse_expert", **aside)
    plan(other)
    assert excluded(other) == {}


def test_who_scored_an_institution_in_the_round_before_is_out_and_two_rounds_before_is_not(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    for year, expert_id in ((2024, "Z02"), (2023, "Z04")):
        _past_round(rehearsal, year, expert_id, "样例大药房1店")
    _past_round(rehearsal, 2022, "Z05", "别的药房")
    plan(rehearsal)
    assert excluded(rehearsal) == {"Z02": ["past_evaluation"]}


def _past_round(rehearsal: Rehearsal, year: int, expert_id: str, name: str, batch: int = 1) -> None:
    with rehearsal.session() as session:
        now = session.get(Round, 1)
        same = {one: getattr(now, one) for one in ("procedure", "policy_sha256", "workdays_version", "rubric")}
        when = {"accept_from": now.accept_from, "accept_until": now.accept_until}
        announcement = {**now.announcement, "year": year}
        named = {"county": now.county, "year": year, "batch": batch, "name": f"{year}-{batch}"}
        before = Round(**named, announcement=announcement, **same, **when)
        session.add(before)
        session.flush()
        about = {"round_id": before.id, "type": "pharmacy"}
        expert = Expert(round_id=before.id, expert_id=expert_id, position=1, name="x", specialty="x", employer="x")
        applicant = Applicant(applicant_id="A1", name=name, **about)
        session.add_all([expert, applicant])
        session.flush()
        application = Application(applicant_pk=applicant.id, **about)
        at = beijing(f"{year}-10-10 10:00")
        planned = {"wanted": 3, "pool": [], "pool_sha256": "", "sources": [], "published_at": at, "published_by": "x"}
        drawn = Draw(round_id=before.id, **planned)
        session.add_all([application, drawn])
        session.flush()
        seat = {"application_id": application.id, "expert_pk": expert.id, "draw_id": drawn.id}
        session.add(ScoreSheet(**seat, items={}, by="x", recorded_at=at))


def test_the_library_is_closed_to_declarations_once_the_pool_is_frozen(at_stage: Stage) -> None:
    rehearsal = at_stage("planned")
    with pytest.raises(RefusedError, match="名册已冻结：此后得知的利益关系请办理“登记专家回避”"):
        declare(rehearsal, "Z01", at="2025-09-18 10:00")


def by_specialty(*wanted: int) -> list[dict[str, Any]]:
    return [{"specialty": one, "wanted": n} for one, n in zip(SPECIALTIES, wanted, strict=False)]


def test_each_specialty_is_drawn_by_itself_and_substituted_from_itself(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    plan(rehearsal, RED, BLUE, wanted=4, strata=by_specialty(1, 1, 1, 1))
    rehearsal.act("2025-09-19 09:00", "draw_experts", source_values=[DRAWN, 11], unavailable=[])
    key = "3.9.14.20.27.33./11./"
    orders = [[(1, 5), (2, 6), (3, 7), (4, 8)][n][draw(f"{key}{n + 1}./", 2, 2).picks[0] - 1] for n in range(4)]
    assert rehearsal.panel() == tuple(f"Z{number:02}" for number in orders)
    with rehearsal.session() as session:
        record = draw_record(session, 1)
    assert [(one["specialty"], one["suffix"], one["members"]) for one in record["strata"]] == [
        *(("药学", "1./", [1, 5]), ("财务", "2./", [2, 6]), ("医保管理", "3./", [3, 7]), ("临床医学", "4./", [4, 8]))
    ]
    first = rehearsal.panel()[0]
    rehearsal.act("2025-09-19 10:00", "recuse_expert", expert_id=first, reason="当天生病")
    other = {"Z01": "Z05", "Z05": "Z01"}[first]
    assert rehearsal.panel() == (other, *(f"Z{number:02}" for number in orders[1:]))
    rehearsal.is_sound()


def test_a_specialty_that_cannot_be_filled_on_the_day_stops_the_draw(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    plan(rehearsal, RED, BLUE, wanted=4, strata=by_specialty(1, 1, 1, 1))
    fields = {"source_values": [DRAWN, 11], "unavailable": [1, 5]}
    said = rehearsal.act("2025-09-19 09:00", "draw_experts", **fields).refusal
    assert said.startswith("可到场的专家只有 3 人，不足 4 人：")
    assert rehearsal.panel() == ()


@pytest.mark.parametrize(
    ("strata", "said"),
    [
        (by_specialty(1, 1, 1), "名册中“临床医学”专业没有列入分组，将无从抽到：请一并分组，或先将其移出名册"),
        (
            [*by_specialty(1, 1), {"specialty": "信息", "wanted": 1}],
            "名册中“信息”专业只有 0 人，不足 1 人：请核对专业名称或扩充专家库",
        ),
    ],
)
def test_strata_that_do_not_fit_the_pool_are_refused(at_stage: Stage, strata: Any, said: str) -> None:
    assert refused_plan(at_stage("evaluating"), RED, strata=strata) == said


def test_for_one_dossier_substitutes_come_from_the_same_specialty_once_the_floor_is_missed(at_stage: Stage) -> None:
    rehearsal = at_stage("evaluating")
    plan(rehearsal, RED, BLUE, wanted=4, strata=by_specialty(1, 1, 1, 1))
    rehearsal.act("2025-09-19 09:00", "draw_experts", source_values=[DRAWN, 11], unavailable=[])
    seats = rehearsal.panel()
    rehearsal.act("2025-09-19 10:00", "recuse_expert", expert_id=seats[0], reason="亲属", applicant_id="P01")
    assert rehearsal.panel("P01") == seats[1:]
    rehearsal.act("2025-09-19 10:01", "recuse_expert", expert_id=seats[1], reason="亲属", applicant_id="P01")
    assert len(rehearsal.panel("P01")) == 4
    assert rehearsal.panel("P01")[2:] == seats[2:]
    assert rehearsal.panel("P02") == seats


def _twice(at_stage: Stage) -> Rehearsal:
    """A round in whose library Z05 is Z02 once more, typed otherwise."""
    rehearsal = at_stage("evaluating")
    with transaction(rehearsal.url) as session:
        one, other = (
            session.execute(select(Expert).where(col(Expert.expert_id) == n)).scalar_one() for n in ("Z02", "Z05")
        )
        other.name, other.employer = f"\u202d{one.name}\u202c", one.employer.replace("0", "０")
        session.add(other)
    return rehearsal


def test_one_person_under_two_numbers_stops_the_plan_until_one_stands_aside(at_stage: Stage) -> None:
    rehearsal = _twice(at_stage)
    said = refused_plan(rehearsal, "甲", "乙")
    assert "名册中专家 Z02、Z05 姓名和单位相同，同一人不能有两个编号" in said
    assert "“同名者已核对”" in said
    rehearsal.act("2025-09-17 09:00", "recuse_expert", expert_id="Z05", reason="重复登记", applicant_id="")
    plan(rehearsal)
    assert "Z02" in pool(rehearsal)
    assert "Z05" not in pool(rehearsal)


def test_two_people_of_one_name_stay_when_a_person_has_looked(at_stage: Stage) -> None:
    rehearsal = _twice(at_stage)
    plan(rehearsal, namesakes_checked=True)
    assert {"Z02", "Z05"} <= set(pool(rehearsal))
