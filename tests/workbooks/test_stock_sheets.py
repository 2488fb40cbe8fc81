"""Stock lists by workbook (R54): filled, tried, written once; a bad cell ends no drug; texts stay texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from models import StockList
from rules.errors import InputError
from tests.support.database import changed, dump
from tests.support.stages import Stage
from tests.workbooks.sheetparts import Desk, cell, edited, fill, said
from workbooks.making import FIRST_ROW

LISTS, DRUGS = "机构", "药品"
DRUG: dict[str, Any] = {
    **{"applicant_id": "P01", "generic": "奥希替尼片", "dosage_form": "片剂", "specification": "80mg×30片"},
    **{"maker": "样例制药", "price": 15300.5},
}
HOSTILE = '=HYPERLINK("http://x.invalid","1")'


@pytest.fixture
def database_kind() -> str:
    """The act is tried on both beside its own tests; the sheet on the quicker one."""
    return "sqlite"


@pytest.fixture
def desk(at_stage: Stage, tmp_path: Path) -> Desk:
    office = at_stage("published", "kept")
    office.sweep("2025-11-06 00:05")
    return Desk(office, tmp_path, "2025-11-07 09:00")


def filled(desk: Desk, *drugs: dict[str, Any], day: str = "2025-11-10") -> Path:
    """The list of P01 (of H01, P01, P02 the second row)."""
    path = desk.download("stock")
    with edited(path) as book:
        assert [cell(book[LISTS], "applicant_id", FIRST_ROW + place).value for place in range(3)] == [
            "H01",
            "P01",
            "P02",
        ]
        cell(book[LISTS], "valid_from", FIRST_ROW + 1).value = day
        fill(book[DRUGS], *drugs)
    return path


def test_a_list_is_tried_written_and_brought_again(desk: Desk) -> None:
    path = filled(desk, DRUG, DRUG | {"specification": "40mg×30片", "price": None, "until": "2026-03-31"})
    before = dump(desk.round.url)
    dry = desk.bring(path)
    assert (dry.good, dry.faults, dry.is_written) == (("P01",), (), False)
    assert changed(before, dump(desk.round.url)) == {}
    assert desk.bring(path, write=True).is_written
    [row] = desk.round.rows(StockList)
    assert [(one["specification"], one["price"], one["until"]) for one in row.entries] == [
        ("80mg×30片", "15300.5", ""),
        ("40mg×30片", "", "2026-03-31"),
    ]
    assert desk.bring(path, write=True).already == ("P01",)
    desk.round.is_sound()


def test_the_next_sheet_holds_what_is_listed_and_one_line_less_ends_a_drug(desk: Desk) -> None:
    desk.bring(filled(desk, DRUG, DRUG | {"specification": "40mg×30片"}), write=True)
    untouched = desk.download("stock")
    assert desk.bring(untouched, write=True).faults == ()
    path = desk.download("stock")
    with edited(path) as book:
        assert cell(book[DRUGS], "specification", FIRST_ROW + 1).value == "40mg×30片"
        for key in DRUG:
            cell(book[DRUGS], key, FIRST_ROW + 1).value = None
    [(_, _, what)] = said(desk.bring(path, write=True))
    assert "“机构”表没有填执行日期" in what
    with edited(path) as book:
        cell(book[LISTS], "valid_from", FIRST_ROW + 1).value = "2025-12-01"
    assert desk.bring(path, write=True).good == ("P01",)
    assert [len(one.entries) for one in desk.round.rows(StockList)] == [2, 1]


def test_a_bad_cell_is_named_and_ends_no_drug_even_where_good_rows_go_in(desk: Desk) -> None:
    path = filled(desk, DRUG, DRUG | {"specification": HOSTILE}, DRUG | {"specification": "40mg", "price": "若干"})
    report = desk.bring(path, write=True, good=True)
    assert [what for _, _, what in said(report)] == ["是公式", "应为数字，现为“若干”"]
    assert desk.round.rows(StockList) == []


def test_an_institution_without_a_readable_number_holds_all_lists_back(desk: Desk) -> None:
    path = filled(desk, DRUG, DRUG | {"applicant_id": None, "specification": "40mg"})
    assert desk.bring(path, write=True, good=True).good == ()
    assert desk.round.rows(StockList) == []


def test_texts_stay_texts_there_and_back(desk: Desk) -> None:
    path = filled(desk, DRUG)
    with edited(path) as book:
        place = cell(book[DRUGS], "maker")
        place.value, place.data_type = HOSTILE, "s"
    desk.bring(path, write=True)
    assert desk.round.rows(StockList)[0].entries[0]["maker"] == HOSTILE
    book = load_workbook(desk.download("stock"))
    assert (cell(book[DRUGS], "maker").value, cell(book[DRUGS], "maker").data_type) == (HOSTILE, "s")


def test_what_the_act_refuses_is_named_by_its_row(desk: Desk) -> None:
    [(place, _, what)] = said(desk.bring(filled(desk, DRUG, DRUG), write=True))
    assert (place.partition("!")[0], "写了 2 次" in what) == (LISTS, True)
    [(_, _, empty)] = said(desk.bring(filled(desk), write=True))
    assert "清单里没有药品" in empty


def test_without_agreements_there_is_no_sheet(at_stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有正在履行的协议"):
        Desk(at_stage("signing", "kept"), tmp_path, "2025-10-24 09:00").download("stock")
