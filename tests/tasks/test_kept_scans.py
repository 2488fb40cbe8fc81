"""Scans beside the backups: each copied once, brought back by its hash, and what is lost or changed is said."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from foundation.settings import reset_settings
from rules.case import Event
from tasks import scans
from tests.gate.test_scans import pdf
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing
from tests.tasks.test_proposals import staffed
from upkeep.backup import make_backup
from upkeep.restore import Restored, restore

AT = beijing("2025-09-17 02:00")
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])  # files do not depend on the database


@pytest.fixture
def office(at_stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rehearsal:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / "var"))
    reset_settings()
    office = staffed(at_stage("evaluating"))
    bring(office, 1)
    return office


def bring(office: Rehearsal, pages: int) -> None:
    about = {"applicant_id": "H01", "code": "H2"}
    assert scans.bring(office.url, Event(scans.BROUGHT, AT, "1001", about, 1), [("a.pdf", pdf(pages))])[1] == []


def kept(folder: Path) -> dict[str, float]:
    return {one.name: one.stat().st_mtime_ns for one in (folder / "materials").iterdir()}


def backed_up(office: Rehearsal, tmp_path: Path, day: int = 0) -> Path:
    places = {"second": tmp_path / "second"}
    return make_backup(
        office.url, tmp_path / "var", tmp_path / "backups", AT + timedelta(days=day), KEYS, **places
    ).path


def brought_back(file: Path, folder: Path) -> Restored:
    folder.mkdir()
    return restore(f"sqlite:///{folder / 'ours.db'}", folder, file, KEYS)


def test_each_is_copied_once_to_every_place_and_into_no_backup(office: Rehearsal, tmp_path: Path) -> None:
    first = backed_up(office, tmp_path)
    before = kept(tmp_path / "backups")
    bring(office, 2)
    second = backed_up(office, tmp_path, day=1)
    after = kept(tmp_path / "backups")
    assert (len(before), len(after)) == (1, 2)
    assert before.items() <= after.items()
    assert set(kept(tmp_path / "second")) == set(after)
    assert b"/Pages" not in first.read_bytes() + second.read_bytes()


def test_they_come_back_by_their_hash_and_what_is_lost_is_said(office: Rehearsal, tmp_path: Path) -> None:
    file = backed_up(office, tmp_path)
    assert brought_back(file, tmp_path / "whole").wanted == ""
    assert set(kept(tmp_path / "whole")) == set(kept(tmp_path / "backups"))
    [scan] = (tmp_path / "backups" / "materials").iterdir()
    scan.unlink()
    scan.write_bytes(b"another")
    assert "材料扫描件有 1 份" in brought_back(file, tmp_path / "changed").wanted
    scan.unlink()
    assert "材料扫描件有 1 份" in brought_back(file, tmp_path / "lost").wanted
