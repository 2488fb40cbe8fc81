"""What the board is told at its start: which database, which forms, where the public pages are, what time it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from board.form_links import FormLinks
from tasks import surroundings


@dataclass(frozen=True)
class Office:
    """One installation as the board sees it; it never changes while the board runs."""

    database_url: str
    forms: FormLinks = field(default_factory=FormLinks)
    site_url: str = ""
    now: Callable[[], datetime] = surroundings.now
