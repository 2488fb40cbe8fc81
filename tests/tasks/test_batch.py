"""Batches: what single acts write, nothing twice, bad ones named, and killed ones completed by the next run."""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from multiprocessing.context import ForkServerContext
from typing import Any

import pytest
from sqlalchemy import text

from models.database import transaction
from rules.case import Event
from rules.errors import InputError, RefusedError
from tasks import batch
from tasks.announce import register_applicants
from tasks.batch import BatchReport, ids_in
from tests.support.database import broken_chains, changed, dump
from tests.support.rounds import small_round
from tests.support.stages import Stage
from tests.tasks import doomed
from tests.tasks.rehearsal import BOSS, KEYS, OFFICE, Rehearsal, beijing
from tests.tasks.test_killed import killed

OPEN = "2025-09-02 10:00"
KILLS = 10


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Processes that start at once: their parent has imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.tasks.doomed"])
    return context


def registered(rehearsal: Rehearsal, count: int, first: int = 1, **facts: dict[str, Any]) -> list[str]:
    """Registers so many pharmacies more; `facts` changes those of single ones."""
    entries = small_round(0, count, facts={})["applicants"]
    for number, entry in enumerate(entries, first):
        entry["applicant_id"] = f"M{number:04}"
        entry["facts"] |= facts.get(entry["applicant_id"], {})
    register_applicants(rehearsal.url, entries, Event("register_applicants", beijing(OPEN), BOSS), KEYS)
    return [entry["applicant_id"] for entry in entries]


def run(rehearsal: Rehearsal, kind: str, ids: list[str], at: str = OPEN, by: str = BOSS) -> BatchReport:
    report = BatchReport(batch.BATCHES[kind].label)
    for part in batch.chunks(batch.to_do(rehearsal.url, batch.Portion(kind, 0, tuple(ids), by, beijing(at)))):
        report.add(batch.do_chunk(rehearsal.url, part))
    return report


@pytest.mark.parametrize(
    ("pasted", "ids"),
    [
        ("P01 P02\nP03", ["P01", "P02", "P03"]),
        ("P01，P02、P03；P01\t\r\nＨ０４", ["P01", "P02", "P03", "H04"]),
        ("  ", []),
        ("A-1;B-2", ["A-1", "B-2"]),
    ],
)
def test_numbers_are_read_whatever_stands_between_them(pasted: str, ids: list[str]) -> None:
    assert ids_in(pasted) == ids


def test_a_batch_writes_what_single_acts_write(at_stage: Stage) -> None:
    one_by_one, at_once = at_stage("announced"), at_stage("announced")
    sealed = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}
    materials = sorted(f"P{number}" for number in range(1, 12))
    for applicant_id in ("P01", "P02", "P03"):
        one_by_one.act(OPEN, "submit_application", applicant_id=applicant_id, materials=materials, **sealed)
    for applicant_id in ("P01", "P02", "P03"):
        one_by_one.act("2025-09-03 10:00", "sign_preliminary_opinion", applicant_id=applicant_id, judgements={})
    run(at_once, "accept", ["P01", "P02", "P03"])
    run(at_once, "review", [], "2025-09-03 10:00")
    assert at_once.states()["P02"] == "PRELIM_PASSED"
    assert changed(dump(one_by_one.url), dump(at_once.url)) == {}


