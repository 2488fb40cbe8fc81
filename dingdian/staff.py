"""`dingdian staff`: who may act. People are added with roles; whoever leaves is deactivated, never deleted."""

from __future__ import annotations

from rich.console import Console
from sqlalchemy import select
from sqlmodel import col

from dingdian.office import office
from models import Staff
from models.database import transaction
from policies.loader import load_policy
from rules.errors import InputError
from tasks.announce import register_staff


def add(staff_no: str, name: str, roles: list[str]) -> None:
    """Adds a person. Raises InputError for a role that does not exist."""
    known = {*load_policy().roles, "all"}
    if unknown := sorted(set(roles) - known):
        raise InputError(f"--role 没有岗位“{'、'.join(unknown)}”；可用：{'、'.join(sorted(known))}")
    with office() as url, transaction(url) as session:
        register_staff(session, [{"staff_no": staff_no, "name": name, "roles": roles}])
    Console().print(f"已登记 {staff_no} {name}：{'、'.join(roles)}")


def leave(staff_no: str) -> None:
    """Takes a person's right to act away."""
    with office() as url, transaction(url) as session:
        person = session.execute(select(Staff).where(col(Staff.staff_no) == staff_no)).scalar_one_or_none()
        if person is None:
            raise InputError(f"没有工号“{staff_no}”，请核对")
        person.is_active = False
        session.add(person)
    Console().print(f"{staff_no} 已停用")
