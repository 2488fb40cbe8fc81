"""What time it is: the machine's, a rehearsal's, a replay's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from foundation.settings import reset_settings
from rules.errors import InputError
from tasks import surroundings

SET = datetime.fromisoformat("2026-03-02T09:00:00+08:00")


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a rehearsal's clock, at nine o'clock on 2 March 2026."""
    path = tmp_path / "clock"
    path.write_text(f"{SET.isoformat()}\n", encoding="utf-8")
    monkeypatch.setenv("DINGDIAN_REHEARSAL_CLOCK", str(path))
    reset_settings()
    return path


def test_without_a_rehearsal_it_is_the_machines_time() -> None:
    before = datetime.now(UTC)
    assert before <= surroundings.now() <= datetime.now(UTC)


def test_a_rehearsals_clock_stands_until_somebody_moves_it(clock: Path) -> None:
    assert (surroundings.now(), surroundings.now()) == (SET, SET)
    clock.write_text("2026-06-01T17:30:00+08:00", encoding="utf-8")
    assert surroundings.now() == datetime.fromisoformat("2026-06-01T17:30:00+08:00")


def test_a_replay_has_its_own_time_even_in_a_rehearsal(clock: Path) -> None:
    at = datetime(2025, 9, 1, 1, tzinfo=UTC)
    with surroundings.surrounded(now=at):
        assert surroundings.now() == at


@pytest.mark.parametrize("written", ["", "morgen", "2026-03-02T09:00:00"])
def test_a_clock_that_cannot_be_read_is_never_taken_for_the_machines_time(clock: Path, written: str) -> None:
    clock.write_text(written, encoding="utf-8")
    with pytest.raises(InputError, match="演练时钟"):
        surroundings.now()


def test_a_clock_that_is_not_there_is_refused_as_well(clock: Path) -> None:
    clock.unlink()
    with pytest.raises(InputError, match="演练时钟"):
        surroundings.now()
