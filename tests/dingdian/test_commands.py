"""`sweep`, `board`, `case`, staff and migration from the command line, on a real database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dingdian.cli import app
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
    assert CliRunner().invoke(app, ["staff-add", "2001", "经办员戊", "--role", "operator"]).exit_code == 0
    assert CliRunner().invoke(app, ["staff-leave", "2001"]).exit_code == 0
