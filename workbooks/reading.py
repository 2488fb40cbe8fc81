"""Rows and cells of a workbook that came back. Sheets, columns and rows are found by their hidden ids, so a moved
column or a renamed sheet does no harm; what cannot be read safely is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from foundation.secrets import Keyring
from rules.errors import InputError
from workbooks.cells import Raw, unescaped
from workbooks.columns import MAX_ROWS, Layout, SheetPlan
from workbooks.making import SHEET_SIGN
from workbooks.package import SAVE_AS, Survey, check_package, survey
from workbooks.signature import AGAIN, MARK_SHEET, Mark, read_mark

LOOKED_AT = 20  # rows in which the hidden ids are looked for
NAMED = 10  # rows that a note names before it counts
MAX_MERGED = 500
RESULT_SHEET = "导入结果"
UNREADABLE = (  # SyntaxError: what both XML parsers raise
    *(InvalidFileException, SyntaxError, KeyError, ValueError, TypeError, IndexError, AttributeError, OSError),
    *(EOFError, OverflowError),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row with something in it. `mark` is its hidden id; `merged` the merged ranges that reach into it, each with the
    columns that it takes."""

    number: int
    mark: Any
    cells: Mapping[str, Raw]
    merged: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """One sheet of the workbook under the name that people see."""

    plan: SheetPlan
    name: str
    columns: Mapping[str, int]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    cells: int

    def address(self, row: int, key: str) -> str:
        """`F12`."""
        return f"{get_column_letter(self.columns[key])}{row}"


@dataclass(frozen=True, slots=True)
class Returned:
    """A workbook that came back."""

    mark: Mark
    sheets: tuple[Found, ...]
    notes: tuple[str, ...]
    cells: int


@dataclass(frozen=True, slots=True)
class _Ids:
    """Where the hidden ids stand: which sheet it is, the column of the row ids, the columns by id."""

    plan: SheetPlan
    mark_column: int
    columns: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Block:
    """A merged range: its rows and the ids of the columns that it takes."""

    ref: str
    top: int
    low: int
    keys: frozenset[str]


def peek(path: Path, keys: Keyring) -> Mark:
    """The mark of a workbook. Raises InputError for a file that is none of ours, or that cannot be opened safely."""
    check_package(path)
    with _opened(path) as book:
        if MARK_SHEET not in book.sheetnames:
            raise InputError(f"“{path.name}”不是本系统生成的表格：缺少隐藏的标识。{AGAIN}")
        values = [row[0] for row in book[MARK_SHEET].iter_rows(max_row=2, max_col=1, values_only=True) if row]
    text, signature, *_ = (*values, None, None)
    return read_mark(text, signature, keys)


