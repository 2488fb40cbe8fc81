"""A draw that cannot be steered, where the round asks for it (as every round announced at the desk does): sources that
are still to come, results and absences with evidence, recusals with proof, challenges decided by somebody else."""

from __future__ import annotations

from typing import Any

import pytest

from models import Draw, Recusal, ScoreSheet
from models.database import transaction
from publication.draws import draw_view
from publication.records import draw_record
from tests.support.stages import Stage
from tests.tasks.drawing import DRAWN, RED, plan, refused_plan
from tests.tasks.rehearsal import OFFICE, Rehearsal, items
from tests.tasks.test_challenges import challenge

PAGE = "https://www.cwl.gov.cn/（虚构）第2025109期"
RECUSAL = {"expert_id": "Z01", "reason": "近亲属任职", "applicant_id": ""}
PROOF = {**RECUSAL, "evidence": "书面申请，卷宗第 3 页"}
DRAW: dict[str, Any] = {"source_values": [DRAWN], "unavailable": []}


@pytest.fixture
def planned(at_stage: Stage) -> Rehearsal:
    """Planned on 17 September 2025; the source is due on the 18th."""
    rehearsal = at_stage("evaluating", "guarded")
    plan(rehearsal, RED)
    return rehearsal


@pytest.fixture
def drawn(planned: Rehearsal) -> Rehearsal:
    planned.act("2025-09-19 09:00", "draw_experts", **DRAW, evidence=PAGE)
    return planned


@pytest.mark.parametrize(
    ("due_on", "said"), [("2025-09-16", "过早，最早 2025-09-18"), ("2025-09-17", "过早，最早 2025-09-18")]
)
def test_a_source_whose_result_may_be_known_is_refused(at_stage: Stage, due_on: str, said: str) -> None:
    rehearsal = at_stage("evaluating", "guarded")
    assert said in refused_plan(rehearsal, {**RED, "due_on": due_on})
    assert "须为方案公布时尚未产生的结果" in refused_plan(rehearsal, {**RED, "due_on": due_on})


def test_a_source_without_its_day_is_refused(at_stage: Stage) -> None:
    said = refused_plan(at_stage("evaluating", "guarded"), "双色球第2025109期红球")
    assert said == "本轮要求逐一公布随机源的种类、公布日和不公布时的办法：请补全后再公布方案"


def test_results_come_with_the_official_page(planned: Rehearsal) -> None:
    said = planned.refused("2025-09-19 09:00", "draw_experts", **DRAW)
    assert said == "须填写“开奖公告”：各随机源结果的官方网页地址或留存文件，供复核人核对并公布"
    planned.act("2025-09-19 09:00", "draw_experts", **DRAW, evidence=PAGE)
    assert planned.own(Draw)[0].values_evidence == PAGE


def test_an_absence_on_the_day_comes_with_a_note_for_the_public(planned: Rehearsal) -> None:
    absent = {**DRAW, "unavailable": [2], "evidence": PAGE}
    assert "须填写“不能到场的说明”" in planned.refused("2025-09-19 09:00", "draw_experts", **absent)
    planned.act("2025-09-19 09:00", "draw_experts", **absent, absence_note="住院，证明存卷宗第 5 页")
    with planned.session() as session:
        ctx = planned.context(session)
        view = draw_view(session, ctx.round.id, ctx.policy, ctx.workdays)
    assert view is not None
    assert view.result is not None
    assert (view.result.absence_note, view.result.values_evidence) == ("住院，证明存卷宗第 5 页", PAGE)


def test_before_the_plan_a_recusal_needs_no_proof(at_stage: Stage) -> None:
    at_stage("evaluating", "guarded").act("2025-09-16 15:00", "recuse_expert", **RECUSAL)


@pytest.mark.parametrize(("at", "is_after"), [("2025-09-17 23:59", False), ("2025-09-18 00:00", True)])
def test_a_recusal_after_the_plan_comes_with_proof_and_is_told(planned: Rehearsal, at: str, is_after: bool) -> None:
    assert "此后回避的须填写“证明”" in planned.refused(at, "recuse_expert", **RECUSAL)
    planned.act(at, "recuse_expert", **PROOF)
    assert planned.rows(Recusal)[0].evidence == PROOF["evidence"]
    with planned.session() as session:
        ctx = planned.context(session)
        view = draw_view(session, ctx.round.id, ctx.policy, ctx.workdays)
    assert view is not None
    assert [(one.expert_id, one.is_after_results) for one in view.left] == [("Z01", is_after)]


def test_whoever_drew_does_not_answer_the_challenge_and_every_draw_stays_published(drawn: Rehearsal) -> None:
    with transaction(drawn.url) as session:
        before = draw_record(session, 1)
    challenge(drawn, "2025-09-22 10:00", "2025-09-22 09:00")
    answer = {"ref": "Z-1", "upheld": True, "finding": "名册漏列一人"}
    said = drawn.refused("2025-09-22 11:00", "resolve_draw_challenge", **answer)
    assert said == "公布方案或者办理抽取的人，不能对抽取质疑作出结论：请由另一人核查（依据：五(二)）"
    drawn.act("2025-09-22 11:00", "resolve_draw_challenge", by=OFFICE, **answer)
    plan(drawn, {**RED, "name": "双色球第2025112期红球", "due_on": "2025-09-25"}, at="2025-09-23 10:00")
    with drawn.session() as session:
        ctx = drawn.context(session)
        view = draw_view(session, ctx.round.id, ctx.policy, ctx.workdays)
    assert view is not None
    assert [one["record_sha256"] for one in view.earlier] == [before["record_sha256"]]


def test_no_new_plan_without_an_upheld_challenge(drawn: Rehearsal) -> None:
    later = {**RED, "name": "双色球第2025112期红球", "due_on": "2025-09-25"}
    challenge(drawn, "2025-09-22 10:00", "2025-09-22 09:00")
    wanted = {"wanted": 3, "sources": [later]}
    drawn.refused("2025-09-22 10:30", "publish_draw_plan", **wanted)
    answer = {"ref": "Z-1", "upheld": False, "finding": "名册无误"}
    drawn.act("2025-09-22 11:00", "resolve_draw_challenge", by=OFFICE, **answer)
    drawn.refused("2025-09-23 10:00", "publish_draw_plan", **wanted)


def test_what_was_scored_stays_when_its_expert_leaves(drawn: Rehearsal) -> None:
    first = drawn.panel()[0]
    sheet = {"applicant_id": "H01", "expert_id": first, "items": items("H01")}
    drawn.act("2025-09-23 09:00", "record_score_sheet", **sheet)
    about = {"expert_id": first, "reason": "突发疾病", "applicant_id": ""}
    assert "此后回避的须填写“证明”" in drawn.refused("2025-09-23 10:00", "recuse_expert", **about)
    drawn.act("2025-09-23 10:00", "recuse_expert", **about, evidence="病假证明")
    assert [one.items for one in drawn.rows(ScoreSheet)] == [{name: str(score) for name, score in items("H01").items()}]
    assert first not in drawn.panel()
