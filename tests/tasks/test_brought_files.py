"""Files that a browser brings and takes: names that stay on their shelf, contents that are what they say, records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from foundation.settings import get_settings
from models import JournalEntry
from models.database import reading
from policies.documents import load_document_policy
from rules.errors import InputError, RefusedError
from tasks import files
from tests.support.offices import use

PDF, PNG = b"%PDF-1.7\nx", b"\x89PNG\r\n\x1a\nx"


@pytest.fixture
def office(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    use(monkeypatch, database, tmp_path / "var")
    return database


def said(url: str) -> list[str]:
    with reading(url) as session:
        rows = session.execute(select(JournalEntry).order_by(col(JournalEntry.seq))).scalars()
        return [json.dumps(row.said, ensure_ascii=False) for row in rows if row.said]


def test_what_is_brought_is_there_is_taken_and_removed_with_a_record_of_each(office: str) -> None:
    assert files.take_in(office, "公示截图.png", PNG, "1001") == "公示截图.png"
    assert [one.name for one in files.on_shelf(files.IN)] == ["公示截图.png"]
    assert files.hand_out(office, files.IN, "公示截图.png", "1002").read_bytes() == PNG
    files.remove(office, "公示截图.png", "1001")
    assert files.on_shelf(files.IN) == []
    told = [json.loads(one)[0] for one in said(office)][-3:]
    assert [(one["event"], one["by"]) for one in told] == [
        ("file_brought", "1001"), ("file_taken", "1002"), ("file_removed", "1001"),
    ]  # fmt: skip
    assert len({one["sha256"] for one in told}) == 1
    assert "截图" not in "".join(said(office))


def test_another_file_of_the_same_name_is_kept_and_the_same_one_is_no_fault(office: str) -> None:
    for _ in range(2):
        assert files.take_in(office, "a.pdf", PDF, "1001") == "a.pdf"
    with pytest.raises(RefusedError, match="内容不同"):
        files.take_in(office, "a.pdf", PDF + b"y", "1001")
    assert (get_settings().inbox / "a.pdf").read_bytes() == PDF


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\a\\登记表.xlsx", "登记表.xlsx"),
        ("../../etc/x.pdf", "x.pdf"),
        ("a\u202efdp.pdf", "afdp.pdf"),
        ("x\n.pdf", "x .pdf"),
        (".htaccess.pdf", "htaccess.pdf"),
    ],
)
def test_a_name_is_one_of_the_folder_and_shows_what_it_is(given: str, kept: str) -> None:
    assert files.name_of(given) == kept


@pytest.mark.parametrize("given", ["", "run.exe", "a.pdf.sh", "x.svg", "x.xlsm", "noending", "..", "a.pdf/"])
def test_other_kinds_are_refused_with_those_that_are_taken(given: str) -> None:
    with pytest.raises(InputError, match=r"\.xlsx、\.pdf"):
        files.name_of(given)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"", "是空文件"),
        ("a.pdf", b"<html>", "不是PDF"),
        ("a.png", PDF, "不是PNG 图片"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "不是Excel 工作簿"),
        ("a.json", b"\xff\xfe{\x00}\x00", "不是UTF-8 的 JSON"),
        ("a.html", b"MZ\x90", "不是网页"),
    ],
)
def test_a_content_is_what_its_ending_says(office: str, name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        files.take_in(office, name, content, "1001")
    assert files.on_shelf(files.IN) == []


def test_the_largest_file_is_taken_and_one_byte_more_is_not(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
    most = load_document_policy().numbers["evidence_size"]
    assert files.take_in(office, "a.pdf", PDF.ljust(most - 1), "1001") == "a.pdf"
    assert files.take_in(office, "b.pdf", PDF.ljust(most), "1001") == "b.pdf"
    with pytest.raises(InputError, match="超过 20 MB"):
        files.take_in(office, "c.pdf", PDF.ljust(most + 1), "1001")


@pytest.mark.parametrize(
    "name", ["../secret.key", "..", "", ".hidden", "a/b.pdf", "x\0.pdf", "y" * 5000, "link.pdf", "dingdian-folder"]
)
def test_nothing_outside_the_shelf_is_handed_out(office: str, name: str) -> None:
    folder = get_settings().inbox
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / "secret.key").write_text("k")
    for mine in (".hidden", "dingdian-folder"):
        (folder / mine).write_text("k")
    assert files.on_shelf(files.IN) == []
    (folder / "link.pdf").symlink_to(folder.parent / "secret.key")
    for act in (lambda: files.hand_out(office, files.IN, name, "1001"), lambda: files.remove(office, name, "1001")):
        with pytest.raises(RefusedError, match="没有这个文件"):
            act()
    with pytest.raises(RefusedError, match="没有这个文件夹"):
        files.hand_out(office, "log", "worker.log", "1001")
    assert (folder.parent / "secret.key").exists()
