"""What a finding would do, shown before it is confirmed: the very act, taken back; and the code that stands for it."""

from __future__ import annotations

from typing import Any

import pytest

from models.database import transaction
from rules.errors import RefusedError
from tasks.case_loading import context_of, newest_round
from tasks.consequences import look
from tasks.preview import objection_effect
from tests.support.database import changed, dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, beijing
from views.objection_pages import effect_page, sentences

AT = "2025-09-25 10:00"


def objected(
    at_stage: Stage, stage: str = "result_notice", variant: str = "", at: str = "2025-09-24 10:00"
) -> Rehearsal:
    rehearsal = at_stage(stage, variant)
    about = {"applicant_id": "P01", "ref": "Y-1", "via": "online", "allegation": "营业面积不足"}
    rehearsal.act(at, "record_objection", received_at=beijing(at).isoformat(), **about)
    return rehearsal


def effect_of(rehearsal: Rehearsal, at: str = AT) -> dict[str, Any]:
    return objection_effect(rehearsal.url, "Y-1", beijing(at))


def resolve(rehearsal: Rehearsal, code: str, *, true: bool = True, at: str = AT) -> str:
    fields = {"ref": "Y-1", "substantiated": true, "finding": "经核查", "preview_code": code}
    return rehearsal.act(at, "resolve_objection", **fields).summary


def test_nothing_is_written_and_nobody_is_told(at_stage: Stage) -> None:
    rehearsal = objected(at_stage)
    before = dump(rehearsal.url)
    effect_of(rehearsal)
    assert changed(before, dump(rehearsal.url)) == {}


def test_without_substitution_the_place_stays_empty(at_stage: Stage) -> None:
    effect = effect_of(objected(at_stage))
    told = effect["if_substantiated"]
    assert [one["applicant_id"] for one in told["disqualified"]] == ["P01"]
    assert (told["moves_up"], told["notices_to_publish"]) == ([], [])
    assert told["notices_to_annotate"] == ["评估结果公示第1号"]
    pharmacies = next(one for one in told["places"] if one["type"] == "pharmacy")
    assert (pharmacies["quota"], pharmacies["taken"], pharmacies["taken_then"]) == (2, 2, 1)
    assert sentences(told) == [
        "取消资格：P01 样例大药房1店（现处“评估结果公示中”）",
        "须在已发布的公示上注明：评估结果公示第1号",
        "零售药店空缺由 0 个变为 1 个，无人递补",
    ]
    assert [(one["about"], one["message"]) for one in told["messages"]] == [("P01", "取消资格告知书")]


def test_with_substitution_the_next_in_rank_moves_up_and_needs_a_notice(at_stage: Stage) -> None:
    told = effect_of(objected(at_stage, variant="next_in_rank"))["if_substantiated"]
    assert [(one["applicant_id"], one["rank"]) for one in told["moves_up"]] == [("P03", 3)]
    assert told["notices_to_publish"] == [{"kind": "evaluation_result", "label": "评估结果公示", "applicants": ["P03"]}]
    pharmacies = next(one for one in told["places"] if one["type"] == "pharmacy")
    assert (pharmacies["taken_then"], pharmacies["vacant_then"]) == (2, 0)
    assert [(row["rank"], row["applicant_id"], row["state"]) for row in told["ranking"]["pharmacy"]] == [
        (1, "P01", "评估结果公示异议成立，取消资格"),
        (2, "P02", "评估结果公示中"),
        (3, "P03", "拟进入谈判，待公示"),
    ]


def test_what_was_shown_is_what_happens(at_stage: Stage) -> None:
    rehearsal = objected(at_stage, variant="next_in_rank")
    told = effect_of(rehearsal)["if_substantiated"]
    with transaction(rehearsal.url) as session:
        before = look(session, context_of(session, newest_round(session)))
    resolve(rehearsal, told["code"])
    with transaction(rehearsal.url) as session:
        after = look(session, context_of(session, newest_round(session)))
    out = [one for one, now in after.standings.items() if now.state is not before.standings[one].state]
    assert out == [one["applicant_id"] for one in (*told["disqualified"], *told["moves_up"])]
    assert rehearsal.states()["P03"] == "SELECTED"


