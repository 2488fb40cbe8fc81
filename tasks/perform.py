"""Carries out one act of a person: due clocks first, then the act, each in one transaction; refusals write nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Application
from models.database import transaction
from models.migrate import ensure_current
from policies.documents import DocumentPolicy
from rules.acts import CATALOGUE, Scope
from rules.case import Case, Event
from rules.errors import ConflictError, NotEntitledError
from rules.performance.records import AgreementCase
from rules.policy import Policy
from tasks.act_result import Receipt
from tasks.acts import ACTS
from tasks.addressing import in_its_round
from tasks.agreements import touched_agreements
from tasks.case_loading import context_of, round_numbered
from tasks.staff import on_staff
from tasks.sweep import sweep

TRIES = 3
Done = TypeVar("Done")


def perform(url: str, event: Event) -> Receipt:
    """Does an act in the round that it is addressed to.

    What fell due before the act happens first, so that its outcome never depends on when the last sweep ran.
    Raises RefusedError with a sentence when the procedure refuses; nothing is then written. A change that collides
    with another is tried again.
    """
    ensure_current(url)
    with transaction(url) as session:
        event = in_its_round(session, event)
        kind, due = _touched(session, event)
    sweep(url, event.at, only=due, of=kind)
    return again_on_conflict(lambda: _once(url, event))


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
        ctx = context_of(session, round_numbered(session, event.round_id))
        may_act(session, ctx.policy, event)
        return ACTS[event.name](session, ctx, event)


def _touched(session: Session, event: Event) -> tuple[str, list[int]]:
    """The kind and the numbers of what the act is about: the agreement or the dossier that it names, or all dossiers of
    the round."""
    if CATALOGUE[event.name].scope is Scope.AGREEMENT:
        return AgreementCase.kind, touched_agreements(session, event)
    query = select(col(Application.id)).where(col(Application.round_id) == event.round_id)
    if applicant_id := event.fields.get("applicant_id"):
        query = query.join(Applicant).where(col(Applicant.applicant_id) == applicant_id)
    return Case.kind, list(session.execute(query).scalars())


def may_act(session: Session, policy: Policy | DocumentPolicy, event: Event) -> None:
    """Refuses whoever is not on the staff list, has left, or has no role for the act."""
    person = on_staff(session, event.by)
    if "all" in person.roles or any(event.name in policy.roles.get(role, ()) for role in person.roles):
        return
    raise NotEntitledError(f"工号“{event.by}”的岗位不能办理此事项，请由有权限的人员办理")
