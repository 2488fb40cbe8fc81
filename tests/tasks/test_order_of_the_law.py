"""Each step after what the law puts first; facts that a visit found; days that have not come (五(一)(二), 六(三))."""

from __future__ import annotations

import pytest

from flows.forms.round_file import AT_THE_DESK, as_at_the_desk, as_it_stands
from policies.loader import load_policy
from tests.support.rounds import small_round
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal

HEAD = ("announcement", "rubric", "expert_library", "applicants")


def sign(rehearsal: Rehearsal, applicant_id: str = "P01") -> str:
    signed = {"applicant_id": applicant_id, "judgements": {}}
    return rehearsal.act("2025-09-10 10:00", "sign_preliminary_opinion", **signed).summary


def test_where_the_round_requires_it_no_opinion_comes_before_the_site_was_checked(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted", "in order")
    signed = {"applicant_id": "P01", "judgements": {}}
    assert rehearsal.refused("2025-09-10 09:00", "sign_preliminary_opinion", **signed) == (
        "须先到实地核查：请先办理“录入实地核查”，没有不一致的也要录入（依据：五(一)）"
    )
    rehearsal.act("2025-09-10 09:30", "verify_site", applicant_id="P01", findings={}, note="")
    assert "初审合格" in sign(rehearsal)


def test_where_the_round_requires_it_the_city_is_not_asked_before_the_county(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted", "in order")
    rehearsal.act("2025-09-10 09:30", "verify_site", applicant_id="P01", findings={}, note="")
    sign(rehearsal)
    asked = {"to": "city_bureau", "applicant_ids": ["P01"]}
    assert "须先向县医疗保障局提出评估申请" in rehearsal.refused("2025-09-11 09:00", "request_evaluation", **asked)
    rehearsal.act("2025-09-11 10:00", "request_evaluation", to="county_bureau", applicant_ids=["P01"])
    rehearsal.act("2025-09-12 10:00", "request_evaluation", **asked)
    assert rehearsal.state("P01") == "EVALUATING"


def test_the_desk_takes_what_is_recommended_unless_its_file_says_otherwise() -> None:
    head = {name: small_round()[name] for name in HEAD}
    policy = load_policy()
    desk, replay = as_at_the_desk(head), as_it_stands(head)
    assert desk["safeguards"] == dict.fromkeys(AT_THE_DESK, True)
    assert replay["safeguards"] == dict.fromkeys(AT_THE_DESK, False)
    assert desk["announcement"]["readings"] == policy.recommended
    assert replay["announcement"]["readings"] == {name: policy.reads(name) for name in policy.recommended}
    declined = as_at_the_desk({**head, "safeguards": {"site_check": False}})
    assert declined["safeguards"] == {**dict.fromkeys(AT_THE_DESK, True), "site_check": False}


@pytest.mark.parametrize(
    ("ended_on", "kind", "state", "codes"),
    [
        ("2022-09-01", "解除", "PRELIM_FAILED", ["REAPPLICATION_BAN"]),  # the last day of the bar is the application's
        ("2022-08-31", "解除", "PRELIM_PASSED", []),
        ("2024-01-01", "到期", "PRELIM_PASSED", []),
    ],
)
def test_a_dissolution_found_on_site_bars_whatever_was_declared(
    at_stage: Stage, ended_on: str, kind: str, state: str, codes: list[str]
) -> None:
    rehearsal = at_stage("accepted")
    found = {"prior_termination": {"date": ended_on, "kind": kind}}
    rehearsal.act("2025-09-09 09:30", "verify_site", applicant_id="P01", findings=found, note="")
    sign(rehearsal)
    assert (rehearsal.state("P01"), rehearsal.reasons("P01")) == (state, codes)


def test_what_was_found_has_happened(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    ahead = {"penalties": [{"authority": "市场监督管理局", "date": "2025-09-10", "kind": "罚款"}]}
    said = rehearsal.refused("2025-09-09 09:30", "verify_site", applicant_id="P01", findings=ahead, note="")
    assert said == "核查结果中的日期 2025-09-10 尚未到来，请核对后重新录入（依据：五(一)）"
    rehearsal.act("2025-09-10 09:30", "verify_site", applicant_id="P01", findings=ahead, note="")


@pytest.mark.parametrize("until", ["2035-12-05", "2025-12-09"])
def test_a_delay_that_has_not_ended_lengthens_nothing(at_stage: Stage, until: str) -> None:
    rehearsal = at_stage("signing")
    delay = {"applicant_id": "P01", "delay_from": "2025-12-01", "delay_to": until, "cause": "系统联调"}
    said = rehearsal.refused("2025-12-08 09:00", "record_agency_delay", **delay)
    assert said == f"占用结束日 {until} 尚未到来：只能登记已经发生的占用，请在占用结束后登记（依据：五(三)）"
    rehearsal.act("2025-12-08 09:00", "record_agency_delay", **{**delay, "delay_to": "2025-12-08"})


def test_no_plan_before_the_city_was_asked(at_stage: Stage) -> None:
    plan = {"wanted": 3, "sources": ["红球（虚构）"]}
    assert at_stage("passed").refused("2025-09-15 09:00", "publish_draw_plan", **plan) == (
        "没有经市医疗保障局受理评估申请的机构，不能公布抽取方案：请先为初审合格的机构提出评估申请（先报县局，再报市局）"
    )
