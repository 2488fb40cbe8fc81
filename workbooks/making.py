"""A workbook from a layout: drop-downs, bounds, locked cells, hints in Chinese, frozen head, printed page, hidden mark.

Answers are open cells in the format of text or number; everything else is locked. Rows of ours carry a hidden id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from rules.localtime import ZONE
from workbooks import styles
from workbooks.columns import MAX_ROWS, Column, Kind, Layout, SheetPlan
from workbooks.signature import MARK_SHEET, Mark

TITLE_ROW, ADVICE_ROW, KEY_ROW, HEAD_ROW, HINT_ROW = range(1, 6)
FIRST_ROW = HINT_ROW + 1
LAST_ROW = FIRST_ROW + MAX_ROWS - 1
FIRST_COLUMN = 2  # the first one holds the hidden ids
SHEET_SIGN = "#"
LONGEST_LIST = 255  # what Excel allows for a list inside a rule
FROZEN_COLUMNS = 2
ROW_HEIGHT = 20
LINE = 15  # points
HALF_WIDTH = 0x2000
CENTRED = (Kind.CHOICE, Kind.COUNT, Kind.AMOUNT)
NUMBER_FORMATS = {Kind.COUNT: "0", Kind.AMOUNT: "General"}


@dataclass(frozen=True, slots=True)
class Prefilled:
    """One row of ours: its hidden id, and what stands in its columns."""

    mark: str
    values: Mapping[str, Any] = field(default_factory=dict)


def make(
    layout: Layout, mark: Mark, signature: str, rows: Mapping[str, Sequence[Prefilled]], made_at: datetime
) -> Workbook:
    """The workbook. `rows` are the prefilled ones by sheet; a prefilled sheet without rows is left out."""
    book = Workbook()
    book.remove(book.active)
    for plan in layout.sheets:
        if rows.get(plan.key) or not plan.is_prefilled:
            _make_sheet(book.create_sheet(plan.title), plan, layout, mark, rows.get(plan.key, ()))
    _hide_mark(book.create_sheet(MARK_SHEET), mark, signature)
    stamp = made_at.astimezone(ZONE).replace(tzinfo=None, microsecond=0)
    book.properties.creator, book.properties.title = "定点", f"{mark.round_name}{layout.title}"
    book.properties.created = book.properties.modified = stamp
    return book


def _hide_mark(sheet: Worksheet, mark: Mark, signature: str) -> None:
    for row, value in enumerate((mark.text(), signature), 1):
        write_text(sheet, row, 1, value)
    sheet.sheet_state = "veryHidden"
    sheet.protection.sheet = True


def _make_sheet(sheet: Worksheet, plan: SheetPlan, layout: Layout, mark: Mark, rows: Sequence[Prefilled]) -> None:
    _columns(sheet, plan)
    _heading(sheet, plan, layout, mark)
    for row, one in enumerate(rows, FIRST_ROW):
        _row(sheet, plan, row, one)
        sheet.row_dimensions[row].height = ROW_HEIGHT
    last = FIRST_ROW + len(rows) - 1 if plan.is_prefilled else LAST_ROW
    for place, column in _placed(plan):
        if column.is_answer:
            add_rule(sheet, column, f"{get_column_letter(place)}{FIRST_ROW}:{get_column_letter(place)}{last}")
    _protect(sheet, plan)
    styles.set_up_page(sheet, HEAD_ROW, mark.round_name)


def _placed(plan: SheetPlan) -> Iterable[tuple[int, Column]]:
    return enumerate(plan.columns, FIRST_COLUMN)


def write_text(sheet: Worksheet, row: int, column: int, value: Any) -> Any:
    """A cell whose content stays text, whatever it begins with."""
    cell = sheet.cell(row, column)
    cell.value = str(value)
    cell.data_type, cell.number_format = "s", styles.TEXT_FORMAT
    return cell


def _columns(sheet: Worksheet, plan: SheetPlan) -> None:
    """Widths, and what an empty cell is: open and text for an answer on a sheet to which people add rows."""
    sheet.column_dimensions["A"].hidden = True
    for place, column in _placed(plan):
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width = column.width
        if not plan.is_prefilled:
            dimension.protection, dimension.font = styles.OPEN, styles.BODY
            dimension.number_format = NUMBER_FORMATS.get(column.kind, styles.TEXT_FORMAT)


def _heading(sheet: Worksheet, plan: SheetPlan, layout: Layout, mark: Mark) -> None:
    for row, text, font in (
        (TITLE_ROW, f"{mark.round_name}　{layout.title}（{plan.title}）{layout.about}", styles.TITLE),
        (ADVICE_ROW, plan.advice, styles.HINT),
    ):
        cell = write_text(sheet, row, FIRST_COLUMN, text)
        cell.font = font
    for row, sign in ((KEY_ROW, plan.key), (HEAD_ROW, "head"), (HINT_ROW, "hint")):
        write_text(sheet, row, 1, f"{SHEET_SIGN}{sign}")
    for place, column in _placed(plan):
        write_text(sheet, KEY_ROW, place, column.key)
        _head_cell(write_text(sheet, HEAD_ROW, place, column.title), styles.HEAD, styles.HEAD_FILL)
        _head_cell(write_text(sheet, HINT_ROW, place, column.hint), styles.HINT, styles.HINT_FILL)
    for row in range(TITLE_ROW, FIRST_ROW):
        for place in range(1, FIRST_COLUMN + len(plan.columns)):
            sheet.cell(row, place).protection = styles.LOCKED
    sheet.row_dimensions[KEY_ROW].hidden = True
    heads = max(lines_of(column.title, column.width) for column in plan.columns)
    hints = max(lines_of(column.hint, column.width) for column in plan.columns)
    for row, height in ((TITLE_ROW, 24), (ADVICE_ROW, 18), (HEAD_ROW, heads * LINE), (HINT_ROW, hints * LINE)):
        sheet.row_dimensions[row].height = height
    sheet.freeze_panes = f"{get_column_letter(FIRST_COLUMN + FROZEN_COLUMNS)}{FIRST_ROW}"


def lines_of(text: str, width: int) -> int:
    """How many lines a text needs in a column: a Chinese character is two wide, and wrapping loses some room."""
    return 1 + sum(2 if ord(character) > HALF_WIDTH else 1 for character in text) // (width - 1)


def _head_cell(cell: Any, font: Any, fill: Any) -> None:
    cell.font, cell.fill, cell.border, cell.alignment = font, fill, styles.BOX, styles.MIDDLE


def _row(sheet: Worksheet, plan: SheetPlan, row: int, one: Prefilled) -> None:
    write_text(sheet, row, 1, one.mark)
    for place, column in _placed(plan):
        cell = _cell(sheet, row, place, column, one.values.get(column.key), plan)
        cell.font, cell.border, cell.alignment = styles.BODY, styles.BOX, styles.LEFT
        if column.kind in CENTRED:
            cell.alignment = styles.MIDDLE
        if column.is_answer:
            cell.protection = styles.OPEN
        else:
            cell.fill = styles.GIVEN_FILL


def _cell(sheet: Worksheet, row: int, place: int, column: Column, value: Any, plan: SheetPlan) -> Any:
    if column.total_of:
        places = {one.key: get_column_letter(at) for at, one in _placed(plan)}
        cell = sheet.cell(row, place)
        items = f"{places[column.total_of[0]]}{row}:{places[column.total_of[-1]]}{row}"
        cell.value = f'=IF(COUNT({items})=0,"",SUM({items}))'
        return cell
    if column.kind in NUMBER_FORMATS or value is None:
        cell = sheet.cell(row, place)
        number = Decimal(str(value)) if column.kind is Kind.AMOUNT and value is not None else value
        cell.value, cell.number_format = number, NUMBER_FORMATS.get(column.kind, styles.TEXT_FORMAT)
        return cell
    return write_text(sheet, row, place, value)


def add_rule(sheet: Worksheet, column: Column, where: str) -> None:
    """The drop-down or bounds of a column, with its hint beside the cell."""
    rule = _list_rule(sheet, column) or _bounds_rule(column)
    rule.promptTitle, rule.prompt = column.title[:32], (column.hint or column.title)[:250]
    rule.showInputMessage = True
    rule.errorTitle, rule.error = "不能这样填", f"{column.title}：{column.hint or '请按提示填写'}"[:250]
    rule.add(where)
    sheet.add_data_validation(rule)


def _list_rule(sheet: Worksheet, column: Column) -> DataValidation | None:
    listed = tuple(column.choices) or column.suggestions
    if not listed:
        return None
    text = ",".join(listed)
    if len(text) > LONGEST_LIST or any("," in one for one in listed):
        raise ValueError(f"{column.key}: too long for a list of Excel")
    rule = DataValidation(type="list", formula1=f'"{text}"', allow_blank=True)
    rule.showErrorMessage = bool(column.choices)
    return rule


def _bounds_rule(column: Column) -> DataValidation:
    if column.kind not in NUMBER_FORMATS:
        return DataValidation(allow_blank=True)
    type_ = "whole" if column.kind is Kind.COUNT else "decimal"
    most = column.most if column.most is not None else 10**15
    rule = DataValidation(type=type_, operator="between", formula1=str(column.least or 0), formula2=str(most))
    rule.showErrorMessage = rule.allow_blank = True
    return rule


def _protect(sheet: Worksheet, plan: SheetPlan) -> None:
    """Locked without a password: against slips. Widths, filters and (where people add rows) rows stay free."""
    protection = sheet.protection
    protection.sheet = True
    protection.formatColumns = protection.formatRows = protection.autoFilter = False
    protection.insertRows = protection.deleteRows = plan.is_prefilled
