"""The benchmarks measure what they say: both sides write the same rows, the figures have the contract's keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import acts, due, mail, report, sweep
from benchmarks.seed import crowd
from models.database import engine_for
from tasks.sweep import sweep as swept
from tests.support.copies import Copies
from tests.support.database import dump, rows_of

DOCS = Path(__file__).resolve().parents[2] / "docs"
KEYS = {"bench", "database", "live", "due", "seconds", "baseline", "baseline_seconds", "ratio", "spread", "load"}
OF_A_SWEEP = {"bare_seconds", "bare_ratio", "nothing_due_ms", "added_mb"}


def test_a_sweep_is_measured_beside_its_limit_and_grows_beside_it(database_url: str) -> None:
    figures = sweep.measure(database_url, "any", live=50, due=5)
    assert set(figures) == KEYS | OF_A_SWEEP
    assert (figures["live"], figures["due"]) == (50, 5)
    [growth] = sweep.growth([figures, {**figures, "live": 500, "seconds": 3 * float(str(figures["seconds"]))}])
    assert (growth["live"], growth["grown"], growth["baseline_grown"], growth["ratio"]) == (500, 3, 1, 3)


@pytest.mark.parametrize("life", [sweep.DOSSIERS, sweep.AGREEMENTS], ids=lambda life: life.table)
def test_by_hand_every_row_is_written_that_a_sweep_writes(copies: Copies, database_kind: str, life: sweep.Life) -> None:
    """The limit is no smaller work: the whole database is equal, on PostgreSQL the journal's entry as well (SQLite
    keeps the text of JSON as it was typed)."""
    urls = [copies.copy(copies.newest(database_kind)) for _ in range(2)]
    lots = [crowd(url, 30, 10, 2, life.table) for url in urls]
    swept(urls[0], lots[0].as_of(0))
    swept(urls[1], lots[1].as_of(0))
    swept(urls[0], lots[0].as_of(1))
    sweep.by_hand(lots[1], lots[1].as_of(1), sweep.Model.of(urls[0], life), life)
    assert dump(urls[0]) == dump(urls[1])
    entries = [rows_of(url, "journal")[-1]["rows"] for url in urls]
    assert (entries[0] == entries[1]) is (database_kind == "postgresql")
    for url in urls:
        copies.give_back(url)


def test_an_act_is_measured_beside_its_own_statements(database_url: str) -> None:
    figures = acts.measure(database_url, "any", live=20, turns=2)
    assert set(figures) == KEYS - {"due"} | {"statements"}
    with acts.listening(engine_for(database_url)) as sent:
        acts.perform(database_url, acts.signing(12))
    assert len(sent) == figures["statements"]


def test_the_page_of_figures_says_what_the_run_said() -> None:
    record = report.read(DOCS / "performance.json")
    assert (DOCS / "performance.md").read_text(encoding="utf-8") == report.page(record)
    assert (DOCS / "performance.svg").read_text(encoding="utf-8") == report.picture(record)


def test_letters_and_the_bare_loop_are_all_stored_and_settled(database_url: str) -> None:
    figures = mail.measure(database_url, "any", letters=20, built_in=1)
    assert set(figures) >= {"ratio", "per_second", "baseline_per_second", "built_in_seconds_each"}


def test_due_days_agree_with_the_plain_loop() -> None:
    assert set(due.measure()) == KEYS - {"database", "live"}
