"""The round at a glance: how many dossiers stand in each step, and which limits are near, late, provisional or held.

One reading serves the command line, the page in Prefect and the board's own pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Application, Deadline, Round
from models.development import plans_of
from models.pinned import policy_of
from models.subjects import is_of_dossier
from rules.case import Context
from rules.evaluation.states import UNFINISHED
from rules.localtime import ZONE, local_day
from rules.policy import Policy
from rules.vocabulary import ApplicantType, ClockKind, RoundKind, State
from tasks.case_loading import context_of, round_numbered
from views.dossiers import OPEN, Wanted, counts, page
from views.message_board import people_wanted
from views.rules import rules_words
from views.slack import slack_by_step
from views.workload import acts_done, acts_waiting

SHOWN = 200
DAYS_AHEAD = 10


def board(session: Session, at: datetime, round_id: int) -> dict[str, Any]:
    """The pipeline and the open cases with their nearest limit, the most urgent first."""
    the_round = round_numbered(session, round_id)
    today = local_day(at)
    counted = counts(session, the_round.id or 0, today)
    cases = page(session, Wanted(round_id=the_round.id or 0, step="limited"), today, SHOWN)
    policy = policy_of(session, the_round)
    return {
        **_headed(the_round, at),
        "pipeline": _pipeline(counted),
        "counts": _by_urgency(counted),
        "cases": [case_line(row, policy) for row in cases.rows],
        "open": cases.total,
    }


def overview(session: Session, at: datetime, round_id: int) -> dict[str, Any]:
    """The board's first page: counts only, no list; its cost does not grow with what it does not show."""
    the_round = round_numbered(session, round_id)
    ctx, today = context_of(session, the_round), local_day(at)
    counted = counts(session, ctx.round.id, today)
    return {
        **_headed(the_round, at),
        "round_id": ctx.round.id,
        "rounds": rounds(session),
        "plan": plan_words(session, ctx),
        "rules": rules_words(session, ctx.round.id),
        "pipeline": _pipeline(counted),
        "counts": _by_urgency(counted),
        "open": sum(row.dossiers for row in counted if row.state in UNFINISHED),
        "agency": sum(row.dossiers for row in counted if row.waits_for == ClockKind.AUTHORITY),
        "slack": slack_by_step(session, ctx, today),
        "waiting": acts_waiting(counted, ctx.policy),
        "done": acts_done(session, at),
        "due_days": due_days(session, ctx, today),
        "people_wanted": people_wanted(session, at),
    }


def pipeline(session: Session, at: datetime, round_id: int) -> list[dict[str, Any]]:
    """Every step of a round that has dossiers, with how many of each type."""
    the_round = round_numbered(session, round_id)
    return _pipeline(counts(session, the_round.id or 0, local_day(at)))


def rounds(session: Session) -> list[dict[str, Any]]:
    """Every announced round, the newest first; the register of agreements of before is none."""
    evaluated = col(Round.kind) == RoundKind.EVALUATION
    query = select(col(Round.id), col(Round.name), col(Round.year)).where(evaluated).order_by(col(Round.id).desc())
    return [dict(row) for row in session.execute(query).mappings()]


def plan_words(session: Session, ctx: Context) -> str:
    """The yearly plan that the round rests on, with its places; empty where none was recorded."""
    day = date.fromisoformat(ctx.round.announcement["plan_approved_on"])
    plan = plans_of(session, ctx.round.county, ctx.round.year).get(day)
    if plan is None:
        return ""
    places = "，".join(f"{one.label} {plan.quota.get(one.value, 0)} 家" for one in ApplicantType)
    return f"《{plan.title}》{plan.number}，{plan.approved_by} {plan.approved_on} 批准：{places}"


def case_line(row: dict[str, Any], policy: Policy) -> dict[str, Any]:
    """A row of `views.dossiers.page` as the views show it, in the words of its round's rules."""
    kind, due_on, latest_on = row["kind"], row["due_on"], row["latest_on"]
    return {
        "applicant_id": row["applicant_id"],
        "name": row["name"],
        "state": row["state"],
        "state_label": State(row["state"]).label,
        "deadline": kind or "",
        "deadline_label": policy.clocks[kind].label if kind else "",
        "due": due_on.isoformat() if due_on else None,
        "latest": latest_on.isoformat() if latest_on else None,
        "urgency": row["urgency"],
    }


def due_days(session: Session, ctx: Context, today: date) -> list[dict[str, Any]]:
    """The next days on which limits end, in order, with how many of each kind."""
    query = (
        select(col(Deadline.due_on), col(Deadline.kind), func.count())
        .join(Application, is_of_dossier(Deadline, Application.id))
        .where(col(Application.round_id) == ctx.round.id, col(Deadline.due_on) >= today)
        .where(col(Deadline.closed_on).is_(None), col(Deadline.status).in_(OPEN))
        .group_by(col(Deadline.due_on), col(Deadline.kind))
        .order_by(col(Deadline.due_on), col(Deadline.kind))
    )
    clocks = ctx.policy.clocks
    rows = session.execute(query.limit(DAYS_AHEAD * len(clocks))).tuples().all()
    days = [(day, list(limits)) for day, limits in groupby(rows, key=itemgetter(0))]
    return [
        {
            "due_on": day,
            "count": sum(n for *_, n in limits),
            "limits": [(clocks[kind].label, n) for _, kind, n in limits],
        }
        for day, limits in days[:DAYS_AHEAD]
    ]


def _headed(the_round: Round, at: datetime) -> dict[str, Any]:
    return {"round": the_round.name, "year": the_round.year, "as_of": at.astimezone(ZONE).isoformat()}


def _by_urgency(counted: Iterable[Any]) -> dict[str, int]:
    tally: Counter[str] = Counter()
    for row in counted:
        tally[row.urgency] += row.dossiers
    return {urgency: count for urgency, count in tally.items() if urgency != "none"}


def _pipeline(counted: Iterable[Any]) -> list[dict[str, Any]]:
    """Every step that has dossiers, in the order of the procedure, by type."""
    tally: Counter[tuple[str, str]] = Counter()
    for row in counted:
        tally[row.state, row.type] += row.dossiers
    steps = [
        {"state": state.value, "label": state.label} | {t.value: tally[state.value, t.value] for t in ApplicantType}
        for state in State
    ]
    return [step for step in steps if any(step[t.value] for t in ApplicantType)]
