"""What became of a workbook: the acts that its rows ask for, the faults by cell, what is there already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils import range_boundaries

from workbooks.cells import BadCellError, Raw, read_cell
from workbooks.columns import Column
from workbooks.reading import Found, Row

BLANK = Raw("")


@dataclass(frozen=True, slots=True)
class Fault:
    """One bad cell: where, which field, which rule, what to do. Personal content is never repeated."""

    sheet: str
    cell: str
    row: int
    field: str
    what: str
    todo: str

    @property
    def column(self) -> int:
        """The place of its column."""
        return int(range_boundaries(self.cell)[0])

    @property
    def place(self) -> str:
        """`医疗机构!F12`."""
        return f"{self.sheet}!{self.cell}"

    @property
    def sentence(self) -> str:
        """The whole of it in one sentence."""
        return f"{self.place}“{self.field}”{self.what}；{self.todo}"


@dataclass(frozen=True, slots=True)
class Item:
    """One row that asks for something: an act with its fields, or an entry of the register."""

    sheet: Found
    row: int
    applicant_id: str
    do: str
    fields: Mapping[str, Any]
    personal: Mapping[str, str] = field(default_factory=dict)  # is sealed, and stands in no record


@dataclass(slots=True)
class Checked:
    """Everything that the rows of a workbook came to."""

    items: list[Item] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    blank: int = 0
    rows: int = 0
    notes: list[str] = field(default_factory=list)

    def fault(self, sheet: Found, row: int, column: str, what: str, todo: str) -> None:
        """Notes a bad cell in a column."""
        title = next(one.title for one in sheet.plan.columns if one.key == column)
        self.faults.append(Fault(sheet.name, sheet.address(row, column), row, title, what, todo))

    def drop(self, bad: set[tuple[str, int]]) -> None:
        """Takes out the items of bad rows."""
        self.items = [item for item in self.items if (item.sheet.name, item.row) not in bad]

    @property
    def bad_rows(self) -> set[tuple[str, int]]:
        """Sheet and number of every row with a fault."""
        return {(fault.sheet, fault.row) for fault in self.faults}


def values_of(checked: Checked, sheet: Found, row: Row, columns: Iterable[Column]) -> dict[str, Any] | None:
    """The values of a row; None, with every bad cell noted, when one of them cannot be used."""
    values: dict[str, Any] = {}
    is_good = not row.merged
    for ref in row.merged:
        what, todo = "与其他单元格合并，无法判断各格的内容", "请取消合并，逐格填写"
        checked.faults.append(Fault(sheet.name, ref, row.number, "合并单元格", what, todo))
    swallowed = frozenset().union(*row.merged.values())
    for column in columns:
        if column.key in swallowed:
            continue
        try:
            values[column.key] = read_cell(column, row.cells.get(column.key, BLANK))
        except BadCellError as bad:
            checked.fault(sheet, row.number, column.key, bad.what, bad.todo)
            is_good = False
    return values if is_good else None


def is_untouched(row: Row, columns: Iterable[Column]) -> bool:
    """Whether nothing was filled in."""
    return not row.merged and all(row.cells.get(column.key, BLANK).is_blank for column in columns)