def test_a_second_run_says_what_was_done_and_changes_nothing(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    ids = registered(rehearsal, 45)
    assert Counter(state for _, state in run(rehearsal, "accept", ids).done) == {"已受理，初审中": 45}
    before = dump(rehearsal.url)
    again = run(rehearsal, "accept", ids)
    assert (again.done, again.already, again.refused) == ([], ids, [])
    assert changed(before, dump(rehearsal.url)) == {}
    rehearsal.is_sound()


def test_bad_ones_are_named_and_the_others_are_done(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    ids = registered(rehearsal, 6, M0002={"area_m2": "179.5"}, M0003={"prior_termination": None})
    barred = {"prior_termination": {"date": "2024-01-01", "kind": "解除"}}
    ids += registered(rehearsal, 1, first=7, M0007=barred)
    report = run(rehearsal, "accept", [*ids, "X99"])
    assert report.refused == [("X99", "本轮没有这个申请人，请核对编号")]
    assert dict(report.done)["M0007"] == "不予受理（限制申请）"
    reviewed = run(rehearsal, "review", [*ids], "2025-09-03 10:00")
    assert dict(reviewed.done) == dict.fromkeys(ids[:6], "初审合格") | {"M0002": "初审不合格"}
    assert [one for one, _ in reviewed.refused] == ["M0007"]
    assert reviewed.summary.startswith(
        "批量初审：办理 6 家（初审合格 5、初审不合格 1），此前已办 0 家，未办理 1 家：M0007："
    )


def test_a_dossier_that_breaks_the_program_stands_alone(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    ids = registered(rehearsal, 12)
    run(rehearsal, "accept", ids)
    with transaction(rehearsal.url) as session:
        session.execute(text("UPDATE applicant SET facts = '{}' WHERE applicant_id = 'M0005'"))
    report = run(rehearsal, "review", [], "2025-09-03 10:00")
    assert [one for one, _ in report.refused] == ["M0005"]
    assert len(report.done) == 11
    rehearsal.is_sound()


def test_what_is_missing_is_told_once_to_all_who_wait(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    lacking = {"copies": 3, "official_seal": True, "legal_rep_seal": False, "originals_shown": True}
    for applicant_id in ("P01", "P02"):
        rehearsal.act(OPEN, "submit_application", applicant_id=applicant_id, materials=["P1", "P2"], **lacking)
    assert [one for one, _ in run(rehearsal, "supplement", [], "2025-09-03 09:00").done] == ["P01", "P02"]
    assert [rehearsal.messages(one) for one in ("P01", "P02")] == [["supplement_wanted"]] * 2
    with pytest.raises(RefusedError, match="没有等候一次性告知补正的申请人"):
        run(rehearsal, "supplement", [], "2025-09-03 10:00")
    accepted = run(rehearsal, "accept", ["P01", "P02"], "2025-09-04 09:00")
    assert [one for one, _ in accepted.done] == ["P01", "P02"]


def test_who_may_not_act_changes_nothing(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    before = dump(rehearsal.url)
    with pytest.raises(RefusedError, match="不在在岗人员名单中"):
        run(rehearsal, "accept", ["P01"], by="路人")
    assert changed(before, dump(rehearsal.url)) == {}


def test_acceptance_needs_numbers_and_a_confirmation(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    with pytest.raises(InputError, match="批量受理须列明申请人编号"):
        batch.to_do(rehearsal.url, batch.Portion("accept", 0, (), BOSS, beijing(OPEN)))
    with pytest.raises(InputError, match="并以“--confirm”确认"):
        batch.expect_confirmed("accept", False, "--confirm")


def test_a_batch_that_is_killed_is_completed_by_the_next_run(at_stage: Stage, processes: ForkServerContext) -> None:
    rehearsal, dice, at = at_stage("announced"), random.Random(), beijing("2025-09-03 10:00")
    ids: list[str] = []
    hits = 0
    while hits < KILLS:
        if not ids or len(batch.to_do(rehearsal.url, batch.Portion("review", 0, (), BOSS, at)).ids) < 40:
            new = registered(rehearsal, 160, first=len(ids) + 1)
            run(rehearsal, "accept", new, by=OFFICE)
            ids += new
        hits += killed(processes, dice, rehearsal.url, doomed.review_in_chunks, at)
        assert torn(rehearsal) == []
    last = run(rehearsal, "review", ids, "2025-09-03 10:00")
    assert (len(last.done) + len(last.already), last.refused) == (len(ids), [])
    assert {rehearsal.states()[one] for one in ids} == {"PRELIM_PASSED"}
    assert torn(rehearsal) == []


def torn(rehearsal: Rehearsal) -> list[str]:
    """Dossiers with a part of their opinion, or with two."""
    held = dump(rehearsal.url)
    assert broken_chains(held) == []
    signed = Counter(one["subject_id"] for one in held["audit_record"] if one["event"] == "sign_preliminary_opinion")
    told = Counter(one["subject_id"] for one in held["notification"] if one["event"] == "preliminary_opinion")
    met = Counter(
        one["subject_id"] for one in held["deadline"] if one["kind"] == "preliminary_review" and one["status"] == "met"
    )
    found = []
    for row in held["application"]:
        is_done = int(row["state"] == "PRELIM_PASSED")
        if {signed[row["id"]], met[row["id"]], told[row["id"]] and 1} != {is_done}:
            found.append(f"{row['id']}: {row['state']} {signed[row['id']]} {met[row['id']]} {told[row['id']]}")
    return found
