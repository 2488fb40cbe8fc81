"""Waiting for the thing and not for the clock: until it is there, or until whoever makes it is gone.

A busy machine is slow, not broken. The one bound in seconds is for what hangs, and no test passes by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

HANGS_AFTER_S = 300.0
LOOK_S = 0.05
Found = TypeVar("Found")


def until(
    found: Callable[[], Found],
    what: Callable[[], str] | str = "",
    *,
    alive: Callable[[], bool] = lambda: True,
    hangs_after_s: float = HANGS_AFTER_S,
) -> Found:
    """Looks until there is something, and answers it. Fails at once when whoever makes it is not alive any more, and
    when nothing came for so long that it must hang; `what` says what was waited for."""
    deadline = time.monotonic() + hangs_after_s
    while True:
        was_alive = alive()  # asked before the look: what came with the last breath counts
        if thing := found():
            return thing
        said = what if isinstance(what, str) else what()
        assert was_alive, f"等待的一方已不在：{said}"
        assert time.monotonic() < deadline, f"{hangs_after_s:.0f} 秒仍未等到：{said}"
        time.sleep(LOOK_S)


def fetched(address: str, **options: Any) -> httpx.Response:
    """A page of a server that is up, however busy the machine is."""
    return httpx.get(address, timeout=HANGS_AFTER_S, **options)


def client(address: str, **options: Any) -> httpx.Client:
    """A client of such a server."""
    return httpx.Client(base_url=address, timeout=HANGS_AFTER_S, **options)
