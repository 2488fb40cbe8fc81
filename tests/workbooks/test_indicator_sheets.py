"""The sheet of a month: prefilled, filled in, checked, imported as acts, corrected, imported twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from models import IndicatorReport
from rules.errors import InputError
from tests.support.stages import Stage
from tests.tasks.test_monthly_indicators import with_terms
from tests.workbooks.sheetparts import Desk, edited, fill

SHEET = "零售药店指标"


@pytest.fixture
def desk(at_stage: Stage, tmp_path: Path) -> Desk:
    return Desk(with_terms(at_stage("published", "terms signed")), tmp_path, "2025-12-05 09:00")


def filled(desk: Desk, *values: float, received: str = "2025-12-05", **more: float) -> Path:
    path = desk.download("indicators", "2025-11")
    with edited(path) as book:
        fill(book[SHEET], *({"received_on": received, "value.stock_rate": one, **more} for one in values))
    return path


def test_a_month_of_all_comes_in_by_sheet_once_and_is_corrected(desk: Desk) -> None:
    path = filled(desk, 75.5, 81)
    dry = desk.bring(path)
    assert (dry.rows, dry.good, dry.is_written, desk.round.rows(IndicatorReport)) == (3, ("P01", "P02"), False, [])
    assert desk.bring(path, write=True).is_written
    assert desk.bring(path, write=True).already == ("P01", "P02")
    rows = desk.round.rows(IndicatorReport)
    assert [(one.value, one.version, one.source, one.received_on) for one in rows] == [
        ("75.5", 1, "institution", date(2025, 12, 5)),
        ("81", 1, "institution", date(2025, 12, 5)),
    ]
    again = filled(desk, 79)
    assert desk.bring(again, write=True).good == ("P01",)
    assert [(one.value, one.version) for one in desk.round.rows(IndicatorReport)][2:] == [("79", 2)]
    desk.round.is_sound()


def test_bad_cells_and_refused_rows_are_named_and_nothing_is_written(desk: Desk) -> None:
    report = desk.bring(filled(desk, 101), write=True)
    assert [fault.field for fault in report.faults] == ["目录内备药率（%）"]
    parts = {"numerator.stock_rate": 1, "denominator.stock_rate": 2}
    report = desk.bring(filled(desk, 75, **parts), write=True)
    assert "二者不符" in report.faults[0].what
    assert desk.round.rows(IndicatorReport) == []


@pytest.mark.parametrize(("month", "said"), [("2025-13", "应如 2026-03"), ("2025-10", "没有有效的协议")])
def test_a_sheet_of_no_month_or_of_none_in_force_is_not_made(desk: Desk, month: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        desk.download("indicators", month)
