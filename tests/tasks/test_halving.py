"""Whose fault an error is, once for sweeps and batches: nobody's, the actor's, or the member's that stands alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg.errors import DeadlockDetected
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from models.database import engine_for
from rules.errors import ConflictError, NotEntitledError, RefusedError
from tasks.batch import Portion, do_chunk, to_do
from tasks.halving import CONFLICTS, OUTAGES, in_halves
from tasks.sweep import sweep
from tests.support.database import changed, dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, beijing, crowd
from tests.tasks.test_batch import OPEN, registered, run

AT = "2026-01-17 00:05"
FAULTS: dict[str, Exception] = {"deadlock": DeadlockDetected("deadlock detected"), "away": Exception("is locked")}
LASTS = {"deadlock": CONFLICTS, "away": OUTAGES}


@contextmanager
def failing(url: str, fault: str, times: int) -> Iterator[None]:
    """The database fails that often when a case is written."""
    left = [times]

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith('UPDATE "application"') and left[0]:
            left[0] -= 1
            raise OperationalError(statement, {}, FAULTS[fault])

    event.listen(engine_for(url), "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine_for(url), "before_cursor_execute", fail)
    assert left == [0]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("chunk", [1, 50])
def test_what_is_nobodys_fault_marks_no_case_of_a_sweep_as_bad(
    at_stage: Stage, fault: str, dry_run: bool, chunk: int
) -> None:
    rehearsal = at_stage("announced")
    crowd(rehearsal.url, 4)
    with failing(rehearsal.url, fault, LASTS[fault] - 1):
        report = sweep(rehearsal.url, beijing(AT), dry_run=dry_run, chunk=chunk)
    assert (report.failed, report.done) == ({}, {"sign_timeout": 4})
    rehearsal.is_sound()


@pytest.mark.parametrize("fault", FAULTS)
def test_what_lasts_ends_the_sweep_and_writes_nothing(at_stage: Stage, fault: str) -> None:
    rehearsal = at_stage("announced")
    crowd(rehearsal.url, 1)
    before = dump(rehearsal.url)
    ends_with = ConflictError if fault == "deadlock" else OperationalError
    with failing(rehearsal.url, fault, LASTS[fault]), pytest.raises(ends_with):
        sweep(rehearsal.url, beijing(AT))
    assert changed(before, dump(rehearsal.url)) == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_nobodys_fault_names_no_dossier_of_a_batch(at_stage: Stage, fault: str) -> None:
    rehearsal = at_stage("announced")
    ids = registered(rehearsal, 1)
    with failing(rehearsal.url, fault, LASTS[fault] - 1):
        report = run(rehearsal, "accept", ids)
    assert (report.refused, len(report.done)) == ([], 1)


def test_what_lasts_ends_a_batch_and_blames_no_dossier(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    ids = registered(rehearsal, 1)
    portion = to_do(rehearsal.url, Portion("accept", 0, tuple(ids), BOSS, beijing(OPEN)))
    with failing(rehearsal.url, "deadlock", CONFLICTS), pytest.raises(ConflictError):
        do_chunk(rehearsal.url, portion)


def worked(items: Sequence[int], bad: set[int], error: Exception) -> tuple[list[int], list[tuple[int, str]]]:
    """What in_halves makes of work that fails as soon as a bad one is among its items."""
    done: list[int] = []
    named: list[tuple[int, str]] = []

    def work(some: Sequence[int]) -> None:
        if bad & set(some):
            raise error
        done.extend(some)

    list(in_halves(work, items, lambda item, why: named.append((item, why))))
    return done, named


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8])
def test_every_bad_one_stands_alone_and_the_others_are_done_in_order(count: int) -> None:
    items, bad = list(range(count)), {0, count - 1}
    good = [one for one in items if one not in bad]
    assert worked(items, bad, KeyError("x")) == (good, [(one, "'x'") for one in sorted(bad)])


def test_an_error_without_words_is_named_by_its_kind() -> None:
    assert worked([1], {1}, ValueError()) == ([], [(1, "ValueError")])


def test_a_refusal_of_the_actor_ends_the_work_and_one_of_a_member_does_not() -> None:
    with pytest.raises(NotEntitledError):
        worked([1, 2, 3], {2}, NotEntitledError("无权"))
    assert worked([1, 2, 3], {2}, RefusedError("名额")) == ([1, 3], [(2, "名额")])
