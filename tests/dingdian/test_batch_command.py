"""`dingdian batch`: what it did as JSON, exit code 1 when somebody could not be done, and wrong usage."""

from __future__ import annotations

import json

import pytest

from dingdian import batch as command
from foundation.settings import reset_settings
from rules.errors import InputError
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, beijing

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def office(at_stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A round just announced, in its window, as the office of this process."""
    rehearsal = at_stage("announced")
    clock = tmp_path_factory.mktemp("clock") / "clock"
    clock.write_text(beijing("2025-09-02 10:00").isoformat())
    monkeypatch.setenv("DINGDIAN_DATABASE_URL", rehearsal.url)
    monkeypatch.setenv("DINGDIAN_REHEARSAL_CLOCK", str(clock))
    reset_settings()
    return rehearsal.url


def run(kind: str, *ids: str, waiting: bool = False, confirmed: bool = False) -> None:
    command.run(kind=kind, ids=ids, waiting=waiting, by=BOSS, confirmed=confirmed, round_id=0, as_json=True)


def test_what_was_done_is_told_as_json(office: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("accept", "P01，P02", confirmed=True)
    assert json.loads(capsys.readouterr().out) == {
        "batch": "批量受理",
        "done": [{"applicant_id": one, "state": "已受理，初审中"} for one in ("P01", "P02")],
        "already": [],
        "refused": [],
    }
    run("review", waiting=True)
    assert [one["state"] for one in json.loads(capsys.readouterr().out)["done"]] == ["初审合格"] * 2


def test_somebody_who_cannot_be_done_is_named_and_the_exit_code_is_1(
    office: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run("accept", "P01", "X9", confirmed=True)
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert json.loads(said.out)["refused"] == [{"applicant_id": "X9", "reason": "本轮没有这个申请人，请核对编号"}]
    assert "未办理 1 家：X9：本轮没有这个申请人，请核对编号。" in said.err


@pytest.mark.parametrize(
    ("kind", "ids", "waiting", "said"),
    [
        ("tea", ["P01"], False, "没有批量事项“tea”"),
        ("review", [], False, "二者取一"),
        ("review", ["P01"], True, "二者取一"),
        ("accept", ["P01"], False, "并以“--confirm”确认"),
        ("accept", [], True, "并以“--confirm”确认"),
    ],
)
def test_wrong_usage_is_said(office: str, kind: str, ids: list[str], waiting: bool, said: str) -> None:
    with pytest.raises(InputError, match=said):
        run(kind, *ids, waiting=waiting)
