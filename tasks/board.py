"""The round at a glance: how many dossiers stand in each step, and which limits are near, late, provisional or held."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Applicant, Application, Deadline, Round
from policies.loader import load_policy
from rules.localtime import ZONE, local_day
from rules.vocabulary import ApplicantType, ClockStatus, State
from tasks.casebook import current_round

OPEN = (ClockStatus.RUNNING.value, ClockStatus.PROVISIONAL.value, ClockStatus.BREACHED.value)
A_WEEK = timedelta(days=7)
SHOWN = 200


def board(session: Session, at: datetime, round_id: int | None = None) -> dict[str, Any]:
    """The pipeline and the open cases with their nearest limit, the most urgent first."""
    the_round = current_round(session, round_id)
    today = local_day(at)
    cases = _open_cases(session, the_round, today)
    return {
        "round": the_round.name,
        "year": the_round.year,
        "as_of": at.astimezone(ZONE).isoformat(),
        "pipeline": _pipeline(session, the_round.id or 0),
        "counts": dict(Counter(case["urgency"] for case in cases)),
        "cases": cases[:SHOWN],
        "open": len(cases),
    }


def _pipeline(session: Session, round_id: int) -> list[dict[str, Any]]:
    """Every step that has dossiers, in the order of the procedure, by type."""
    query = select(col(Application.state), col(Application.type), func.count())
    query = query.where(col(Application.round_id) == round_id).group_by(col(Application.state), col(Application.type))
    counted = {(row[0], row[1]): row[2] for row in session.execute(query)}
    steps = [
        {"state": state.value, "label": state.label} | {t.value: counted.get((state, t), 0) for t in ApplicantType}
        for state in State
    ]
    return [step for step in steps if any(step[t.value] for t in ApplicantType)]


def _open_cases(session: Session, the_round: Round, today: date) -> list[dict[str, Any]]:
    labels = {kind: rule.label for kind, rule in load_policy().clocks.items()}
    query = (
        select(
            *(col(Applicant.applicant_id), col(Applicant.name), col(Application.state), col(Application.holds)),
            *(col(Deadline.kind), col(Deadline.due_on), col(Deadline.latest_on), col(Deadline.status)),
        )
        .join(Application, col(Application.applicant_pk) == col(Applicant.id))
        .join(Deadline, col(Deadline.application_id) == col(Application.id))
        .where(col(Application.round_id) == the_round.id, col(Deadline.closed_on).is_(None))
        .where(col(Deadline.status).in_(OPEN))
        .order_by(col(Deadline.latest_on), col(Applicant.applicant_id))
    )
    nearest: dict[str, dict[str, Any]] = {}
    for applicant_id, name, state, holds, kind, due_on, latest_on, status in session.execute(query):
        if applicant_id not in nearest:
            nearest[applicant_id] = {
                "applicant_id": applicant_id,
                "name": name,
                "state": state,
                "state_label": State(state).label,
                "deadline": kind,
                "deadline_label": labels[kind],
                "due": due_on.isoformat() if due_on else None,
                "latest": latest_on.isoformat(),
                "urgency": _urgency(due_on, status, holds, today),
            }
    return list(nearest.values())


def _urgency(due_on: date | None, status: str, holds: int, today: date) -> str:
    if holds:
        return "held"
    if due_on is None:
        return "provisional"
    if due_on < today or status == ClockStatus.BREACHED:
        return "late"
    if due_on == today:
        return "today"
    return "this_week" if due_on <= today + A_WEEK else "later"
