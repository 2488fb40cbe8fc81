"""`sweep`, `board`, `case`, staff and migration from the command line, on a real database."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dingdian.cli import app, main
from foundation.settings import reset_settings
from tests.support.offices import use
from tests.support.rounds import replayed, small_round


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A database with a finished round, set as the office's own."""
    url, outcome = replayed(tmp_path, small_round())
    use(monkeypatch, url, tmp_path / "var")
    return outcome


def told(*arguments: str) -> dict[str, object]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


def test_a_sweep_as_of_a_past_day_finds_nothing_more(office: dict[str, object]) -> None:
    report = told("sweep", "--as-of", "2026-02-28", "--dry-run")
    assert report["failed"] == {}
    assert told("sweep", "--as-of", "2026-02-28")["done"] == report["done"]
    assert told("sweep", "--as-of", "2026-02-28")["done"] == {}


def test_the_board_counts_every_dossier_once(office: dict[str, object]) -> None:
    board = told("board")
    pipeline = board["pipeline"]
    assert isinstance(pipeline, list)
    counted = sum(step["hospital"] + step["pharmacy"] for step in pipeline)
    assert counted == len(office["applicants"])  # type: ignore[arg-type]


def test_a_case_tells_its_history_and_the_working_of_each_date(office: dict[str, object]) -> None:
    case = told("case", "P01")
    deadlines = {one["kind"]: one for one in case["deadlines"]}  # type: ignore[attr-defined]
    working = deadlines["preliminary_review"]["working"]
    assert working[0]["effect"] == "start"
    assert working[-1]["day"] == deadlines["preliminary_review"]["due"]
    assert next(one["event"] for one in case["history"]) == "submit_application"  # type: ignore[attr-defined]
    assert "@example" not in json.dumps(case["messages"]) or "***" in json.dumps(case["messages"])


def test_an_unknown_case_is_refused_with_a_sentence(office: dict[str, object]) -> None:
    result = CliRunner().invoke(app, ["case", "X99"])
    assert result.exit_code == 1
    assert "本轮没有申请人“X99”" in str(result.exception)


def test_an_unknown_role_is_refused_with_the_known_ones(office: dict[str, object]) -> None:
    result = CliRunner().invoke(app, ["staff-add", "2001", "经办员戊", "--role", "king"])
    assert "operator" in str(result.exception)
    assert CliRunner().invoke(app, ["staff-add", "2001", "审计员戊", "--role", "auditor"]).exit_code == 0
    assert CliRunner().invoke(app, ["staff-leave", "2001"]).exit_code == 0


@pytest.mark.parametrize(("folder", "why"), [("a file/var", "路径中有一段不是文件夹"), ("a file", "")])
def test_a_data_folder_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: str, why: str
) -> None:
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / folder))
    reset_settings()
    monkeypatch.setattr(sys, "argv", ["dingdian", "up"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert (ended.value.code, said.startswith("错误：")) == (1, True)
    assert why in said
    assert "Traceback" not in said


def test_whoever_acts_is_registered_by_two_where_two_can_and_the_command_says_how(office: dict[str, object]) -> None:
    result = CliRunner().invoke(app, ["staff-add", "2002", "经办员己", "--role", "operator"])
    assert (result.exit_code, "请用“45 登记人员变更”" in str(result.exception)) == (1, True)
    result = CliRunner().invoke(app, ["staff-leave", "2002"])
    assert (result.exit_code, "没有工号“2002”" in str(result.exception)) == (1, True)
