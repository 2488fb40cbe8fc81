"""Backup, restore, proof and health as an administrator meets them: on the command line and as scheduled runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from dingdian.cli import app
from dingdian.running import service, up
from dingdian.running.processes import LOG_BYTES, Child
from foundation.settings import get_settings, reset_settings
from models import migrate
from models.database import engine_for
from rules.errors import DatabaseError, InputError, RefusedError
from rules.localtime import local_day
from tests.support.database import dump
from tests.support.migrations import upgrade_to
from tests.support.offices import use
from tests.support.rounds import replayed, small_round
from tests.support.stack import Stack
from upkeep.restore import inspect_backup


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A finished round as the office's own."""
    url, _ = replayed(tmp_path, small_round())
    use(monkeypatch, url, tmp_path / "var")
    return url


def said(*arguments: str) -> Any:
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    return json.loads(result.stdout)


def test_back_up_restore_and_prove(office: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = said("backup")
    assert said("audit", "verify")["records"] == made["manifest"]["records"]
    assert said("restore", made["path"], "--check")["audit_head"] == made["manifest"]["audit_head"]
    use(monkeypatch, f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "new")
    restored = said("restore", made["path"], "--unsigned")
    assert made["manifest"]["key_id"] in restored["wanted"]  # a new installation has a key of its own
    assert dump(f"sqlite:///{tmp_path / 'new.db'}") == dump(office)


def test_a_changed_record_is_found(office: str) -> None:
    with engine_for(office).begin() as connection:
        connection.execute(text("DROP TRIGGER IF EXISTS audit_record_no_update"))
        for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE audit_record SET \"by\" = 'somebody else' WHERE id = 7"))
    result = CliRunner().invoke(app, ["audit", "verify"])
    assert isinstance(result.exception, RefusedError)
    assert "2 处不符" in str(result.exception)
    assert "的内容与其哈希不符" in result.stderr
    assert "audit_record 第 7 行的 by 与变更登记" in result.stderr


def test_a_sweep_binds_the_days_and_the_proof_names_the_first_that_does_not_fit(office: str) -> None:
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, list(arguments))

    assert "还没有审计检查点" in run("audit", "verify").stdout
    yesterday = local_day(datetime.now(UTC)) - timedelta(days=1)
    days = (yesterday - date(2025, 8, 18)).days + 1
    assert "已生成" not in run("sweep", "--dry-run").stdout
    assert f"已生成 {days} 天的审计检查点，至 {yesterday}。" in run("sweep").stdout
    assert "已生成" not in run("sweep").stdout
    newest = dump(office)["audit_checkpoint"][-1]
    assert f"审计检查点 {days} 天，逐日重算相符；至 {yesterday}，哈希 {newest['hash']}" in run("audit", "verify").stdout
    with engine_for(office).begin() as connection:
        connection.execute(text("DROP TRIGGER audit_checkpoint_no_update"))
        connection.execute(text("UPDATE audit_checkpoint SET root = 'x' WHERE day = '2025-09-22'"))
    verified = run("audit", "verify")
    assert isinstance(verified.exception, RefusedError)
    assert "自 2025-09-22 起不符" in verified.stdout
    assert verified.stderr.startswith("2025-09-22 的检查点：内容与其哈希不符，检查点被改动")


def levels(findings: list[dict[str, str]]) -> dict[str, str]:
    return {one["part"]: one["level"] for one in findings}


def test_health_names_what_is_wrong(office: str) -> None:
    result = CliRunner().invoke(app, ["health", "--json"])
    found = json.loads(result.stdout)
    expected = {"服务": "fail", "数据库": "ok", "期限巡查": "ok", "备份": "warn", "密钥": "fail"}
    assert {part: level for part, level in levels(found).items() if part in expected} == expected
    assert result.exit_code == 1
    said("backup")
    assert levels(json.loads(CliRunner().invoke(app, ["health", "--json"]).stdout))["备份"] == "ok"


