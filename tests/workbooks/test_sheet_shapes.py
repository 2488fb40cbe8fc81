"""What people do to a workbook: columns moved, cells merged, rows hidden or copied, formulas; and the marked copy."""

from __future__ import annotations

import zipfile
from collections.abc import Callable

import pytest
from openpyxl import load_workbook

from tests.workbooks.sheetparts import (
    HOSPITAL,
    PHARMACY,
    Desk,
    cell,
    edited,
    fill,
    place,
    refused,
    rewritten,
    said,
)
from workbooks.package import check_package, survey

DeskAt = Callable[[str], Desk]

# How a workbook looks is read before a database is asked; that both take what was read, `test_sheet_import` tells.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


# --- what was moved, merged, hidden or added -------------------------------------------------------------------


def test_moved_columns_and_renamed_sheets_do_no_harm(desk: Desk) -> None:
    path = desk.register(PHARMACY)
    with edited(path) as book:
        sheet = book["零售药店"]
        sheet.title = "我的表"
        sheet.move_range("F1:F20", cols=40)
        sheet.insert_rows(1)
        cell_of = sheet.cell(7, 46)
        assert cell_of.value == "19900019999"
        cell_of.value = "1990"
    assert said(desk.bring(path)) == [("我的表!AT7", "联系电话", "电话格式不符")]


def test_lost_and_doubled_columns(desk: Desk) -> None:
    path = desk.register(PHARMACY)
    with edited(path) as book:
        sheet = book["零售药店"]
        sheet.cell(3, 50).value = "contact.email"
    assert "“零售药店”有两列“电子邮箱”" in refused(desk, path)
    with edited(path) as book:
        sheet = book["零售药店"]
        sheet.cell(3, 50).value = None
        sheet.cell(3, place(sheet, "contact.email")).value = None
    assert "“零售药店”缺少列“电子邮箱”" in refused(desk, path)
    with edited(path) as book:
        for title in ("医疗机构", "零售药店", "行政处罚"):
            book[title].delete_cols(1)
    assert "隐藏的标识行或标识列被删除了" in refused(desk, path)


def test_the_same_sheet_twice(desk: Desk) -> None:
    path = desk.register(PHARMACY)
    with edited(path) as book:
        book.copy_worksheet(book["零售药店"])
    assert "“零售药店”有两张工作表" in refused(desk, path)


def test_extra_columns_sheets_and_hidden_rows_are_told_of(desk: Desk) -> None:
    path = desk.register(PHARMACY, PHARMACY | {"applicant_id": "P91"})
    with edited(path) as book:
        sheet = book["零售药店"]
        sheet.cell(6, 40).value = "备注"
        sheet.row_dimensions[7].hidden = True
        book.create_sheet("草稿").append(["随手记"])
    report = desk.bring(path)
    assert (report.good, report.faults) == (("P90", "P91"), ())
    assert report.notes == (
        "工作表“草稿”不是模板里的表，没有读取",
        "工作表“零售药店”的 AN 列不是模板里的列，没有读取",
        "工作表“零售药店”的第 7 行（共 1 行）是隐藏行，也照样读取",
    )


def test_merged_cells_are_named_by_their_range(desk: Desk) -> None:
    path = desk.register(HOSPITAL, PHARMACY, PHARMACY | {"applicant_id": "P91"}, PHARMACY | {"applicant_id": "P92"})
    with edited(path) as book:
        book["零售药店"].merge_cells("H6:H7")
        book["零售药店"].merge_cells("BA8:BB8")
    report = desk.bring(path)
    places = [one for one in said(report) if one[1] == "合并单元格"]
    assert places == [("零售药店!H6:H7", "合并单元格", "与其他单元格合并，无法判断各格的内容")]
    assert said(report) == places
    assert report.bad_rows == 2
    assert report.good == ("H90", "P92")


def test_formulas_with_or_without_a_value_and_error_values(desk: Desk) -> None:
    path = desk.register(PHARMACY)
    with edited(path) as book:
        sheet = book["零售药店"]
        fill(sheet, {"facts.physicians": "=1+1", "facts.area_m2": "#N/A", "name": "=A1"})

    def cached(name: str, content: bytes) -> bytes:
        return content.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>").replace(
            b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"
        )

    for one in (path, rewritten(path, cached)):
        assert [what for _, _, what in said(desk.bring(one))] == ["是公式", "是公式", "是错误值 #N/A"]
    with zipfile.ZipFile(desk.folder / "rewritten.xlsx") as package:
        assert any(b"<f>1+1</f><v>2</v>" in package.read(name) for name in package.namelist())


