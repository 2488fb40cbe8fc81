"""材料扫描件: put into a dossier by browser, counted, looked at as pictures of ours, withdrawn, never public."""

from __future__ import annotations

import io
import subprocess
import sys
from functools import cache, partial
from pathlib import Path

import httpx
import pytest
from PIL import Image

from foundation import scan_reader
from foundation.settings import reset_settings
from models import AuditRecord, MaterialScan
from publication.documents.casefacts import dossier_of
from tasks import scans
from tasks.documents.contents import Kind, contents_of
from tests.gate.test_absences import said as journal_of
from tests.support.database import changed, dump
from tests.support.gatehouse import asked, brought
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing
from tests.tasks.test_proposals import staffed
from views.casefile import case_file

AT = "2025-09-16 15:00"
HERE = {"round": "1", "applicant": "H01"}
H2 = {**HERE, "code": "H2"}


@pytest.fixture
def office(at_stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rehearsal:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path))
    reset_settings()
    return staffed(at_stage("evaluating"))


def picture(kind: str = "PNG", size: tuple[int, int] = (800, 1100), colour: str = "white") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, kind)
    return made.getvalue()


@cache
def pdf(pages: int) -> bytes:
    made = io.BytesIO()
    leaves = [Image.new("RGB", (620, 877), (255, 20 * one, 0)) for one in range(pages)]
    leaves[0].save(made, "PDF", save_all=True, append_images=leaves[1:])
    return made.getvalue()


def look(office: Rehearsal, path: str, by: str = "1001") -> httpx.Response:
    return asked(office.url, KEYS, by, beijing(AT), path, {})


def send(office: Rehearsal, fields: dict[str, str], *files: tuple[str, bytes], by: str = "1001") -> httpx.Response:
    return brought(office.url, KEYS, by, beijing(AT), "/gate/materials", fields, files)


def said(answer: httpx.Response) -> str:
    return answer.text.partition('role="alert">')[2].partition("</p>")[0]


def test_scans_are_counted_kept_by_their_hash_and_put_on_record(office: Rehearsal) -> None:
    answer = send(office, H2, ("王小明.pdf", pdf(3)), ("第4页.PNG", picture()))
    assert (answer.status_code, "“王小明.pdf”：3 页；“第4页.PNG”：1 页" in answer.text) == (200, True)
    kept = office.rows(MaterialScan)
    assert [(one.code, one.kind, one.pages, one.by) for one in kept] == [
        ("H2", "pdf", 3, "1001"),
        ("H2", "png", 1, "1001"),
    ]
    told = [one for one in office.rows(AuditRecord) if one.event == scans.BROUGHT]
    assert [(one.detail["fields"]["sha256"], one.from_state == one.to_state) for one in told] == [
        (one.sha256, True) for one in kept
    ]
    assert "王小明" not in str(dump(office.url))  # a name may tell of a person
    with office.session() as session:
        file = case_file(session, "H01", 1)
    assert "（扫描件 2 份，4 页）" in str(file["papers"])
    assert [one["event"] for one in file["history"][-2:]] == [scans.BROUGHT] * 2
    assert "页数：3" in str(file["history"][-2])


def test_the_index_of_the_dossier_says_how_many_pages_were_scanned(office: Rehearsal) -> None:
    send(office, H2, ("a.pdf", pdf(3)), ("b.png", picture()))
    with office.session() as session:
        told = [one.title for one in contents_of(session, dossier_of(session, 1)) if one.kind is Kind.MATERIAL]
    assert [one for one in told if "扫描件" in one] == ["特殊药品定点资格申报清单（扫描件 4 页）"]


def test_a_page_is_shown_as_a_picture_of_ours_and_who_looked_stands_in_the_journal(office: Rehearsal) -> None:
    send(office, H2, ("a.pdf", pdf(2)))
    page = look(office, "/gate/materials/1", by="1003")
    assert page.text.count("<img ") == 2
    drawn = look(office, "/gate/materials/1/2.jpg")
    assert drawn.headers["content-type"] == "image/jpeg"
    red, green, blue = Image.open(io.BytesIO(drawn.content)).getpixel((5, 5))
    assert (red > 250, 15 < green < 25, blue < 5) == (True, True, True)
    taken = look(office, "/gate/materials/1/file")
    assert taken.content == pdf(2)
    assert 'attachment; filename="H01-H2-1.pdf"' in taken.headers["content-disposition"]
    entries = [one for one in journal_of(office) if one["event"] == scans.LOOKED]
    assert [(one["by"], one["scan"], one["file"]) for one in entries] == [("1003", 1, False), ("1001", 1, True)]
    assert [look(office, f"/gate/materials/1/{one}.jpg").status_code for one in (0, 3, 99999)] == [404] * 3


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", b"%PDF-1.7 broken", "“a.pdf”打不开"),
        ("a.png", picture()[:400], "“a.png”打不开"),
        ("a.pdf", b"<html><script>alert(1)</script>", "“a.pdf”不是 PDF 或图片"),
        ("a.docx", b"PK\x03\x04", "“a.docx”不是 PDF 或图片"),
        ("a.pdf", b"", "“a.pdf”不是 PDF 或图片"),
        ("a.gif", b"GIF89a", "“a.gif”不是 PDF 或图片"),
    ],
)
def test_what_is_no_scan_is_named_and_the_others_are_kept(
    office: Rehearsal, name: str, content: bytes, words: str
) -> None:
    answer = send(office, H2, (name, content), ("b.jpg", picture("JPEG")))
    assert (answer.status_code, said(answer).startswith(words)) == (403, True), said(answer)
    assert [one.kind for one in office.rows(MaterialScan)] == ["jpg"]
    assert "“b.jpg”：1 页" in answer.text


