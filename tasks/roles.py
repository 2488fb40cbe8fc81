"""Whose roles carry an act, and the one sentence for whoever lacks them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from models import Staff
from policies.access import load_access_rules
from rules.case import Event
from rules.errors import NotEntitledError
from rules.second_persons import EVERY_ROLE
from tasks.labels import LABELS, ROLES
from tasks.staff import on_staff

NAMED = 4
ActsByRole = Mapping[str, Collection[str]]


def may_act(session: Session, table: ActsByRole, event: Event) -> None:
    """Refuses whoever is not on the staff list, has left, or has no role for the act: the sentence says which roles
    have it, and who holds them."""
    carriers = [role for role, acts in table.items() if event.name in acts]
    person = on_staff(session, event.by)
    if EVERY_ROLE not in person.roles and set(person.roles).isdisjoint(carriers):
        raise NotEntitledError(_not_his(session, person, event.name, carriers))


def closed_to(roles: Collection[str], place: str) -> str:
    """Why somebody with these roles does not get to a place; empty where he does."""
    rules = load_access_rules()
    if rules.may(roles, place):
        return ""
    whose = label_of([role for role in rules.who_reach(place) if role != EVERY_ROLE])
    return f"“{rules.places[place]}”只对{whose}开放；您的岗位是{label_of(roles)}"


def expect_reach(session: Session, staff_no: str, place: str) -> Staff:
    """Somebody on duty who gets to a place, as the staff list has him now: what a page of ours changes is asked for
    once more inside its transaction. Raises NotEntitledError."""
    person = on_staff(session, staff_no)
    if said := closed_to(person.roles, place):
        raise NotEntitledError(said)
    return person


def roles_by_name() -> Mapping[str, str]:
    """Every role that somebody may have, with what it is called: those who act, then the officers."""
    return {**ROLES, **load_access_rules().officers}


def label_of(roles: Collection[str]) -> str:
    """What roles are called: `经办、主任`."""
    known = {**roles_by_name(), EVERY_ROLE: "全部岗位"}
    return "、".join(known.get(role, role) for role in roles)


def holders_of(session: Session, roles: Collection[str]) -> Sequence[Staff]:
    """Who is on duty with one of these roles, in the order of their numbers."""
    active = select(Staff).where(col(Staff.is_active)).order_by(col(Staff.staff_no))
    return [one for one in session.execute(active).scalars() if not set(one.roles).isdisjoint(roles)]


def listed(people: Sequence[Staff]) -> str:
    """`1001 张敏、1002 李强`, the first few."""
    shown = "、".join(_called(one) for one in people[:NAMED])
    return f"{shown} 等" if len(people) > NAMED else shown


def _called(one: Staff) -> str:
    return one.staff_no if one.name == one.staff_no else f"{one.staff_no} {one.name}"


def _not_his(session: Session, person: Staff, act: str, carriers: Sequence[str]) -> str:
    label = LABELS.get(act, act)
    said = f"工号“{person.staff_no}”的岗位（{label_of(person.roles)}）不能办理此事项："
    if not carriers:
        return f"{said}“{label}”没有列给任何岗位"
    people = holders_of(session, {*carriers, EVERY_ROLE})
    way = f"请交 {listed(people)} 办理" if people else "现在没有这些岗位的人员，请先登记"
    return f"{said}“{label}”由{label_of(carriers)}岗位办理，{way}"
