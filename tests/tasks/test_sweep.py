"""The deadline sweep on a real database: once or twice, daily or after an outage, dry, held, past a poisoned case."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlmodel import col

from models import Deadline, Notification, ReminderFired
from rules.localtime import local_day
from tasks.sweep import sweep, sweep_until
from tests.support.database import changed, dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, beijing, crowd

DUE = date(2026, 1, 16)
LADDER = {-10: date(2026, 1, 4), -5: date(2026, 1, 9), -2: date(2026, 1, 14), 0: DUE}


def fired(rehearsal: Rehearsal) -> list[tuple[int, date]]:
    """The rungs that have fired, in order, with their day, of the first clock that has any."""
    rows = rehearsal.rows(ReminderFired)
    return [(one.rung, local_day(one.fired_at)) for one in rows if one.deadline_id == rows[0].deadline_id]


def test_a_second_sweep_of_the_same_instant_changes_nothing(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-17 00:05")
    before = dump(rehearsal.url)
    again = rehearsal.sweep("2026-01-17 00:05")
    assert (again.found, again.done, changed(before, dump(rehearsal.url))) == (0, {}, {})


def test_an_earlier_instant_after_a_later_one_changes_nothing(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-17 00:05")
    before = dump(rehearsal.url)
    rehearsal.sweep("2026-01-01 00:05")
    assert changed(before, dump(rehearsal.url)) == {}


def test_a_sweep_with_nothing_due_writes_nothing(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    before = dump(rehearsal.url)
    report = rehearsal.sweep("2025-10-25 00:05")
    assert (report.found, report.actions, changed(before, dump(rehearsal.url))) == (0, [], {})


def test_reminders_come_on_their_days_once(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    day = date(2025, 12, 25)
    while day <= DUE:
        for hour in ("00:05", "12:00"):
            rehearsal.sweep(f"{day} {hour}")
        day += timedelta(days=1)
    assert dict(fired(rehearsal)) == LADDER
    reminders = [one for one in rehearsal.rows(Notification) if one.event == "signing_reminder"]
    assert len(reminders) == 3 * len(LADDER)
    assert [one.params["working_days_left"] for one in reminders if one.applicant_pk == 1] == [10, 5, 2, 0]


def test_after_an_outage_the_missed_rungs_are_recorded_in_order_and_one_message_tells_how_it_stands(
    at_stage: Stage,
) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-14 09:00")
    assert [rung for rung, _ in fired(rehearsal)] == [-10, -5, -2]
    reminders = [one for one in rehearsal.rows(Notification) if one.event == "signing_reminder"]
    assert [(one.params["working_days_left"], one.applicant_pk) for one in reminders] == [(2, 1), (2, 2), (2, 3)]


def test_after_an_outage_beyond_the_last_day_the_effect_comes_at_once_and_says_how_late(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    report = rehearsal.sweep("2026-02-03 09:00")
    assert report.latest_by_days == 17
    assert rehearsal.state("P01") == "DEEMED_ABANDONED"
    assert "signing_reminder" not in rehearsal.messages("P01")


def test_an_authority_that_is_late_is_reported_once_and_reminded_twice(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    day = date(2025, 9, 30)
    while day < date(2025, 10, 31):
        rehearsal.sweep(f"{day} 00:05")
        day += timedelta(days=1)
    told = rehearsal.messages("P01")
    assert (told.count("authority_breach"), told.count("authority_reminder")) == (1, 3)
    late = [
        (local_day(one.created_at), one.params["working_days_left"])
        for one in rehearsal.rows(Notification)
        if one.event == "authority_reminder" and one.subject_id == 1
    ]
    assert late == [(date(2025, 9, 30), 0), (date(2025, 10, 9), -1), (date(2025, 10, 11), -3)]


def test_a_clock_that_is_settled_reminds_nobody(at_stage: Stage) -> None:
    rehearsal = at_stage("published")
    before = dump(rehearsal.url)
    rehearsal.sweep("2026-12-31 00:05")
    assert changed(before, dump(rehearsal.url)) == {}


@pytest.mark.parametrize(
    ("stage", "at"),
    [
        ("signing", "2026-01-09 09:00"),
        ("signing", "2026-01-17 00:05"),
        ("accepted", "2026-03-01 00:05"),
        ("result_notice", "2025-12-10 00:05"),
        ("proposed_notice", "2026-03-01 00:05"),
    ],
)
def test_a_dry_run_writes_nothing_and_tells_what_the_sweep_then_does(at_stage: Stage, stage: str, at: str) -> None:
    rehearsal = at_stage(stage)
    before = dump(rehearsal.url)
    told = rehearsal.sweep(at, dry_run=True)
    assert changed(before, dump(rehearsal.url)) == {}
    done = rehearsal.sweep(at)
    assert (told.found, told.done, told.actions, told.latest_by_days) == (
        done.found,
        done.done,
        done.actions,
        done.latest_by_days,
    )


def test_the_sweep_of_a_case_only_touches_that_case(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-17 00:05", only=[rehearsal.case("P01").id])
    assert rehearsal.states() == {
        "H01": "SIGNING",
        "P01": "DEEMED_ABANDONED",
        "P02": "SIGNING",
        "P03": "OUT_OF_QUOTA",
    }


def test_the_size_of_a_chunk_does_not_matter(at_stage: Stage) -> None:
    found = []
    for chunk in (1, 7, 1000):
        rehearsal = at_stage("signing")
        crowd(rehearsal.url, 20)
        found.append(rehearsal.sweep("2026-01-17 00:05", chunk=chunk).done)
        assert set(rehearsal.states().values()) == {"DEEMED_ABANDONED", "OUT_OF_QUOTA"}
        rehearsal.is_sound()
    assert found == [{"sign_timeout": 23}] * 3


NOW = beijing("2026-01-16 10:00")


@pytest.mark.parametrize(
    ("as_of", "is_ahead"),
    [
        (None, False),
        ("2026-01-16 09:59", False),
        ("2026-01-16 23:59", False),  # the day of today means now
        ("2026-01-17 00:00", True),
        ("2036-01-17 00:00", True),
    ],
)
def test_nobody_turns_the_clock_on(at_stage: Stage, as_of: str | None, is_ahead: bool) -> None:
    """On the last day for signing: whatever day is typed, nothing runs out before it has."""
    rehearsal = at_stage("signing")
    before = rehearsal.states()
    report = sweep_until(rehearsal.url, beijing(as_of) if as_of else None, NOW, dry_run=False)
    assert (report.dry_run, report.is_ahead) == (is_ahead, is_ahead)
    assert ("sign_timeout" in report.done, report.as_of <= NOW) == (is_ahead, not is_ahead)
    assert report.summary.startswith("所选日期在将来，只列出届时会办理的，没有写入：") is is_ahead
    assert rehearsal.states() == before


@pytest.mark.parametrize("as_of", [None, "2026-01-17 00:00"])
def test_a_day_late_the_sweep_does_it(at_stage: Stage, as_of: str | None) -> None:
    rehearsal = at_stage("signing")
    report = sweep_until(rehearsal.url, beijing(as_of) if as_of else None, beijing("2026-01-18 10:00"), dry_run=False)
    assert (report.done["sign_timeout"], rehearsal.state("P01")) == (3, "DEEMED_ABANDONED")


def test_held_dossiers_are_left_alone_counted_and_do_not_stop_the_others(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    crowd(rehearsal.url, 3, holds=1)
    report = rehearsal.sweep("2026-01-17 00:05", chunk=2)
    assert (report.held, report.done) == (3, {"sign_timeout": 3})
    assert rehearsal.states()["M0004"] == "SIGNING"


@pytest.mark.parametrize(("swept", "held"), [("2026-01-16 23:59", 0), ("2026-01-17 00:00", 3)])
def test_a_held_limit_counts_as_run_out_when_its_last_day_is_over(at_stage: Stage, swept: str, held: int) -> None:
    """On the last day its reminder is due, and nothing has run out yet."""
    rehearsal = at_stage("signing")
    crowd(rehearsal.url, 3, holds=1)
    with rehearsal.session() as session:
        session.execute(update(Deadline).where(col(Deadline.kind) == "signing").values(check_on=date(2026, 1, 16)))
    assert rehearsal.sweep(swept).held == held


def test_of_two_clocks_of_one_case_both_have_their_effect_in_one_sweep(at_stage: Stage) -> None:
    rehearsal = at_stage("result_notice")
    report = rehearsal.sweep("2025-12-10 00:05")
    assert report.done == {"period_over": 3, "breach": 3}
    assert rehearsal.state("P01") == "NEGOTIATING"
    assert rehearsal.deadline("P01", "whole_procedure")[0] == "breached"
    rehearsal.is_sound()


POISONS = {
    "a clock that no policy knows": "UPDATE deadline SET kind = 'nonsense' WHERE subject_id = {case}",
    "a clock that nobody holds": "UPDATE application SET state = 'EVALUATING' WHERE id = {case}",
    "a dossier without its applicant's name": "UPDATE applicant SET name = '' WHERE applicant_id = 'M0012'",
}


@pytest.mark.parametrize("poison", POISONS)
@pytest.mark.parametrize("chunk", [5, 1000])
def test_a_poisoned_case_is_set_aside_and_named_and_the_others_go_through(
    at_stage: Stage, poison: str, chunk: int
) -> None:
    rehearsal = at_stage("announced")
    ids = crowd(rehearsal.url, 30)
    case = rehearsal.case("M0012").id
    with rehearsal.session() as session:
        session.execute(text(POISONS[poison].format(case=case)))
    before = [row for row in dump(rehearsal.url)["application"] if row["id"] == case]
    report = sweep(rehearsal.url, beijing("2026-01-17 00:05"), chunk=chunk)
    assert list(report.failed) == ["M0012"]
    assert report.failed["M0012"] != ""
    assert report.done == {"sign_timeout": 29}
    states = rehearsal.states()
    assert {states[one] for one in ids if one != "M0012"} == {"DEEMED_ABANDONED"}
    assert [row for row in dump(rehearsal.url)["application"] if row["id"] == case] == before
    rehearsal.is_sound()


def test_facts_that_cannot_be_read_poison_their_case_alone(at_stage: Stage) -> None:
    rehearsal = at_stage("announced")
    handed = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}
    for one, code in (("H01", "H1"), ("P01", "P1"), ("P02", "P1")):
        rehearsal.act("2025-09-02 09:00", "submit_application", applicant_id=one, materials=[code], **handed)
    with rehearsal.session() as session:
        session.execute(text("UPDATE applicant SET facts = '[1]' WHERE applicant_id = 'P01'"))
    report = sweep(rehearsal.url, beijing("2025-09-13 00:05"))
    assert list(report.failed) == ["P01"]
    assert {one: rehearsal_state for one, rehearsal_state in rehearsal.states().items() if one != "P01"} == {
        "H01": "NOT_ACCEPTED_INCOMPLETE",
        "P02": "NOT_ACCEPTED_INCOMPLETE",
        "P03": "NOT_APPLIED",
    }


@pytest.mark.parametrize("database_kind", ["sqlite"])
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    stage=st.sampled_from(["accepted", "result_notice", "proposed_notice", "signing"]),
    outage=st.integers(1, 35),
    first=st.integers(0, 30),
)
def test_sweeping_daily_or_once_after_an_outage_ends_in_the_same_states(
    at_stage: Stage, stage: str, outage: int, first: int
) -> None:
    begin = {"accepted": date(2025, 9, 10), "result_notice": date(2025, 9, 25), "proposed_notice": date(2025, 10, 18)}
    start = begin.get(stage, date(2025, 12, 20)) + timedelta(days=first)
    daily, once = at_stage(stage), at_stage(stage)
    for number in range(outage + 1):
        daily.sweep(f"{start + timedelta(days=number)} 00:05")
    once.sweep(f"{start + timedelta(days=outage)} 00:05")
    assert daily.states() == once.states()
    clocks = ("deadline", "reminder_fired")
    ends = [{name: sorted(_lasting(row) for row in dump(one.url)[name]) for name in clocks} for one in (daily, once)]
    assert ends[0]["deadline"] == ends[1]["deadline"]


def _lasting(row: dict[str, object]) -> tuple[str, ...]:
    names = ("subject_id", "kind", "status", "due_on", "closed_on", "check_on", "deadline_id", "rung")
    return tuple(str(row.get(name)) for name in names)
