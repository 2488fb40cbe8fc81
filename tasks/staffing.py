"""Who works here: people come onto the staff list and leave it, each with a record; nobody is deleted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import col

from models import Staff
from models.database import reading, transaction
from models.journal import say
from policies.access import load_access_rules
from rules.errors import InputError, RefusedError
from rules.vocabulary import AccessEvent
from tasks import accounts
from tasks.announce import register_staff
from tasks.labels import ROLES
from tasks.roles import roles_by_name
from tasks.staff import is_set_up

NUMBER = re.compile(r"[A-Za-z0-9-]{1,20}")
ALL = "all"


def add_person(url: str, staff_no: str, name: str, roles: Sequence[str], by: str) -> None:
    """Puts somebody on the staff list.

    Raises InputError for a role that does not exist, for `all` outside a rehearsal and for an officer with a second
    role; RefusedError for a number that is taken.
    """
    rules, known = load_access_rules(), roles_by_name()
    if unknown := [one for one in roles if one not in known and not (one == ALL and accounts.is_practice())]:
        raise InputError(f"没有岗位“{'、'.join(unknown)}”；可用：{'、'.join(known)}（all 只在演练中有）")
    if not roles:
        raise InputError("“岗位”至少选一项")
    if rules.is_mixed(roles):
        officers = "、".join(rules.officers.values())
        raise InputError(f"“岗位”不能兼任：{officers}不办理事项（三员分立），请只选一项")
    if not NUMBER.fullmatch(staff_no) or not name.strip():
        raise InputError("“工号”应为字母、数字和短横线，“姓名”不能为空")
    with transaction(url) as session:
        register_staff(session, [{"staff_no": staff_no, "name": name.strip(), "roles": list(roles)}], by)
        accounts.note(session, datetime.now(UTC), staff_no, AccessEvent.STAFF_ADDED, by)


def expect_alone(url: str, roles: Sequence[str]) -> None:
    """Refuses to let one alone register somebody who acts, where two could. Raises RefusedError with the way."""
    with reading(url) as session:
        by_two = is_set_up(session) and not accounts.is_practice()
    if by_two and not set(roles).isdisjoint(ROLES):
        raise RefusedError("已有人员可以互相复核：办理人员的登记和变更请用“45 登记人员变更”，由两人办理")


def leave(url: str, staff_no: str, by: str) -> None:
    """Takes somebody's right to act and to come in away; nobody is deleted. Raises InputError for an unknown number."""
    now = datetime.now(UTC)
    with transaction(url) as session:
        person = session.execute(select(Staff).where(col(Staff.staff_no) == staff_no)).scalar_one_or_none()
        if person is None:
            raise InputError(f"没有工号“{staff_no}”，请核对")
        person.is_active = False
        say(session, "staff_left", by, staff_no=staff_no)
        session.add(person)
        accounts.end_sessions(session, staff_no, now)
        accounts.note(session, now, staff_no, AccessEvent.STAFF_LEFT, by)
