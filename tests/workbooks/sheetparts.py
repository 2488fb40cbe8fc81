"""Workbooks under test: made by the house, filled in as people do, and brought back."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from rules.errors import InputError
from tests.support.database import changed, dump
from tests.tasks.rehearsal import BOSS, KEYS, Rehearsal, beijing
from workbooks.folders import Order, import_file, write_workbooks
from workbooks.importing import Wish
from workbooks.making import FIRST_ROW, KEY_ROW
from workbooks.report import ImportReport

HOSPITALS, PHARMACIES, PENALTIES = "医疗机构", "零售药店", "行政处罚"
COMMON = {
    "contact.name": "联系人甲",
    "contact.phone": "19900019999",
    "contact.email": "someone@example.invalid",
    "facts.is_basic_designated": "是",
    "facts.county": "样例县",
    "facts.cold_chain": "是",
    "facts.major_liability_accident": "否",
    "facts.provincial_charity_aid_point": "否",
    "facts.physicians": 5,
}
HOSPITAL = COMMON | {
    "applicant_id": "H90",
    "name": "样例县新医院（总院）",
    "facts.grade": "二级甲等",
    "facts.special_drug_department": "是",
    "facts.pharmacists": 2,
    "facts.uses_oncology_targeted": "否",
    "facts.oncology_qualification": "否",
    "facts.gene_testing": "签约机构",
}
PHARMACY = COMMON | {
    "applicant_id": "P90",
    "name": "样例新药房",
    "facts.group_or_chain_member": "是",
    "facts.nationwide_dtp_network": "是",
    "facts.tier1_distribution_agreement": "是",
    "facts.special_drug_varieties": 45,
    "facts.area_m2": 260.5,
    "facts.group_revenue_cny": 420000000,
    "facts.licensed_pharmacists": 2,
    "facts.manufacturer_award": "否",
    "facts.staff_total": 9,
    "facts.staff_with_contract": 9,
    "facts.staff_with_social_insurance": 9,
}


class Desk:
    """A clerk with a folder: downloads a workbook, fills it in, hands it back."""

    def __init__(self, round_: Rehearsal, folder: Path, at: str) -> None:
        self.round, self.folder, self.at = round_, folder, beijing(at)

    def download(self, kind: str, about: str = "") -> Path:
        """The one workbook of a kind."""
        (name,) = write_workbooks(self.round.url, Order(kind, BOSS, self.at, self.folder, about), KEYS)
        return self.folder / name

    def bring(self, path: Path, *, write: bool = False, good: bool = False, **more: Any) -> ImportReport:
        """Imports a workbook: a dry run unless told to write."""
        at: datetime = more.pop("at", self.at)
        wish = Wish(path, more.pop("by", BOSS), at, is_dry=not write, keeps_good_rows=good)
        return import_file(self.round.url, wish, more.pop("keys", KEYS), self.folder)

    def register(self, *rows: Mapping[str, Any], penalties: tuple[Mapping[str, Any], ...] = ()) -> Path:
        """A filled register: hospitals and pharmacies by the first letter of their number."""
        path = self.download("register")
        with edited(path) as book:
            for title, own in ((HOSPITALS, "H"), (PHARMACIES, "P")):
                mine = [row for row in rows if str(row["applicant_id"]).upper().startswith(own)]
                fill(book[title], *mine)
            fill(book[PENALTIES], *penalties)
        return path


@contextmanager
def edited(path: Path) -> Iterator[Any]:
    """The workbook open for editing; saved at the end."""
    book = load_workbook(path)
    yield book
    book.save(path)


def place(sheet: Any, key: str) -> int:
    """The column of an id."""
    return next(cell.column for cell in sheet[KEY_ROW] if cell.value == key)


def cell(sheet: Any, key: str, row: int = FIRST_ROW) -> Any:
    """A cell by the id of its column."""
    return sheet.cell(row, place(sheet, key))


def fill(sheet: Any, *rows: Mapping[str, Any], first: int = FIRST_ROW) -> None:
    """Writes rows as a person would."""
    for number, row in enumerate(rows, first):
        for key, value in row.items():
            cell(sheet, key, number).value = value


def address(sheet: Any, key: str, row: int = FIRST_ROW) -> str:
    """`医疗机构!F12`."""
    return f"{sheet.title}!{get_column_letter(place(sheet, key))}{row}"


def said(report: ImportReport) -> list[tuple[str, str, str]]:
    """Cell, field and what is wrong."""
    return [(fault.place, fault.field, fault.what) for fault in report.faults]


def refused(desk: Desk, path: Path, **more: Any) -> str:
    """The sentence for a file that cannot be used; not one row has changed."""
    before = dump(desk.round.url)
    with pytest.raises(InputError) as caught:
        desk.bring(path, write=True, **more)
    assert changed(before, dump(desk.round.url)) == {}
    return str(caught.value)


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None], **added: bytes) -> Path:
    """The same zip with parts changed, dropped (None) or added."""
    target = path.with_name("rewritten.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                copy.writestr(name, content)
        for name, content in added.items():
            copy.writestr(name, content)
    return target


def as_it_is(_name: str, content: bytes) -> bytes:
    """No change."""
    return content