def test_a_scan_that_is_there_is_not_kept_twice_and_may_come_again_once_it_was_withdrawn(office: Rehearsal) -> None:
    scan = ("a.pdf", pdf(1))
    send(office, H2, scan)
    assert "没有重复放入" in said(send(office, H2, scan))
    assert send(office, {**HERE, "withdraw": "1"}).status_code == 200
    assert look(office, "/gate/materials/1").status_code == 404
    assert look(office, "/gate/materials/1/1.jpg").status_code == 404
    assert "1001 撤下" in look(office, "/gate/materials?round=1&applicant=H01").text
    assert "已经撤下" in said(send(office, {**HERE, "withdraw": "1"}))
    assert send(office, H2, scan).status_code == 200
    assert [(one.withdrawn_by, one.pages) for one in office.rows(MaterialScan)] == [("1001", 1), (None, 1)]
    assert [one.event for one in office.rows(AuditRecord)][-3:] == [scans.BROUGHT, scans.WITHDRAWN, scans.BROUGHT]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({**HERE, "code": "P1"}, 403, "请选择材料"),
        (HERE, 403, "请选择材料"),
        ({**H2, "applicant": "H99"}, 403, "没有“H99”的案卷"),
        ({**H2, "round": "9"}, 403, "案卷"),
        ({**H2, "round": "x"}, 403, "请从案卷"),
        ({**HERE, "withdraw": "7"}, 403, "没有这份扫描件"),
        ({**HERE, "withdraw": "x"}, 403, "没有这份扫描件"),
    ],
)
def test_what_the_round_does_not_have_is_refused(
    office: Rehearsal, fields: dict[str, str], status: int, words: str
) -> None:
    before = dump(office.url)
    answer = send(office, fields, ("a.pdf", pdf(1)))
    assert (answer.status_code in (status, 404), words in answer.text) == (True, True), answer.text
    left = {name: rows for name, rows in changed(before, dump(office.url)).items() if rows}
    assert set(left) <= {"gate_session", "access_record", "journal_entry"}


def test_a_scan_of_another_dossier_cannot_be_withdrawn_from_this_one(office: Rehearsal) -> None:
    send(office, H2, ("a.pdf", pdf(1)))
    assert "没有这份扫描件" in said(send(office, {"round": "1", "applicant": "P02", "withdraw": "1"}))


def test_whose_roles_do_not_reach_them_neither_looks_nor_brings(office: Rehearsal) -> None:
    send(office, H2, ("a.pdf", pdf(1)))
    for number in ("1003", "1004"):  # 纪检、主任 look
        assert look(office, "/gate/materials/1", by=number).status_code == 200
        assert "<form" not in look(office, "/gate/materials?round=1&applicant=H01", by=number).text
        assert send(office, H2, ("b.pdf", pdf(2)), by=number).status_code == 403
    assert look(office, "/gate/materials/1", by="").headers["location"] == "/gate/login?next=%2Fgate%2Fmaterials%2F1"
    assert look(office, "/gate/materials/1/1.jpg", by="").status_code == 303


def test_nothing_is_public(office: Rehearsal, tmp_path: Path) -> None:
    send(office, H2, ("a.pdf", pdf(1)))
    [kept] = (tmp_path / "materials").iterdir()
    assert kept.stat().st_mode & 0o077 == 0


def test_the_reader_of_scans_may_write_no_file_and_take_no_more_than_its_share(tmp_path: Path) -> None:
    """Asked of a process that has bound itself, with a file that would do more."""
    here = str(Path(scan_reader.__file__).parent)
    bound = f"import os, sys; sys.path.insert(0, {here!r}); import scan_reader; scan_reader.bounded(); "
    run = partial(subprocess.run, capture_output=True, text=True, check=False)
    wrote = run(
        [sys.executable, "-c", f"{bound}os.write(os.open({str(tmp_path / 'x')!r}, os.O_CREAT | os.O_WRONLY), b'x')"]
    )
    took = run([sys.executable, "-c", f"{bound}bytearray(3 * 2**30)"])
    assert ("File too large" in wrote.stderr, "MemoryError" in took.stderr) == (True, True)
