"""Forms of a table that are no plain .xlsx: each is told as what it is, with what to do."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.errors import InputError
from rules.texts import cleaned
from tests.workbooks.sheetparts import HOSPITAL, Desk, refused
from workbooks.cells import unescaped
from workbooks.package import AS_WORKBOOK, check_package

Made = Callable[[Path], None]
TRANSITIONAL = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def packed(parts: dict[str, str]) -> Made:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as package:
            for name, content in parts.items():
                package.writestr(name, content)

    return make


def test_our_workbook_saved_as_strict_open_xml(desk: Desk) -> None:
    ours, path = desk.register(HOSPITAL), desk.folder / "严格.xlsx"
    with zipfile.ZipFile(ours) as given, zipfile.ZipFile(path, "w") as package:
        for name in given.namelist():
            strict = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
            package.writestr(name, given.read(name).replace(TRANSITIONAL, strict))
    told = refused(desk, path)
    assert "Strict Open XML" in told
    assert AS_WORKBOOK in told


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (packed({"[Content_Types].xml": "", "xl/workbook.bin": ""}), ".xlsb"),
        (packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": ""}), ".ods"),
        (lambda path: path.write_text("<html><table><tr><td>1</table>", "utf-8"), "是网页"),
        (lambda path: path.write_text("<HTML><body>表</body>", "utf-16"), "是网页"),
        (lambda path: path.write_text("a,b\n1,2\n", "utf-8"), "可能是 CSV"),
        (
            lambda path: path.write_text(
                '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "utf-8"
            ),
            "XML 电子表格 2003",
        ),
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" + "Workbook".encode("utf-16-le")), "旧格式（.xls 或 .et）"),
    ],
)
def test_another_form_is_told_with_what_to_do(tmp_path: Path, make: Made, kind: str) -> None:
    path = tmp_path / "来件.xlsx"
    make(path)
    with pytest.raises(InputError, match=re.escape(kind)) as told:
        check_package(path)
    assert AS_WORKBOOK in str(told.value)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("甲_x000D_\n乙", "甲\r\n乙"),
        ("_x005F_x000D_", "_x000D_"),
        ("a_x0041_b", "aAb"),
        ("_xD83D__xDC4D_", "👍"),
        ("_x41_ _xGGGG_ x000D", "_x41_ _xGGGG_ x000D"),
    ],
)
def test_what_excel_writes_for_what_xml_cannot_hold_is_read_as_it_was_typed(written: str, typed: str) -> None:
    assert unescaped(written) == typed


def test_a_line_end_of_excel_leaves_no_trace() -> None:
    assert cleaned(unescaped("样例县_x000D_ 医院")) == "样例县 医院"
