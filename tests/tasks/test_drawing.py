"""The draw made whole: conflicts computed, the unknown kept out, strata, sources that fail, challenges (五(二))."""

from __future__ import annotations

from typing import Any

import pytest

from models import Applicant, Application, Draw, DrawChallenge, Expert, Round, ScoreSheet
from publication.records import draw_record
from rules.case import Event
from rules.draw import draw
from rules.errors import RefusedError
from tasks.perform import perform
from tests.tasks.conftest import Stage
from tests.tasks.rehearsal import Rehearsal, beijing, items

RED = {"name": "双色球第2025109期红球", "kind": "ssq_red", "due_on": "2025-09-18", "fallback": "wait"}
FRONT = {"name": "大乐透第25108期前区", "kind": "dlt_front", "due_on": "2025-09-18", "fallback": "zero"}
BLUE = {"name": "双色球第2025109期蓝球", "kind": "ssq_blue", "due_on": "2025-09-18", "fallback": "wait"}
ELSE = {**FRONT, "fallback": "replacement", "replacement": "大乐透第25109期前区"}
SPECIALTIES = ("药学", "财务", "医保管理", "临床医学")
DRAWN = [3, 9, 14, 20, 27, 33]
PLAN_AT = "2025-09-17 10:00"


def declare(rehearsal: Rehearsal, *expert_ids: str, at: str = "2025-09-16 15:00", ties: Any = ()) -> str:
    entries = [{"expert_id": one, "interests": list(ties), "signed_on": "2025-09-10"} for one in expert_ids]
    return perform(
        rehearsal.url, Event("register_declarations", beijing(at), "全能员", {"declarations": entries})
    ).summary


def plan(rehearsal: Rehearsal, *sources: Any, wanted: int = 3, at: str = PLAN_AT, **fields: Any) -> Any:
    return rehearsal.act(at, "publish_draw_plan", wanted=wanted, sources=list(sources) or ["甲", "乙"], **fields)


def refused_plan(rehearsal: Rehearsal, *sources: Any, wanted: int = 3, **fields: Any) -> str:
    return rehearsal.refused(PLAN_AT, "publish_draw_plan", wanted=wanted, sources=list(sources), **fields)


def pool(rehearsal: Rehearsal) -> list[str]:
    return [entry["expert_id"] for entry in rehearsal.rows(Draw)[-1].pool]


def excluded(rehearsal: Rehearsal) -> dict[str, list[str]]:
    rows = rehearsal.rows(Draw)[-1].excluded
    return {one["expert_id"]: [why["kind"] for why in one["reasons"]] for one in rows}


# --- who is in the pool ----------------------------------------------------------------------------------------


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


def _past_round(rehearsal: Rehearsal, year: int, expert_id: str, name: str) -> None:
    with rehearsal.session() as session:
        now = session.get(Round, 1)
        same = {one: getattr(now, one) for one in ("procedure", "policy_sha256", "workdays_version", "rubric")}
        when = {"accept_from": now.accept_from, "accept_until": now.accept_until}
        announcement = {**now.announcement, "year": year}
        before = Round(county=now.county, year=year, name=str(year), announcement=announcement, **same, **when)
        session.add(before)
        session.flush()
        about = {"round_id": before.id, "type": "pharmacy"}
        expert = Expert(round_id=before.id, expert_id=expert_id, position=1, name="x", specialty="x", employer="x")
        applicant = Applicant(applicant_id="A1", name=name, **about)
        session.add_all([expert, applicant])
        session.flush()
        application = Application(applicant_pk=applicant.id, **about)
        session.add(application)
        session.flush()
        at = beijing(f"{year}-10-10 10:00")
        session.add(ScoreSheet(application_id=application.id, expert_pk=expert.id, items={}, by="x", recorded_at=at))


def test_the_library_is_closed_to_declarations_once_the_pool_is_frozen(at_stage: Stage) -> None:
    rehearsal = at_stage("planned")
    with pytest.raises(RefusedError, match="名册已冻结：此后得知的利益关系请办理“登记专家回避”"):
        declare(rehearsal, "Z01", at="2025-09-18 10:00")


# --- strata ----------------------------------------------------------------------------------------------------


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
    said = rehearsal.refused("2025-09-19 09:00", "draw_experts", **fields)
    assert said == "可到场的专家只有 3 人，不足 4 人：请市局扩充专家库后重新公布方案"


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


# --- sources ---------------------------------------------------------------------------------------------------


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


# --- challenges ------------------------------------------------------------------------------------------------


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


def test_a_draw_that_was_scored_on_is_not_annulled(at_stage: Stage) -> None:
    rehearsal = drawn(at_stage)
    rehearsal.act("2025-09-23 09:00", "record_score_sheet", **sheet(rehearsal))
    challenge(rehearsal, "2025-09-23 10:00", "2025-09-23 09:30")
    answer = {"ref": "Z-1", "upheld": True, "finding": "名册漏列一人"}
    said = rehearsal.refused("2025-09-23 11:00", "resolve_draw_challenge", **answer)
    assert said == "已有评分表，不能撤销抽取：请报主管领导，另行处理"


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
