"""Who works here, and whether there are enough to act by two."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from models import Staff
from rules.errors import NotEntitledError
from rules.second_persons import EVERY_ROLE
from tasks.labels import ROLES

_NUMBERED = select(Staff).where(col(Staff.staff_no) == bindparam("staff_no"))


def on_staff(session: Session, staff_no: str) -> Staff:
    """Somebody who works here. Refuses whoever is not on the staff list or has left."""
    person: Staff | None = session.execute(_NUMBERED, {"staff_no": staff_no}).scalar_one_or_none()
    if person is None or not person.is_active:
        raise NotEntitledError(f"工号“{staff_no}”不在在岗人员名单中：请核对工号，或由管理员登记")
    return person


def is_set_up(session: Session) -> bool:
    """Whether two people who act are on duty: from then on what concerns people wants two."""
    active = session.execute(select(col(Staff.roles)).where(col(Staff.is_active))).scalars()
    return sum(not set(roles).isdisjoint({*ROLES, EVERY_ROLE}) for roles in active) > 1


def staff_names(session: Session, numbers: Iterable[str]) -> dict[str, str]:
    """The names of those whose numbers are on the staff list."""
    query = select(col(Staff.staff_no), col(Staff.name)).where(col(Staff.staff_no).in_(set(numbers)))
    return dict(session.execute(query).tuples().all())
