"""Who works here."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session, col

from models import Staff
from rules.errors import NotEntitledError


def on_staff(session: Session, staff_no: str) -> Staff:
    """Somebody who works here. Refuses whoever is not on the staff list or has left."""
    person: Staff | None = session.execute(select(Staff).where(col(Staff.staff_no) == staff_no)).scalar_one_or_none()
    if person is None or not person.is_active:
        raise NotEntitledError(f"工号“{staff_no}”不在在岗人员名单中：请核对工号，或由管理员登记")
    return person
