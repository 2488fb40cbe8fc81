"""Agreements after their signature, as plain data: for the outcome of a round and for the pages of the office."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, AgreementEnding, Bar
from rules.case import Clock, Context
from rules.performance.records import AgreementCase
from rules.vocabulary import AgreementState
from tasks.agreements import current_of, load_agreements
from views.history import history_of


def agreements_of(session: Session, ctx: Context) -> dict[str, Any]:
    """`agreements` of a round that keeps their life: of each applicant the current one; nothing
    for a round that does not keep it."""
    if not ctx.policy.keeps_agreements:
        return {}
    kept = (col(Agreement.round_id) == ctx.round.id) & (col(Agreement.state) != AgreementState.DRAFT)
    by_applicant: dict[str, list[AgreementCase]] = {}
    for one in load_agreements(session, kept):
        by_applicant.setdefault(one.applicant_id, []).append(one)
    current = {number: current_of(found) for number, found in sorted(by_applicant.items())}
    return {"agreements": {number: _told(session, ctx, one) for number, one in current.items()}}


def _told(session: Session, ctx: Context, case: AgreementCase) -> dict[str, Any]:
    return {
        "number": case.number,
        "state": case.state.value,
        "term": {"from": case.effective_on.isoformat(), "to": case.expires_on.isoformat()},
        "suspensions": {"count": case.count, "limit": case.limit},
        "ground": _ground(ctx, case),
        "bar": bar_of(session, case.id),
        "grade": {},
        "deadlines": {kind: _deadline(case.clocks[kind]) for kind in sorted(case.clocks)},
        "history": history_of(session, case.kind, case.id),
    }


def _ground(ctx: Context, case: AgreementCase) -> dict[str, str]:
    """The first ground of dissolution that stands."""
    if not case.grounds:
        return {}
    code = case.grounds[0].code
    violation = ctx.policy.violation(code, case.type)
    return {"code": code, "clause": violation.clause if violation else ""}


def bar_of(session: Session, agreement_id: int) -> dict[str, str]:
    """The bar that followed from an agreement's dissolution, unless it was lifted."""
    query = select(col(Bar.from_on), col(Bar.last_day)).join(AgreementEnding)
    row = session.execute(
        query.where(col(AgreementEnding.agreement_id) == agreement_id, col(Bar.lifted_on).is_(None))
    ).first()
    return {"from": row[0].isoformat(), "last_day": row[1].isoformat()} if row else {}


def _deadline(clock: Clock) -> dict[str, Any]:
    told: dict[str, Any] = {"due": _text(clock.due_on), "status": clock.status}
    if clock.due_on is None:
        told |= {"earliest": _text(clock.earliest_on), "latest": _text(clock.latest_on)}
    return told | ({"on": _text(clock.closed_on)} if clock.closed_on else {})


def agreement_ends(session: Session, round_id: int) -> list[tuple[str, int]]:
    """The ends of the audit chains of a round's agreements."""
    query = select(col(Agreement.audit_head), col(Agreement.audit_seq)).where(col(Agreement.round_id) == round_id)
    rows = session.execute(query.where(col(Agreement.audit_seq) > 0).order_by(col(Agreement.id)))
    return [(row[0], row[1]) for row in rows]


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
