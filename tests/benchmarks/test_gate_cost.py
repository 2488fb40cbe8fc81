"""The benchmark of the gate measures what it says: both ways answer alike, and the figures have their keys."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks import gate
from dingdian.running.side_by_side import both_ways

KEYS = {
    *("bench", "database", "live", "seconds", "baseline", "baseline_seconds", "ratio", "spread"),
    *("added_ms", "p99_ms", "baseline_p99_ms"),
}


def test_requests_through_the_gate_and_without_it_are_answered_alike(database_url: str, tmp_path: Path) -> None:
    figures = gate.measure(database_url, "any", partial(both_ways, folder=tmp_path), turns=5)
    assert [set(one) for one in figures] == [KEYS] * 4
