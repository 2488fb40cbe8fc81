"""Figures as every benchmark gives them: ours beside a baseline that was measured in the same run."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence

Figures = dict[str, object]


def timed(act: Callable[[], object]) -> float:
    """How many seconds something takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def beside(ours: Sequence[float], baseline: str, theirs: Sequence[float]) -> Figures:
    """The medians of both in seconds, and how many times the baseline ours takes, turn by turn: median and spread;
    and how busy the machine was (processes that wait to run, the last minute)."""
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return {
        "seconds": round(statistics.median(ours), 4),
        "baseline": baseline,
        "baseline_seconds": round(statistics.median(theirs), 4),
        "ratio": round(statistics.median(ratios), 2),
        "spread": [round(min(ratios), 2), round(max(ratios), 2)],
        "load": round(os.getloadavg()[0], 1),
    }
