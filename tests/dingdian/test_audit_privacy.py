"""The search for personal data: it finds what was planted, tells where, and repeats nothing of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from dingdian.cli import app
from foundation.settings import reset_settings
from models.database import engine_for
from upkeep.privacy import Leak, look_through_database, look_through_files

PHONE = "19900010000"


def test_a_column_that_holds_a_number_is_named(database_url: str) -> None:
    with engine_for(database_url).begin() as connection:
        connection.execute(text("CREATE TABLE flow_run (id integer, name varchar, parameters json)"))
        connection.execute(text("""INSERT INTO flow_run VALUES (1, 'run', '{"note": "致电19900010000"}')"""))
        connection.execute(text("INSERT INTO flow_run VALUES (2, 'h01@example.cn', NULL)"))
    assert look_through_database(database_url) == (
        Leak("flow_run.name", "邮箱", 1),
        Leak("flow_run.parameters", "手机号", 1),
    )


def test_a_line_of_a_file_that_holds_a_number_is_named(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "worker.log").write_text(f"好\n电话 {PHONE}\n")
    (tmp_path / "log" / "picture.png").write_bytes(b"\0" + PHONE.encode())
    assert look_through_files(tmp_path / "log") == (Leak("log/worker.log 第 2 行", "手机号", 1),)


def test_the_command_says_what_it_found_and_repeats_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DINGDIAN_DATABASE_URL", f"sqlite:///{tmp_path / 'ours.db'}")
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", f"sqlite+aiosqlite:///{tmp_path / 'prefect.db'}")
    reset_settings()
    (tmp_path / "var" / "log").mkdir(parents=True)
    clean = CliRunner().invoke(app, ["audit", "privacy"])
    assert (clean.exit_code, "没有发现" in clean.stdout) == (0, True), clean.output
    (tmp_path / "var" / "log" / "worker.log").write_text(PHONE)
    found = CliRunner().invoke(app, ["audit", "privacy"])
    assert found.exception is not None
    assert "log/worker.log 第 1 行：手机号" in found.stdout
    assert PHONE not in found.stdout + str(found.exception)
