"""The table of transitions and `decide`: every pair of state and event, every row taken by a case of its own."""

from __future__ import annotations

import runpy
from dataclasses import replace
from datetime import date
from inspect import isfunction
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from notifications.catalogue import EVENTS as MESSAGES
from notifications.catalogue import validate
from rules.acts import CATALOGUE, Scope, Way
from rules.case import Outcome, Refused
from rules.evaluation import EVALUATION, NEXT_STEP, effects, guards
from rules.evaluation.effects import CLOCK_PARAMS
from rules.evaluation.states import ENDS, UNAPPLIED, UNDER_WAY
from rules.performance import PERFORMANCE
from rules.procedure import Transition
from rules.vocabulary import State
from tests.rules.cases import POLICY, case, context, event
from tests.rules.soundness import faults
from tests.rules.witnesses import witness

THE_CITYS = replace(context(), policy=POLICY.read_as({"determination": "city"}))
AGAIN = replace(context(), policy=POLICY.read_as({"reapplication": "within_window"}))
OF_DOSSIERS = set(POLICY.clocks) - set(PERFORMANCE.clocks)
DOCS = Path(__file__).resolve().parents[2] / "docs"
NOT_ABOUT_THE_STATE = {"reply_objection"}  # an answer to whoever objected
AFTER_THE_END = {
    *("correct_record", "take_back_act", "move_up", "change_rank", "breach", "withdraw_application"),
    *("resolve_objection", "record_objection", "withdraw_objection", "submit_application"),
}
ACTS_OF_A_DOSSIER = {name for name in CATALOGUE if name in EVALUATION.events} | {
    name for name, act in CATALOGUE.items() if act.scope is Scope.CASE and act.way is Way.FORM
} - NOT_ABOUT_THE_STATE
NO_ROW = [pair for pair in product(State, EVALUATION.events) if not EVALUATION.rows_for(*pair)]

# The way of a case, and the last step at which each event can happen before the end ("" where only an end knows it):
# written by hand, so that the sentences of a refusal are not judged by the code that makes them.
STEPS = [
    *(State.NOT_APPLIED, State.TOO_EARLY, State.INCOMPLETE, State.ACCEPTED, State.PRELIM_PASSED),
    *(State.COUNTY_REQUESTED, State.EVALUATING, State.SELECTED, State.NOTICE_RESULT, State.NEGOTIATING),
    *(State.CONSENSUS, State.AWAITING_CITY, State.DETERMINED, State.NOTICE_PROPOSED, State.SIGNING),
    *(State.SIGNED, State.FILED),
]
LAST_STEP: dict[str, str] = {
    **dict.fromkeys(
        ("submit_application", "request_supplement", "supplement_materials", "window_closed"), "INCOMPLETE"
    ),
    **dict.fromkeys(("verify_site", "sign_preliminary_opinion"), "ACCEPTED"),
    **{"request_evaluation": "COUNTY_REQUESTED"},
    **dict.fromkeys(("draw_experts", "record_score_sheet", "conclude_evaluation"), "EVALUATING"),
    **{"record_negotiation": "NEGOTIATING", "report_to_city": "CONSENSUS"},
    **dict.fromkeys(("record_city_decision", "city_silent"), "AWAITING_CITY"),
    **dict.fromkeys(("start_notice", "period_over"), "NOTICE_PROPOSED"),
    **dict.fromkeys(("record_agency_delay", "sign_agreement", "sign_timeout", "withdraw_application"), "SIGNING"),
    **dict.fromkeys(("yield_place", "prepare_agreement", "record_system_test"), "SIGNING"),
    **{"file_agreement": "SIGNED"},
    **dict.fromkeys(("publish_notice", "record_objection", "resolve_objection"), "FILED"),
    **dict.fromkeys(("withdraw_objection", "breach", "change_rank"), "FILED"),
    **dict.fromkeys(("move_up", "correct_record"), ""),
    "take_back_act": "SIGNED",
}


