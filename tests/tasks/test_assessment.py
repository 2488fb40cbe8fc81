"""The yearly assessment and the settlement, act by act (R51, R58, R61, R64, R82); a whole life on both databases is in
`test_assessed_life`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import col

from models import (
    Agreement,
    Assessment,
    AssessmentResult,
    AssessmentTable,
    CostDecision,
    Deadline,
    Notification,
    SettlementHold,
    ViolationFinding,
)
from models.database import transaction
from rules.case import SYSTEM
from tasks.agreements import load_agreements
from tasks.assessments import parts_of, to_be_inspected, years_of
from tasks.case_loading import context_numbered
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE
from tests.tasks.test_performance import Life
from views.agreement_file import agreement_file
from views.agreements import agreements_of
from views.assessment import assessment_year

TABLE: dict[str, Any] = {
    "first_year": 2026,
    "title": "样例县考核办法（2026年版）",
    "published_on": "2025-12-31",
    "published_where": "县政府网站",
    "criteria": [
        {"type": "hospital", "code": "H1", "item": "服务", "max": "100"},
        {"type": "pharmacy", "code": "K1", "item": "备药", "max": "60"},
        {"type": "pharmacy", "code": "K2", "item": "服务", "max": "40"},
    ],
    "grades": [
        {"label": "A级", "from_score": "90", "from_satisfaction": "90", "effect": "a", "coefficient": "1"},
        {"label": "B级", "from_score": "60", "from_satisfaction": "60", "effect": "b", "coefficient": "0.95"},
        {"label": "C级", "from_score": "0", "effect": "c", "coefficient": "0.9"},
    ],
}
SURVEY = {"from_on": "2026-09-01", "to_on": "2026-09-30", "method": "窗口问卷", "sample": 50}
PHARMACIES = {"P01", "P02"}


class Office(Life):
    """The agreements of H01, P01 and P02, in force since 3 November 2025, whose years are assessed."""

    def surveyed(self, score: str, answers: int = 30, **fields: Any) -> str:
        return self.did("2026-10-09 09:00", "record_survey", by=OFFICE, score=score, answers=answers, **SURVEY | fields)

    def assessed(self, applicant_id: str, points: str, at: str = "2027-01-08 09:00", **fields: Any) -> str:
        scores = {"K1": points, "K2": "40"} if applicant_id in PHARMACIES else {"H1": points}
        whom = {"applicant_id": applicant_id, "year": 2026, "scores": scores}
        return self.did(at, "record_assessment", by=OFFICE, **whom | fields)

    def concluded(self, at: str = "2027-01-11 09:00", year: int = 2026) -> str:
        return self.office.act(at, "conclude_assessment", by=BOSS, year=year).summary

    def not_concluded(self, at: str, year: int = 2026) -> str:
        self.office.sweep(at)
        return self.office.refused(at, "conclude_assessment", by=BOSS, year=year)

    def result(self, applicant_id: str = "P01") -> dict[str, Any]:
        with transaction(self.office.url) as session:
            grade: dict[str, Any] = agreements_of(session, context_numbered(session, 1))["agreements"][applicant_id]
        return dict(grade["grade"])


@pytest.fixture
def database_kind() -> str:
    """The acts are tried on the quicker database, a whole life on both."""
    return "sqlite"


@pytest.fixture
def life(at_stage: Stage) -> Office:
    office = at_stage("published", "assessed")
    office.sweep("2025-11-06 00:05")
    return Office(office)


@pytest.fixture
def ruled(life: Office) -> Office:
    """With the county's table for 2026 and the years after."""
    life.office.act("2026-01-05 09:00", "set_assessment_table", by=BOSS, **TABLE)
    return life


def test_without_the_county_s_table_nobody_is_assessed(life: Office) -> None:
    scores = {"K1": "60", "K2": "40"}
    said = life.refused("2026-12-01 09:00", "record_assessment", by=OFFICE, year=2026, scores=scores)
    assert "没有适用于 2026 年的考核办法" in said
    assert "没有适用于 2026 年的考核办法" in life.not_concluded("2027-01-04 09:00")


