"""The result of a year corrected (R51): both are kept and told, what followed from the grade is taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models import AssessmentResult, Notification, ViolationFinding
from models.database import reading, transaction
from publication.assessments import read_assessments
from publication.settlement import lines_of
from tasks.assessments import last_result, results_of, to_be_inspected
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE
from tests.tasks.test_assessment import TABLE, Office
from views.agreement_file import agreement_file

CORRECTED = {
    **{"applicant_id": "P01", "year": 2026, "scores": {"K1": "50", "K2": "40"}},
    **{"reason": "现场评分漏记", "evidence": "评分表原件", "confirmed_by": OFFICE},
}


@pytest.fixture
def concluded(at_stage: Stage) -> Office:
    """2026 concluded on 11 January 2027: P01 has 40 points and C, P02 92 and, unsurveyed, no
    grade; renewals carry the year."""
    made = at_stage("published", "assessed")
    made.sweep("2025-11-06 00:05")
    office = Office(made)
    made.act("2026-01-05 09:00", "set_assessment_table", by=BOSS, **TABLE)
    office.surveyed("91.2")
    for number in ("P01", "P02"):
        office.did("2026-06-01 09:00", "apply_renewal", applicant_id=number, applied_on="2026-06-01")
        office.did("2026-06-10 09:00", "sign_renewal", applicant_id=number, signed_on="2026-06-10")
    office.assessed("P01", "0")
    office.assessed("P02", "52")
    office.assessed("H01", "75")
    office.concluded()
    return office


def corrected(office: Office, at: str = "2027-03-01 09:00", **changes: Any) -> str:
    return office.did(at, "correct_assessment", **CORRECTED | changes)


def grades(office: Office) -> list[tuple[str, str, bool]]:
    rows = [one for one in office.office.rows(AssessmentResult) if one.institution_id == first(office)]
    return [(one.total, one.grade, one.superseded_on is None) for one in rows]


def first(office: Office) -> int:
    return int(next(one.institution_id for one in office.office.rows(AssessmentResult) if one.total == "40.00"))


def test_the_correction_counts_and_the_first_result_stays(concluded: Office) -> None:
    said = corrected(concluded)
    assert "40.00（C级）改为 90.00（A级）" in said
    assert grades(concluded) == [("40.00", "C级", False), ("90.00", "A级", True)]
    [old] = [one for one in concluded.office.rows(AssessmentResult) if one.superseded_on]
    assert (old.superseded_on, old.superseded_by) == (date(2027, 3, 1), BOSS)
    assert old.superseded_why == f"现场评分漏记（复核：{OFFICE}）"
    now, institution = concluded.now, first(concluded)
    with transaction(concluded.office.url) as session:
        assert results_of(session, 2026)[institution].grade == "A级"
        found = last_result(session, now)
        assert found is not None
        assert found.total == "90.00"
    rows = [one for one in concluded.office.rows(Notification) if one.event == "assessment_corrected"]
    told = next(one.params for one in rows if one.channel == "email")
    assert (told["total_before"], told["grade_before"], told["total"], told["grade"]) == (
        "40.00",
        "C级",
        "90.00",
        "A级",
    )
    concluded.office.is_sound()


def test_what_was_proposed_because_of_the_grade_falls_with_it(concluded: Office) -> None:
    [proposed] = concluded.office.rows(ViolationFinding)
    assert (proposed.code, proposed.stands_on) == ("D7", ["assessment:2026"])
    assert "第 1 号认定已撤销" in corrected(concluded)
    [fallen] = concluded.office.rows(ViolationFinding)
    assert (fallen.overturned_on, "现场评分漏记" in fallen.overturned_why) == (date(2027, 3, 1), True)
    assert concluded.told()[-1] == "finding_overturned"


def test_what_was_established_falls_too_and_the_agreement_runs_again(concluded: Office) -> None:
    concluded.did("2027-01-20 09:00", "confirm_finding", finding="1", statement_on="2027-01-19", statement="有异议")
    assert concluded.now.state.value == "TO_BE_DISSOLVED"
    corrected(concluded)
    assert concluded.now.state.value == "IN_FORCE"
    concluded.office.is_sound()


def test_a_grade_that_turns_out_serious_is_proposed_and_heard(concluded: Office) -> None:
    said = corrected(concluded, applicant_id="P02", scores={"K1": "0", "K2": "10"})
    assert "92.00（未评定等级）改为 10.00（C级）" in said
    assert "已拟认定" in said
    assert [one.code for one in concluded.office.rows(ViolationFinding)] == ["D7", "D7"]


def test_the_next_plan_of_inspections_follows_the_result_that_counts(concluded: Office) -> None:
    with transaction(concluded.office.url) as session:
        before = len(to_be_inspected(session, 2027))
    corrected(concluded, scores={"K1": "30", "K2": "40"})
    with transaction(concluded.office.url) as session:
        after = to_be_inspected(session, 2027)
    assert (before, [one.grade for one in after][-1], len(after)) == (0, "B级", 1)


def test_the_coefficient_is_another_from_the_month_after_the_correction(concluded: Office) -> None:
    corrected(concluded)
    with transaction(concluded.office.url) as session:
        found = {
            month: next(one.coefficient for one in lines_of(session, month, 1) if one.applicant_id == "P01")
            for month in ("2027-01", "2027-02", "2027-03", "2027-04")
        }
    assert found == {"2027-01": "", "2027-02": "0.90", "2027-03": "0.90", "2027-04": "1.00"}


def test_the_public_reads_both(concluded: Office) -> None:
    corrected(concluded)
    with transaction(concluded.office.url) as session:
        [year] = read_assessments(session).years
    assert (year.published_on, year.corrected_on, len(year.results)) == (date(2027, 1, 11), date(2027, 3, 1), 3)
    [shop] = [one for one in year.results if one.applicant_id == "P01"]
    assert (shop.total, shop.corrected) == ("90.00", "2027年3月1日更正，原为40.00分、C级")
    now = concluded.now
    with reading(concluded.office.url) as session:
        [told] = agreement_file(session, now.id)["regradings"]
    assert (told["before"], told["on"]) == ("40.00，C级", "2027-03-01")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"confirmed_by": BOSS}, "复核人须是另一名工作人员"),
        ({"confirmed_by": "外人"}, "不在在岗人员名单中"),
        ({"scores": {"K1": "0", "K2": "40"}}, "都没有变动，不用更正"),
        ({"scores": {"K1": "61", "K2": "40"}}, "得分不能成立"),
        ({"scores": {"K1": "50"}}, "得分不能成立"),
        ({"year": 2025}, "2025 年度考核结果尚未确定"),
    ],
)
def test_what_cannot_be_corrected_is_refused(concluded: Office, changes: dict[str, Any], said: str) -> None:
    assert said in concluded.refused("2027-03-01 09:00", "correct_assessment", **CORRECTED | changes)


def test_a_correction_may_be_corrected(concluded: Office) -> None:
    corrected(concluded)
    corrected(concluded, at="2027-04-01 09:00", scores={"K1": "20", "K2": "40"})
    assert grades(concluded) == [("40.00", "C级", False), ("90.00", "A级", False), ("60.00", "B级", True)]
