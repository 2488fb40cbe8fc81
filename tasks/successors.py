"""What becomes of a renewed agreement when the one before it ends otherwise than by its term: it was signed for an
institution that is designated. Whoever is dissolved is out for three years (六(三)), whoever left has left; a
dissolution that proved wrong brings the renewal back (更正规则)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col

from models import Agreement
from models.bulk import among
from rules.case import SYSTEM, Change, Context, Event, Refused
from rules.performance import PERFORMANCE
from rules.performance.records import AgreementCase
from rules.performance.states import OUT
from tasks.advance import advance
from tasks.agreements import load_agreements, note_what_ran_out


def follow_agreements(session: Session, ctx: Context, changes: Sequence[Change[AgreementCase]]) -> None:
    """What follows from the changes of agreements, in the same transaction: orders that ran out are noted, renewals go
    the way of what they renew."""
    note_what_ran_out(session, ctx, changes)
    turned = {change.case.id: change for change in changes if _turns(change)}
    if not turned:
        return
    session.expire_all()  # the one writer writes by bulk statements: what is loaded already is stale
    renewals = load_agreements(session, among(col(Agreement.previous_id), list(turned)))
    moved = [change for one in renewals for change in _moved(one, turned, ctx)]
    advance(session, ctx, moved)
    follow_agreements(session, ctx, moved)


def _turns(change: Change[AgreementCase]) -> bool:
    moves = change.case.state is not change.outcome.to
    return moves and (change.case.state in OUT or change.outcome.to in OUT)


def _moved(case: AgreementCase, turned: dict[int, Change[AgreementCase]], ctx: Context) -> list[Change[AgreementCase]]:
    """The change of a renewal; none where it has ended by itself meanwhile."""
    before = turned[case.previous_id or 0]
    name = "previous_over" if before.outcome.to in OUT else "previous_restored"
    event = Event(name, before.event.at, SYSTEM, {"previous": before.case.number})
    outcome = PERFORMANCE.decide(case, event, ctx)
    return [] if isinstance(outcome, Refused) else [Change(case, event, outcome)]