def test_without_a_grade_table_the_result_is_not_graded(life: Office) -> None:
    life.office.act("2026-01-05 09:00", "set_assessment_table", by=BOSS, **TABLE | {"grades": []})
    life.surveyed("91.2")
    for number in ("H01", "P01", "P02"):
        life.assessed(number, "60" if number != "H01" else "90")
    assert "未评定等级 3 家" in life.concluded()
    told = life.result()
    assert (told["label"], told["effect"], told["why"]) == ("未评定等级", "", "考核办法没有规定等级")


@pytest.mark.parametrize(
    ("changes", "at", "said"),
    [
        ({"published_on": "2026-01-01"}, "2026-01-05 09:00", "最早适用于 2027 年"),
        ({"published_on": "2026-01-06", "first_year": 2027}, "2026-01-05 09:00", "尚未到来"),
        ({"criteria": TABLE["criteria"][:2]}, "2026-01-05 09:00", "合计 60，应为 100"),
    ],
)
def test_a_table_is_public_before_its_year_and_sound(life: Office, changes: Any, at: str, said: str) -> None:
    assert said in life.office.refused(at, "set_assessment_table", by=BOSS, **TABLE | changes)


def test_a_table_stands_once_its_year_has_been_assessed(ruled: Office) -> None:
    [row] = ruled.office.rows(AssessmentTable)
    assert (row.first_year, len(row.sha256)) == (2026, 64)
    same = ruled.office.refused("2026-01-06 09:00", "set_assessment_table", by=BOSS, **TABLE)
    assert "不必重复登记" in same
    ruled.assessed("P01", "50", at="2026-12-01 09:00")
    other = TABLE | {"grades": [], "published_on": "2025-12-30"}
    assert "已按现行考核办法录入" in ruled.office.refused("2026-12-02 09:00", "set_assessment_table", by=BOSS, **other)
    later = other | {"first_year": 2027}
    assert "自 2027 年起适用" in ruled.office.act("2026-12-02 09:00", "set_assessment_table", by=BOSS, **later).summary


@pytest.mark.parametrize(
    ("points", "why"),
    [
        ("19.99", "得分和满意度没有达到等级表的任何一级"),  # whatever a survey had said
        ("20", "该年度没有登记满意度调查，按等级表不能确定等级"),
        ("20.01", "该年度没有登记满意度调查，按等级表不能确定等级"),
    ],
)
def test_a_missing_survey_is_the_reason_only_where_it_could_have_given_a_grade(
    life: Office, points: str, why: str
) -> None:
    """The lowest row begins at 60 points; 40 are given beside these."""
    life.office.act("2026-01-05 09:00", "set_assessment_table", by=BOSS, **TABLE | {"grades": TABLE["grades"][:2]})
    for number in ("H01", "P01", "P02"):
        life.assessed(number, points)
    life.concluded()
    assert (life.result()["label"], life.result()["why"]) == ("未评定等级", why)


@pytest.mark.parametrize(("answers", "counts"), [(29, False), (30, True), (31, True)])
def test_too_few_answers_are_shown_and_do_not_count_for_a_grade(ruled: Office, answers: int, counts: bool) -> None:
    said = ruled.surveyed("95", answers)
    assert ("只列示、不评级" in said) is not counts
    for number in ("H01", "P01", "P02"):
        ruled.assessed(number, "55" if number != "H01" else "95")
    ruled.concluded()
    told = ruled.result()
    assert (told["label"] == "A级", told["satisfaction"] == "95.00") == (counts, counts)
    assert counts or (told["label"] == "未评定等级" and f"有效答卷 {answers} 份" in told["why"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"answers": 51}, "多于发放的 50 份"),
        ({"score": "100.01"}, "得分 100.01 须在 0 至 100 之间"),
        ({"to_on": "2026-10-10"}, "尚未到来"),
        ({"from_on": "2026-10-01"}, "晚于止日"),
        ({"from_on": "2025-10-01", "to_on": "2025-11-02"}, "不在协议履行期内"),
    ],
)
def test_a_survey_that_cannot_be_is_refused(ruled: Office, changes: Any, said: str) -> None:
    fields = {**SURVEY, "answers": 30, "score": "95", **changes}
    assert said in ruled.refused("2026-10-09 09:00", "record_survey", by=OFFICE, **fields)


