"""A second machine: the same key and folders or a refusal; a worker alone; passwords; a database that lets one wait."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from dingdian.cli import app
from dingdian.running.embedded import Cluster
from flows.inbox import inbox_file
from foundation.settings import get_settings, reset_settings
from models.database import engine_for, transaction
from rules.errors import DatabaseError, InputError
from tasks import surroundings
from tests.support.patience import HANGS_AFTER_S
from tests.support.postgres import fresh_database
from tests.support.stack import ROOT, Stack
from upkeep import belongings


@pytest.fixture
def first(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database that the first machine has taken."""
    at(monkeypatch, tmp_path / "first")
    belongings.join(database, get_settings())
    return database


def at(monkeypatch: pytest.MonkeyPatch, var: Path, **more: str) -> None:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(var))
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    reset_settings()


def test_the_first_machine_takes_the_database_and_comes_back_to_it(first: str) -> None:
    before = belongings.known(first)
    assert set(before) == {"key", "inbox", "store"}
    belongings.join(first, get_settings())
    assert belongings.known(first) == before


def test_a_database_that_nobody_has_taken_is_nobody_s(database: str, tmp_path: Path) -> None:
    belongings.expect(database, get_settings())


def test_another_machine_is_refused_in_a_sentence_and_leaves_no_key(
    first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, tmp_path / "second")
    with pytest.raises(InputError, match=r"密钥.*收件夹.*数据目录.*take-over"):
        belongings.join(first, get_settings())
    assert not (tmp_path / "second").exists()


def test_each_thing_that_differs_is_named_alone(first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, tmp_path / "first", DINGDIAN_INBOX_DIR=str(tmp_path / "elsewhere"))
    with pytest.raises(InputError, match=r"^本机的收件夹（DINGDIAN_INBOX_DIR）与"):
        belongings.expect(first, get_settings())
    at(monkeypatch, tmp_path / "first", DINGDIAN_INBOX_DIR="", DINGDIAN_SECRET_KEY="another key of enough length")
    with pytest.raises(InputError, match=r"^本机的密钥[^、]*与"):
        belongings.expect(first, get_settings())


def test_after_a_move_the_database_is_taken_over(first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, tmp_path / "moved", DINGDIAN_DATABASE_URL=first)
    assert "今后使用本机的密钥" in CliRunner().invoke(app, ["take-over"]).stdout
    belongings.expect(first, get_settings())
    at(monkeypatch, tmp_path / "first")
    with pytest.raises(InputError, match="take-over"):
        belongings.expect(first, get_settings())


def test_after_a_restore_the_folders_are_ours_and_the_key_must_still_be_the_old_one(
    first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, tmp_path / "restored")
    belongings.move_in(first, get_settings())
    with pytest.raises(InputError, match=r"^本机的密钥[^、]*与"):
        belongings.expect(first, get_settings())
    (tmp_path / "restored" / "secret.key").write_bytes((tmp_path / "first" / "secret.key").read_bytes())
    (tmp_path / "restored" / "secret.key").chmod(0o600)
    belongings.expect(first, get_settings())


def test_a_new_key_is_the_database_s_key(first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dingdian.rotate_key.SETTLE_SECONDS", 0)
    at(monkeypatch, tmp_path / "first", DINGDIAN_DATABASE_URL=first)
    old = belongings.known(first)["key"]
    assert CliRunner().invoke(app, ["rotate-key"]).exit_code == 0
    assert belongings.known(first)["key"] != old
    belongings.expect(first, get_settings())


def test_a_run_of_a_stock_worker_with_another_key_ends_in_the_sentence(
    first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, tmp_path / "second", DINGDIAN_DATABASE_URL=first)
    belongings.expect_in_a_run()  # not in one
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", "1")
    with pytest.raises(InputError, match="take-over"):
        belongings.expect_in_a_run()


@pytest.fixture
def impatient(postgres_server: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database that is waited for no longer than a second. Its address is its own: an engine keeps its limits
    as long as the process lives, and a copy's address is another test's next."""
    monkeypatch.setenv("DINGDIAN_DATABASE_LOCK_SECONDS", "1")
    monkeypatch.setenv("DINGDIAN_DATABASE_STATEMENT_SECONDS", "2")
    reset_settings()
    yield from fresh_database(postgres_server)


def test_a_locked_table_ends_an_act_in_a_sentence(impatient: str) -> None:
    with engine_for(impatient).begin() as maker:
        maker.execute(text("CREATE TABLE staff ()"))
    with engine_for(impatient).begin() as holder:
        holder.execute(text("LOCK TABLE staff"))
        began = time.monotonic()
        with pytest.raises(DatabaseError, match=r"占用超过 1 秒.*未写入任何内容"), transaction(impatient) as session:
            session.execute(text("SELECT 1 FROM staff"))
        assert time.monotonic() - began >= 1


def test_a_statement_without_end_is_ended(impatient: str) -> None:
    with pytest.raises(DatabaseError, match=r"超过 2 秒.*未写入任何内容"), transaction(impatient) as session:
        session.execute(text("SELECT pg_sleep(60)"))


def test_a_database_that_is_not_there_is_told() -> None:
    with pytest.raises(DatabaseError, match="连接不上"), transaction("postgresql+psycopg://x@127.0.0.1:9/x") as session:
        session.execute(text("SELECT 1"))


def test_the_board_s_address_in_pages_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert surroundings.board_url() == "http://127.0.0.1:4290/"
    monkeypatch.setenv("DINGDIAN_BOARD_URL", "https://board.example.cn")
    reset_settings()
    assert surroundings.board_url() == "https://board.example.cn/"


@pytest.mark.parametrize("missing", ["PREFECT_API_URL", "DINGDIAN_DATABASE_URL"])
def test_a_worker_alone_must_know_server_and_database(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PREFECT_API_URL": "http://127.0.0.1:9/api", "DINGDIAN_DATABASE_URL": "sqlite:////x"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(missing)
    reset_settings()
    result = CliRunner().invoke(app, ["worker"])
    assert (result.exit_code, missing in str(result.exception)) == (1, True)


def test_a_worker_with_another_key_does_not_start(prefect_stack: Stack, tmp_path: Path) -> None:
    command, environment = prefect_stack.worker_command(DINGDIAN_VAR_DIR=str(tmp_path / "second"))
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=HANGS_AFTER_S
    )
    assert (done.returncode, "take-over" in done.stderr) == (1, True), done.stderr


def test_the_mark_is_not_offered_as_a_file_of_the_inbox(first: str) -> None:
    with pytest.raises(InputError, match="（空）"):
        inbox_file("登记册.json")
