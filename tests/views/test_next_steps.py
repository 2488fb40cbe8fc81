"""What can be done next follows the table of transitions and where the round stands, and fills in no assertion."""

from __future__ import annotations

from datetime import date

import pytest

from rules.evaluation import EVALUATION
from rules.vocabulary import State
from tasks.acts import ACTS
from tasks.case_loading import context_of, newest_round, the_case
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, beijing
from views.next_steps import NextAct, for_case, for_round

TODAY = date(2025, 9, 24)
BY_CLOCK = ("window_closed", "period_over", "sign_timeout", "breach", "move_up", "start_notice", "city_silent")
FOLLOWS = ("yield_place", "change_rank")  # what follows for others from an act
WAY = {
    "announced": ["submit_application"],
    "accepted": ["sign_preliminary_opinion"],
    "passed": ["request_evaluation"],
    "evaluating": ["publish_draw_plan"],
    "planned": ["draw_experts"],
    "drawn": ["record_score_sheet"],
    "scored": ["conclude_evaluation"],
    "concluded": ["publish_notice"],
    "result_notice": [],
    "negotiating": ["record_negotiation"],
    "consensus": ["publish_notice"],
    "proposed_notice": [],
    "signing": ["sign_agreement"],
    "signed": ["file_agreement"],
    "filed": ["publish_notice"],
    "published": [],
}


def acts(rehearsal: Rehearsal, applicant_id: str = "P01") -> list[NextAct]:
    with rehearsal.session() as session:
        ctx = context_of(session, newest_round(session))
        return for_case(session, ctx, the_case(session, ctx.round.id, applicant_id), TODAY)


def values(rehearsal: Rehearsal, do: str) -> dict[str, object]:
    """What a form is filled with, beside the round that every form carries."""
    given = next(dict(act.values) for act in acts(rehearsal) if act.do == do)
    assert given.pop("round") == "1"
    return given


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("stage", WAY)
def test_the_way_forward_at_every_stage(at_stage: Stage, stage: str) -> None:
    found = acts(at_stage(stage))
    assert [act.do for act in found if not act.is_aside] == WAY[stage]


def test_every_event_of_the_table_is_an_act_or_the_clocks() -> None:
    assert {row.event for row in EVALUATION.table} <= set(ACTS) | set(BY_CLOCK) | set(FOLLOWS)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_forms_are_filled_with_what_the_records_know(at_stage: Stage) -> None:
    assert values(at_stage("passed"), "request_evaluation") == {
        "to": "county_bureau",
        "applicant_ids": ["H01", "P01", "P02", "P03"],
    }
    sheet = values(at_stage("drawn"), "record_score_sheet")
    assert sheet["applicant_id"] == "P01"
    assert sheet["items"] == [{"code": code} for code in ("P-a", "P-b", "P-c", "P-d")]
    assert values(at_stage("concluded"), "publish_notice") == {
        "kind": "evaluation_result",
        "postings": [{"channel": one, "posted_on": "2025-09-24"} for one in ("县政府网站", "“医保”公众号")],
    }
    assert values(at_stage("result_notice"), "record_objection") == {
        **{"applicant_id": "P01", "ref": "P01-1", "received_on": "2025-09-24"},
    }


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_a_person_must_assert_is_never_filled_in(at_stage: Stage) -> None:
    assert values(at_stage("announced"), "submit_application") == {"applicant_id": "P01"}
    assert values(at_stage("signing"), "sign_agreement") == {"applicant_id": "P01"}


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_objection_that_is_open_comes_with_its_number(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    assert not {"resolve_objection", "withdraw_objection"} & {act.do for act in acts(rehearsal)}
    received = {"received_at": "2025-09-24T10:00:00+08:00", "via": "counter", "allegation": "营业面积不足"}
    rehearsal.act("2025-09-24 10:00", "record_objection", applicant_id="P01", ref="P01-1", **received)
    assert values(rehearsal, "resolve_objection") == values(rehearsal, "withdraw_objection") == {"ref": "P01-1"}


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_notice_waits_for_its_other_channel(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded")
    posted = {"channel": "县政府网站", "posted_at": beijing("2025-09-24 09:00"), "url": "", "sha256": ""}
    rehearsal.act("2025-09-24 09:00", "publish_notice", kind="evaluation_result", postings=[posted])
    (first, *_) = acts(rehearsal)
    assert (first.do, first.values) == (
        "record_posting",
        {"kind": "evaluation_result", "posted_on": "2025-09-24", "channel": "“医保”公众号", "round": "1"},
    )


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_withdrawn_objection_is_not_withdrawn_again_but_still_found_on(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    received = {"received_at": "2025-09-24T10:00:00+08:00", "via": "counter", "allegation": "营业面积不足"}
    rehearsal.act("2025-09-24 10:00", "record_objection", applicant_id="P01", ref="P01-1", **received)
    rehearsal.act("2025-09-25 10:00", "withdraw_objection", ref="P01-1", withdrawn_on="2025-09-25", reason="撤回书")
    offered = [act.do for act in acts(rehearsal)]
    assert ("resolve_objection" in offered, "withdraw_objection" in offered) == (True, False)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_objection_that_came_late_waits_for_its_finding_too(at_stage: Stage) -> None:
    rehearsal = at_stage("negotiating")
    received = {"received_at": "2025-10-20T10:00:00+08:00", "via": "counter", "allegation": "营业面积不足"}
    rehearsal.act("2025-10-20 10:00", "record_objection", applicant_id="P01", ref="P01-1", **received)
    assert values(rehearsal, "resolve_objection") == {"ref": "P01-1"}
    assert [act.do for act in acts(rehearsal) if not act.is_aside][:1] == ["resolve_objection"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_round_says_what_waits(at_stage: Stage) -> None:
    with at_stage("concluded").session() as session:
        ctx = context_of(session, newest_round(session))
        waiting = [(state, count, act.do) for state, count, act in for_round(session, ctx, TODAY)]
        assert waiting == [(State.SELECTED, 3, "publish_notice")]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_act_says_until_when_it_is_in_time(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    assert until(rehearsal, "sign_agreement") == date(2026, 1, 16)
    rehearsal.sweep("2026-01-17 00:05")
    why = {"what": "期限内已签约", "reason": "录入迟延", "evidence": "协议原件"}
    rehearsal.act("2026-01-19 09:00", "correct_record", applicant_id="P01", **why)
    assert until(rehearsal, "sign_agreement") == date(2026, 2, 2)  # with the correction's own ten working days


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_mistake_is_looked_at_first_and_only_where_there_is_one_to_take_back(at_stage: Stage) -> None:
    signed = at_stage("signed")
    assert values(signed, "try_take_back") == {"applicant_id": "P01", "act": "sign_agreement"}
    offered = next(act for act in acts(signed) if act.do == "try_take_back")
    assert (offered.is_aside, offered.until) == (True, None)
    assert "try_take_back" not in {act.do for act in acts(at_stage("announced"))}
    assert "try_take_back" not in {act.do for act in acts(at_stage("filed"))}


def until(rehearsal: Rehearsal, do: str) -> date | None:
    return next(act.until for act in acts(rehearsal) if act.do == do)
