"""Double random inspections (双随机、一公开; R82) on both databases: what a plan fixes, what nobody can know or change,
and what everybody can recompute afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from models import Agreement, AuditRecord, DoubleRandomDraw, Inspection
from models.database import transaction
from rules.audit import plain
from rules.double_random import assignments, commitment_of, seed_of
from rules.errors import DatabaseError
from tasks import surroundings
from tasks.acts.inspections import pools_of
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal

PLANNED = "2025-11-10 09:00"
RED = {"name": "双色球第2025132期红球", "kind": "ssq_red", "due_on": "2025-11-13"}
BLUE = {"name": "双色球第2025132期蓝球", "kind": "ssq_blue", "due_on": "2025-11-13"}
PLAN: dict[str, Any] = {"from_on": "2025-11-14", "to_on": "2025-12-12", "count": 2, "sources": [RED, BLUE]}
RESULTS: dict[str, Any] = {"plan": "1", "source_values": [[3, 9, 14, 20, 27, 33], [7]]}
DRAWN_AT = "2025-11-14 09:00"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    made = at_stage("published", "kept")
    made.sweep("2025-11-06 00:05")
    return made


def the_plan(office: Rehearsal) -> DoubleRandomDraw:
    return office.rows(DoubleRandomDraw)[-1]


def planned(office: Rehearsal, **changed: Any) -> DoubleRandomDraw:
    office.act(PLANNED, "plan_inspections", **{**PLAN, **changed})
    return the_plan(office)


def drawn(office: Rehearsal, **changed: Any) -> DoubleRandomDraw:
    planned(office, **changed)
    office.act(DRAWN_AT, "draw_inspections", **RESULTS)
    return the_plan(office)


def inspected(office: Rehearsal, plan: DoubleRandomDraw, place: int, on: str, /, **changed: Any) -> dict[str, Any]:
    """What the form of an inspection says of the institution drawn at a place."""
    one = plan.assigned[place]
    staff = [plan.inspectors[number - 1]["staff_no"] for number in one["inspectors"]]
    number = plan.institutions[one["institution"] - 1]["agreement"]
    said = {"kind": "double_random", "held_on": on, "inspectors": staff, "minutes": "账物相符", "refused": False}
    return {"agreement_number": number, "plan": "1", **said, **changed}


def test_a_plan_freezes_both_pools_and_publishes_the_hash_of_a_secret(office: Rehearsal) -> None:
    plan = planned(office, inspectors=[BOSS, OFFICE, "中心主任"])
    assert [one["applicant_id"] for one in plan.institutions] == ["H01", "P01", "P02"]
    assert sorted(one["staff_no"] for one in plan.inspectors) == sorted([BOSS, OFFICE, "中心主任"])
    secret = surroundings.keys().unseal(plan.secret_sealed, f"double_random_draw:{plan.id}")
    assert (commitment_of(int(secret)), plan.secret) == (plan.commitment, "")
    records = repr([plain(row.detail) for row in office.rows(AuditRecord)])
    assert plan.commitment in records
    assert secret not in records
    office.is_sound()


@pytest.mark.parametrize(
    ("due_on", "is_refused"), [("2025-11-09", True), ("2025-11-10", True), ("2025-11-11", False), ("2025-11-12", False)]
)
def test_a_plan_published_after_a_source_was_drawn_is_refused(office: Rehearsal, due_on: str, is_refused: bool) -> None:
    sources = [RED, {**BLUE, "due_on": due_on}]
    if is_refused:
        assert "过早" in office.refused(PLANNED, "plan_inspections", **{**PLAN, "sources": sources})
        assert office.rows(DoubleRandomDraw) == []
    else:
        planned(office, sources=sources)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sources": ["双色球第2025132期"]}, "每个随机源都须写明种类"),
        ({"sources": [BLUE], "count": 1}, "随机量不足"),
        ({"to_on": "2025-11-13", "from_on": "2025-11-12"}, "随机源的公布日须早于检查止日 2025-11-13"),
        ({"from_on": "2025-11-10"}, "检查起日 2025-11-10 须在公布计划之后"),
        ({"to_on": "2025-11-13"}, "早于检查起日"),
        ({"count": 4}, "抽取 4 家须在 1 与名册家数 3 之间"),
        ({"inspectors": [BOSS]}, "回避后可去的检查人员不足 2 名"),
        ({"inspectors": ["9999"]}, "不在在岗人员名单中"),
        ({"conflicts": [{"inspector": "9999", "institution": "P01", "kind": "family"}]}, "检查人员名册中没有工号"),
        ({"conflicts": [{"inspector": BOSS, "institution": "P09", "kind": "family"}]}, "检查对象名册中没有“P09”"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_whole(office: Rehearsal, changed: dict[str, Any], said: str) -> None:
    assert said in office.refused(PLANNED, "plan_inspections", **{**PLAN, **changed})
    assert office.rows(DoubleRandomDraw) == []


def test_a_round_that_does_not_keep_agreements_plans_none(at_stage: Stage) -> None:
    assert "先办理“采用新规则”" in at_stage("published").refused(PLANNED, "plan_inspections", **PLAN)


def test_nobody_draws_before_the_sources_and_only_once(office: Rehearsal) -> None:
    planned(office)
    assert "应于 2025-11-13 公布，此前不能抽取" in office.refused("2025-11-12 23:59", "draw_inspections", **RESULTS)
    short = {**RESULTS, "source_values": [[3, 9, 14, 20, 27, 33]]}
    assert "计划公布了 2 个随机源" in office.refused(DRAWN_AT, "draw_inspections", **short)
    wrong = {**RESULTS, "source_values": [[3, 9, 14, 20, 27, 34], [7]]}
    assert "请与开奖公告核对" in office.refused(DRAWN_AT, "draw_inspections", **wrong)
    said = office.act("2025-11-13 21:30", "draw_inspections", **RESULTS).summary
    plan = the_plan(office)
    names = [plan.institutions[one["institution"] - 1]["name"] for one in plan.assigned]
    assert not any(name in said for name in names)
    assert "只能抽取一次" in office.refused(DRAWN_AT, "draw_inspections", **RESULTS)
    record = [row for row in office.rows(AuditRecord) if row.event == "draw_inspections"][-1]
    assert set(record.detail) == {"fields", "ref", "key_sha256"}  # whom it drew stands in no record yet
    office.is_sound()


def test_without_the_secret_the_public_results_tell_another_draw(office: Rehearsal) -> None:
    plan = drawn(office)
    told = [(one["institution"], tuple(one["inspectors"])) for one in plan.assigned]
    secret = int(surroundings.keys().unseal(plan.secret_sealed, f"double_random_draw:{plan.id}"))
    right = assignments(seed_of(plan.source_values, secret), pools_of(plan))
    assert [(one.institution, one.inspectors) for one in right] == told
    others = {assignments(seed_of(plan.source_values, guess), pools_of(plan)) for guess in range(50)}
    assert len(others) > 1


def test_the_secret_cannot_be_changed_afterwards(office: Rehearsal) -> None:
    plan = planned(office)
    other = surroundings.keys().seal("12345", f"double_random_draw:{plan.id}")
    _set(office, secret_sealed=other)
    with pytest.raises(DatabaseError, match="与公布的 SHA-256 不符"):
        office.act(DRAWN_AT, "draw_inspections", **RESULTS)
    assert the_plan(office).drawn_at is None
    with pytest.raises(DBAPIError, match="frozen"):
        _set(office, commitment=commitment_of(12345))


def test_a_draw_that_was_tampered_with_is_not_revealed(office: Rehearsal) -> None:
    plan = drawn(office)
    _set(office, assigned=list(reversed(plan.assigned)))
    with pytest.raises(DatabaseError, match="不能重算得出"):
        office.act("2025-12-15 09:00", "reveal_inspections", plan="1")


def _set(office: Rehearsal, **values: Any) -> None:
    with transaction(office.url) as session:
        session.execute(update(DoubleRandomDraw).where(col(DoubleRandomDraw.id) == 1).values(**values))


def test_it_is_revealed_when_the_last_inspection_is_over(office: Rehearsal) -> None:
    plan = drawn(office)
    early = "2025-11-18 09:00"
    assert "还有 2 家没有检查" in office.refused(early, "reveal_inspections", plan="1")
    for place in (0, 1):
        office.act("2025-11-18 17:00", "record_inspection", **inspected(office, plan, place, "2025-11-18"))
    assert {row.draw_id for row in office.rows(Inspection)} == {plan.id}
    office.act("2025-11-18 18:00", "reveal_inspections", plan="1")
    told = the_plan(office)
    assert commitment_of(int(told.secret)) == told.commitment
    assert "无需重复办理" in office.refused("2025-11-19 09:00", "reveal_inspections", plan="1")
    office.is_sound()


@pytest.mark.parametrize(
    ("at", "is_refused"),
    [("2025-12-11 18:00", True), ("2025-12-12 23:59", True), ("2025-12-13 00:01", False), ("2025-12-14 09:00", False)],
)
def test_or_when_the_period_is_over(office: Rehearsal, at: str, is_refused: bool) -> None:
    drawn(office)
    if is_refused:
        assert "期间至 2025-12-12" in office.refused(at, "reveal_inspections", plan="1")
    else:
        assert "2 家未检查" in office.act(at, "reveal_inspections", plan="1").summary


def test_an_undrawn_plan_has_nothing_to_reveal(office: Rehearsal) -> None:
    assert "没有编号为“1”的检查计划" in office.refused(PLANNED, "reveal_inspections", plan="1")
    planned(office)
    assert "尚未抽取" in office.refused("2025-12-20 09:00", "reveal_inspections", plan="1")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "routine"}, "检查种类须选“双随机检查”"),
        ({"held_on": "2025-11-13"}, "不在计划的期间 2025-11-14 至 2025-12-12 之内"),
        ({"inspectors": [BOSS, OFFICE]}, "不在检查计划 1 的检查人员名册中"),
        ({"plan": "2"}, "检查计划 2 不存在"),
    ],
)
def test_an_inspection_keeps_to_its_plan(office: Rehearsal, changed: dict[str, Any], said: str) -> None:
    plan = drawn(office, inspectors=[BOSS, "中心主任"])
    given = inspected(office, plan, 0, "2025-11-18", **changed)
    assert said in office.refused("2025-11-18 17:00", "record_inspection", **given)


def test_who_was_not_drawn_is_not_inspected_under_the_plan(office: Rehearsal) -> None:
    plan = drawn(office)
    left = ({1, 2, 3} - {one["institution"] for one in plan.assigned}).pop()
    given = inspected(office, plan, 0, "2025-11-18") | {"agreement_number": plan.institutions[left - 1]["agreement"]}
    assert "没有抽中该机构" in office.refused("2025-11-18 17:00", "record_inspection", **given)


def test_a_conflict_keeps_an_inspector_away_and_is_published_without_its_reason(office: Rehearsal) -> None:
    family = {"inspector": BOSS, "institution": "P01", "kind": "family"}
    plan = drawn(office, count=3, inspectors=[BOSS, OFFICE, "中心主任"], conflicts=[family])
    number = next(one["number"] for one in plan.inspectors if one["staff_no"] == BOSS)
    shop = next(one for one in plan.assigned if one["institution"] == 2)
    assert number not in shop["inspectors"]
    record = [row for row in office.rows(AuditRecord) if row.event == "plan_inspections"][-1]
    assert "family" not in repr(record.detail)
    place = plan.assigned.index(shop)
    given = inspected(office, plan, place, "2025-11-18", inspectors=[BOSS, OFFICE])
    assert "应当回避" in office.refused("2025-11-18 17:00", "record_inspection", **given)


@pytest.mark.parametrize(("held_on", "is_out"), [("2025-11-10", False), ("2025-11-11", True), ("2025-11-12", True)])
def test_last_years_inspector_of_it_does_not_go_again(office: Rehearsal, held_on: str, is_out: bool) -> None:
    """An office rule of one year: a plan of 11 November counts who went on that day a year before, not earlier."""
    one = {"kind": "routine", "held_on": held_on, "inspectors": [BOSS, OFFICE], "minutes": "无", "refused": False}
    office.act("2025-11-12 17:00", "record_inspection", applicant_id="P01", **one)
    with transaction(office.url) as session:
        session.execute(update(Agreement).values(expires_on=date(2027, 11, 2)))
    sources = [{**RED, "due_on": "2026-11-13"}, {**BLUE, "due_on": "2026-11-13"}]
    dates = {"from_on": "2026-11-16", "to_on": "2026-11-30", "sources": sources}
    office.act("2026-11-11 09:00", "plan_inspections", **{**PLAN, **dates})
    found = [(entry["institution"], entry["kind"]) for entry in the_plan(office).conflicts]
    assert found == ([(2, "last_year"), (2, "last_year")] if is_out else [])


def test_a_source_that_is_put_off_is_recorded_as_announced(office: Rehearsal) -> None:
    planned(office)
    put_off = {"number": 1, "happened": "postponed", "postponed_to": "2025-11-16", "evidence": "公告"}
    office.act("2025-11-13 22:00", "record_source_event", plan="1", **put_off)
    assert "应于 2025-11-16 公布" in office.refused(DRAWN_AT, "draw_inspections", **RESULTS)
    office.act("2025-11-16 22:00", "draw_inspections", **RESULTS)
    office.is_sound()


def test_others_than_drawn_may_go_and_it_is_said(office: Rehearsal) -> None:
    plan = drawn(office, inspectors=[BOSS, OFFICE, "中心主任"])
    went = plan.assigned[0]["inspectors"]
    other = ({1, 2, 3} - set(went)).pop()
    staff = [plan.inspectors[number - 1]["staff_no"] for number in (went[0], other)]
    given = inspected(office, plan, 0, "2025-11-18", inspectors=staff)
    assert "检查人员与抽取的不同" in office.act("2025-11-18 17:00", "record_inspection", **given).summary


def test_what_was_seen_of_the_five_matches_is_kept(office: Rehearsal) -> None:
    seen = [{"what": "card_person", "result": "matches"}, {"what": "drug_quantity", "result": "differs"}]
    one = {"kind": "routine", "held_on": "2025-11-10", "inspectors": [BOSS, OFFICE], "minutes": "无", "refused": False}
    said = office.act("2025-11-10 17:00", "record_inspection", applicant_id="P01", matches=seen, **one).summary
    assert "五匹配有不相符的" in said
    assert office.rows(Inspection)[0].matches == {"card_person": "matches", "drug_quantity": "differs"}
