"""条件核对: what is asked, declared and found, how each condition stands; what the opinion would say, as it does."""

from __future__ import annotations

from typing import Any

import pytest

from models.database import reading
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, beijing
from views.case_page import case_page
from views.casefile import case_file

ONCOLOGY = {"uses_oncology_targeted": True, "oncology_qualification": True}
TALK = {"authority": "县市场监督管理局", "date": "2025-03-01", "kind": "口头批评"}
AREA, PENALTY = "营业用房使用面积不足", "近三年内有医保、卫健、市场监督等部门的行政处罚"
BARRED = {"prior_termination": {"date": "2024-05-01", "kind": "解除"}}


def file_of(rehearsal: Rehearsal, applicant_id: str) -> dict[str, Any]:
    with reading(rehearsal.url) as session:
        return case_file(session, applicant_id, 1, at=beijing("2025-09-05 10:00"))


def line(file: dict[str, Any], part: str) -> dict[str, Any]:
    [found] = [one for one in file["conditions"] if part in one["text"]]
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("applicant_id", "findings", "expected"),
    [
        ("P01", {}, "预计通过：各项条件均符合"),
        ("P01", {"area_m2": "180"}, "预计通过：各项条件均符合"),
        ("P01", {"area_m2": "179.99"}, f"预计不通过：{AREA}"),
        (
            "P01",
            {"area_m2": "1", "staff_with_contract": 8},
            f"预计不通过：{AREA}；有从业人员未签订劳动合同",
        ),
        ("P01", BARRED, "预计不通过：被解除协议后三年内不得重新申请"),
        ("H01", {**ONCOLOGY, "gene_testing": "own"}, "预计通过：各项条件均符合"),
        ("H01", {**ONCOLOGY, "gene_testing": "none"}, "有 1 项须由人判断并写明理由"),
        ("H01", {"penalties": [TALK]}, "有 1 项须由人判断并写明理由"),
        (
            "H01",
            {"penalties": [{**TALK, "kind": "罚款"}]},
            f"预计不通过：{PENALTY}",
        ),
    ],
)
def test_what_it_expects_is_what_the_opinion_says(
    at_stage: Stage, applicant_id: str, findings: dict[str, Any], expected: str
) -> None:
    rehearsal = at_stage("accepted")
    about = {"applicant_id": applicant_id}
    rehearsal.act("2025-09-05 09:00", "verify_site", **about, findings=findings, note="实测")
    assert file_of(rehearsal, applicant_id)["expected"] == expected
    if expected.startswith("有"):
        return
    rehearsal.act("2025-09-08 09:00", "sign_preliminary_opinion", **about, judgements={})
    is_passed = rehearsal.state(applicant_id) == "PRELIM_PASSED"
    assert is_passed == expected.startswith("预计通过")
    after = file_of(rehearsal, applicant_id)
    assert after["expected"] == ""
    assert {one["text"] for one in after["reasons"]} == set(expected.partition("：")[2].split("；")) - {
        "各项条件均符合"
    }


def test_a_line_says_what_is_asked_declared_and_found(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    found = {"area_m2": "179.5", "physicians": 0}
    rehearsal.act("2025-09-05 09:00", "verify_site", applicant_id="P01", findings=found, note="实测")
    file = file_of(rehearsal, "P01")
    area, staff = line(file, "营业用房"), line(file, "执业药师和医师")
    shown = ("asked", "declared", "found", "result_label", "clause")
    assert [area[name] for name in shown] == [
        *("营业用房使用面积（平方米）不少于 180", "260.5", "179.5", "不符合：营业用房使用面积不足", "二(二)4"),
    ]
    assert staff["declared"] == "执业药师人数 2，医师人数 1"
    assert (staff["found"], staff["result_label"]) == ("医师人数 0", "不符合：执业药师和医师未各配备一名以上")
    assert line(file, "行政处罚")["declared"] == "无"
    revenue = line(file, "营业额")
    assert (revenue["asked"], revenue["declared"]) == ("集团或连锁营业额（元）不少于 100,000,000", "420,000,000.00")
    assert line(file, "行政处罚")["asked"] == "申请前 3年内没有所列部门的行政处罚"
    assert line(file_of(rehearsal, "H01"), "基因检测")["result_label"] == "不适用"
    assert "179.5" in case_page(file)
