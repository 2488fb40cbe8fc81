"""The virtual clock: only in a folder of its own, only for its own database, never backwards, and nothing is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from foundation import rehearsal
from foundation.settings import get_settings, reset_settings
from rules.errors import InputError, RefusedError
from tasks import surroundings
from tasks.rehearsal import Order, give, orders

START = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)
OWN = "sqlite:////rehearsal.db"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / "var"))
    reset_settings()
    return tmp_path / "var"


def begun(folder: Path) -> Path:
    """A rehearsal in the folder, and the settings read anew, as the start of one does."""
    clock = rehearsal.begin(folder, START, OWN)
    reset_settings()
    return clock


def test_a_real_installation_has_the_real_time(folder: Path) -> None:
    assert rehearsal.database_of(folder) is None
    assert rehearsal.banner(get_settings().rehearsal_clock) == ""
    assert abs(surroundings.now() - datetime.now(UTC)) < timedelta(seconds=5)
    with pytest.raises(RefusedError, match="这不是演练"):
        give(Order.PAUSE)


def test_in_a_rehearsal_time_is_what_the_clock_says_and_never_runs_back(folder: Path) -> None:
    clock = begun(folder)
    assert surroundings.now() == START
    rehearsal.move_on(clock, START + timedelta(days=3))
    rehearsal.move_on(clock, START)
    assert surroundings.now() == START + timedelta(days=3)
    assert rehearsal.read_clock(begun(folder)) == START + timedelta(days=3)


@pytest.mark.parametrize("trace", ["postgres", "secret.key"])
def test_a_folder_in_real_use_never_becomes_a_rehearsal(folder: Path, trace: str) -> None:
    (folder / trace).mkdir(parents=True)
    with pytest.raises(RefusedError, match="已是正式使用的数据目录"):
        rehearsal.begin(folder, START, OWN)
    assert rehearsal.database_of(folder) is None


def test_nothing_is_sent_whatever_the_settings_say(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGDIAN_MESSAGE_MODE", "live")
    reset_settings()
    assert get_settings().message_mode == "live"
    begun(folder)
    assert get_settings().message_mode == "dry_run"


def test_no_other_database_is_touched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(folder)
    monkeypatch.setenv("DINGDIAN_DATABASE_URL", OWN)
    reset_settings()
    assert get_settings().database_url == OWN
    monkeypatch.setenv("DINGDIAN_DATABASE_URL", "sqlite:////office.db")
    reset_settings()
    with pytest.raises(InputError, match="只能用演练自己的数据库"):
        get_settings()


def test_an_order_can_be_given_twice(folder: Path) -> None:
    begun(folder)
    assert orders().order is Order.PLAY
    first, second = give(Order.ONE), give(Order.ONE)
    assert (first.order, second.number - first.number, orders()) == (Order.ONE, 1, second)