def test_a_million_blank_rows_are_passed_over(desk: Desk) -> None:
    path = desk.register(PHARMACY)

    def stretched(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet2.xml":
            return content
        blank = b"".join(b'<row r="%d"><c r="B%d" s="1"/></row>' % (n, n) for n in range(7, 1_048_577))
        return content.replace(b"</sheetData>", blank + b"</sheetData>")

    far = rewritten(path, stretched)
    assert survey(far, "/xl/worksheets/sheet2.xml").cells > 1_000_000
    assert desk.bring(far).good == ("P90",)


def test_a_copy_of_a_sheet_with_too_many_cells_is_not_made(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbooks.folders.MAX_CELLS", 10)
    report = desk.bring(desk.register(PHARMACY | {"facts.physicians": "x"}))
    assert (len(report.faults), report.copy) == (1, "")
    assert report.notes == ("文件里空白格子太多，没有生成标注副本：请把内容复制到新下载的模板里",)


def test_rows_of_ours_that_were_altered(desk_at: DeskAt) -> None:
    desk = desk_at("drawn")
    path = desk.download("scores", desk.round.panel()[0])
    scores = {"item.P-a": 1, "item.P-b": 1, "item.P-c": 1, "item.P-d": 1}
    with edited(path) as book:
        sheet = book["零售药店评分"]
        fill(sheet, scores | {"applicant_id": "P03"}, scores, scores)
        sheet["A7"].value = sheet["A7"].value.replace("P02", "P01")
        sheet["A9"].value = sheet["A8"].value
        fill(sheet, scores | {"applicant_id": "P03"}, first=9)
    report = desk.bring(path, write=True, good=True)
    assert [(one.place, one.what) for one in report.faults] == [
        ("零售药店评分!B6", "编号被改动，本行原是 P01"),
        ("零售药店评分!B7", "不是系统生成的行（隐藏的行标识缺失或被改动）"),
        ("零售药店评分!B8", "P03 在表中出现了 2 次"),
        ("零售药店评分!B9", "P03 在表中出现了 2 次"),
    ]
    assert not report.is_written


# --- the annotated copy ----------------------------------------------------------------------------------------


def test_nothing_that_people_sent_runs_in_the_copy_and_our_totals_stay(desk_at: DeskAt) -> None:
    desk = desk_at("drawn")
    path = desk.download("scores", desk.round.panel()[0])
    with edited(path) as book:
        sheet = book["零售药店评分"]
        fill(sheet, {"item.P-a": 31})
        sheet["Z6"].value = '=HYPERLINK("x")'
        cell(sheet, "total", 7).value = "=1+1"
    copy = load_workbook(desk.folder / desk.bring(path).copy)["零售药店评分"]
    formulas = [one.coordinate for row in copy.iter_rows() for one in row if one.data_type == "f"]
    assert formulas == ["H6", "H8"]
    assert copy["Z6"].value == '=HYPERLINK("x")'


def test_the_copy_marks_every_bad_cell_and_can_be_mended_and_brought_back(desk: Desk) -> None:
    path = desk.register(HOSPITAL | {"facts.grade": "二甲"}, PHARMACY | {"name": "=1+1", "contact.phone": "12"})
    report = desk.bring(path)
    copy = desk.folder / report.copy
    book = load_workbook(copy)
    assert book.sheetnames[0] == "导入结果"
    listed = [[one.value for one in row] for row in book["导入结果"].iter_rows(min_row=5)]
    assert [row[:3] for row in listed] == [list(one) for one in said(report)]
    grade, phone = cell(book["医疗机构"], "facts.grade"), cell(book["零售药店"], "contact.phone")
    assert (grade.fill.fgColor.rgb, phone.fill.fgColor.rgb) == ("00FFB3B3", "00FFB3B3")
    assert grade.comment.text.startswith("不在可选之列，现为“二甲”。只能是 未定级、一级丙等")
    assert cell(book["零售药店"], "name").data_type == "s"
    with edited(copy) as mended:
        cell(mended["医疗机构"], "facts.grade").value = "二级甲等"
        fill(mended["零售药店"], {"name": "样例新药房"})
    again = desk.bring(copy)
    assert [fault.field for fault in again.faults] == ["联系电话"]
    second = load_workbook(desk.folder / again.copy)
    assert (cell(second["医疗机构"], "facts.grade").comment, second.sheetnames.count("导入结果")) == (None, 1)
    assert again.copy.count("标注") == 1
    with edited(desk.folder / again.copy) as mended:
        cell(mended["零售药店"], "contact.phone").value = "05551234567"
    assert desk.bring(desk.folder / again.copy, write=True).is_written


def test_a_package_of_a_sensible_size_passes(desk: Desk) -> None:
    check_package(desk.register(HOSPITAL))
