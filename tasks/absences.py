"""A member of the office is away and another stands in; what one looks after is handed over to another. What waits is
shown to somebody more: no role, no separation of two persons and no limit changes by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from models import Applicant, Application, DossierHandler, Staff, StaffAbsence
from models.database import reading, transaction
from models.journal import say
from rules.case import Event
from rules.errors import InputError, NotEntitledError, RefusedError
from rules.evaluation.states import UNFINISHED
from rules.localtime import local_day
from rules.second_persons import EVERY_ROLE
from tasks.labels import ROLES
from tasks.page_fields import day_field
from tasks.roles import closed_to, expect_reach, label_of
from tasks.staff import on_staff

PLACE, FOR_OTHERS = "absences", "handover"


@dataclass(frozen=True, slots=True)
class Away:
    """One absence, as pages show it."""

    number: int
    staff_no: str
    deputy: str
    from_on: date
    to_on: date


# --- what holds ------------------------------------------------------------------------------------------------------


def stands_in(session: Session, absent: str, deputy: str, on: date, *, unless_by: str = "") -> bool:
    """Whether somebody stands in for another on a day; an absence that `unless_by` entered does not count."""
    covered = covered_by(session, deputy, on)
    return any(one.staff_no == absent and one.recorded_by != unless_by for one in covered)


def covered_by(session: Session, deputy: str, on: date) -> list[StaffAbsence]:
    """The absences in which somebody stands in on a day; he still holds a role of whoever is away."""
    in_force = _in_force(session, on, col(StaffAbsence.deputy) == deputy)
    roles = _roles(session, [deputy, *(one.staff_no for one in in_force)])
    return [one for one in in_force if _share(roles.get(deputy, ()), roles.get(one.staff_no, ()))]


def away_on(session: Session, staff_no: str, on: date) -> StaffAbsence | None:
    """The absence of somebody on a day."""
    return next(iter(_in_force(session, on, col(StaffAbsence.staff_no) == staff_no)), None)


def _in_force(session: Session, on: date, whose: ColumnElement[bool]) -> list[StaffAbsence]:
    standing = whose, col(StaffAbsence.ended_at).is_(None)
    days = col(StaffAbsence.from_on) <= on, col(StaffAbsence.to_on) >= on
    return list(session.execute(select(StaffAbsence).where(*standing, *days).order_by(col(StaffAbsence.id))).scalars())


def handled_by(people: Collection[str]) -> Select[tuple[int]]:
    """The numbers of the dossiers that these people look after."""
    newest = select(func.max(col(DossierHandler.id))).group_by(col(DossierHandler.application_id))
    rows = select(col(DossierHandler.application_id)).where(col(DossierHandler.id).in_(newest))
    return rows.where(col(DossierHandler.staff_no).in_(people))


def handler_of(session: Session, application_id: int) -> str:
    """Who looks after a dossier; empty where nobody does."""
    return handlers_of(session, col(DossierHandler.application_id) == application_id).get(application_id, "")


def handlers_of(session: Session, whose: ColumnElement[bool]) -> dict[int, str]:
    """Who looks after dossiers, by dossier: the newest entry of each. `whose`: a condition on the entries."""
    rows = select(col(DossierHandler.application_id), col(DossierHandler.staff_no)).where(whose)
    return dict(session.execute(rows.order_by(col(DossierHandler.id))).tuples().all())


# --- what people enter -----------------------------------------------------------------------------------------------


def record_absence(url: str, event: Event) -> str:
    """Somebody (`staff_no`; empty: whoever enters it) is away from `from_on` to `to_on`, and `deputy` stands in.

    Raises InputError that names the field; RefusedError for days that are over, that are taken, and for a deputy
    who holds no role of his, is away himself, or is whoever enters it for somebody else; NotEntitledError for whose
    roles do not reach it.
    """
    given, today = event.fields, local_day(event.at)
    from_on, to_on = day_field("请假自", given.get("from_on", "")), day_field("请假至", given.get("to_on", ""))
    if not today <= from_on <= to_on:
        raise InputError(f"“请假自”不早于今天（{today}），“请假至”不早于“请假自”：请核对日期")
    with transaction(url) as session:
        person = _whom(session, event, given.get("staff_no", ""))
        deputy = _deputy(session, person, given.get("deputy", ""), event.by)
        _expect_free(session, person, from_on, to_on, "本人")
        _expect_free(session, deputy, from_on, to_on, "代办人")
        absence = StaffAbsence(
            staff_no=person.staff_no,
            deputy=deputy.staff_no,
            from_on=from_on,
            to_on=to_on,
            recorded_at=event.at,
            recorded_by=event.by,
        )
        session.add(absence)
        session.flush()
        say(session, "absence_recorded", event.by, absence=absence.id, staff_no=person.staff_no)
    return f"{person.staff_no} 自 {from_on} 至 {to_on} 请假，由 {deputy.staff_no} 代办：等他办理的也列给代办人"


def end_absence(url: str, event: Event) -> str:
    """An absence (`absence`: its number) is over, before its last day or before it began. Raises RefusedError for one
    that is not there, NotEntitledError for one of somebody else."""
    number = event.fields.get("absence", "")
    with transaction(url) as session:
        expect_reach(session, event.by, PLACE)
        one = session.get(StaffAbsence, int(number), with_for_update=True) if number.isdecimal() else None
        if one is None or one.ended_at is not None or one.to_on < local_day(event.at):
            raise RefusedError("没有这条请假登记，或者已经结束：请从“请假代办”页选择")
        _expect_own(session, event.by, one.staff_no)
        one.ended_at, one.ended_by = event.at, event.by
        session.add(one)
        say(session, "absence_ended", event.by, absence=one.id, staff_no=one.staff_no)
    return f"{one.staff_no} 的请假已结束，{one.deputy} 不再代办"


def set_handler(url: str, event: Event) -> str:
    """Who looks after a dossier (`applicant_id`) from now on; `staff_no` empty: nobody. One may take or leave one, and
    hand on what is one's own; other people's is for those whose roles reach it. It has no legal effect."""
    given = event.fields
    with transaction(url) as session:
        expect_reach(session, event.by, PLACE)
        application = _dossier(session, event.round_id, given.get("applicant_id", ""))
        wanted, before = given.get("staff_no", "").strip(), handler_of(session, application)
        if wanted:
            _expect_acting(on_staff(session, wanted))
        if wanted == before:
            raise RefusedError(f"负责人已是 {before or '（无）'}，无需变更")
        if before not in ("", event.by) or wanted not in ("", event.by, before):
            _expect_own(session, event.by, before)
        session.add(DossierHandler(application_id=application, staff_no=wanted, at=event.at, by=event.by))
    return f"负责人已改为 {wanted}" if wanted else "已不设负责人"


def hand_over(url: str, event: Event) -> str:
    """Everything open that one (`from_no`) looks after is another's (`to_no`) from now on, with a row for each dossier.

    Raises RefusedError where there is nothing, and for somebody who holds no role of his; NotEntitledError for what is
    somebody else's.
    """
    giver, taker = event.fields.get("from_no", "").strip() or event.by, event.fields.get("to_no", "").strip()
    with transaction(url) as session:
        expect_reach(session, event.by, PLACE)
        _expect_own(session, event.by, giver)
        new, old = on_staff(session, taker), _person(session, giver)
        if new.staff_no == old.staff_no or not _share(new.roles, old.roles):
            raise RefusedError(f"“移交给”须是与 {giver} 有同一岗位的另一人（{label_of(old.roles)}）：请重新选择")
        unfinished = col(Application.state).in_(UNFINISHED), col(Application.id).in_(handled_by([giver]))
        ids = list(
            session.execute(select(col(Application.id)).where(*unfinished).order_by(col(Application.id))).scalars()
        )
        if not ids:
            raise RefusedError(f"{giver} 没有负责在办的案卷，没有可以移交的")
        session.add_all(DossierHandler(application_id=id_, staff_no=taker, at=event.at, by=event.by) for id_ in ids)
        say(session, "handed_over", event.by, from_no=giver, to_no=taker, dossiers=len(ids))
    return f"{giver} 负责的在办案卷 {len(ids)} 件已移交 {taker}"


# --- for the pages ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Office:
    """Who acts, who is away or will be, and how many open dossiers each looks after."""

    people: Sequence[tuple[str, str, str]]
    away: Sequence[Away]
    dossiers: Mapping[str, int]


def office(url: str, on: date) -> Office:
    """The office as the page shows it on a day."""
    with reading(url) as session:
        listed = session.execute(select(Staff).where(col(Staff.is_active)).order_by(col(Staff.staff_no))).scalars()
        people = [(one.staff_no, one.name, label_of(one.roles)) for one in listed if _is_acting(one.roles)]
        coming = col(StaffAbsence.ended_at).is_(None), col(StaffAbsence.to_on) >= on
        rows = session.execute(select(StaffAbsence).where(*coming).order_by(col(StaffAbsence.from_on))).scalars()
        away = [Away(one.id or 0, one.staff_no, one.deputy, one.from_on, one.to_on) for one in rows]
        return Office(people, away, how_many_handled(session))


def how_many_handled(session: Session) -> dict[str, int]:
    """How many open dossiers each person looks after."""
    newest = select(func.max(col(DossierHandler.id))).group_by(col(DossierHandler.application_id))
    query = (
        select(col(DossierHandler.staff_no), func.count())
        .join(Application, col(Application.id) == col(DossierHandler.application_id))
        .where(col(DossierHandler.id).in_(newest), col(Application.state).in_(UNFINISHED))
        .where(col(DossierHandler.staff_no) != "")
        .group_by(col(DossierHandler.staff_no))
    )
    return dict(session.execute(query).tuples().all())


@dataclass(frozen=True, slots=True)
class OneDossier:
    """A dossier and who looks after it, with everybody who did, the newest first."""

    round_id: int
    applicant_id: str
    name: str
    handler: str
    before: Sequence[tuple[datetime, str, str]]


def one_dossier(url: str, round_id: int, applicant_id: str) -> OneDossier:
    """A dossier as the page of its handler shows it. Raises RefusedError where there is none."""
    with reading(url) as session:
        application = _dossier(session, round_id, applicant_id)
        rows = select(DossierHandler).where(col(DossierHandler.application_id) == application)
        told = [
            (one.at, one.staff_no, one.by)
            for one in session.execute(rows.order_by(col(DossierHandler.id).desc())).scalars()
        ]
        its = select(col(Applicant.name)).where(
            col(Applicant.round_id) == round_id, col(Applicant.applicant_id) == applicant_id
        )
        name = session.execute(its).scalar_one()
        return OneDossier(round_id, applicant_id, name, told[0][1] if told else "", told)


# --- small parts -----------------------------------------------------------------------------------------------------


def _whom(session: Session, event: Event, staff_no: str) -> Staff:
    """Whose absence it is. Raises NotEntitledError for somebody else's."""
    expect_reach(session, event.by, PLACE)
    whom = staff_no.strip() or event.by
    _expect_own(session, event.by, whom)
    person = on_staff(session, whom)
    _expect_acting(person)
    return person


