"""Changes of the staff list: who comes, who gets other roles, who leaves. Always an act of two persons."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models import Staff
from policies.second_persons import load_second_persons
from rules.case import Event
from rules.errors import RefusedError
from rules.localtime import local_day
from tasks.accounts import end_sessions
from tasks.act_result import Receipt
from tasks.labels import ROLES
from tasks.roles import may_act


def change_staff(session: Session, event: Event) -> Receipt:
    """Somebody is put on the list, gets other roles, or is off duty; nobody is deleted, and nobody changes himself.

    Raises NotEntitledError for who may not propose it, RefusedError for a change that changes nothing.
    """
    _expect_proposer(session, event)
    fields = event.fields
    if fields["staff_no"] == event.by:
        raise RefusedError("不能变更本人的岗位：请由另一名有权限的人员提请")
    query = select(Staff).where(col(Staff.staff_no) == fields["staff_no"])
    person: Staff | None = session.execute(query).scalar_one_or_none()
    now = {"name": fields["name"], "roles": list(fields["roles"]), "is_active": fields["is_active"]}
    if person is None and not fields["is_active"]:
        raise RefusedError(f"没有工号“{fields['staff_no']}”，无从停用：请核对工号")
    person = person or Staff(staff_no=fields["staff_no"], name="")
    if all(getattr(person, name) == value for name, value in now.items()):
        raise RefusedError(f"工号“{fields['staff_no']}”已是所填的情形，无需变更")
    for name, value in now.items():
        setattr(person, name, value)
    session.add(person)
    session.flush()
    if not person.is_active:
        end_sessions(session, person.staff_no, datetime.now(UTC))
    return Receipt(f"{person.staff_no} {person.name}：{_standing(person)}。", 0)


def _expect_proposer(session: Session, event: Event) -> None:
    rule = load_second_persons(local_day(event.at))[event.name]
    may_act(session, dict.fromkeys(rule.by, (event.name,)), event)


def _standing(person: Staff) -> str:
    return "、".join(ROLES.get(role, role) for role in person.roles) if person.is_active else "已停用"