def test_of_an_agreement_that_is_over_nothing_is_proposed(ruled: Office) -> None:
    ruled.surveyed("30")
    for number in ("H01", "P01", "P02"):
        ruled.assessed(number, "5" if number == "P01" else "60")
    assert "拟认定" not in ruled.concluded()
    assert ruled.result()["effect"] == "c"
    assert ruled.office.rows(ViolationFinding) == []


def test_a_running_agreement_with_the_gravest_grade_goes_on_until_a_person_decides(ruled: Office) -> None:
    ruled.did("2026-08-03 09:00", "apply_renewal", by=OFFICE, applied_on="2026-08-03")
    ruled.did("2026-08-10 09:00", "sign_renewal", signed_on="2026-08-10")
    ruled.surveyed("30")
    for number in ("H01", "P01", "P02"):
        ruled.assessed(number, "5" if number == "P01" else "60")
    assert "系统已按 D7 拟认定" in ruled.concluded()
    [row] = [row for row in ruled.office.rows(ViolationFinding) if row.code == "D7"]
    assert (row.established_on, row.stands_on, row.recorded_by) == (None, ["assessment:2026"], SYSTEM)
    assert row.heard_until >= date(2027, 1, 18)  # five working days
    with transaction(ruled.office.url) as session:
        [case] = load_agreements(session, col(Agreement.id) == row.agreement_id)
    assert (case.state.value, case.effective_on) == ("IN_FORCE", date(2026, 11, 3))  # the renewal carries the year
    assert ruled.told().count("finding_proposed") == 1
    said = ruled.refused("2027-06-01 09:00", "apply_renewal", by=OFFICE, applied_on="2027-06-01")
    assert "等级为“C级”（得分 45.00）：是否续签由人决定" in said
    decided = {"judgement": "refuse", "judgement_reason": "考核差且未整改"}
    told = ruled.did("2027-06-01 09:00", "apply_renewal", by=OFFICE, applied_on="2027-06-01", **decided)
    assert "未通过" in told
    decided = {"judgement": "renew", "judgement_reason": "已整改到位"}
    told = ruled.did("2027-06-02 09:00", "apply_renewal", by=OFFICE, applied_on="2027-06-02", **decided)
    assert "续签申请已通过" in told
    ruled.office.is_sound()


def test_a_grade_that_is_not_the_gravest_asks_nothing_at_the_renewal(ruled: Office) -> None:
    judged = {"applied_on": "2026-08-03", "judgement": "refuse", "judgement_reason": "考核差"}
    said = ruled.refused("2026-08-03 09:00", "apply_renewal", by=OFFICE, **judged)
    assert "请留空" in said


def test_a_middle_grade_is_marked_for_the_next_year_s_inspections(ruled: Office) -> None:
    ruled.surveyed("70")
    for number in ("H01", "P01", "P02"):
        ruled.assessed(number, "40")
    ruled.concluded()
    with transaction(ruled.office.url) as session:
        assert [row.grade for row in to_be_inspected(session, 2027)] == ["B级"]
        assert to_be_inspected(session, 2026) == []


