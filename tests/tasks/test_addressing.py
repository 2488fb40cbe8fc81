"""An act reaches the round it is meant for: named by the form, told by its numbers, or refused with the choices."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import col, select

from dingdian.scenario import check
from models import Applicant, Application, Round
from rules.case import Event
from rules.errors import RefusedError, WhichRoundError
from tasks import batch
from tasks.addressing import addressed, running_rounds
from tasks.announce import announce_round
from tasks.preview import objection_effect
from tests.support.database import changed, dump
from tests.support.rounds import small_round
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, KEYS, Rehearsal, beijing
from views.casefile import case_file, file_of

LATER = "2025-11-03 09:00"  # the first round signs; the second takes applications until 30 November
SECOND = "样例县2025年度第2批特殊药品定点医药机构评估"


@pytest.fixture
def two_rounds(at_stage: Stage) -> Rehearsal:
    """A round that signs, and the year's second batch that takes applications: H01 and P01 to P03 stand in both, P04
    only in the second."""
    rehearsal = at_stage("signing")
    announce_second(rehearsal)
    return rehearsal


def announce_second(rehearsal: Rehearsal, at: str = "2025-11-01 09:00", pharmacies: int = 4) -> int:
    made = small_round(1, pharmacies, until="2025-11-02T09:00:00+08:00")
    made["announcement"] |= {
        "batch": 2,
        "published_on": "2025-11-01",
        "accept_from": "2025-11-02T00:00:00+08:00",
        "accept_until": "2025-11-30T17:30:00+08:00",
    }
    made["events"] = []
    head = check(made).head
    return announce_round(rehearsal.url, head, Event("announce_round", beijing(at), BOSS), KEYS).round_id


def states_of(rehearsal: Rehearsal, round_id: int) -> dict[str, str]:
    query = select(col(Applicant.applicant_id), col(Application.state)).join(Application)
    with rehearsal.session() as session:
        return dict(session.execute(query.where(col(Applicant.round_id) == round_id)).tuples().all())


def application(applicant_id: str, **more: Any) -> dict[str, Any]:
    papers = ["P1", "P2"]
    seen = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}
    return {"applicant_id": applicant_id, "materials": papers, **seen, **more}


def test_a_number_of_two_running_rounds_is_refused_with_the_choices(two_rounds: Rehearsal) -> None:
    said = two_rounds.refused(LATER, "sign_agreement", applicant_id="P01", signed_on="2025-11-03")
    first = "样例县2025年度特殊药品定点医药机构评估"
    assert said == f"编号“P01”在几个轮次里都有：请在“轮次”填写轮次号：1（{first}）；2（{SECOND}）"


def test_the_refusal_carries_the_rounds_to_choose_from(two_rounds: Rehearsal) -> None:
    for fields in ({"applicant_id": "P01"}, {}):
        with two_rounds.session() as session, pytest.raises(WhichRoundError) as caught:
            addressed(session, Event("correct_record", beijing(LATER), BOSS, fields))
        assert list(caught.value.rounds) == [1, 2]


def test_the_round_that_the_form_names_is_acted_in(two_rounds: Rehearsal) -> None:
    before = states_of(two_rounds, 2)
    two_rounds.act(LATER, "sign_agreement", applicant_id="P01", signed_on="2025-11-03", round="1")
    assert states_of(two_rounds, 1)["P01"] == "SIGNED"
    assert states_of(two_rounds, 2) == before
    two_rounds.act(LATER, "submit_application", **application("P01", round="2"))
    assert states_of(two_rounds, 2)["P01"] == "INCOMPLETE"
    assert states_of(two_rounds, 1)["P01"] == "SIGNED"


def test_a_number_of_one_round_needs_no_round_in_the_case_it_was_typed(two_rounds: Rehearsal) -> None:
    two_rounds.act(LATER, "submit_application", **application("p04"))
    assert states_of(two_rounds, 2)["P04"] == "INCOMPLETE"


@pytest.mark.parametrize(
    ("do", "fields", "said"),
    [
        ("sign_agreement", {"applicant_id": "P09", "signed_on": "2025-11-03"}, "各轮次都没有编号“P09”"),
        ("conclude_evaluation", {}, "有几个轮次，此事项没有说明属于哪一轮：请在“轮次”填写轮次号：1（"),
        ("sign_agreement", {"applicant_id": "P01", "signed_on": "2025-11-03", "round": "7"}, "没有第 7 轮次"),
        ("sign_agreement", {"applicant_id": "P04", "signed_on": "2025-11-03", "round": "1"}, "本轮没有申请人“P04”"),
        ("request_evaluation", {"to": "county_bureau", "applicant_ids": ["P01", "P02"]}, "编号“P01、P02”在几个轮次"),
    ],
)
def test_what_cannot_be_told_is_refused(two_rounds: Rehearsal, do: str, fields: dict[str, Any], said: str) -> None:
    assert two_rounds.refused(LATER, do, **fields).startswith(said)


def test_a_round_that_is_over_makes_no_number_ambiguous(at_stage: Stage) -> None:
    rehearsal = at_stage("published")
    assert announce_second(rehearsal, pharmacies=3) == 2
    rehearsal.act("2025-11-10 09:00", "submit_application", **application("P01"))
    assert states_of(rehearsal, 2)["P01"] == "INCOMPLETE"
    with rehearsal.session() as session:
        over = beijing("2025-11-10 09:00")
        assert [one.id for one in running_rounds(session, over)] == [2]


def test_a_number_that_only_a_round_that_is_over_knows_is_found_there(at_stage: Stage) -> None:
    rehearsal = at_stage("published")
    announce_second(rehearsal, pharmacies=1)
    with rehearsal.session() as session:
        named = {"applicant_id": "P03"}
        assert addressed(session, Event("correct_record", beijing(LATER), BOSS, named)).id == 1


@pytest.mark.parametrize(("at", "running"), [("2025-11-30 17:30", [1, 2]), ("2025-11-30 17:31", [1])])
def test_a_round_without_dossiers_runs_until_its_window_closes(
    two_rounds: Rehearsal, at: str, running: list[int]
) -> None:
    with two_rounds.session() as session:
        assert [one.id for one in running_rounds(session, beijing(at))] == running


def test_the_calendar_belongs_to_no_round(two_rounds: Rehearsal) -> None:
    days = {"year": 2027, "notice": "国办发明电〔2026〕9号", "off": [["2027-01-01", "2027-01-03"]], "working": []}
    with pytest.raises(RefusedError, match="放假"):  # the office's own rule about a whole year, not about a round
        two_rounds.act(LATER, "load_workdays", **days)


def test_a_batch_is_of_one_round(two_rounds: Rehearsal) -> None:
    def wish(kind: str, *ids: str, round_id: int = 0) -> batch.Portion:
        return batch.Portion(kind, round_id, ids, BOSS, beijing(LATER))

    before = dump(two_rounds.url)
    for asked, said in ((wish("accept", "P01"), "编号“P01”在几个轮次"), (wish("review"), "有几个轮次，此事项")):
        with pytest.raises(RefusedError, match=said):
            batch.to_do(two_rounds.url, asked)
    assert changed(before, dump(two_rounds.url)) == {}
    assert batch.to_do(two_rounds.url, wish("accept", "P04")).round_id == 2
    report = batch.do_chunk(two_rounds.url, batch.to_do(two_rounds.url, wish("accept", "P01", "P02", round_id=2)))
    assert (report.refused, [one for one, _ in report.done]) == ([], ["P01", "P02"])
    assert (states_of(two_rounds, 2)["P01"], states_of(two_rounds, 1)["P01"]) == ("ACCEPTED", "SIGNING")


def test_a_case_is_looked_up_like_an_act_is_addressed(two_rounds: Rehearsal) -> None:
    with two_rounds.session() as session:
        assert file_of(session, "p04", 0, beijing(LATER))["round_id"] == 2
        with pytest.raises(RefusedError, match="编号“P01”在几个轮次"):
            file_of(session, "P01", 0, beijing(LATER))
        assert [case_file(session, "P01", one)["state"] for one in (1, 2)] == ["SIGNING", "NOT_APPLIED"]


def test_an_objection_is_tried_out_in_its_round(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    told = {"applicant_id": "P01", "ref": "Y-1", "allegation": "面积不足", "received_on": "2025-09-24", "via": "online"}
    rehearsal.act("2025-09-24 10:00", "record_objection", received_time="10:00", **told)
    announce_second(rehearsal)
    assert objection_effect(rehearsal.url, "Y-1", beijing("2025-09-25 10:00"))["if_substantiated"]["said"]
    with pytest.raises(RefusedError, match="没有第 7 轮次"):
        objection_effect(rehearsal.url, "Y-1", beijing("2025-09-25 10:00"), 7)


def test_each_batch_has_its_name_and_its_numbers_of_agreements(two_rounds: Rehearsal) -> None:
    with two_rounds.session() as session:
        assert [one.name for one in session.exec(select(Round).order_by(col(Round.id)))][1] == SECOND
