"""The list of planted changes stays true: each can still be made, and names tests that exist."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.planted import ROOT, Planted, planted

LEAST = 50
FOLDERS = {"rules", "tasks", "notifications", "publication", "flows", "board", "policies"}


@pytest.mark.parametrize("change", planted(), ids=lambda one: f"{one.file}: {one.old.strip()[:40]}")
def test_a_planted_change_can_be_made(change: Planted) -> None:
    text = (ROOT / change.file).read_text(encoding="utf-8")
    assert change.old in text, "the line has changed: plant the same fault in what stands there now"
    assert change.old != change.new
    assert all((ROOT / test).exists() for test in change.tests.split())


def test_they_are_spread_over_the_house() -> None:
    spread = Counter(one.file.partition("/")[0] for one in planted())
    assert sum(spread.values()) >= LEAST
    assert set(spread) >= FOLDERS