def test_a_year_is_concluded_after_it_and_late_from_the_first_of_april(ruled: Office) -> None:
    for number in ("H01", "P01", "P02"):
        ruled.assessed(number, "60", at="2026-12-01 09:00")
    assert "2026 年尚未结束" in ruled.not_concluded("2026-12-31 23:00")
    assert ruled.clock("assessment") == ("running", date(2027, 3, 31))  # 2025 was missed, 2026 has its day
    ruled.office.sweep("2027-03-31 23:59")
    ruled.concluded("2027-03-31 23:59")
    assert ruled.result()["year"] == 2026


@pytest.mark.parametrize(("at", "due_on", "reports"), [("2026-03-31 23:59", 2026, 0), ("2026-04-01 00:05", 2027, 3)])
def test_a_missed_year_is_the_office_s_breach_and_the_next_has_its_day(
    life: Office, at: str, due_on: int, reports: int
) -> None:
    life.office.sweep(at)
    assert life.clock("assessment") == ("running", date(due_on, 3, 31))
    told = [row for row in life.office.rows(Notification) if row.event == "authority_breach"]
    assert (life.now.state.value, len(told)) == ("IN_FORCE", reports)
    life.office.sweep("2027-04-01 00:05")
    assert life.clock("assessment") == ("breached", date(2027, 3, 31))  # over since November: no further year


def test_a_round_that_says_nothing_has_no_clock_of_the_year(at_stage: Stage) -> None:
    office = at_stage("published", "kept")
    office.sweep("2026-04-02 00:05")
    assert [row.kind for row in office.rows(Deadline) if row.kind == "assessment"] == []


def test_the_last_points_count_and_none_after_the_conclusion(ruled: Office) -> None:
    ruled.assessed("P01", "10")
    ruled.assessed("P01", "20", at="2027-01-08 10:00")
    ruled.assessed("P02", "20")
    ruled.assessed("H01", "20")
    assert len(ruled.office.rows(Assessment)) == 4
    ruled.concluded()
    assert ruled.result()["total"] == "60.00"
    scores = {"K1": "60", "K2": "40"}
    said = ruled.refused("2027-01-12 09:00", "record_assessment", by=OFFICE, year=2026, scores=scores)
    assert "已经确定并公布" in said


@pytest.mark.parametrize(
    ("at", "fields", "said"),
    [
        ("2026-12-31 23:00", {"year": 2027}, "2027 年尚未开始"),
        ("2027-01-04 09:00", {"year": 2027}, "该协议 2027 年没有履行"),
        ("2027-01-04 09:00", {"scores": {"K1": "60.01", "K2": "40"}}, "得分 60.01"),
        ("2027-01-04 09:00", {"scores": {"K1": "60"}}, "缺少指标 K2"),
    ],
)
def test_points_that_cannot_be_are_refused(ruled: Office, at: str, fields: Any, said: str) -> None:
    given = {"year": 2026, "scores": {"K1": "60", "K2": "40"}, **fields}
    assert said in ruled.refused(at, "record_assessment", by=OFFICE, **given)


def test_the_figures_are_those_of_the_records(ruled: Office) -> None:
    ref = ruled.found("2026-03-10")
    ruled.suspended("2026-03-10", "暂停1号", ref)
    ruled.mended("2026-03-10", ref)
    held = {"kind": "routine", "held_on": "2026-04-10", "minutes": "正常", "refused": False}
    ruled.did("2026-04-10 17:00", "record_inspection", inspectors=[OFFICE, BOSS], **held)
    ruled.surveyed("91.2")
    report = {"evaluated_on": "2026-10-01", "evaluator": "样例评价公司", "contract": "合同1号", "report": "0" * 64}
    ruled.did("2026-10-09 10:00", "record_third_party", by=OFFICE, score="88", **report)
    ruled.assessed("P01", "50")
    [row] = ruled.office.rows(Assessment)
    figures = {"findings": "1", "orders": "1", "suspensions": "1", "inspections": "1"}
    assert row.parts == {**figures, "survey": "91.20（30 份）", "third_party": "88.00"}
    with transaction(ruled.office.url) as session:
        [of] = [one for one in years_of(session, 2025) if one.carrier.applicant_id == "P01"]
        assert parts_of(session, of, 2025)["findings"] == "0"