def test_health_tells_of_the_disk_before_there_is_a_data_folder(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere than under `up`, the keys in the environment, nothing makes one."""
    monkeypatch.setenv("DINGDIAN_VAR_DIR", f"{get_settings().var_dir}/deeper/not yet")
    monkeypatch.setenv("DINGDIAN_SECRET_KEY", "a key of the office's own")
    reset_settings()
    found = json.loads(CliRunner().invoke(app, ["health", "--json"]).stdout)
    assert "磁盘" in levels(found)
    assert not get_settings().var_dir.exists()


def test_health_of_a_running_installation(prefect_stack: Stack) -> None:
    command = [str(Path(sys.executable).with_name("dingdian")), "health", "--json"]
    done = subprocess.run(command, env=prefect_stack.environment, capture_output=True, text=True, check=False)
    found = levels(json.loads(done.stdout))
    well = ("Prefect 服务", "执行进程", "公示网站", "看板", "数据库", "期限巡查", "密钥", "磁盘")
    assert {part: found.get(part) for part in well} == dict.fromkeys(well, "ok")
    assert done.returncode == 0


def test_the_daily_backup_runs_under_prefect(prefect_stack: Stack) -> None:
    state = prefect_stack.wait_for(prefect_stack.create_run("每日备份/55 每日备份", {}))
    assert state["type"] == "COMPLETED", state["message"]
    made = [path for path in (prefect_stack.var_dir / "backups").iterdir() if path.name in state["message"]]
    assert len(made) == 1


def test_a_restore_is_rehearsed_under_prefect(prefect_stack: Stack) -> None:
    prefect_stack.wait_for(prefect_stack.create_run("每日备份/55 每日备份", {}))
    run = prefect_stack.create_run("恢复演练/58 恢复演练", {})
    state = prefect_stack.wait_for(run)
    assert (state["type"], "恢复演练成功" in state["message"]) == ("COMPLETED", True), state["message"]
    shown = prefect_stack.request("POST", "/artifacts/filter", {"flow_runs": {"id": {"any_": [run]}}})
    assert any("表结构与程序一致" in str(one["data"]) for one in shown)
    assert not list(prefect_stack.var_dir.glob("restore-rehearsal-*"))


def test_only_old_runs_of_the_clock_that_ended_well_are_tidied(prefect_stack: Stack) -> None:
    old, failed, fresh = (old_run(prefect_stack, *one) for one in (("COMPLETED", 8), ("FAILED", 8), ("COMPLETED", 6)))
    state = prefect_stack.wait_for(prefect_stack.create_run("清理运行记录/56 清理运行记录", {}))
    assert state["message"].startswith("已删除 1 条"), state["message"]
    assert [exists(prefect_stack, one) for one in (old, failed, fresh)] == [False, True, True]


def old_run(stack: Stack, state: str, days: int) -> str:
    """A run of the clock that ended some days ago, as Prefect keeps it."""
    flow = stack.request("POST", "/flows/", {"name": "期限巡查"})
    body = {"flow_id": flow["id"], "tags": ["9 系统", "auto-scheduled"], "state": {"type": state}}
    run = str(stack.request("POST", "/flow_runs/", body)["id"])
    ended = {"id": run, "at": datetime.now(UTC) - timedelta(days=days)}
    with engine_for(stack.database_url.replace("dingdian@/dingdian?", "prefect@/prefect?")).begin() as connection:
        connection.execute(text("UPDATE flow_run SET end_time = :at WHERE id = :id"), ended)
    return run


def exists(stack: Stack, run_id: str) -> bool:
    wanted = {"flow_runs": {"id": {"any_": [run_id]}}}
    return bool(stack.request("POST", "/flow_runs/filter", wanted))


def test_the_service_file_is_what_systemd_wants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "", tmp_path / "data of 100%")
    lines = service.unit("dingdian").splitlines()
    assert "Type=notify" in lines
    assert "User=dingdian" in lines
    (writable,) = [line for line in lines if line.startswith("ReadWritePaths=")]
    assert f'"{tmp_path}/data of 100%%"' in writable
    with pytest.raises(InputError, match="不应以 root 运行"):
        service.unit("root")


def test_a_full_log_makes_room_while_the_child_writes_on(tmp_path: Path) -> None:
    child = Child("x", "none", {}, tmp_path / "x.log")
    with child.log.open("a") as log:
        log.write("a" * (LOG_BYTES + 1))
        log.flush()
        child.cap_log()
        log.write("next\n")
    assert child.log.read_text() == "next\n"
    assert child.log.with_name("x.log.1").stat().st_size == LOG_BYTES + 1


def test_an_upgrade_is_preceded_by_a_backup_that_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    upgrade_to(url, "0001")
    use(monkeypatch, url, tmp_path / "var")
    (tmp_path / "var").mkdir()
    up._prepare(url, url, get_settings(), lambda _: None)
    (made,) = (tmp_path / "var" / "backups").iterdir()
    assert (migrate.revision_of(url), inspect_backup(made).revision) == (migrate.newest_revision(), "0001")
    use(monkeypatch, f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "new")
    refused = CliRunner().invoke(app, ["restore", str(made)])
    assert "本机还没有密钥" in str(refused.exception)
    assert not (tmp_path / "new").exists()
    (tmp_path / "new").mkdir()
    shutil.copy(tmp_path / "var" / "secret.key", tmp_path / "new")
    assert said("restore", str(made))["revision"] == migrate.newest_revision()


def test_a_database_of_a_newer_program_is_not_touched(office: str) -> None:
    with engine_for(office).begin() as connection:
        connection.execute(text("UPDATE schema_version SET version_num = '9999'"))
    before = dump(office)
    with pytest.raises(DatabaseError, match="9999 比本程序新"):
        migrate.upgrade(office)
    assert dump(office) == before
