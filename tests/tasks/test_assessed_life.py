"""A year of an agreement from the county's table to the grade, on both databases (R51, R58, R64)."""

from __future__ import annotations

from datetime import date

from models import Notification
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS
from tests.tasks.test_assessment import COST, TABLE, Office


def test_a_year_from_the_table_to_the_grade_that_follows(at_stage: Stage) -> None:
    """Survey, points, conclusion, letters, costs, a hold, and the audit holds."""
    rehearsal = at_stage("published", "assessed")
    rehearsal.sweep("2025-11-06 00:05")
    office = Office(rehearsal)
    rehearsal.act("2026-01-05 09:00", "set_assessment_table", by=BOSS, **TABLE)
    assert office.clock("assessment") == ("running", date(2026, 3, 31))  # of 2025, in which the term began
    assert "2026-03 的费用" in office.did("2026-04-01 09:00", "record_cost_decision", **COST)
    office.did("2026-04-01 09:00", "hold_settlement", from_on="2026-04-01", reason="核查")
    office.did("2026-04-02 09:00", "release_settlement", released_on="2026-04-02", reason="完结")
    assert "满意度 91.20" in office.surveyed("91.2")
    assert "得分 92.50 已录入" in office.assessed("P01", "52.5")
    assert "还有 2 家没有录入考核：H01" in office.not_concluded("2027-01-11 08:00")
    office.assessed("P02", "10")
    office.assessed("H01", "88")
    said = office.concluded()
    assert "共 3 家：未评定等级 1 家、A级 1 家、C级 1 家。" in said
    told = office.result()
    assert (told["year"], told["label"], told["total"], told["satisfaction"]) == (2026, "A级", "92.50", "91.20")
    assert (told["effect"], told["coefficient"]) == ("a", "1.00")
    assert (office.result("H01")["label"], office.result("P02")["label"]) == ("未评定等级", "C级")
    events = [row.event for row in rehearsal.rows(Notification) if row.channel == "email"]
    assert (events.count("assessment_result"), events.count("grade_effect")) == (3, 2)
    assert "不能重复办理" in office.not_concluded("2027-01-11 10:00")
    rehearsal.is_sound()
