"""The office's PDFs beside the public pages: the very bytes that are recorded, and nothing set anew by the site."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from foundation.settings import reset_settings
from publication.site import build_site
from rules.case import Event
from rules.errors import DatabaseError
from tasks.documents.filing import make_document
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, Rehearsal, beijing


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / "var"))
    reset_settings()
    return tmp_path / "var"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    """A round whose results are published."""
    return at_stage("published")


def make(office: Rehearsal, kind: str, about: str = "") -> Path:
    fields = {"kind": kind, "about": about, "file_format": "pdf", "number": "", "planned_on": None}
    return make_document(office.url, Event("make_document", beijing("2025-11-06 10:00"), BOSS, fields)).path


def test_a_kept_pdf_stands_beside_its_page_with_its_hash(office: Rehearsal, tmp_path: Path) -> None:
    site = tmp_path / "site"
    build_site(office.url, site)
    assert list(site.glob("*.pdf")) == []
    kept = {
        "notice-1.pdf": make(office, "notice", "1"),
        "notice-3.pdf": make(office, "result", "3"),
        "draw-1.pdf": make(office, "draw_record"),
    }
    build_site(office.url, site)
    assert {path.name: path.read_bytes() for path in site.glob("*.pdf")} == {
        name: path.read_bytes() for name, path in kept.items()
    }
    for name, path in kept.items():
        page = (site / name).with_suffix(".html").read_text(encoding="utf-8")
        assert f'<a href="{name}">{name}</a>' in page
        assert hashlib.sha256(path.read_bytes()).hexdigest() in page
    assert build_site(office.url, site).rendered == 0


def test_letters_to_one_applicant_never_reach_the_site(office: Rehearsal, tmp_path: Path) -> None:
    make(office, "preliminary_opinion", "P01")
    build_site(office.url, tmp_path / "site")
    assert list((tmp_path / "site").glob("*.pdf")) == []


def test_a_pdf_that_somebody_took_away_goes_and_one_that_somebody_changed_is_refused(
    office: Rehearsal, tmp_path: Path
) -> None:
    site, kept = tmp_path / "site", make(office, "notice", "1")
    build_site(office.url, site)
    kept.write_bytes(kept.read_bytes() + b" ")
    (site / "notice-1.pdf").unlink()
    with pytest.raises(DatabaseError, match="已被改动"):
        build_site(office.url, site)
    kept.unlink()
    build_site(office.url, site)
    assert not (site / "notice-1.pdf").exists()
    assert "正式文本" not in (site / "notice-1.html").read_text(encoding="utf-8")
