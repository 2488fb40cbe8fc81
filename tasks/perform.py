"""Carries out one act of a person: due clocks first, then the act, each in one transaction; refusals write nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from models import Applicant, Application
from models.database import transaction
from models.migrate import ensure_current
from rules.acts import CATALOGUE, Scope
from rules.case import Case, Event
from rules.errors import ConflictError
from rules.performance.records import AgreementCase
from tasks.act_result import Receipt
from tasks.acts import ACTS
from tasks.addressing import in_its_round
from tasks.agreements import kept_agreements, touched_agreements
from tasks.case_loading import context_of, round_numbered
from tasks.roles import may_act
from tasks.sweep import sweep, sweep_within

TRIES = 3
ABOUT_ALL_AGREEMENTS = ("conclude_assessment",)
Done = TypeVar("Done")
_ALL = select(col(Application.id)).where(col(Application.round_id) == bindparam("round_id"))
_ONE = _ALL.join(Applicant).where(col(Applicant.applicant_id) == bindparam("applicant_id"))


def perform(url: str, event: Event) -> Receipt:
    """Does an act in the round that it is addressed to.

    What fell due before the act happens first, so that its outcome never depends on when the last sweep ran.
    Raises RefusedError with a sentence when the procedure refuses; nothing is then written. A change that collides
    with another is tried again.
    """
    event = swept_before(url, event)
    return again_on_conflict(lambda: _once(url, event))


def swept_before(url: str, event: Event) -> Event:
    """The event in the round that it is addressed to, once everything that fell due before it has happened."""
    ensure_current(url)
    with transaction(url) as session:
        event = in_its_round(session, event)
        kind, due = _touched(session, event)
    sweep(url, event.at, only=due, of=kind)
    return event


def swept_within(session: Session, event: Event) -> Event:
    """As `swept_before`, inside a transaction that its caller takes back."""
    event = in_its_round(session, event)
    kind, due = _touched(session, event)
    sweep_within(session, event.at, due, kind)
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


def _once(url: str, event: Event) -> Receipt:
    with transaction(url) as session:
        return act_in(session, event)


def act_in(session: Session, event: Event) -> Receipt:
    """The act inside a transaction, in the round that the event names. Raises RefusedError as the act does."""
    ctx = context_of(session, round_numbered(session, event.round_id))
    may_act(session, ctx.policy.roles, event)
    return ACTS[event.name](session, ctx, event)


def _touched(session: Session, event: Event) -> tuple[str, list[int]]:
    """The kind and the numbers of what the act is about: the agreement or the dossier that it names, all agreements, or
    all dossiers of the round."""
    if event.name in ABOUT_ALL_AGREEMENTS:
        return AgreementCase.kind, kept_agreements(session)
    scope = CATALOGUE[event.name].scope
    if scope is Scope.AGREEMENT or (scope is Scope.ROUND and event.fields.get("agreement_number")):
        return AgreementCase.kind, touched_agreements(session, event)
    named = {"round_id": event.round_id}
    if applicant_id := event.fields.get("applicant_id"):
        return Case.kind, list(session.execute(_ONE, {**named, "applicant_id": applicant_id}).scalars())
    return Case.kind, list(session.execute(_ALL, named).scalars())
