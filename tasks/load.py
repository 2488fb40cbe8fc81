"""Who did how much this week, from the audit records, and what waits for which role."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import AuditRecord, MessageAct, Staff
from rules.case import SYSTEM
from rules.localtime import ZONE, local_day
from rules.policy import Policy
from rules.vocabulary import ClockKind, State
from tasks.labels import LABELS, ROLES
from tasks.next_acts import act_owed, roles_by_act

PEOPLE = 30


def monday_of(at: datetime) -> datetime:
    """The first instant of the week, in Beijing."""
    today = local_day(at)
    return datetime.combine(today - timedelta(days=today.weekday()), time(), ZONE)


def acts_done(session: Session, at: datetime) -> list[dict[str, Any]]:
    """The acts of persons since Monday, by who acted, the busiest first; the clock's own acts are nobody's."""
    done: dict[str, Counter[str]] = defaultdict(Counter)
    since = monday_of(at)
    for model, act in ((AuditRecord, col(AuditRecord.event)), (MessageAct, col(MessageAct.act))):
        query = select(col(model.by), act, func.count()).where(col(model.at) >= since, col(model.by) != SYSTEM)
        for by, name, count in session.execute(query.group_by(col(model.by), act)).tuples():
            done[by][name] += count
    busiest = sorted(done.items(), key=lambda one: (-one[1].total(), one[0]))[:PEOPLE]
    names = staff_names(session, [by for by, _ in busiest])
    return [
        {
            "by": by,
            "name": names.get(by, ""),
            "total": acts.total(),
            "acts": [{"act": act, "label": LABELS.get(act, act), "count": count} for act, count in acts.most_common()],
        }
        for by, acts in busiest
    ]


def staff_names(session: Session, numbers: Iterable[str]) -> dict[str, str]:
    """The names of those whose numbers are on the staff list."""
    query = select(col(Staff.staff_no), col(Staff.name)).where(col(Staff.staff_no).in_(set(numbers)))
    return dict(session.execute(query).tuples().all())


def acts_waiting(counted: Iterable[Any], policy: Policy) -> list[dict[str, Any]]:
    """What the authority owes, by act: how many dossiers wait for it, how many are late, and which roles may act."""
    waiting: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in counted:
        if row.waits_for == ClockKind.AUTHORITY:
            is_held = row.urgency == "held"
            act = act_owed(State(row.state), is_held)
            waiting[act, "" if is_held else row.state][row.urgency] += row.dossiers
    roles = roles_by_act(policy)
    rows = [
        {
            "act": act,
            "label": LABELS[act],
            "state": state,
            "roles": [ROLES[role] for role in roles[act]],
            "count": by_urgency.total(),
            "late": by_urgency["late"],
        }
        for (act, state), by_urgency in waiting.items()
    ]
    order = list(State)
    return sorted(rows, key=lambda row: order.index(State(row["state"])) if row["state"] else -1)
