"""早间提要: what waits this morning for each member of the office who is told by himself; counts, never whose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import select
from sqlmodel import Session, col

from foundation.settings import get_settings
from models import Staff
from models.database import reading
from models.schedules import known_workdays
from notifications.staff.settings import StaffSettings
from rules.localtime import local_day
from tasks import surroundings
from tasks.absences import away_on, covered_by
from tasks.messages.morning import owe_morning
from views.my_tasks import how_many

Told = dict[str, Any]


def waiting_for(session: Session, numbers: Sequence[str], at: datetime) -> dict[str, Told]:
    """What waits for each of these who is on duty, not away, and for whom something waits; on a working day only."""
    today, workdays = local_day(at), known_workdays(session)
    if not workdays.is_published(today) or not workdays.is_working(today):
        return {}
    people = select(Staff).where(col(Staff.is_active), col(Staff.staff_no).in_(numbers))
    found: dict[str, Told] = {}
    for one in session.execute(people.order_by(col(Staff.staff_no))).scalars():
        if away_on(session, one.staff_no, today) is None:
            waits = how_many(session, one.staff_no, one.roles, at)
            if waits.to_do or waits.to_confirm:
                stands_in = [away.staff_no for away in covered_by(session, one.staff_no, today)]
                told = {"to_do": waits.to_do, "late": waits.late, "to_confirm": waits.to_confirm}
                found[one.staff_no] = {"told_on": today.isoformat(), **told, "stands_in": stands_in}
    return found


def tell(url: str, numbers: Sequence[str], at: datetime) -> int:
    """Owes each his digest, once a day; says how many are new."""
    with reading(url) as session:
        found = waiting_for(session, numbers, at)
    return owe_morning(url, found, at)


@task(name="早间提要", cache_policy=NO_CACHE)
def tell_the_morning() -> int:
    """Owes the digest to everybody whose number has an address."""
    people = StaffSettings.from_settings(get_settings()).people
    return tell(surroundings.database_url(), people, surroundings.now()) if people else 0
