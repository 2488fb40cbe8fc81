"""The workbooks that the house makes: drop-downs, bounds, locks, hints, text that stays text, the hidden mark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from sqlalchemy import update
from sqlmodel import col

from flows.forms.applicants import ApplicantEntry, ApplicantsFile
from models import Applicant
from rules.errors import InputError, RefusedError
from rules.facts import facts_of
from tests.tasks.rehearsal import KEYS
from tests.workbooks.sheetparts import HOSPITAL, PHARMACY, Desk, cell, edited, fill, place
from workbooks.folders import Order, write_workbooks
from workbooks.making import FIRST_ROW, HEAD_ROW, KEY_ROW, LAST_ROW
from workbooks.signature import MARK_SHEET

DeskAt = Callable[[str], Desk]


def rule(sheet: Any, key: str) -> Any:
    """The rule of a column."""
    letter = get_column_letter(place(sheet, key))
    return next(
        one for one in sheet.data_validations.dataValidation if str(one.sqref).startswith(f"{letter}{FIRST_ROW}")
    )


def test_the_register_asks_for_everything_that_the_register_file_holds(desk_at: DeskAt) -> None:
    book = load_workbook(desk_at("announced").download("register"))
    assert book.sheetnames == ["医疗机构", "零售药店", "行政处罚", MARK_SHEET]
    (union, *_) = get_args(ApplicantEntry)
    for model, title in zip(get_args(union), ("医疗机构", "零售药店"), strict=True):
        keys = {one.value for one in book[title][KEY_ROW]} - {"#register.hospital", "#register.pharmacy"}
        facts = model.model_fields["facts"].annotation.model_fields
        own = {"penalties", "prior_termination"}
        assert keys == {
            *("applicant_id", "name", "credit_code", "contact.name", "contact.phone", "contact.email"),
            *(f"facts.{name}" for name in facts if name not in own),
            *("termination.date", "termination.kind", "credit_code_confirmed", "campus", "scope"),
        }


def test_the_table_of_facts_is_that_of_the_registers_models() -> None:
    (union, *_) = get_args(ApplicantEntry)
    for model, type_ in zip(get_args(union), ("hospital", "pharmacy"), strict=True):
        assert {one.name for one in facts_of(type_)} == set(model.model_fields["facts"].annotation.model_fields)


def test_drop_downs_and_bounds(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    sheet = load_workbook(desk.download("register"))["医疗机构"]
    grade, count, county = (rule(sheet, f"facts.{name}") for name in ("grade", "physicians", "county"))
    assert grade.formula1.startswith('"未定级,一级丙等')
    assert (grade.showErrorMessage, county.showErrorMessage) == (True, False)
    assert (count.type, count.formula1, count.operator) == ("whole", "0", "between")
    assert county.formula1 == '"样例县"'
    assert str(grade.sqref).endswith(str(LAST_ROW))
    assert count.prompt == "整数"


def test_answers_are_open_and_the_rest_is_locked(desk_at: DeskAt) -> None:
    register = load_workbook(desk_at("announced").download("register"))["零售药店"]
    assert register.protection.sheet
    assert register.column_dimensions["B"].protection.locked is False
    assert register.column_dimensions["B"].number_format == "@"
    assert all(one.protection.locked for row in register.iter_rows(1, FIRST_ROW - 1) for one in row if one.value)
    materials = load_workbook(desk_at("announced").download("dossiers"))["零售药店材料"]
    assert cell(materials, "applicant_id").protection.locked is True
    assert cell(materials, "material.P1").protection.locked is False


def test_head_and_hints_stay_in_sight_on_screen_and_paper(desk_at: DeskAt) -> None:
    sheet = load_workbook(desk_at("announced").download("register"))["零售药店"]
    assert sheet.freeze_panes == f"D{FIRST_ROW}"
    assert sheet.print_title_rows == f"${HEAD_ROW}:${HEAD_ROW}"
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.column_dimensions["A"].hidden, sheet.row_dimensions[KEY_ROW].hidden) == (True, True)
    assert sheet.oddFooter.left.text == "样例县2025年度特殊药品定点医药机构评估"


def test_the_mark_is_hidden_and_says_which_round(desk_at: DeskAt) -> None:
    book = load_workbook(desk_at("announced").download("register"))
    mark = book[MARK_SHEET]
    assert mark.sheet_state == "veryHidden"
    assert '"kind": "register"' in mark["A1"].value
    assert len(mark["A2"].value) == 32


def test_a_name_that_looks_like_a_formula_stays_text(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    with desk.round.session() as session:
        session.execute(update(Applicant).where(col(Applicant.applicant_id) == "P01").values(name='=HYPERLINK("x")'))
    for kind, title in (("dossiers", "零售药店材料"), ("ledger", "台账")):
        path = desk.download(kind)
        texts = [one for row in load_workbook(path)[title].iter_rows() for one in row if one.value == '=HYPERLINK("x")']
        assert [(one.data_type, one.number_format) for one in texts] == [("s", "@")], kind


def test_one_score_sheet_for_each_expert_with_the_rubrics_bounds_and_a_total(desk_at: DeskAt) -> None:
    desk = desk_at("drawn")
    names = write_workbooks(desk.round.url, Order("scores", "经办员甲", desk.at, desk.folder), KEYS)
    assert [name.split("_")[1] for name in names] == sorted(desk.round.panel())
    book = load_workbook(desk.folder / names[0])
    assert book.sheetnames == ["医疗机构评分", "零售药店评分", MARK_SHEET]
    sheet = book["零售药店评分"]
    assert [cell(sheet, "applicant_id", FIRST_ROW + n).value for n in range(3)] == ["P01", "P02", "P03"]
    assert (rule(sheet, "item.P-a").formula1, rule(sheet, "item.P-a").formula2) == ("0", "30")
    assert cell(sheet, "total").value == '=IF(COUNT(D6:G6)=0,"",SUM(D6:G6))'
    assert cell(sheet, "total").protection.locked is True


def test_what_is_not_there_yet_is_a_sentence(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    for kind, sentence in (
        ("scores", "请先抽取专家"),
        ("ranking", "请先汇总评估结果"),
        ("summary", "请先录入评分表"),
        ("designated", "还没有公布的定点机构"),
        ("budget", "没有“budget”这种表格"),
    ):
        with pytest.raises(InputError, match=sentence):
            desk.download(kind)
    with pytest.raises(InputError, match="专家“Z99”没有要评分的机构；本轮评分专家："):
        desk_at("drawn").download("scores", "Z99")
    with pytest.raises(RefusedError, match="工号“9999”不在在岗人员名单中"):
        write_workbooks(desk.round.url, Order("ledger", "9999", desk.at, desk.folder), KEYS)


def test_an_entry_of_a_workbook_is_one_that_the_register_file_could_hold(desk_at: DeskAt) -> None:
    desk = desk_at("announced")
    penalty = {"applicant_id": "P90", "authority": "县医疗保障局", "date": "2024年5月6日", "kind": "罚款"}
    ended = {"termination.date": "2023.1.2", "termination.kind": "解除"}
    path = desk.register(HOSPITAL | ended, PHARMACY, penalties=(penalty,))
    assert desk.bring(path, write=True).is_written
    rows = {row.applicant_id: row for row in desk.round.rows(Applicant)}
    entries = [
        {
            **{"applicant_id": row.applicant_id, "type": row.type, "name": row.name, "facts": row.facts},
            "contact": {"name": "甲", "phone": "1", "email": "a@b.cn"},
        }
        for row in (rows["H90"], rows["P90"])
    ]
    checked = ApplicantsFile.model_validate({"applicants": entries})
    assert checked.applicants[0].facts.prior_termination is not None
    assert checked.applicants[1].facts.model_dump(mode="json")["penalties"] == [
        {"authority": "县医疗保障局", "date": "2024-05-06", "kind": "罚款"}
    ]
    assert checked.applicants[1].facts.model_dump(mode="json") == rows["P90"].facts


def test_more_rows_than_a_sheet_takes(desk_at: DeskAt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbooks.reading.MAX_ROWS", 2)
    desk = desk_at("announced")
    path = desk.download("register")
    with edited(path) as book:
        fill(book["零售药店"], *(PHARMACY | {"applicant_id": f"P9{n}"} for n in range(3)))
    with pytest.raises(InputError, match="工作表“零售药店”超过 2 行"):
        desk.bring(path)