def _deputy(session: Session, person: Staff, staff_no: str, by: str) -> Staff:
    deputy = on_staff(session, staff_no.strip())
    if deputy.staff_no == person.staff_no:
        raise RefusedError("“代办人”不能是本人：请另选一人")
    if by not in (person.staff_no, "") and deputy.staff_no == by:
        raise RefusedError("为他人登记请假的，“代办人”不能是登记人自己：请另选一人")
    if not _share(person.roles, deputy.roles):
        raise RefusedError(
            f"“代办人”须与请假人有同一岗位（{label_of(person.roles)}），"
            f"{deputy.staff_no} 是{label_of(deputy.roles)}：请另选一人"
        )
    return deputy


def _expect_free(session: Session, person: Staff, from_on: date, to_on: date, who: str) -> None:
    mine = col(StaffAbsence.staff_no) == person.staff_no, col(StaffAbsence.ended_at).is_(None)
    overlap = col(StaffAbsence.from_on) <= to_on, col(StaffAbsence.to_on) >= from_on
    if one := session.execute(select(StaffAbsence).where(*mine, *overlap).limit(1)).scalar_one_or_none():
        raise RefusedError(
            f"{who} {person.staff_no} 在 {one.from_on} 至 {one.to_on} 已登记请假：请先结束原来的登记，或另选日期"
        )


