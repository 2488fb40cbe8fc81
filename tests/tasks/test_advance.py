"""The one writer: what it writes hangs together, and a case that changed meanwhile is not written at all."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest
from sqlmodel import col

from models import Applicant, Notification
from rules.case import Change, Event
from rules.errors import ConflictError
from rules.evaluation import EVALUATION
from tasks.advance import advance
from tasks.case_loading import context_of, load_cases, newest_round
from tests.support.database import broken_chains, changed, dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import STAGES, Rehearsal, beijing


@pytest.mark.parametrize("stage", STAGES)
def test_at_every_stage_the_chains_hold_and_every_message_has_its_own_key(at_stage: Stage, stage: str) -> None:
    held = dump(at_stage(stage).url)
    assert broken_chains(held) == []
    keys = Counter(row["dedupe_key"] for row in held["notification"])
    assert [key for key, count in keys.items() if count > 1] == []
    versions = {row["id"]: row["version"] for row in held["application"]}
    assert versions == {row["id"]: row["audit_seq"] for row in held["application"]}


def withdraw(rehearsal: Rehearsal, *, stale: str = "") -> None:
    """Withdraws three dossiers in one transaction; one of them as it was a version ago."""
    with rehearsal.session() as session:
        ctx = context_of(session, newest_round(session))
        cases = load_cases(session, col(Applicant.applicant_id).in_(["P01", "P02", "H01"]))
        event = Event("withdraw_application", beijing("2025-09-03 10:00"), "经办员甲", {"reason": "自愿"})
        old = [dataclasses.replace(one, version=one.version - (one.applicant_id == stale)) for one in cases]
        changes = [Change(one, event, EVALUATION.decide(one, event, ctx)) for one in old]  # type: ignore[arg-type]
        advance(session, ctx, changes)


def test_many_cases_are_written_in_one_transaction(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    before = dump(rehearsal.url)
    withdraw(rehearsal)
    assert changed(before, dump(rehearsal.url)) == {
        "application": 0,
        "audit_record": 3,
        "deadline": 0,
        "notification": 3,
        "stood_before": 3,
    }
    assert rehearsal.states() == {"H01": "WITHDRAWN", "P01": "WITHDRAWN", "P02": "WITHDRAWN", "P03": "ACCEPTED"}
    rehearsal.is_sound()


@pytest.mark.parametrize("stale", ["H01", "P01", "P02"])
def test_one_that_changed_meanwhile_takes_all_back(at_stage: Stage, stale: str) -> None:
    rehearsal = at_stage("accepted")
    before = dump(rehearsal.url)
    with pytest.raises(ConflictError, match="本次未写入任何内容：请刷新后重试"):
        withdraw(rehearsal, stale=stale)
    assert changed(before, dump(rehearsal.url)) == {}


def test_a_message_that_cannot_be_rendered_takes_its_change_back(at_stage: Stage) -> None:
    rehearsal = at_stage("accepted")
    before = dump(rehearsal.url)
    with rehearsal.session() as session:
        session.get(Applicant, 1).name = ""
    damaged = dump(rehearsal.url)
    with pytest.raises(Exception, match="applicant_name"):
        withdraw(rehearsal)
    assert changed(damaged, dump(rehearsal.url)) == {}
    assert changed(before, damaged) == {"applicant": 0}


def test_a_broken_record_is_found(at_stage: Stage) -> None:
    held = dump(at_stage("signing").url)
    held["audit_record"][7]["by"] = "别人"
    assert len(broken_chains(held)) == 1
    held = dump(at_stage("signing").url)
    del held["audit_record"][-1]
    assert len(broken_chains(held)) == 1


def test_nothing_personal_stands_in_what_is_owed_or_recorded(at_stage: Stage) -> None:
    held = dump(at_stage("published").url)
    texts = str(held["audit_record"]) + str(held["notification"]) + str(held["applicant"]) + str(held["notice"])
    assert [secret for secret in ("19900000000", "h01@example.invalid", "联系人H01") if secret in texts] == []


def test_messages_wait_to_be_sent_from_the_moment_they_are_owed(at_stage: Stage) -> None:
    rows = at_stage("published").rows(Notification)
    assert {(row.status, row.attempts, row.next_at == row.created_at) for row in rows} == {("pending", 0, True)}
