"""Files that people bring: each kind that cannot be used gets its own sentence, and nothing is written."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable

import pytest
from sqlalchemy import select

from foundation.secrets import Keyring
from models import Round
from tests.tasks.rehearsal import KEYS
from tests.workbooks.sheetparts import (
    HOSPITAL,
    Desk,
    as_it_is,
    edited,
    refused,
    rewritten,
)
from workbooks.package import MAX_BYTES
from workbooks.signature import MARK_SHEET

DeskAt = Callable[[str], Desk]


# --- what is no workbook of ours -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "不是 Excel 工作簿"),
        ("编号,名称\nP01,甲\n".encode("gbk"), "可能是 CSV 或文本"),
        (b"PK\x03\x04 no zip at all", "已损坏，打不开"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "是旧格式（.xls 或 .et）"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "设有打开密码：请取消密码"),
    ],
    ids=["empty", "csv", "broken", "xls", "password"],
)
def test_other_files(desk: Desk, content: bytes, sentence: str) -> None:
    path = desk.folder / "来件.xlsx"
    path.write_bytes(content)
    assert sentence in refused(desk, path)


def test_a_zip_that_is_no_workbook(desk: Desk) -> None:
    path = desk.folder / "文书.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    assert "不是 Excel 工作簿（.xlsx）" in refused(desk, path)


def test_fifty_megabytes(desk: Desk) -> None:
    path = desk.folder / "大.xlsx"
    shutil.copy(desk.register(HOSPITAL), path)
    with path.open("r+b") as file:
        file.truncate(50_000_000)
    assert refused(desk, path).startswith(f"“大.xlsx”有 50 MB，超过 {MAX_BYTES // 1_000_000} MB：请删除图片")


def test_a_zip_bomb_is_never_unpacked(desk: Desk) -> None:
    path = desk.register(HOSPITAL)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package, package.open("xl/media/bomb.xml", "w") as part:
        for _ in range(300):
            part.write(b" " * 1_000_000)
    assert path.stat().st_size < 1_000_000
    assert "解压后有 300 MB" in refused(desk, path)


def test_too_many_parts(desk: Desk) -> None:
    path = desk.register(HOSPITAL)
    with zipfile.ZipFile(path, "a") as package:
        for number in range(1001):
            package.writestr(f"xl/media/{number}.txt", "")
    assert "个部件，超过上限" in refused(desk, path)


def test_macros_and_document_types_are_not_opened(desk: Desk) -> None:
    path = desk.register(HOSPITAL)
    assert "含有宏" in refused(desk, rewritten(path, as_it_is, **{"xl/vbaProject.bin": b"x"}))

    def with_type(name: str, content: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return content
        return content.replace(b"<workbook", b'<!DOCTYPE x [<!ENTITY a "b">]><workbook', 1)

    assert "DOCTYPE" in refused(desk, rewritten(path, with_type))


def test_a_sheet_that_is_cut_off(desk: Desk) -> None:
    def cut(name: str, content: bytes) -> bytes:
        return content[: len(content) // 2] if name == "xl/worksheets/sheet1.xml" else content

    assert "工作表已损坏" in refused(desk, rewritten(desk.register(HOSPITAL), cut))


def test_a_workbook_that_openpyxl_cannot_read(desk: Desk) -> None:
    def broken(name: str, content: bytes) -> bytes:
        return content[:200] if name == "xl/styles.xml" else content

    assert "读不出来" in refused(desk, rewritten(desk.register(HOSPITAL), broken))


# --- what is ours, but not this one ----------------------------------------------------------------------------


def test_a_workbook_of_somebody_elses(desk: Desk) -> None:
    path = desk.register(HOSPITAL)
    assert "隐藏标识与内容不符" in refused(desk, path, keys=Keyring(b"another office's key"))
    with edited(path) as book:
        del book[MARK_SHEET]
    assert "缺少隐藏的标识" in refused(desk, path)


def test_an_old_key_still_knows_its_workbooks(desk: Desk) -> None:
    path = desk.register(HOSPITAL)
    assert desk.bring(path, keys=Keyring(b"a new key after rotation", (KEYS.current,))).good == ("H90",)


def test_an_altered_mark(desk: Desk) -> None:
    path = desk.register(HOSPITAL)
    with edited(path) as book:
        book[MARK_SHEET]["A1"].value = book[MARK_SHEET]["A1"].value.replace('"round_id": 1', '"round_id": 2')
    assert "隐藏标识与内容不符" in refused(desk, path)


def test_an_old_version_of_the_template(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.register(HOSPITAL)
    monkeypatch.setattr("workbooks.signature.VERSION", 2)
    assert "旧版模板（第 1 版，现为第 2 版）。请重新下载表格" in refused(desk, path)


def test_a_workbook_of_another_round(desk: Desk) -> None:
    path = desk.register(HOSPITAL)
    with desk.round.session() as session:
        the_round = session.execute(select(Round)).scalar_one()
        the_round.name = "样例县2026年度特殊药品定点医药机构评估"
        session.add(the_round)
    assert "表格属于“样例县2025年度特殊药品定点医药机构评估”，本轮是“样例县2026年度" in refused(desk, path)


def test_score_sheets_of_another_rubric_are_stale(desk_at: DeskAt) -> None:
    desk = desk_at("drawn")
    path = desk.download("scores", desk.round.panel()[0])
    with desk.round.session() as session:
        the_round = session.execute(select(Round)).scalar_one()
        items = [
            {**one, "max": one["max"] + (1 if one["code"] == "P-a" else 0)} for one in the_round.rubric["pharmacy"]
        ]
        the_round.rubric = {**the_round.rubric, "pharmacy": items}
        session.add(the_round)
    assert "“评分表”模板已过时" in refused(desk, path)