def instead(state: State, name: str) -> str:
    """What the refusal of an event without a row tells the operator to do."""
    if state in (State.DEEMED_ABANDONED, State.NOT_ACCEPTED_INCOMPLETE):
        return "此结论由系统按期限自动作出，确有错误的可凭证据更正"
    last = LAST_STEP[name]
    if state is State.PUBLISHED:
        return "此环节已经过去，不能再次办理；请查看案件经过" if last else "本案已办结"
    if state not in STEPS:
        return "本案已办结"
    if last and STEPS.index(state) > STEPS.index(State(last)):
        return "此环节已经过去，不能再次办理；请查看案件经过"
    return NEXT_STEP[state]


def title(row: Transition) -> str:
    return f"{row.frm.value}-{row.event}-{row.condition}"


def taken(row: Transition) -> Outcome:
    dossier, happened = witness(row)
    elsewhere = {"report_to_city": THE_CITYS, "submit_application": AGAIN}
    answer = EVALUATION.decide(dossier, happened, elsewhere.get(row.event, context()))
    assert isinstance(answer, Outcome), answer
    return answer


@pytest.mark.parametrize(("state", "name"), NO_ROW, ids=[f"{state.value}-{name}" for state, name in NO_ROW])
def test_a_pair_without_a_row_is_refused_with_the_state_and_the_next_step(state: State, name: str) -> None:
    assert EVALUATION.decide(case(state), event(name), context()) == Refused(
        f"P01 现处“{state.label}”，不能办理此事项；{instead(state, name)}", "流程"
    )


def test_the_last_step_of_every_event_is_written_here() -> None:
    assert set(LAST_STEP) == set(EVALUATION.events)
    assert [*STEPS, State.PUBLISHED] == [state for state in State if state not in ENDS[1:]]


@pytest.mark.parametrize(
    ("state", "name", "given", "step"),
    [
        (
            State.COUNTY_REQUESTED,
            "request_evaluation",
            {"to": "county_bureau"},
            "请由县医疗保障局向市医疗保障局提出评估申请",
        ),
        (State.FILED, "publish_notice", {"kind": "proposed_agreements"}, "请公布定点名单"),
        (State.SELECTED, "publish_notice", {"kind": "proposed_agreements"}, "请先发布评估结果公示"),
    ],
)
def test_an_event_whose_rows_all_say_no_is_not_over(state: State, name: str, given: dict[str, str], step: str) -> None:
    assert EVALUATION.decide(case(state), event(name, **given), context()) == Refused(
        f"P01 现处“{state.label}”，不能办理此事项；{step}", "流程"
    )


def test_most_pairs_have_no_row() -> None:
    assert len(NO_ROW) + len({(row.frm, row.event) for row in EVALUATION.table}) == len(State) * len(EVALUATION.events)


@pytest.mark.parametrize("row", EVALUATION.table, ids=title)
def test_every_row_is_taken_by_a_case_that_meets_it(row: Transition) -> None:
    answer = taken(row)
    assert answer.to is row.to
    assert tuple(one.event for one in answer.messages) == row.tells
    assert {kind for kind, _ in answer.suspends} <= set(row.suspends)


@pytest.mark.parametrize("row", EVALUATION.table, ids=title)
def test_every_message_of_a_row_can_be_rendered(row: Transition) -> None:
    common = dict.fromkeys(("applicant_id", "applicant_name", "round_name", "county", "agency", "place"), "样例")
    for message in taken(row).messages:
        days: dict[str, Any] = dict.fromkeys(CLOCK_PARAMS.get(message.event, {}), date(2026, 2, 5))
        assert set(validate(message.event, {**common, **days, **message.params})) >= set(common)
        assert MESSAGES[message.event].audience is message.audience


