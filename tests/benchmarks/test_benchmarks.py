"""The benchmarks measure what they say: both sides write the same rows, the figures have the contract's keys."""

from __future__ import annotations

from benchmarks import due, sweep

KEYS = {"bench", "database", "live", "due", "seconds", "baseline", "baseline_seconds", "ratio", "spread"}


def test_a_sweep_and_its_baseline_write_the_same_rows(database_url: str) -> None:
    figures = sweep.measure(database_url, "any", live=150, due=20)
    assert set(figures) == KEYS
    assert figures["due"] == 20


def test_due_days_agree_with_the_plain_loop() -> None:
    assert set(due.measure()) == KEYS - {"database", "live"}
