"""What no audit record tells stands in the journal: staff, exports, what an installation runs with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dingdian import staff as commands
from foundation.settings import get_settings, reset_settings
from models.database import transaction
from rules.errors import InputError
from tasks import surroundings
from tests.support.database import rows_of
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, OFFICE, beijing
from upkeep.installation_record import record_installation
from upkeep.new_audit_key import new_audit_key
from upkeep.proof import prove
from workbooks.folders import Order, write_workbooks


def said(url: str, event: str) -> list[dict[str, Any]]:
    return [one for entry in rows_of(url, "journal") for one in entry["said"] if one["event"] == event]


def test_staff_come_and_go_with_a_record(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGDIAN_DATABASE_URL", database)
    monkeypatch.setattr("getpass.getuser", lambda: "office")
    reset_settings()
    commands.add("1001", "王小明", ["operator"])
    commands.leave("1001")
    by = {"by": "命令行（office）", "staff_no": "1001"}
    assert said(database, "staff_added") == [{"event": "staff_added", **by, "roles": ["operator"]}]
    assert said(database, "staff_left") == [{"event": "staff_left", **by}]
    with transaction(database) as session:
        assert prove(session).faults == ()


def test_an_export_is_a_record(at_stage: Stage, tmp_path: Path) -> None:
    office = at_stage("signing")
    with surroundings.surrounded(keys=KEYS):
        write_workbooks(office.url, Order("ledger", OFFICE, beijing("2025-10-24 10:00"), tmp_path, "", 1), KEYS)
    (one,) = said(office.url, "exported")
    assert (one["by"], one["kind"], one["round"]) == (OFFICE, "ledger", 1)


def test_a_changed_setting_is_a_record_without_its_value(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    by = "命令行（office）"
    assert record_installation(database, get_settings(), by) != ()
    assert record_installation(database, get_settings(), by) == ()
    monkeypatch.setenv("DINGDIAN_SUPERVISOR_EMAIL", "leader@example.cn")
    monkeypatch.setenv("DINGDIAN_SMS_ACCESS_KEY_SECRET", "a secret of the provider")
    reset_settings()
    changed = ("DINGDIAN_SMS_ACCESS_KEY_SECRET", "DINGDIAN_SUPERVISOR_EMAIL")
    assert record_installation(database, get_settings(), by) == changed
    first, second = said(database, "installation")
    assert (first["changed"], second["changed"]) == ([], list(changed))
    assert "leader@example.cn" not in str(second)
    assert "a secret of the provider" not in str(second)


def test_a_changed_template_is_a_record(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("notifications", "publication", "policies"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr("upkeep.installation_record.HOUSE", tmp_path)
    record_installation(database, get_settings(), "1000")
    (tmp_path / "notifications" / "letter.j2").write_text("另一封信", encoding="utf-8")
    assert record_installation(database, get_settings(), "1000") == ("templates",)
    (tmp_path / "policies" / "special_drug.yaml").write_text("x: 1", encoding="utf-8")
    assert record_installation(database, get_settings(), "1000") == ("policies",)


@pytest.fixture
def own_key(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation whose key stands in its folder; somebody has been entered."""
    monkeypatch.delenv("DINGDIAN_AUDIT_KEY")
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("DINGDIAN_DATABASE_URL", database)
    reset_settings()
    commands.add("1001", "王小明", ["operator"])
    return database


def faults(url: str) -> tuple[str, ...]:
    with transaction(url) as session:
        return prove(session).faults


def test_the_key_is_made_at_the_first_entry_for_its_owner_alone(own_key: str, tmp_path: Path) -> None:
    assert (tmp_path / "audit.key").stat().st_mode & 0o777 == 0o600
    assert faults(own_key) == ()


def test_another_key_is_put_before_the_old_one(own_key: str) -> None:
    with pytest.raises(InputError, match="须写明原因"):
        new_audit_key(own_key, get_settings(), "1000", " ")
    number = new_audit_key(own_key, get_settings(), "1000", "负责人离任")
    commands.leave("1001")
    assert {one["key_id"] for one in rows_of(own_key, "journal")} > {number}
    assert said(own_key, "audit_key_changed")[0]["reason"] == "负责人离任"
    assert faults(own_key) == ()


def test_without_the_key_nothing_is_entered_until_somebody_answers_for_the_loss(own_key: str, tmp_path: Path) -> None:
    (tmp_path / "audit.key").unlink()
    with pytest.raises(InputError, match=r"没有审计密钥，不能办理.*audit new-key"):
        commands.leave("1001")
    with pytest.raises(InputError, match="没有审计密钥"):
        record_installation(own_key, get_settings(), "1000")
    assert not (tmp_path / "audit.key").exists()
    with transaction(own_key) as session:
        found = prove(session)
    assert (found.faults, "没有审计密钥" in found.unproved) == ((), True)
    new_audit_key(own_key, get_settings(), "1000", "磁盘损坏")
    commands.leave("1001")
    assert faults(own_key) == ()
    assert len(said(own_key, "audit_key_lost")) == 1


def test_a_strange_key_without_a_word_of_loss_is_a_fault(own_key: str, tmp_path: Path) -> None:
    (tmp_path / "audit.key").write_text("x" * 44, encoding="ascii")
    commands.leave("1001")
    assert any("第 1 条由不认识的密钥" in one for one in faults(own_key))
