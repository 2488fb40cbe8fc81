"""What the board is told at its start: which database, which forms, where the public pages are, what time it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from board.doors import Doors
from tasks import surroundings


@dataclass(frozen=True)
class Office:
    """One installation as the board sees it; it never changes while the board runs."""

    database_url: str
    doors: Doors = field(default_factory=Doors)
    site_url: str = ""
    now: Callable[[], datetime] = surroundings.now
