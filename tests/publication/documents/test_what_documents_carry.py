"""What is recorded beside a dossier's state comes out in the documents: plan, visits, notes, summary, receipt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.database import transaction
from publication.documents.making import make
from rules.vocabulary import DocumentKind
from tests.publication.documents.conftest import pages_of
from tests.support.rounds import replayed, small_round

EVIDENCE = "0123456789abcdef" * 4
PLAN = {
    **{"title": "样例县2025年度发展计划", "number": "样医保〔2025〕3号", "approved_on": "2025-08-11"},
    **{"approved_by": "样例县医疗保障局", "quota": {"hospital": 1, "pharmacy": 3}},
}
RECEIPT = {"received_by": "医药管理科张某", "number": "备〔2025〕7号", "on": "2025-11-04"}
COPIES = [
    {"holder": "申报单位", "kept_by": "办公室李某", "on": "2025-09-02"},
    {"holder": "county_bureau", "kept_by": "医药管理科张某", "on": "2025-11-04"},
]


def of(scenario: dict[str, Any], do: str, applicant_id: str = "") -> list[dict[str, Any]]:
    return [one for one in scenario["events"] if one["do"] == do and applicant_id in ("", one.get("applicant_id"))]


def told(url: str, kind: DocumentKind, ref: int) -> str:
    with transaction(url) as session:
        return "".join(pages_of(make(session, kind, ref)))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A finished round whose file says all that it may; P03 fails the preliminary review."""
    scenario = small_round(1, 3, quota={"hospital": 1, "pharmacy": 2}, facts={"P03": {"area_m2": "179.5"}})
    asked = [one for request in of(scenario, "request_evaluation") for one in [request["applicant_ids"]]]
    for ids in asked:
        ids[:] = [one for one in ids if one != "P03"]
    scenario["events"] = [one for one in scenario["events"] if one not in of(scenario, "record_score_sheet", "P03")]
    scenario["development_plan"] = PLAN
    visit = {"findings": {}, "note": "", "visited_on": "2025-09-04", "visitors": ["核查员丁", "经办员甲"]}
    place = {"at": "2025-09-05T10:00:00+08:00", "do": "verify_site", "by": "经办员甲", "applicant_id": "P01"}
    scenario["events"].append(place | visit | {"minutes": "现场丈量\n与申报一致"})
    scenario["events"].sort(key=lambda one: str(one["at"]))
    sheets = of(scenario, "record_score_sheet", "P01")
    sheets[0] |= {"notes": {"P-a": "处方审核记录齐全"}, "evidence": {"P-b": EVIDENCE}}
    signed = [one["expert_id"] for one in sheets[:2]]
    of(scenario, "conclude_evaluation")[0].update(summary="冷链符合要求。\n建议完善温湿度记录。", signed_by=signed)
    of(scenario, "file_agreement", "P01")[0].update(receipt=RECEIPT, copies=COPIES)
    url, outcome = replayed(tmp_path_factory.mktemp("recorded"), scenario)
    assert outcome["refused"] == []
    return url


def test_the_announcement_cites_the_plan_that_was_recorded(recorded: str) -> None:
    said = told(recorded, DocumentKind.ANNOUNCEMENT, 1)
    assert "样例县医疗保障局2025年8月11日批准的《样例县2025年度发展计划》（样医保〔2025〕3号）" in said


def test_the_summary_lists_visits_and_who_failed_with_every_reason(recorded: str) -> None:
    said = told(recorded, DocumentKind.REVIEW_SUMMARY, 1)
    assert "P01样例大药房1店2025年9月1日2025年9月4日2025年9月10日无" in said
    assert "P03样例大药房3店营业用房使用面积不足（二（二）4）" in said
    assert "零售药店303210" in said


def test_the_request_asks_for_those_that_passed_only(recorded: str) -> None:
    said = told(recorded, DocumentKind.EVALUATION_REQUEST, 1)
    assert "3家机构初审合格、申请评估，1家机构初审不合格" in said
    assert said.index("三、初审不合格、不申请评估的机构") < said.index("样例大药房3店")


def test_the_record_of_the_evaluation_has_notes_evidence_and_the_signed_summary(recorded: str) -> None:
    said = told(recorded, DocumentKind.EVALUATION_RECORD, 2)
    assert "处方审核记录齐全" in said
    assert EVIDENCE in said
    assert "冷链符合要求。建议完善温湿度记录。" in said
    assert said.count("（已签名）") == 2


def test_the_filing_sheet_has_the_receipt_and_who_holds_which_copy(recorded: str) -> None:
    said = told(recorded, DocumentKind.FILING_SHEET, 2)
    assert "备案回执回执编号备〔2025〕7号接收人医药管理科张某接收日期2025年11月4日" in said
    assert "申报单位办公室李某2025年9月2日县医疗保险经办中心县医疗保障局医药管理科张某2025年11月4日" in said
    assert "备案回执" not in told(recorded, DocumentKind.FILING_SHEET, 1)


@pytest.mark.parametrize(
    ("rule", "meaning"),
    [
        ("priority inclusion first, then registration order", "优先纳入是指得分相同时"),
        ("public draw", "本轮公布的同分规则不含优先纳入，上列情形不影响排名。"),
    ],
)
def test_what_priority_means_follows_the_announced_tie_rule(tmp_path: Path, rule: str, meaning: str) -> None:
    scenario = small_round(until="announced")
    scenario["announcement"]["tie_rule"] = rule
    url, _ = replayed(tmp_path, scenario)
    assert meaning in told(url, DocumentKind.ANNOUNCEMENT, 1)


@pytest.mark.parametrize(
    ("reading", "line"), [("at_mark_passes", "70分以下（不含本数）"), ("above_mark_only", "70分以下（含本数）")]
)
def test_the_announcement_tells_whether_the_mark_is_enough(tmp_path: Path, reading: str, line: str) -> None:
    scenario = small_round(1, 1, until="announced")
    scenario["announcement"]["readings"] = {"pass_mark": reading}
    url, _ = replayed(tmp_path, scenario)
    assert f"{line}的不进入谈判" in told(url, DocumentKind.ANNOUNCEMENT, 1)


def test_the_rubric_s_annex_tells_veto_items_and_deductions(tmp_path: Path) -> None:
    scenario = small_round(1, 1, until="announced")
    scenario["rubric"]["pharmacy"] += [
        {"code": "P-v", "item": "处方留存", "veto": True},
        {"code": "P-x", "item": "投诉扣分", "max": 10, "deduction": True},
    ]
    url, _ = replayed(tmp_path, scenario)
    text = told(url, DocumentKind.ANNOUNCEMENT, 1)
    assert "处方留存否决项" in text
    assert "投诉扣分扣分，至多10" in text


def test_the_letter_of_who_gave_a_place_back_tells_of_it(tmp_path: Path) -> None:
    field = Path(__file__).parents[2] / "dingdian" / "field_rounds" / "brought_back.json"
    url, _ = replayed(tmp_path, json.loads(field.read_text(encoding="utf-8")))
    text = told(url, DocumentKind.RESULT_LETTER, 2)
    assert "评估合格，名额已满" in text
    assert "第2名" in text
