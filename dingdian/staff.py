"""`dingdian staff-…`: who may act, and how he comes in. People are added with roles; whoever leaves is deactivated,
never deleted. A one-time code lets somebody set his password and his authenticator."""

from __future__ import annotations

from rich.console import Console
from sqlalchemy import select
from sqlmodel import col

from dingdian.office import office, who
from dingdian.running.server import gate_url
from foundation.settings import get_settings
from models import Staff
from models.database import reading
from policies.access import load_access_rules
from tasks import accounts, codes, staffing

FIRST = "admin"


def add(staff_no: str, name: str, roles: list[str]) -> None:
    """Adds a person, and prints the code with which he enrols. Raises as `staffing.expect_alone` and `add_person`."""
    with office() as url:
        staffing.expect_alone(url, roles)
        staffing.add_person(url, staff_no, name, roles, who())
        said = _invited(url, staff_no)
    Console().print(f"已登记 {staff_no} {name}：{'、'.join(roles)}")
    Console().print(said, soft_wrap=True)


def give_code(staff_no: str) -> None:
    """A new one-time code: for somebody new, or who has lost his password or his phone; what he had ends."""
    with office() as url:
        Console().print(_invited(url, staff_no), soft_wrap=True)


def _invited(url: str, staff_no: str) -> str:
    code = codes.give_code(url, staff_no, who(), at_the_server=True)
    second = codes.second_of(url, staff_no)
    return f"{invitation(code)}{f'；须先由 {second} 在“复核登记码”确认' if second else ''}"


def invitation(code: str) -> str:
    """What is handed to whom it concerns: where the code is used, and how long it is good."""
    gate = gate_url(get_settings()).removesuffix("login")
    hours = load_access_rules().enrolment_hours
    return f"登记码 {code}（{hours} 小时内有效，用一次）：由本人在 {gate}enrol?code={code} 设口令、绑定动态码"


def leave(staff_no: str) -> None:
    """Takes a person's right to act and to come in away."""
    with office() as url:
        staffing.leave(url, staff_no, who())
    Console().print(f"{staff_no} 已停用")


def first_invitations(url: str) -> list[str]:
    """At a first start, where nobody can come in yet: the security officer, who lets the others in, and his code. Where
    nothing is real one comes in as whom one likes."""
    if accounts.is_practice():
        return ["演示数据，不设口令：打开经办界面，选一位人员"]
    if accounts.has_accounts(url):
        return []
    with reading(url) as session:
        is_known = session.execute(select(col(Staff.id)).where(col(Staff.staff_no) == FIRST)).first() is not None
    if not is_known:
        staffing.add_person(url, FIRST, "安全管理员", ["security"], who())
    return [f"{FIRST}（安全管理员，由他登记其他人员）：{invitation(codes.give_code(url, FIRST, who()))}"]