def test_an_untrue_one_changes_no_place(at_stage: Stage) -> None:
    told = effect_of(objected(at_stage))["if_not_substantiated"]
    assert (told["disqualified"], told["moves_up"], told["released"]) == ([], [], ["P01"])
    assert sentences(told) == ["解除暂停（或减少一件）：P01"]


def test_a_code_holds_for_the_other_finding_as_little_as_for_another_day(at_stage: Stage) -> None:
    rehearsal = objected(at_stage, variant="next_in_rank")
    rehearsal.sweep(AT)
    effect = effect_of(rehearsal)
    before = dump(rehearsal.url)
    with pytest.raises(RefusedError, match="试算码与现在的后果不符"):
        resolve(rehearsal, effect["if_substantiated"]["code"], true=False)
    assert changed(before, dump(rehearsal.url)) == {}
    rehearsal.act("2025-09-25 09:00", "withdraw_application", applicant_id="P02", reason="自愿")
    rehearsal.sweep(AT)
    before = dump(rehearsal.url)
    with pytest.raises(RefusedError, match="请重新试算并核对"):
        resolve(rehearsal, effect["if_substantiated"]["code"])
    assert changed(before, dump(rehearsal.url)) == {}
    resolve(rehearsal, effect_of(rehearsal)["if_substantiated"]["code"])
    assert rehearsal.state("P01") == "DISQUALIFIED_PUBLICITY_1"


def test_a_round_that_asks_for_it_takes_no_true_finding_without_the_code(at_stage: Stage) -> None:
    rehearsal = objected(at_stage, variant="preview")
    fields = {"ref": "Y-1", "substantiated": True, "finding": "经核查"}
    rehearsal.sweep(AT)
    said = rehearsal.refused(AT, "resolve_objection", **fields)
    assert said == "本轮要求先看后果再认定属实：请先运行“试算异议后果”（异议 Y-1），核对后填入其试算码"
    resolve(rehearsal, effect_of(rehearsal)["if_substantiated"]["code"])
    assert rehearsal.state("P01") == "DISQUALIFIED_PUBLICITY_1"


def test_an_untrue_finding_needs_no_code_even_there(at_stage: Stage) -> None:
    rehearsal = objected(at_stage, variant="preview")
    resolve(rehearsal, "", true=False)
    assert rehearsal.case("P01").holds == 0


def test_a_complaint_after_signing_moves_nothing(at_stage: Stage) -> None:
    told = effect_of(objected(at_stage, "signed", at="2025-11-03 18:30"), "2025-11-04 10:00")["if_substantiated"]
    assert sentences(told) == ["资格、排名和名额均不变"]


def test_an_objection_that_is_unknown_or_concluded_is_refused(at_stage: Stage) -> None:
    rehearsal = objected(at_stage)
    with pytest.raises(RefusedError, match="没有编号为“Y-9”的异议"):
        objection_effect(rehearsal.url, "Y-9", beijing(AT))
    resolve(rehearsal, "")
    with pytest.raises(RefusedError, match="异议 Y-1 已于 2025-09-25 作出结论"):
        effect_of(rehearsal)


def test_the_page_shows_both_findings_with_their_codes(at_stage: Stage) -> None:
    effect = effect_of(objected(at_stage, variant="next_in_rank"))
    page = effect_page(effect)
    assert page.index("## 如认定属实") < page.index("## 如认定不属实")
    for name in ("if_substantiated", "if_not_substantiated"):
        assert f"试算码：`{effect[name]['code']}`" in page
    assert "递补：P03 样例大药房3店，排名第 3" in page
    assert "营业面积" not in page
