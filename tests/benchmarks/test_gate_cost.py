"""The benchmark of the gate measures what it says: both ways answer alike, and the figures have their keys."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks import gate
from dingdian.running.side_by_side import both_ways

KEYS = {
    *("bench", "database", "live", "seconds", "baseline", "baseline_seconds", "ratio", "spread", "load"),
    *("added_ms", "p99_ms", "baseline_p99_ms"),
}


def test_requests_through_the_gate_and_without_it_are_answered_alike(tmp_path: Path) -> None:
    """On one kind of database: what the gate asks of ours `tests/gate` tries on both, and two servers cost a minute."""
    figures = gate.measure(
        f"sqlite:///{tmp_path / 'ours.db'}", "any", partial(both_ways, folder=tmp_path), turns=4, warm=0
    )
    assert [set(one) for one in figures] == [KEYS] * 4