@pytest.mark.parametrize("row", EVALUATION.table, ids=title)
def test_a_row_starts_only_clocks_of_the_policy_and_settles_only_clocks_of_the_case(row: Transition) -> None:
    dossier, _ = witness(row)
    answer = taken(row)
    again = {"city_reply"} if row.event == "city_silent" else set()  # begun anew, for the next reminder
    assert {one.kind for one in answer.starts} - again <= set(POLICY.clocks) - set(dossier.clocks)
    assert {one.kind for one in answer.sets} <= set(dossier.clocks)


@pytest.mark.parametrize(
    "row", [row for row in EVALUATION.table if row.to in ENDS and row.frm is not row.to], ids=title
)
def test_an_end_says_why_and_leaves_no_clock_open(row: Transition) -> None:
    dossier, _ = witness(row)
    answer = taken(row)
    assert answer.reasons != ()
    assert {one.kind for one in answer.sets} >= {kind for kind, one in dossier.clocks.items() if one.is_open}


def test_the_procedure_is_sound() -> None:
    assert faults(EVALUATION, acts=ACTS_OF_A_DOSSIER, messages=MESSAGES, limits=OF_DOSSIERS) == []


def test_an_end_has_no_rows_but_for_what_a_person_may_still_do() -> None:
    assert {row.event for row in EVALUATION.table if row.frm in ENDS} == AFTER_THE_END
    assert {(row.frm, row.to) for row in EVALUATION.table if row.frm in ENDS and row.frm is not row.to} == {
        (State.DEEMED_ABANDONED, State.SIGNING),
        (State.NOT_ACCEPTED_INCOMPLETE, State.INCOMPLETE),
        (State.OUT_OF_QUOTA, State.SELECTED),
        (State.OUT_OF_QUOTA, State.WITHDRAWN),
        *((State.WITHDRAWN, to) for to in (State.NOT_ACCEPTED_BAN, State.INCOMPLETE, State.ACCEPTED)),
        (State.NOT_ACCEPTED_BAN, State.WITHDRAWN),
        *((State.NOT_ACCEPTED_LATE, before) for before in UNAPPLIED),
        *((State.NOT_ACCEPTED_BAN, before) for before in UNAPPLIED),
        *((State.WITHDRAWN, before) for before in (*UNDER_WAY, State.OUT_OF_QUOTA)),
        (State.PRELIM_FAILED, State.ACCEPTED),
        (State.NEGOTIATION_FAILED, State.NEGOTIATING),
    }


def test_every_act_that_may_be_taken_back_has_its_way_back() -> None:
    there = {(row.frm, row.to) for row in EVALUATION.table if row.event in EVALUATION.retractable}
    assert {(row.to, row.frm) for row in EVALUATION.table if row.goes_back} == there
    assert {row.event for row in EVALUATION.table if row.goes_back} == {"take_back_act"}


@pytest.mark.parametrize("row", [row for row in EVALUATION.table if row.goes_back], ids=title)
def test_arriving_by_a_way_back_begins_no_clock(row: Transition) -> None:
    assert taken(row).starts == ()


def test_no_row_stands_twice() -> None:
    assert len(set(EVALUATION.table)) == len(EVALUATION.table)


def test_no_guard_and_no_effect_is_idle() -> None:
    used = {row.when for row in EVALUATION.table} | {row.step.effect for row in EVALUATION.table}
    for module in (guards, effects):
        idle = [one for one in _answering(module) if one not in used]
        assert idle == [], module


def _answering(module: ModuleType) -> list[Any]:
    """The functions of a module that the table could name: those that answer as guards or effects do."""
    own = [one for one in vars(module).values() if isfunction(one) and one.__module__ == module.__name__]
    named = [one for one in own if not one.__name__.startswith("_")]
    return [one for one in named if one.__annotations__["return"] in ("Answer", "Effect")]


@pytest.mark.parametrize("name", ["case-life.md", "agreement-life.md"])
def test_the_page_of_a_life_is_fresh(name: str) -> None:
    fresh = runpy.run_path(str(DOCS / "case_life.py"))["page"](name)
    assert (DOCS / name).read_text(encoding="utf-8") == fresh, "请运行 python docs/case_life.py 重新生成"