def _expect_own(session: Session, by: str, whose: str) -> None:
    """Raises NotEntitledError where it is somebody else's, for whoever may not enter what is another's."""
    if by != whose and (said := closed_to(on_staff(session, by).roles, FOR_OTHERS)):
        raise NotEntitledError(said)


def _person(session: Session, staff_no: str) -> Staff:
    """Somebody on the staff list, on duty or not: what he left is handed over."""
    person: Staff | None = session.execute(select(Staff).where(col(Staff.staff_no) == staff_no)).scalar_one_or_none()
    if person is None:
        raise RefusedError(f"没有工号“{staff_no[:20]}”：请核对")
    return person


def _expect_acting(person: Staff) -> None:
    if not _is_acting(person.roles):
        raise RefusedError(f"{person.staff_no} 的岗位（{label_of(person.roles)}）不办理事项：请另选一人")


def _is_acting(roles: Collection[str]) -> bool:
    return bool({*ROLES, EVERY_ROLE}.intersection(roles))


def _share(first: Collection[str], second: Collection[str]) -> bool:
    """Whether two hold an acting role in common."""
    return any(EVERY_ROLE in one and _is_acting(other) for one, other in ((first, second), (second, first))) or bool(
        set(first).intersection(second, ROLES)
    )


def _roles(session: Session, numbers: Collection[str]) -> dict[str, list[str]]:
    rows: Any = session.execute(select(col(Staff.staff_no), col(Staff.roles)).where(col(Staff.staff_no).in_(numbers)))
    return {number: list(roles) for number, roles in rows}


def _dossier(session: Session, round_id: int, applicant_id: str) -> int:
    query = select(col(Application.id)).join(Applicant).where(col(Applicant.round_id) == round_id)
    found = session.execute(query.where(col(Applicant.applicant_id) == applicant_id)).scalar_one_or_none()
    if found is None:
        raise RefusedError(f"第 {round_id} 轮次没有案卷“{applicant_id[:20]}”：请核对轮次号和编号（看板可查）")
    return int(found)