def read(path: Path, mark: Mark, layout: Layout) -> Returned:
    """Every row of every sheet of the layout that the workbook has. Raises InputError when a sheet lost its ids."""
    with _opened(path) as book:
        shown = [sheet for sheet in book.worksheets if sheet.title not in (MARK_SHEET, RESULT_SHEET)]
        read_ones = [(sheet.title, _read_sheet(path, sheet, layout)) for sheet in shown]
    sheets = tuple(found for _, found in read_ones if found)
    if not sheets:
        raise InputError(f"“{path.name}”里找不到“{layout.title}”的工作表：隐藏的标识行或标识列被删除了。{AGAIN}")
    keys = [found.plan.key for found in sheets]
    for found in sheets:
        if keys.count(found.plan.key) > 1:
            raise InputError(f"“{found.plan.title}”有两张工作表：请只保留一张")
    strangers = tuple(f"工作表“{title}”不是模板里的表，没有读取" for title, found in read_ones if found is None)
    notes = strangers + tuple(note for found in sheets for note in found.notes)
    return Returned(mark, sheets, notes, sum(found.cells for found in sheets))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The workbook, read in a stream. What openpyxl cannot read becomes a sentence."""
    try:
        book = load_workbook(path, read_only=True, keep_links=False)
        try:
            yield book
        finally:
            book.close()
    except UNREADABLE as error:
        raise InputError(f"“{path.name}”读不出来（{type(error).__name__}：{error}）。{SAVE_AS}") from error


def _read_sheet(path: Path, sheet: Any, layout: Layout) -> Found | None:
    """One sheet; None when it is none of ours."""
    surveyed = survey(path, sheet._worksheet_path)
    if len(surveyed.merged) > MAX_MERGED:
        raise InputError(f"工作表“{sheet.title}”的合并单元格太多：请全部取消合并后再导入")
    sheet.reset_dimensions()
    rows = _filled(sheet, surveyed.last_filled_row)
    ids = _ids(rows, {plan.key: plan for plan in layout.sheets})
    if ids is None:
        return None
    data, extra = _data(rows, ids, surveyed, sheet)
    hidden = [row.number for row in data if row.number in surveyed.hidden_rows]
    return Found(ids.plan, sheet.title, ids.columns, data, tuple(_notes(sheet.title, extra, hidden)), surveyed.cells)


def _filled(sheet: Any, last: int) -> Iterator[tuple[int, list[Any]]]:
    """Rows with something in them, and where; a million blank ones after the last are never looked at."""
    for number, cells in enumerate(sheet.iter_rows(max_row=last or 1), 1):
        filled = [cell for cell in cells if cell.value is not None]
        if filled:
            yield number, filled


def _ids(rows: Iterator[tuple[int, list[Any]]], plans: Mapping[str, SheetPlan]) -> _Ids | None:
    for number, cells in rows:
        for cell in cells:
            sign = str(cell.value)
            if sign.startswith(SHEET_SIGN) and sign[1:] in plans:
                return _Ids(plans[sign[1:]], cell.column, _columns(plans[sign[1:]], cells))
        if number >= LOOKED_AT:
            return None
    return None


def _columns(plan: SheetPlan, cells: Sequence[Any]) -> dict[str, int]:
    known = {column.key: column for column in plan.columns}
    columns: dict[str, int] = {}
    for cell in cells:
        key = str(cell.value)
        if key in columns:
            raise InputError(f"“{plan.title}”有两列“{known[key].title}”：请删除多余的一列")
        if key in known:
            columns[key] = cell.column
    if missing := [column.title for key, column in known.items() if key not in columns and not column.total_of]:
        raise InputError(f"“{plan.title}”缺少列“{'”“'.join(missing)}”（或其隐藏的标识）。{AGAIN}")
    return columns


def _data(
    rows: Iterator[tuple[int, list[Any]]], ids: _Ids, surveyed: Survey, sheet: Any
) -> tuple[tuple[Row, ...], list[str]]:
    """The rows below the ids, and the letters of columns that are not ours and hold something."""
    by_place = {place: key for key, place in ids.columns.items()}
    blocks = _blocks(surveyed.merged, by_place)
    data: list[Row] = []
    extra: set[int] = set()
    for number, cells in rows:
        mark = next((cell.value for cell in cells if cell.column == ids.mark_column), None)
        if str(mark).startswith(SHEET_SIGN):
            continue
        raws = {by_place[cell.column]: _raw(cell, sheet) for cell in cells if cell.column in by_place}
        extra.update(cell.column for cell in cells if cell.column not in by_place and cell.column != ids.mark_column)
        if mark is None and all(raw.is_blank for raw in raws.values()):
            continue
        data.append(Row(number, mark, raws, {one.ref: one.keys for one in blocks if one.top <= number <= one.low}))
        if len(data) > MAX_ROWS:
            raise InputError(f"工作表“{sheet.title}”超过 {MAX_ROWS} 行：请拆成几个文件后再导入")
    return tuple(data), [get_column_letter(place) for place in sorted(extra)]


def _blocks(merged: Sequence[str], by_place: Mapping[int, str]) -> list[_Block]:
    """The merged ranges that reach into our columns."""
    blocks = []
    for ref in merged:
        left, top, right, low = range_boundaries(ref)
        blocks.append(_Block(ref, top, low, frozenset(key for one, key in by_place.items() if left <= one <= right)))
    return [block for block in blocks if block.keys]


def _raw(cell: Any, sheet: Any) -> Raw:
    value = unescaped(cell.value) if isinstance(cell.value, str) and cell.data_type != "f" else cell.value
    return Raw(cell.coordinate, value, cell.data_type, sheet.parent.epoch)


def _notes(name: str, extra: Sequence[str], hidden: Sequence[int]) -> Iterator[str]:
    if extra:
        yield f"工作表“{name}”的 {'、'.join(extra)} 列不是模板里的列，没有读取"
    if hidden:
        shown = "、".join(str(number) for number in hidden[:NAMED]) + (" 等" if len(hidden) > NAMED else "")
        yield f"工作表“{name}”的第 {shown} 行（共 {len(hidden)} 行）是隐藏行，也照样读取"
