"""Agreements after their signature, as plain data: for the outcome of a round and for the pages of the office."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, AgreementEnding, Bar, Complaint, DoubleRandomDraw
from rules.case import Clock, Context
from rules.performance.records import AgreementCase
from rules.vocabulary import AgreementState
from tasks.agreements import current_of, load_agreements
from tasks.assessments import last_result
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
    told = {number: agreement_told(session, ctx, one) for number, one in current.items()}
    return {"agreements": told, **_inspections(session, ctx.round.id)}


def agreement_told(session: Session, ctx: Context, case: AgreementCase) -> dict[str, Any]:
    """One agreement: state, term, suspensions, ground, bar, grade, deadlines, history, complaints."""
    return {
        "number": case.number,
        "state": case.state.value,
        "term": {"from": case.effective_on.isoformat(), "to": case.expires_on.isoformat()},
        "suspensions": {"count": case.count, "limit": case.limit},
        "ground": _ground(ctx, case),
        "bar": bar_of(session, case.id),
        "grade": grade_of(session, case),
        "deadlines": {kind: _deadline(case.clocks[kind]) for kind in sorted(case.clocks)},
        "history": history_of(session, case.kind, case.id),
        **_complaints(session, case),
    }


def grade_of(session: Session, case: AgreementCase) -> dict[str, Any]:
    """The newest result of the institution's yearly assessments: its year, total, satisfaction, grade, coefficient."""
    row = last_result(session, case)
    if row is None:
        return {}
    told = {name: getattr(row, name) for name in ("year", "total", "satisfaction", "effect", "coefficient", "why")}
    return {"label": row.grade, **told, "published_on": row.concluded_on.isoformat()}


def _complaints(session: Session, case: AgreementCase) -> dict[str, Any]:
    """The complaints about an agreement; nothing where there is none."""
    rows = session.execute(
        select(Complaint).where(col(Complaint.agreement_id) == case.id).order_by(col(Complaint.id))
    ).scalars()
    told = [
        {"ref": one.ref, "status": one.status, "finding": one.finding, "replied_on": _text(one.replied_on)}
        for one in rows
    ]
    return {"complaints": told} if told else {}


def _inspections(session: Session, round_id: int) -> dict[str, Any]:
    """The plans of double random inspections of a round; nothing where there is none. Whom they drew is chance."""
    rows = session.execute(
        select(DoubleRandomDraw).where(col(DoubleRandomDraw.round_id) == round_id).order_by(col(DoubleRandomDraw.id))
    ).scalars()
    told = [
        {
            **{"ref": one.ref, "institutions": len(one.institutions), "wanted": one.wanted},
            "state": "revealed" if one.revealed_at else "drawn" if one.drawn_at else "planned",
        }
        for one in rows
    ]
    return {"inspections": told} if told else {}


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
