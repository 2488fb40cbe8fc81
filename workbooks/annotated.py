"""The copy that shows every bad cell: filled, with a comment that says what is wrong and what to do, and a first sheet
that lists them all. It may be corrected and imported again: marks of an earlier copy are wiped off first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import range_boundaries

from workbooks import styles
from workbooks.findings import Fault
from workbooks.making import LINE, lines_of, write_text
from workbooks.reading import RESULT_SHEET
from workbooks.report import HEADINGS, ImportReport
from workbooks.signature import MARK_SHEET

OUR_TOTAL = re.compile(r'=IF\(COUNT\(([A-Z]+\d+:[A-Z]+\d+)\)=0,"",SUM\(\1\)\)')
AUTHOR = "定点"
MAX_CELLS = 400_000  # beyond, a copy would cost more memory than a desk has to spare
COMMENT_WIDTH, COMMENT_HEIGHT = 260, 110
LIST_WIDTHS = (26, 24, 56, 56)
LIST_HEAD = 4


def annotated(path: Path, report: ImportReport) -> Any:
    """The workbook with its bad cells marked."""
    book = load_workbook(path, keep_links=False)
    for sheet in book.worksheets:
        if sheet.title != MARK_SHEET:
            _wipe(sheet)
    for fault in report.faults:
        _mark(book[fault.sheet], fault)
    _list(book, report)
    return book


def _wipe(sheet: Any) -> None:
    """Takes off the marks of an earlier copy, and makes every formula visible text: what people sent never runs."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f" and not OUR_TOTAL.fullmatch(str(cell.value)):
                cell.value = str(getattr(cell.value, "text", cell.value))
                cell.data_type, cell.number_format = "s", styles.TEXT_FORMAT
            if cell.comment is not None and cell.comment.author == AUTHOR:
                cell.comment, cell.fill = None, PatternFill()


def _mark(sheet: Any, fault: Fault) -> None:
    left, top, _, _ = range_boundaries(fault.cell)
    cell = sheet.cell(top, left)
    said = f"{fault.what}。{fault.todo}"
    if cell.comment is not None:
        said = f"{cell.comment.text}\n{said}"
    cell.comment = Comment(said, AUTHOR, width=COMMENT_WIDTH, height=COMMENT_HEIGHT)
    cell.fill = styles.BAD_FILL


def _list(book: Any, report: ImportReport) -> None:
    if RESULT_SHEET in book.sheetnames:
        book.remove(book[RESULT_SHEET])
    sheet = book.create_sheet(RESULT_SHEET, 0)
    write_text(sheet, 1, 1, f"导入结果：{len(report.faults)} 处要改正").font = styles.TITLE
    write_text(
        sheet, 2, 1, "在原表里改正红色的格子，保存后放回收件夹，重新导入；本页和批注不用删除。"
    ).font = styles.HINT
    for place, (heading, width) in enumerate(zip(HEADINGS, LIST_WIDTHS, strict=True), 1):
        cell = write_text(sheet, LIST_HEAD, place, heading)
        cell.font, cell.fill, cell.border, cell.alignment = styles.HEAD, styles.HEAD_FILL, styles.BOX, styles.MIDDLE
        sheet.column_dimensions[cell.column_letter].width = width
    for row, fault in enumerate(report.faults, LIST_HEAD + 1):
        for place, text in enumerate((fault.place, fault.field, fault.what, fault.todo), 1):
            cell = write_text(sheet, row, place, text)
            cell.font, cell.border, cell.alignment = styles.BODY, styles.BOX, styles.LEFT
        needed = max(lines_of(str(one.value), width) for one, width in zip(sheet[row], LIST_WIDTHS, strict=True))
        sheet.row_dimensions[row].height = needed * LINE
        sheet.cell(row, 1).hyperlink = f"#'{fault.sheet.replace(chr(39), chr(39) * 2)}'!{fault.cell}"
    sheet.freeze_panes = f"A{LIST_HEAD + 1}"
    styles.set_up_page(sheet, LIST_HEAD, report.file)
    book.active = 0
