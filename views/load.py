"""工作量: who in the office looks after how much, what of it is late, what he may confirm, what he did this week."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Application, DossierHandler, Staff
from rules.evaluation.states import UNFINISHED
from rules.localtime import ZONE, local_day
from rules.second_persons import EVERY_ROLE
from rules.vocabulary import ClockKind
from tasks.absences import away_on
from tasks.labels import ROLES
from tasks.roles import label_of
from views.dossiers import nearest, urgency_of, waits_for
from views.my_tasks import to_confirm
from views.workload import acts_done

Told = dict[str, Any]
NOBODY = ""


def load_of_office(session: Session, at: datetime) -> Told:
    """Everybody who acts, with what he has; and the open dossiers that nobody looks after."""
    today = local_day(at)
    open_ones = _handled(session, at)
    done = {one["by"]: one for one in acts_done(session, at)}
    listed = session.execute(select(Staff).where(col(Staff.is_active)).order_by(col(Staff.staff_no))).scalars()
    people = [one for one in listed if {*ROLES, EVERY_ROLE}.intersection(one.roles)]
    away = {one.staff_no: away_on(session, one.staff_no, today) for one in people}
    return {
        "as_of": at.astimezone(ZONE).isoformat(),
        "people": [
            {
                "staff_no": one.staff_no,
                "name": one.name,
                "roles": label_of(one.roles),
                **_figures(open_ones[one.staff_no]),
                "to_confirm": len(to_confirm(session, one.staff_no, today)),
                "done": done.get(one.staff_no, {}).get("total", 0),
                "touched": done.get(one.staff_no, {}).get("dossiers", 0),
                "away": f"请假至 {absent.to_on}，{absent.deputy} 代办" if (absent := away[one.staff_no]) else "",
            }
            for one in people
        ],
        "nobody": _figures(open_ones[NOBODY]),
    }


def _figures(counted: Counter[str]) -> Told:
    return {name: counted[name] for name in ("open", "ours", "late")}


def _handled(session: Session, at: datetime) -> dict[str, Counter[str]]:
    """By who looks after them: the `open` dossiers, `ours` of them (the office's move), and those that are `late`."""
    clock = nearest()
    newest = select(func.max(col(DossierHandler.id))).group_by(col(DossierHandler.application_id))
    handler = select(DossierHandler).where(col(DossierHandler.id).in_(newest)).subquery("handler")
    keys = (
        func.coalesce(handler.c.staff_no, NOBODY).label("handler"),
        urgency_of(clock, local_day(at)).label("urgency"),
        waits_for(clock).label("mover"),
    )
    query = (
        select(*keys, func.count().label("dossiers"))
        .select_from(Application)
        .outerjoin(handler, handler.c.application_id == col(Application.id))
        .outerjoin(clock, clock.c.subject_id == col(Application.id))
        .where(col(Application.state).in_(UNFINISHED))
        .group_by(*keys)
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for who, urgency, mover, dossiers in session.execute(query):
        is_ours = mover == ClockKind.AUTHORITY
        is_late = is_ours and urgency == "late"
        found[who].update({"open": dossiers, "ours": dossiers * is_ours, "late": dossiers * is_late})
    return found
