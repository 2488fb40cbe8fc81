"""Documents and packages as acts: kept with their hashes once, recorded, refused with a sentence."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from foundation.settings import reset_settings
from models import AuditRecord, OfficialDocument
from models.database import transaction
from rules.case import Event
from rules.errors import DingdianError
from tasks.announce import register_staff
from tasks.documents.filing import Filed, make_document, make_package
from tests.support.database import broken_chains, dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, Rehearsal, beijing
from views.casefile import case_file

AT = "2025-11-06 10:00"


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / "var"))
    reset_settings()
    return tmp_path / "var"


def document(rehearsal: Rehearsal, kind: str, about: str = "", by: str = BOSS, **given: Any) -> Filed:
    fields = {"kind": kind, "about": about, "file_format": "pdf", "number": "", "planned_on": None, **given}
    return make_document(rehearsal.url, Event("make_document", beijing(AT), by, fields))


def package(rehearsal: Rehearsal, notice: int) -> Filed:
    fields = {"notice": notice, "planned_on": None}
    return make_package(rehearsal.url, Event("make_package", beijing(AT), BOSS, fields))


def test_a_document_is_kept_with_its_hash_and_recorded_once(at_stage: Stage, var: Path) -> None:
    rehearsal = at_stage("published")
    before = len(rehearsal.rows(AuditRecord))
    first, again = document(rehearsal, "preliminary_opinion", "P01"), document(rehearsal, "preliminary_opinion", "P01")
    (row,) = rehearsal.rows(OfficialDocument)
    assert first == again
    assert (first.path.parent, first.path.name) == (
        var / "documents",
        f"preliminary-opinion-2-{row.file_sha256[:8]}.pdf",
    )
    assert hashlib.sha256(first.path.read_bytes()).hexdigest() == row.file_sha256 == first.sha256
    assert (row.kind, row.ref, row.application_id, row.pages, row.created_by) == ("preliminary_opinion", 2, 2, 1, BOSS)
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600
    assert row.fonts["hei"]
    assert len(rehearsal.rows(AuditRecord)) == before + 1
    newest = max(rehearsal.rows(AuditRecord), key=lambda one: one.id)
    assert (newest.event, newest.detail["fields"]["sha256"]) == ("make_document", row.file_sha256)
    assert broken_chains(dump(rehearsal.url)) == []
    with transaction(rehearsal.url) as session:
        told = case_file(session, "P01", 1)["documents"]
    assert [(one["label"], one["number"]) for one in told] == [("初审意见书", "样例县特药初审〔2025〕P01号")]


def test_a_number_once_given_stays_with_the_document(at_stage: Stage) -> None:
    rehearsal = at_stage("published")
    document(rehearsal, "announcement", number="样医保公〔2025〕12号")
    assert dict(document(rehearsal, "announcement").about)["发文字号"] == "样医保公〔2025〕12号"
    assert dict(document(rehearsal, "announcement", file_format="docx").about)["发文字号"] == "样医保公〔2025〕12号"
    assert [row.file_format for row in rehearsal.rows(OfficialDocument)] == ["pdf", "docx"]


@pytest.mark.parametrize("harm", ["UPDATE document SET number = 'x'", "DELETE FROM document"])
def test_what_was_made_cannot_be_rewritten(at_stage: Stage, harm: str) -> None:
    rehearsal = at_stage("published")
    document(rehearsal, "draw_record")
    with pytest.raises(DBAPIError, match="append-only"), transaction(rehearsal.url) as session:
        session.execute(text(harm))


@pytest.mark.parametrize(
    ("kind", "about", "sentence"),
    [
        ("preliminary_opinion", "", "“初审意见书”须填申请人编号，如 H01"),
        ("preliminary_opinion", "X99", "本轮没有申请人“X99”"),
        ("notice", "H01", "“公示”须填公示编号"),
        ("notice", "9", "没有第 9 号公示"),
        ("announcement", "H01", "“公告”是整轮的文书"),
        ("announcement", "9", "是整轮的文书：编号留空，哪一轮填在“轮次”"),
        ("agreement", "P03", "P03 现处“评估合格，名额已满”"),
    ],
)
def test_a_wrong_number_is_a_sentence_and_nothing_is_kept(
    at_stage: Stage, var: Path, kind: str, about: str, sentence: str
) -> None:
    rehearsal = at_stage("published")
    with pytest.raises(DingdianError, match=sentence):
        document(rehearsal, kind, about)
    assert rehearsal.rows(OfficialDocument) == []
    assert not (var / "documents").exists()


def test_only_who_may_can_make_one(at_stage: Stage) -> None:
    rehearsal = at_stage("published")
    with transaction(rehearsal.url) as session:
        register_staff(session, [{"staff_no": "9", "name": "九", "roles": ["reviewer"]}])
    assert document(rehearsal, "draw_record", by="9").sha256
    with pytest.raises(DingdianError, match="工号“8”不在在岗人员名单中"):
        document(rehearsal, "draw_record", by="8")
    with pytest.raises(DingdianError, match="工号“9”的岗位（复核）不能办理此事项：“制作发布包”由经办、主任岗位办理"):
        make_package(rehearsal.url, Event("make_package", beijing(AT), "9", {"notice": 1, "planned_on": None}))


def test_a_package_lies_as_folder_and_zip_and_is_recorded(at_stage: Stage, var: Path) -> None:
    rehearsal = at_stage("published")
    filed = package(rehearsal, 2)
    assert filed.path == var / "packages" / "package-2.zip"
    assert hashlib.sha256(filed.path.read_bytes()).hexdigest() == filed.sha256
    assert (var / "packages" / "package-2" / "notice-2.pdf").read_bytes().startswith(b"%PDF")
    newest = max(rehearsal.rows(AuditRecord), key=lambda one: one.id)
    assert (newest.event, newest.detail["sha256"]) == ("make_package", filed.sha256)
    assert [(row.kind, row.notice_id) for row in rehearsal.rows(OfficialDocument)] == [("notice", 2)]
    assert broken_chains(dump(rehearsal.url)) == []
