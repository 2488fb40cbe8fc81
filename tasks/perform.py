"""Carries out one act of a person: due clocks first, then the act in one transaction; refusals write nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from models import Applicant, Application, Deadline, Round
from models.bulk import among
from models.database import transaction
from models.migrate import ensure_current
from rules.acts import CATALOGUE, Scope
from rules.case import Case, Event
from rules.errors import ConflictError
from rules.localtime import local_day
from rules.performance.records import AgreementCase
from tasks.act_result import Receipt
from tasks.acts import ACTS
from tasks.addressing import located
from tasks.agreements import kept_agreements, touched_agreements
from tasks.case_loading import context_of, round_numbered
from tasks.roles import may_act
from tasks.sweep import is_anything_due, sweep, sweep_within

TRIES = 3
ABOUT_ALL_AGREEMENTS = ("conclude_assessment",)
Done = TypeVar("Done")
_ALL = select(col(Application.id)).where(col(Application.round_id) == bindparam("round_id"))
_ONE = _ALL.join(Applicant).where(col(Applicant.applicant_id) == bindparam("applicant_id"))


@dataclass(frozen=True, slots=True)
class Touched:
    """The subjects that an act is about: their kind and their numbers."""

    kind: str
    numbers: Sequence[int]


def perform(url: str, event: Event) -> Receipt:
    """Does an act in the round that it is addressed to, in one transaction where nothing fell due before it.

    What did happens first, in transactions of its own, so that its outcome never depends on when the last sweep ran.
    Raises RefusedError with a sentence when the procedure refuses; nothing is then written. A change that collides
    with another is tried again.
    """
    ensure_current(url)
    return again_on_conflict(lambda: _whole(url, event))


def _whole(url: str, event: Event) -> Receipt:
    with transaction(url) as session:
        event, the_round = located(session, event)
        behind = _behind(session, event)
        if not behind:
            return _act(session, the_round, event)
    sweep(url, event.at, only=behind.numbers, of=behind.kind)
    with transaction(url) as session:
        return act_in(session, event)


def swept_before(url: str, event: Event) -> Event:
    """The event in the round that it is addressed to, once everything that fell due before it has happened."""
    ensure_current(url)
    with transaction(url) as session:
        event, _ = located(session, event)
        behind = _behind(session, event)
    if behind:
        sweep(url, event.at, only=behind.numbers, of=behind.kind)
    return event


def swept_within(session: Session, event: Event) -> Event:
    """As `swept_before`, inside a transaction that its caller takes back."""
    event, _ = located(session, event)
    if behind := _behind(session, event):
        sweep_within(session, event.at, behind.numbers, behind.kind)
    return event


def again_on_conflict(act: Callable[[], Done]) -> Done:
    """Does something in a transaction of its own; a collision with somebody else's change is tried again."""
    for remaining in range(TRIES - 1, -1, -1):
        try:
            return act()
        except ConflictError:
            if not remaining:
                raise
    raise AssertionError("unreachable")


def act_in(session: Session, event: Event) -> Receipt:
    """The act inside a transaction, in the round that the event names. Raises RefusedError as the act does."""
    return _act(session, round_numbered(session, event.round_id), event)


def _act(session: Session, the_round: Round, event: Event) -> Receipt:
    ctx = context_of(session, the_round)
    may_act(session, ctx.policy.roles, event)
    return ACTS[event.name](session, ctx, event)


def _behind(session: Session, event: Event) -> Touched | None:
    """What the act is about, where something of it fell due before; the whole office is asked first, since nearly
    always nothing has."""
    today = local_day(event.at)
    if not is_anything_due(session, today):
        return None
    touched = _touched(session, event)
    of_them = col(Deadline.subject) == touched.kind, among(col(Deadline.subject_id), touched.numbers)
    due = select(col(Deadline.id)).where(*of_them, col(Deadline.check_on) <= today).limit(1)
    return touched if session.execute(due).first() else None


def _touched(session: Session, event: Event) -> Touched:
    """The kind and the numbers of what the act is about: the agreement or the dossier that it names, all agreements, or
    all dossiers of the round."""
    if event.name in ABOUT_ALL_AGREEMENTS:
        return Touched(AgreementCase.kind, kept_agreements(session))
    scope = CATALOGUE[event.name].scope
    if scope is Scope.AGREEMENT or (scope is Scope.ROUND and event.fields.get("agreement_number")):
        return Touched(AgreementCase.kind, touched_agreements(session, event))
    named = {"round_id": event.round_id}
    if applicant_id := event.fields.get("applicant_id"):
        return Touched(Case.kind, session.execute(_ONE, {**named, "applicant_id": applicant_id}).scalars().all())
    return Touched(Case.kind, session.execute(_ALL, named).scalars().all())
