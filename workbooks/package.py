"""What a file is, before any library opens it: its kind, its size packed and unpacked, and what its sheets hide.

An .xlsx is a zip of XML. A few kilobytes may unpack to gigabytes, so the directory of the zip is read first, and sheets
are surveyed in a stream that keeps nothing.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from rules.errors import InputError

MAX_BYTES = 20_000_000
MAX_UNPACKED = 200_000_000
MAX_PARTS = 1_000
HEAD_BYTES = 4_096
CHUNK = 1 << 16
FILLED = ("v", "is", "f")  # what a cell holds: a value, a text of its own, a formula
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
WORD = "WordDocument".encode("utf-16-le")
ODS, STRICT = b"opendocument.spreadsheet", b"http://purl.oclc.org/ooxml/"
TEXT_KINDS = {
    b"urn:schemas-microsoft-com:office:spreadsheet": "是“XML 电子表格 2003”",
    b"<html": "是网页，只是扩展名改成了 Excel 的",
    b"<table": "是网页，只是扩展名改成了 Excel 的",
    b"mime-version:": "是单个文件网页（.mht）",
    b"%pdf": "是 PDF 文件",
}
NEEDED = ("[Content_Types].xml", "xl/workbook.xml")
AS_WORKBOOK = "请另存为“Excel 工作簿（.xlsx）”；"
SAVE_AS = "请在 Excel 或 WPS 中用下载的模板填写，另存为 .xlsx 后重试"


@dataclass(slots=True)
class Survey:
    """What a sheet holds that its cells do not tell. `row` is where the survey stands."""

    merged: list[str] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    cells: int = 0
    row: int = 0
    last_filled_row: int = 0


def check_package(path: Path) -> None:
    """Raises InputError with a sentence for anything that is no plain .xlsx of a sensible size."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise InputError(
            f"“{path.name}”有 {size / 1e6:.0f} MB，超过 {MAX_BYTES // 1_000_000} MB："
            "请删除图片和多余的工作表，或拆成几个文件后再导入"
        )
    with path.open("rb") as file:
        head = file.read(len(OLE))
    if head == OLE:
        raise InputError(_ole(path))
    if head != ZIP:
        raise InputError(f"“{path.name}”不是 Excel 工作簿（{_text_kind(path)}）。{AS_WORKBOOK}{SAVE_AS}")
    try:
        with zipfile.ZipFile(path) as package:
            _check_parts(path.name, package)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"“{path.name}”已损坏，打不开（{error}）。{SAVE_AS}") from None


def _ole(path: Path) -> str:
    if ENCRYPTED in path.read_bytes():
        return f"“{path.name}”设有打开密码：请取消密码后另存，再导入"
    if WORD in path.read_bytes():
        return f"“{path.name}”是 Word 文档，不是 Excel 工作簿。{SAVE_AS}"
    return f"“{path.name}”是旧格式（.xls 或 .et）。{AS_WORKBOOK}{SAVE_AS}"


def _text_kind(path: Path) -> str:
    """What a file that is no package is, as far as its beginning tells."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES).replace(b"\0", b"").lower()
    for sign, kind in TEXT_KINDS.items():
        if sign in head:
            return kind
    return "可能是 CSV 或文本，或文件已损坏"


def _check_parts(name: str, package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED:
        raise InputError(
            f"“{name}”解压后有 {unpacked / 1e6:.0f} MB、{len(parts)} 个部件，超过上限（{MAX_UNPACKED // 1_000_000} MB、"
            f"{MAX_PARTS} 个），未打开：请把内容复制到新下载的模板里，再导入"
        )
    names = {part.filename for part in parts}
    if other := _other_kind(names, package):
        raise InputError(f"“{name}”是{other}。{AS_WORKBOOK}{SAVE_AS}")
    if not names.issuperset(NEEDED):
        raise InputError(f"“{name}”不是 Excel 工作簿（.xlsx）。{SAVE_AS}")
    if any(one.endswith("vbaProject.bin") for one in names):
        raise InputError(f"“{name}”含有宏，不予打开。{SAVE_AS}")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in _head(package, part):
            raise InputError(f"“{name}”含有不安全的内容（DOCTYPE），不予打开。{SAVE_AS}")


def _other_kind(names: set[str], package: zipfile.ZipFile) -> str:
    """What a package is that holds a table in another form; nothing for a plain .xlsx or what is no table at all."""
    if "xl/workbook.bin" in names:
        return "二进制工作簿（.xlsb）"
    if "mimetype" in names and ODS in package.read("mimetype")[:HEAD_BYTES]:
        return "OpenDocument 表格（.ods）"
    if "xl/workbook.xml" in names and STRICT in _head(package, package.getinfo("xl/workbook.xml")):
        return "“Strict Open XML 电子表格”"
    return ""


def _head(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    with package.open(part) as file:
        return file.read(HEAD_BYTES).replace(b"\x00", b"")


def survey(path: Path, part: str) -> Survey:
    """Merged ranges, hidden rows, the number of cells and the last row with content, read in a stream."""
    found = Survey()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, given: _element(found, tag.rpartition(" ")[2], given)
    with zipfile.ZipFile(path) as package, package.open(part.removeprefix("/")) as file:
        try:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise InputError(f"“{path.name}”的工作表已损坏（{error}）。{SAVE_AS}") from None
    return found


def _element(found: Survey, tag: str, given: dict[str, str]) -> None:
    if tag == "c":
        found.cells += 1
    elif tag == "row":
        found.row = int(given.get("r", found.row + 1))
        if given.get("hidden") in ("1", "true"):
            found.hidden_rows.add(found.row)
    elif tag in FILLED:
        found.last_filled_row = found.row
    elif tag == "mergeCell":
        found.merged.append(given["ref"])
