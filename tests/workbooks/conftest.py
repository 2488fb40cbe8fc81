"""Desks at a stage of the round."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tasks.rehearsal import Rehearsal
from tests.workbooks.sheetparts import Desk

OPEN = {
    "announced": "2025-09-02 09:00",
    "accepted": "2025-09-03 09:00",
    "drawn": "2025-09-20 09:00",
    "concluded": "2025-09-22 19:00",
    "published": "2025-11-07 09:00",
}


@pytest.fixture
def desk_at(at_stage: Callable[..., Rehearsal], tmp_path: Path) -> Callable[[str], Desk]:
    """`desk_at("announced")`: a desk of one's own, on either kind of database."""
    return lambda stage: Desk(at_stage(stage), tmp_path, OPEN[stage])


@pytest.fixture
def desk(desk_at: Callable[[str], Desk]) -> Desk:
    """A desk while applications are open."""
    return desk_at("announced")