# --- costs and holds -----------------------------------------------------------------------------------------------

COST = {
    "kind": "refused",
    "month": "2026-03",
    "amount": "12800.5",
    "ground": "重复收费",
    "not_charged_to_patients": True,
}


def test_costs_are_decided_by_month_and_told(ruled: Office) -> None:
    said = ruled.did("2026-04-01 09:00", "record_cost_decision", by=OFFICE, **COST)
    assert "2026-03 的费用 12800.50 元：拒付，列入 2026-03 的结算联系单" in said
    said = ruled.did("2026-04-01 09:00", "record_cost_decision", by=OFFICE, **COST | {"kind": "set_off_next_month"})
    assert "列入 2026-04 的结算联系单" in said
    assert [(row.ref, row.kind, row.amount) for row in ruled.office.rows(CostDecision)] == [
        ("1", "refused", "12800.50"),
        ("2", "set_off_next_month", "12800.50"),
    ]
    assert ruled.told()[-2:] == ["cost_decision", "cost_decision"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"month": "2026-05"}, "2026-05 尚未开始"),
        ({"month": "2025-10"}, "没有履行"),
        ({"not_charged_to_patients": False}, "不得转由患者负担"),
        ({"finding": "7"}, "没有第 7 号认定"),
    ],
)
def test_costs_that_cannot_be_decided_are_refused(ruled: Office, changes: Any, said: str) -> None:
    assert said in ruled.refused("2026-04-30 09:00", "record_cost_decision", by=OFFICE, **COST | changes)


def test_a_hold_is_no_suspension_and_ends_with_its_release(ruled: Office) -> None:
    said = ruled.did("2026-04-01 09:00", "hold_settlement", from_on="2026-04-01", reason="核查")
    assert "不计入累计次数" in said
    assert (ruled.now.state.value, ruled.now.count) == ("IN_FORCE", 0)
    twice = ruled.refused("2026-04-02 09:00", "hold_settlement", from_on="2026-04-02", reason="核查")
    assert "已经暂停" in twice
    early = ruled.refused("2026-04-02 09:00", "release_settlement", released_on="2026-04-01", reason="完结")
    assert "须在暂停起日" in early
    ahead = ruled.refused("2026-04-02 09:00", "release_settlement", released_on="2026-04-03", reason="完结")
    assert "尚未到来" in ahead
    ruled.did("2026-04-02 09:00", "release_settlement", released_on="2026-04-02", reason="完结")
    [row] = ruled.office.rows(SettlementHold)
    assert (row.from_on, row.released_on, row.released_by) == (date(2026, 4, 1), date(2026, 4, 2), BOSS)
    assert "没有暂停" in ruled.refused(
        "2026-04-03 09:00", "release_settlement", released_on="2026-04-03", reason="完结"
    )


def test_results_of_a_year_are_one_an_institution(ruled: Office) -> None:
    for number in ("H01", "P01", "P02"):
        ruled.assessed(number, "60")
    ruled.concluded()
    assert {row.year for row in ruled.office.rows(AssessmentResult)} == {2026}
    assert len({row.institution_id for row in ruled.office.rows(AssessmentResult)}) == 3


def test_the_board_tells_who_is_missing_and_what_is_on_record(ruled: Office) -> None:
    ruled.surveyed("91.2")
    ruled.assessed("P01", "52.5")
    agreement_id = ruled.now.id
    with transaction(ruled.office.url) as session:
        data = assessment_year(session, 2026)
        file = agreement_file(session, agreement_id)
    assert (data["missing"], [one["applicant_id"] for one in data["lines"]]) == (2, ["H01", "P02", "P01"])
    assert (data["lines"][-1]["total"], data["is_concluded"]) == ("92.50", False)
    assert (file["assessments"][0]["total"], file["surveys"][0]["score"], file["grade"]) == ("92.50", "91.20", {})
