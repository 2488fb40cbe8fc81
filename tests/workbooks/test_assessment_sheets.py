"""The assessment of a year by workbook, and the settlement of a month as one (R51, R58)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from models import Assessment
from rules.errors import InputError
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal
from tests.tasks.test_assessment import COST, TABLE, Office
from tests.workbooks.sheetparts import Desk
from workbooks.making import FIRST_ROW, KEY_ROW


@pytest.fixture
def database_kind() -> str:
    """What is read is tried on the quicker database; the tables' own tests use both."""
    return "sqlite"


@pytest.fixture
def rehearsal(at_stage: Stage) -> Rehearsal:
    made = at_stage("published", "assessed")
    made.sweep("2025-11-06 00:05")
    made.act("2026-01-05 09:00", "set_assessment_table", by=BOSS, **TABLE)
    return made


def fill(path: Path, title: str, **points: dict[str, Any]) -> None:
    """Fills rows by the institution's number, columns by their ids."""
    book = load_workbook(path)
    sheet = book[title]
    columns = {str(cell.value): cell.column for cell in sheet[KEY_ROW] if cell.value}
    for row in range(FIRST_ROW, sheet.max_row + 1):
        for key, value in points.get(str(sheet.cell(row, columns["applicant_id"]).value), {}).items():
            sheet.cell(row, columns[key]).value = value
    book.save(path)


def test_a_year_is_filled_in_beside_the_figures_and_taken_in_whole(rehearsal: Rehearsal, tmp_path: Path) -> None:
    office, desk = Office(rehearsal), Desk(rehearsal, tmp_path, "2027-01-08 09:00")
    office.surveyed("91.2")
    path = desk.download("assessment", "2026")
    sheet = load_workbook(path)["零售药店考核"]
    values = [cell.value for row in sheet.iter_rows(min_row=FIRST_ROW) for cell in row]
    assert "91.20（30 份）" in values
    full, partly = {"item.K1": 52.5, "item.K2": 40, "note": "按时整改"}, {"item.K1": 60.5, "item.K2": 40}
    fill(path, "零售药店考核", P01=full, P02=partly)
    fill(path, "医疗机构考核", H01={"item.H1": 88})
    report = desk.bring(path, write=True)
    assert (report.is_written, len(report.faults), rehearsal.rows(Assessment)) == (False, 1, [])
    fill(path, "零售药店考核", P02={"item.K1": 60})
    assert desk.bring(path, write=True).is_written
    assert [(row.total, row.note) for row in rehearsal.rows(Assessment)] == [
        *(("88.00", ""), ("92.50", "按时整改"), ("100.00", "")),
    ]
    again = desk.bring(path, write=True)
    assert (again.already, len(rehearsal.rows(Assessment))) == (("H01", "P01", "P02"), 3)
    assert "共 3 家" in office.concluded()
    with pytest.raises(InputError, match="不用下载"):
        desk.download("assessment", "2026")


@pytest.mark.parametrize(("about", "said"), [("", "须填年度"), ("2025", "没有适用于 2025 年的考核办法")])
def test_a_year_without_a_table_has_no_sheet(rehearsal: Rehearsal, tmp_path: Path, about: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Desk(rehearsal, tmp_path, "2027-01-08 09:00").download("assessment", about)


def test_a_month_is_told_day_by_day(rehearsal: Rehearsal, tmp_path: Path) -> None:
    office, desk = Office(rehearsal), Desk(rehearsal, tmp_path, "2026-04-08 09:00")
    ref = office.found("2026-03-10")
    office.suspended("2026-03-10", "暂停1号", ref)
    office.mended("2026-03-20", ref)
    office.did("2026-04-02 10:00", "record_cost_decision", by=OFFICE, **COST)
    book = load_workbook(desk.download("settlement", "2026-03"))
    assert book.sheetnames == ["2026-03 医疗机构", "2026-03 零售药店"]
    [row] = [row for row in book["2026-03 零售药店"].iter_rows(values_only=True) if row[0] == "P01"]
    assert row[5:36] == ("有效",) * 9 + ("暂停",) * 10 + ("有效",) * 12
    assert (row[4], row[36], row[37], row[39]) == ("—", 12800.5, 0, "—")
    for month, said in (("2026-13", "须填月份"), ("2024-01", "没有履行中的协议")):
        with pytest.raises(InputError, match=said):
            desk.download("settlement", month)
