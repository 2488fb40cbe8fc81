"""What time it is: the real clock, or a virtual one while a scenario is replayed or rehearsed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_virtual: ContextVar[datetime | None] = ContextVar("virtual_now", default=None)


def now() -> datetime:
    """The present instant, aware."""
    return _virtual.get() or datetime.now(UTC)


@contextmanager
def standing_at(instant: datetime) -> Iterator[None]:
    """Everything inside happens at this instant."""
    token = _virtual.set(instant)
    try:
        yield
    finally:
        _virtual.reset(token)
