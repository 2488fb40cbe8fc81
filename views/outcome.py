"""The outcome of a round as one document, read from the database alone (the contract's form)."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Application, Deadline, Notice, Notification, Round
from models.subjects import is_of_dossier
from rules.audit import head_of
from rules.case import Case, Context
from rules.evaluation.states import ENDS, HOLDS_A_PLACE
from rules.vocabulary import ApplicantType, Channel, ClockStatus, NoticeKind, State
from tasks.case_loading import context_of
from tasks.panel import panel_of
from views.agreements import agreement_ends, agreements_of
from views.history import history_of

# The time limits that the outcome reports; the others are the office's own (see `policies/`).
REPORTED = ("preliminary_review", "whole_procedure", "signing")
OUTCOME_OF = {State.PUBLISHED: "SIGNED_FILED_PUBLISHED", State.TOO_EARLY: "NOT_ACCEPTED_LATE"}


def outcome_of(session: Session, the_round: Round) -> dict[str, Any]:
    """What became of a round: panel, ranking, places, notices, every applicant, breaches, messages, audit."""
    ctx = context_of(session, the_round)
    rows = _applications(session, the_round.id or 0)
    return {
        "procedure": the_round.procedure,
        "panel": list(panel_of(session, ctx)),
        "ranking": {type_.value: _order(the_round, type_) for type_ in ApplicantType},
        "vacant": {type_.value: _vacant(ctx, rows, type_) for type_ in ApplicantType},
        "notices": _notices(session, the_round.id or 0),
        "applicants": {applicant.applicant_id: _applicant(session, applicant, case) for applicant, case in rows},
        "breaches": _breaches(session, the_round.id or 0),
        **agreements_of(session, ctx),
        "notifications": _notifications(session, the_round.id or 0),
        "audit": _audit(session, the_round.id or 0),
    }


def _applications(session: Session, round_id: int) -> list[tuple[Applicant, Application]]:
    query = select(Applicant, Application).join(Application).where(col(Applicant.round_id) == round_id)
    return [(row[0], row[1]) for row in session.execute(query.order_by(col(Applicant.applicant_id)))]


def _order(the_round: Round, type_: ApplicantType) -> list[str]:
    return [one["applicant_id"] for one in the_round.ranking.get(type_.value, {}).get("order", [])]


def _vacant(ctx: Context, rows: list[tuple[Applicant, Application]], type_: ApplicantType) -> int:
    """Announced places that nobody holds (A7-19)."""
    taken = sum(1 for _, case in rows if case.type == type_ and case.state in HOLDS_A_PLACE)
    return max(ctx.round.quota[type_.value] - taken, 0)


def _notices(session: Session, round_id: int) -> list[dict[str, Any]]:
    """The notices with a period to object; the final list is published, not laid open, and has none (五(四))."""
    query = select(Notice).where(col(Notice.round_id) == round_id, col(Notice.kind) != NoticeKind.FINAL_RESULT)
    return [
        {
            "kind": notice.kind,
            "starts_on": _text(notice.starts_on),
            "last_day": _text(notice.last_day),
            "applicants": sorted(entry["applicant_id"] for entry in notice.snapshot["entries"]),
        }
        for notice in session.execute(query.order_by(col(Notice.id))).scalars()
    ]


def _applicant(session: Session, applicant: Applicant, case: Application) -> dict[str, Any]:
    state = State(case.state)
    is_over = state in OUTCOME_OF or state in ENDS
    told: dict[str, Any] = {
        "outcome": OUTCOME_OF.get(state, state.value) if is_over else "IN_PROGRESS",
        "reasons": [{"code": one["code"], "clause": one["clause"]} for one in case.reasons] if is_over else [],
    }
    if case.mean_score is not None:
        told["mean_score"] = case.mean_score
    if case.rank is not None:
        told["rank"] = case.rank
    return {**told, "deadlines": _deadlines(session, case), "history": history_of(session, Case.kind, case.id or 0)}


def _deadlines(session: Session, case: Application) -> dict[str, dict[str, Any]]:
    query = select(Deadline).where(is_of_dossier(Deadline, case.id))
    clocks = {clock.kind: clock for clock in session.execute(query).scalars()}
    return {kind: _deadline(clocks[kind], case) if kind in clocks else {} for kind in REPORTED}


def _deadline(clock: Deadline, case: Application) -> dict[str, Any]:
    status = ClockStatus(clock.status)
    told: dict[str, Any] = {"due": _text(clock.due_on), "status": status.value}
    if status is ClockStatus.ENDED:
        told["status"] = ClockStatus.MET.value
    elif status is ClockStatus.RUNNING and case.holds and clock.kind == "signing":
        told["status"] = ClockStatus.SUSPENDED.value
    if clock.due_on is None:
        told |= {"earliest": _text(clock.earliest_on), "latest": _text(clock.latest_on)}
    if clock.closed_on is not None:
        told["on"] = _text(clock.closed_on)
    return told


def _breaches(session: Session, round_id: int) -> list[dict[str, Any]]:
    query = (
        select(col(Applicant.applicant_id), col(Deadline.kind), col(Deadline.due_on), col(Deadline.closed_on))
        .join(Application, col(Application.applicant_pk) == col(Applicant.id))
        .join(Deadline, is_of_dossier(Deadline, Application.id))
        .where(col(Applicant.round_id) == round_id, col(Deadline.status) == ClockStatus.BREACHED)
        .where(col(Deadline.kind).in_(REPORTED))
        .order_by(col(Applicant.applicant_id), col(Deadline.due_on))
    )
    return [
        {"applicant_id": row[0], "deadline": row[1], "due": _text(row[2]), "on": _text(row[3])}
        for row in session.execute(query)
    ]


def _notifications(session: Session, round_id: int) -> dict[str, Any]:
    """Each notice once: what goes by short message as well is owed by e-mail too."""
    once = col(Notification.round_id) == round_id, col(Notification.channel) == Channel.EMAIL
    events = session.execute(select(col(Notification.event)).where(*once)).scalars()
    by_event = Counter(events)
    return {"queued": by_event.total(), "by_event": dict(sorted(by_event.items()))}


def _audit(session: Session, round_id: int) -> dict[str, Any]:
    """How many records there are, and one hash over the ends of all chains of the round."""
    query = select(col(Application.audit_head), col(Application.audit_seq)).where(col(Application.round_id) == round_id)
    ends = [(row[0], row[1]) for row in session.execute(query.order_by(col(Application.id)))]
    ends.append(
        tuple(
            session.execute(select(col(Round.audit_head), col(Round.audit_seq)).where(col(Round.id) == round_id)).one()
        )
    )
    ends += agreement_ends(session, round_id)
    return {"records": sum(seq for _, seq in ends), "head": head_of(head for head, _ in ends)}


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
