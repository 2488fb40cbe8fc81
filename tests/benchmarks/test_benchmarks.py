"""The benchmarks measure what they say: both sides write the same rows, the figures have the contract's keys."""

from __future__ import annotations

from benchmarks import due, mail, sweep

KEYS = {"bench", "database", "live", "due", "seconds", "baseline", "baseline_seconds", "ratio", "spread"}


def test_a_sweep_and_its_baseline_write_the_same_rows(database_url: str) -> None:
    figures = sweep.measure(database_url, "any", live=150, due=20)
    assert set(figures) == KEYS
    assert figures["due"] == 20


def test_letters_and_the_bare_loop_are_all_stored_and_settled(database_url: str) -> None:
    figures = mail.measure(database_url, "any", letters=20, built_in=1)
    assert set(figures) >= {"ratio", "per_second", "baseline_per_second", "built_in_seconds_each"}


def test_due_days_agree_with_the_plain_loop() -> None:
    assert set(due.measure()) == KEYS - {"database", "live"}
