"""Two who work at once, in threads and in processes: what is done is done once, and nobody is told a conflict."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from models import Application, Deadline
from rules.errors import RefusedError
from tasks.sweep import SweepReport, sweep
from tests.support.database import broken_chains, dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, beijing, crowd

AT = "2026-01-17 00:05"
PATIENCE = 300  # seconds; only for a hang
ROOT = Path(__file__).resolve().parents[2]
SWEEPER = (
    "import sys; from datetime import datetime; from tasks.sweep import sweep;"
    "report = sweep(sys.argv[1], datetime.fromisoformat(sys.argv[2]), chunk=int(sys.argv[3]));"
    "print(report.done['sign_timeout'], len(report.failed))"
)


def together(*jobs: Callable[[], object]) -> list[object]:
    """Runs jobs in threads that begin at one moment; an error of one is its result."""
    gate, results = threading.Barrier(len(jobs)), [object()] * len(jobs)

    def run(place: int) -> None:
        gate.wait()
        try:
            results[place] = jobs[place]()
        except Exception as error:  # noqa: BLE001  (the test looks at it)
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def once(rehearsal: Rehearsal, ids: list[str]) -> None:
    """Each of these has lapsed exactly once: one record, one message, one version."""
    held = dump(rehearsal.url)
    number = {row["id"]: row["applicant_id"] for row in held["applicant"]}
    cases = {row["id"]: number[row["applicant_pk"]] for row in held["application"]}
    records = Counter(cases[one["subject_id"]] for one in held["audit_record"] if one["event"] == "sign_timeout")
    told = Counter(cases[one["subject_id"]] for one in held["notification"] if one["event"] == "deemed_abandoned")
    versions = {cases[row["id"]]: row["version"] for row in held["application"]}
    assert {one: (records[one], told[one], versions[one]) for one in ids} == dict.fromkeys(ids, (1, 1, 1))
    assert broken_chains(held) == []


@pytest.mark.parametrize("chunk", [3, 50])
def test_sweeps_in_threads_share_the_work(at_stage: Stage, chunk: int) -> None:
    rehearsal = at_stage("announced")
    ids = crowd(rehearsal.url, 60)
    reports = together(*[lambda: sweep(rehearsal.url, beijing(AT), chunk=chunk) for _ in range(4)])
    assert [one for one in reports if not isinstance(one, SweepReport)] == []
    done = sum((one.done for one in reports if isinstance(one, SweepReport)), Counter[str]())
    failed = [one.failed for one in reports if isinstance(one, SweepReport)]
    assert (done, failed) == ({"sign_timeout": 60}, [{}] * 4)
    once(rehearsal, ids)


def test_sweeps_in_processes_share_the_work(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    ids = crowd(rehearsal.url, 120)
    command = [sys.executable, "-c", SWEEPER, rehearsal.url, beijing(AT).isoformat(), "7"]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = [process.communicate(timeout=60)[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert (sum(int(done) for done, _ in told), {failed for _, failed in told}) == (120, {"0"})
    once(rehearsal, ids)


def test_two_clocks_of_one_case_due_at_once_are_no_conflict(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    at = beijing("2025-12-10 00:05")
    reports = together(*[lambda: sweep(rehearsal.url, at, chunk=1) for _ in range(4)])
    assert [getattr(one, "failed", one) for one in reports] == [{}] * 4
    rehearsal.sweep("2025-12-10 00:06")
    assert {one: state for one, state in rehearsal.states().items() if one != "P03"} == {
        "H01": "NEGOTIATING",
        "P01": "NEGOTIATING",
        "P02": "NEGOTIATING",
    }
    assert rehearsal.deadline("P01", "whole_procedure")[0] == "breached"
    rehearsal.is_sound()


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_who_sign_at_once_one_signs_and_the_other_is_told_why_not(at_stage: Stage, attempt: int) -> None:
    rehearsal = at_stage("signing")
    day = {"applicant_id": "P01", "signed_on": "2025-11-03"}
    results = together(*[lambda: rehearsal.act("2025-11-03 10:00", "sign_agreement", **day) for _ in range(3)])
    refused = [str(one) for one in results if isinstance(one, RefusedError)]
    assert (
        refused
        == ["P01 现处“已签订，待备案”，不能办理此事项；此环节已经过去，不能再次办理；请查看案件经过（依据：流程）"] * 2
    )
    assert rehearsal.messages("P01").count("agreement_signed") == 1
    rehearsal.is_sound()


@pytest.mark.parametrize("attempt", range(4))
def test_an_act_and_a_sweep_on_the_same_cases_at_once_do_not_trip_over_each_other(
    at_stage: Stage, attempt: int
) -> None:
    rehearsal = at_stage("signing")
    crowd(rehearsal.url, 20)
    acts = [
        lambda one=one: rehearsal.act(
            AT,
            "record_agency_delay",
            applicant_id=one,
            delay_from="2025-12-01",
            delay_to="2025-12-05",
            cause="医保系统联调",
        )
        for one in ("P01", "P02", "M0004", "M0010", "M0020")
    ]
    results = together(*acts, *[lambda: sweep(rehearsal.url, beijing(AT), chunk=5) for _ in range(2)])
    unexpected = [one for one in results if isinstance(one, Exception) and not isinstance(one, RefusedError)]
    assert unexpected == []
    assert [one.failed for one in results if isinstance(one, SweepReport)] == [{}, {}]
    rehearsal.sweep(AT)
    assert set(rehearsal.states().values()) == {"DEEMED_ABANDONED", "OUT_OF_QUOTA"}
    rehearsal.is_sound()


@pytest.mark.parametrize("attempt", range(4))
def test_acts_on_cases_whose_reminders_are_due_at_once_do_not_trip_over_a_sweep(at_stage: Stage, attempt: int) -> None:
    rehearsal = at_stage("signing")
    ids = crowd(rehearsal.url, 12)
    at = "2026-01-14 09:00"
    signing = [
        lambda one=one: rehearsal.act(at, "sign_agreement", applicant_id=one, signed_on="2026-01-14") for one in ids
    ]
    results = together(*signing, *[lambda: sweep(rehearsal.url, beijing(at), chunk=4) for _ in range(2)])
    assert [one for one in results if isinstance(one, Exception)] == []
    assert {rehearsal.states()[one] for one in ids} == {"SIGNED"}
    rehearsal.is_sound()


def test_an_act_waits_for_the_effect_that_a_slow_sweep_is_about_to_write(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    days = {"delay_from": "2025-12-01", "delay_to": "2025-12-05", "cause": "医保系统联调"}
    results: list[object] = []

    def act() -> None:
        results.extend(together(lambda: rehearsal.act(AT, "record_agency_delay", applicant_id="P01", **days)))

    with rehearsal.session() as session:
        session.execute(select(Deadline).with_for_update()).all()
        waiting = threading.Thread(target=act)
        waiting.start()
        waiting.join(0.5)
        assert results == []
    waiting.join()
    assert [str(one) for one in results] == [
        "P01 现处“逾期未签约，视作自动放弃”，不能办理此事项；"
        "此结论由系统按期限自动作出，确有错误的可凭证据更正（依据：流程）"
    ]
    assert rehearsal.state("P01") == "DEEMED_ABANDONED"


def test_of_two_who_wait_for_each_other_one_is_told_a_conflict_and_may_try_again(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    both_have_one = threading.Barrier(2, timeout=PATIENCE)

    def lock(first: int, second: int) -> str:
        with rehearsal.session() as session:
            rows = select(col(Application.id)).with_for_update()
            session.execute(rows.where(col(Application.id) == first))
            if rehearsal.url.startswith("postgresql"):  # SQLite lets one writer in, the other waits outside
                both_have_one.wait()
            session.execute(rows.where(col(Application.id) == second))
        return "done"

    results = together(lambda: lock(1, 2), lambda: lock(2, 1))
    gives_way = "ConflictError" if rehearsal.url.startswith("postgresql") else "done"
    kinds = [one if one == "done" else type(one).__name__ for one in results]
    assert sorted(kinds) == [gives_way, "done"], results
