"""Who did how much this week, from the audit records, and what waits for which role."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import case, distinct, func, literal, select
from sqlmodel import Session, col

from models import AuditRecord, MessageAct
from rules.case import SYSTEM
from rules.evaluation import EVALUATION
from rules.localtime import ZONE, local_day
from rules.policy import Policy
from rules.vocabulary import AuditSubject, ClockKind, State
from tasks.labels import LABELS, ROLES
from tasks.staff import staff_names
from views.next_steps import act_owed

PEOPLE = 30


def monday_of(at: datetime) -> datetime:
    """The first instant of the week, in Beijing."""
    today = local_day(at)
    return datetime.combine(today - timedelta(days=today.weekday()), time(), ZONE)


def acts_done(session: Session, at: datetime) -> list[dict[str, Any]]:
    """The acts of persons since Monday, by who acted, the busiest first: how many acts, and how many dossiers these
    touched (a batch is one act). The clock's own acts are nobody's."""
    done: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for by, act, acts, dossiers in (*_recorded(session, monday_of(at)), *_with_messages(session, monday_of(at))):
        done[by].append((act, acts, dossiers))
    busiest = sorted(done.items(), key=lambda one: (-sum(acts for _, acts, _ in one[1]), one[0]))[:PEOPLE]
    names = staff_names(session, [by for by, _ in busiest])
    return [{"by": by, "name": names.get(by, ""), **_summed(acts)} for by, acts in busiest]


def _recorded(session: Session, since: datetime) -> list[Any]:
    of_a_case = case((col(AuditRecord.subject) == AuditSubject.APPLICATION, 1), else_=0)
    figures = (func.count(distinct(col(AuditRecord.at))), func.sum(of_a_case))
    query = select(col(AuditRecord.by), col(AuditRecord.event), *figures)
    query = query.where(col(AuditRecord.at) >= since, col(AuditRecord.by) != SYSTEM)
    return list(session.execute(query.group_by(col(AuditRecord.by), col(AuditRecord.event))).all())


def _with_messages(session: Session, since: datetime) -> list[Any]:
    query = select(col(MessageAct.by), col(MessageAct.act), func.count(), literal(0))
    query = query.where(col(MessageAct.at) >= since, col(MessageAct.by) != SYSTEM)
    return list(session.execute(query.group_by(col(MessageAct.by), col(MessageAct.act))).all())


def _summed(done: list[tuple[str, int, int]]) -> dict[str, Any]:
    acts = [{"act": act, "label": LABELS.get(act, act), "count": count} for act, count, _ in done]
    return {
        "total": sum(count for _, count, _ in done),
        "dossiers": sum(dossiers for _, _, dossiers in done),
        "acts": sorted(acts, key=lambda one: (-int(str(one["count"])), str(one["act"]))),
    }


def acts_waiting(counted: Iterable[Any], policy: Policy) -> list[dict[str, Any]]:
    """What the authority owes, by act: how many dossiers wait for it, how many are late, and which roles may act."""
    waiting: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in counted:
        if row.waits_for == ClockKind.AUTHORITY:
            is_held = row.urgency == "held"
            act = act_owed(State(row.state), is_held)
            waiting[act, "" if is_held else row.state][row.urgency] += row.dossiers
    rows = [
        {
            "act": act,
            "label": LABELS[act],
            "state": state,
            "roles": [ROLES[role] for role, acts in policy.roles.items() if act in acts],
            "count": by_urgency.total(),
            "late": by_urgency["late"],
        }
        for (act, state), by_urgency in waiting.items()
    ]
    return sorted(rows, key=lambda row: EVALUATION.place(State(row["state"])) if row["state"] else -1)
