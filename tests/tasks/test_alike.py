"""One decision for all who differ in nothing but who they are; an answer that names somebody is asked for each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import col

from models import Application, Deadline
from models.bulk import among
from rules.case import Case, Change, Message, Outcome, Refused
from rules.vocabulary import State
from tasks.alike import NOBODY, NUMBER, Alike, names_somebody
from tasks.case_loading import load_cases
from tasks.due import Due, decide_due
from tests.support.database import dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, beijing, crowd

OVER = beijing("2026-01-17 00:05")


def waiting(rehearsal: Rehearsal) -> list[Case]:
    with rehearsal.session() as session:
        numbers = [row.id for row in rehearsal.rows(Application) if row.state == State.SIGNING]
        return load_cases(session, among(col(Application.id), numbers), with_facts=False)


def due_of(rehearsal: Rehearsal, case: Case) -> Due:
    of_it = "application", case.id, "signing"
    [row] = [one for one in rehearsal.rows(Deadline) if (one.subject, one.subject_id, one.kind) == of_it]
    return Due(case.id, 1, row.kind, row.holder, row.due_on, row.status, row.id or 0)


@pytest.mark.parametrize("at", ["2026-01-17 00:05", "2026-01-09 09:00"])
def test_what_is_decided_as_one_is_what_each_would_have_been_told(at_stage: Stage, at: str) -> None:
    rehearsal = at_stage("signing")
    crowd(rehearsal.url, 5)
    with rehearsal.session() as session:
        ctx = rehearsal.context(session)
    alike = Alike(beijing(at), ctx)
    for case in waiting(rehearsal):
        due = due_of(rehearsal, case)
        assert alike.decide(case, due) == decide_due(case, due, beijing(at), ctx)
    assert len(alike._known) < len(waiting(rehearsal))


def test_nobody_is_ever_written_down(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    crowd(rehearsal.url, 5)
    for at in ("2026-01-09 09:00", "2026-01-17 00:05"):
        rehearsal.sweep(at)
    assert NOBODY not in str(dump(rehearsal.url))


def test_whoever_is_refused_is_named_himself(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    [case, *_] = waiting(rehearsal)
    with rehearsal.session() as session:
        ctx = rehearsal.context(session)
    answer = Alike(OVER, ctx).decide(replace(case, state=State.EVALUATING), due_of(rehearsal, case))
    assert isinstance(answer, Refused)
    assert answer.why.startswith(case.number)


@pytest.mark.parametrize("mark", [NOBODY, NUMBER])
def test_an_answer_that_names_whom_it_was_asked_of_is_not_shared(mark: object) -> None:
    outcome = Outcome(State.SIGNING, "五(三)", messages=(Message("deadline_moved", {"reason": mark}),))
    assert names_somebody(outcome)
    assert not names_somebody(replace(outcome, messages=()))


def test_facts_are_of_each_his_own(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    with rehearsal.session() as session:
        ctx = rehearsal.context(session)
    alike = Alike(OVER, ctx)
    for case in waiting(rehearsal):
        assert isinstance(alike.decide(replace(case, facts={"cold_chain": True}), due_of(rehearsal, case)), Change)
    assert alike._known == {}
