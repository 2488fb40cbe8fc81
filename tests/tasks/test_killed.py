"""SIGKILL at random moments: every case has all of its change or none of it, and the next run completes the work."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing.context import ForkServerContext
from typing import Any

import pytest
from sqlalchemy import text

from models.database import engine_for
from tests.support.database import Dump, broken_chains, dump
from tests.support.stages import Stage
from tests.tasks import doomed
from tests.tasks.rehearsal import Rehearsal, beijing, crowd

KILLS = 16
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@dataclass(frozen=True)
class Change:
    """What a case looks like before and after, and what the change writes beside it."""

    after: str
    event: str
    message: str
    clock: str
    agreements: int


LAPSED = Change("DEEMED_ABANDONED", "sign_timeout", "deemed_abandoned", "lapsed", 0)
SIGNED = Change("SIGNED", "sign_agreement", "agreement_signed", "met", 1)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Processes that start at once: their parent has imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.tasks.doomed"])
    return context


@contextmanager
def running(processes: ForkServerContext, work: Callable[..., None], *given: Any) -> Iterator[Any]:
    """A process that has begun its work."""
    ready, told = processes.Pipe(duplex=False)
    process = processes.Process(target=work, args=(told, *given))
    process.start()
    assert ready.poll(30), "the process never began"
    try:
        yield process
    finally:
        process.kill()
        process.join()


def killed(processes: ForkServerContext, dice: random.Random, url: str, work: Callable[..., None], *given: Any) -> bool:
    """Starts the work and kills it at a random moment; whether it was still at it."""
    with running(processes, work, url, *given) as process:
        time.sleep(dice.uniform(0.002, 0.08))
        was_at_it = bool(process.is_alive())
    wait_for_the_server(url)
    return was_at_it


def wait_for_the_server(url: str) -> None:
    """PostgreSQL may still be at the last statement of a client that is dead."""
    if url.startswith("sqlite"):
        return
    for _ in range(500):
        with engine_for(url).connect() as connection:
            if connection.execute(text(OTHERS)).scalar_one() == 0:
                return
        time.sleep(0.01)
    pytest.fail("a connection of a killed process is still there after 5 seconds")


def torn(held: Dump, change: Change) -> list[str]:
    """The dossiers of the crowd that have a part of their change, or it twice."""
    number = {row["id"]: row["applicant_id"] for row in held["applicant"]}
    records = Counter(one["subject_id"] for one in held["audit_record"] if one["event"] == change.event)
    told = Counter(one["subject_id"] for one in held["notification"] if one["event"] == change.message)
    agreed = Counter(one["application_id"] for one in held["agreement"])
    clocks = {row["subject_id"]: (row["status"], row["check_on"]) for row in held["deadline"]}
    none = ("SIGNING", 0, 0, 0, 0, "running")
    whole = (change.after, 1, 1, 1, change.agreements, change.clock)
    found = []
    for row in held["application"]:
        case = row["id"]
        state = (row["state"], row["version"], records[case], told[case], agreed[case], clocks.get(case, ("",))[0])
        if number[row["applicant_pk"]].startswith("M") and state not in (none, whole):
            found.append(f"{number[row['applicant_pk']]}: {state}")
    return found


def done(held: Dump, change: Change) -> int:
    return sum(1 for row in held["application"] if row["state"] == change.after)


def is_whole(rehearsal: Rehearsal, change: Change) -> int:
    """Nothing is torn, every chain holds; how many cases have changed."""
    held = dump(rehearsal.url)
    assert torn(held, change) == []
    assert broken_chains(held) == []
    return done(held, change)


def test_a_sweep_that_is_killed_leaves_every_case_whole_and_the_next_one_completes_it(
    at_stage: Stage, processes: ForkServerContext
) -> None:
    rehearsal, dice, at = at_stage("announced"), random.Random(), beijing("2026-01-17 00:05")
    ids = crowd(rehearsal.url, 200)
    hits, finished = 0, is_whole(rehearsal, LAPSED)
    while hits < KILLS:
        hits += killed(processes, dice, rehearsal.url, doomed.sweep_in_chunks, at)
        finished = is_whole(rehearsal, LAPSED)
        if len(ids) - finished < 20:
            ids += crowd(rehearsal.url, 200)
    rehearsal.sweep("2026-01-17 00:05")
    assert is_whole(rehearsal, LAPSED) == len(ids)
    states = rehearsal.states()
    assert {states[one] for one in ids} == {"DEEMED_ABANDONED"}


def test_acts_that_are_killed_are_done_or_not_begun(at_stage: Stage, processes: ForkServerContext) -> None:
    rehearsal, dice, at = at_stage("accepted"), random.Random(), beijing("2026-01-05 09:00")
    rehearsal.sweep("2026-01-05 09:00")
    ids = crowd(rehearsal.url, 80, due_on=date(2026, 3, 20))
    hits = 0
    while hits < KILLS:
        waiting = [one for one, state in rehearsal.states().items() if one in ids and state == "SIGNING"]
        if len(waiting) < 20:
            waiting = crowd(rehearsal.url, 80, due_on=date(2026, 3, 20))
            ids += waiting
        work = (doomed.sign_one_by_one, at, waiting, date(2026, 1, 5))
        hits += killed(processes, dice, rehearsal.url, *work)
        is_whole(rehearsal, SIGNED)
    for one in [one for one, state in rehearsal.states().items() if one in ids and state == "SIGNING"][:10]:
        rehearsal.act("2026-01-05 10:00", "sign_agreement", applicant_id=one, signed_on="2026-01-05")
    is_whole(rehearsal, SIGNED)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE application SET state = 'SIGNING' WHERE id = {case}",
        "UPDATE deadline SET status = 'running' WHERE subject_id = {case}",
        "DELETE FROM notification WHERE subject_id = {case}",
    ],
)
def test_the_search_for_torn_cases_finds_them(at_stage: Stage, damage: str) -> None:
    rehearsal = at_stage("announced")
    crowd(rehearsal.url, 5)
    rehearsal.sweep("2026-01-17 00:05")
    assert torn(dump(rehearsal.url), LAPSED) == []
    with rehearsal.session() as session:
        session.execute(text(damage.format(case=rehearsal.case("M0006").id)))
    assert [one[:5] for one in torn(dump(rehearsal.url), LAPSED)] == ["M0006"]
