"""Which acts want a second person now, and who may be it (`policies/second_persons.yaml`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Application, AuditRecord, SiteVisit, Staff
from policies.second_persons import load_second_persons
from rules.case import Event
from rules.errors import NotEntitledError, RefusedError
from rules.localtime import local_day
from rules.performance.guards.shared import ALONE
from rules.second_persons import SecondPerson, is_backdated
from rules.vocabulary import AuditSubject, SecondWhen
from tasks.absences import stands_in
from tasks.addressing import in_its_round
from tasks.case_loading import context_of, round_numbered
from tasks.labels import LABELS, ROLES
from tasks.panel import standing_of
from tasks.staff import on_staff

CHECKED_BY_ONESELF = (
    "实地核查由本人参加，初审意见不能由同一人单独签署：请由没有参加核查的人员签署，或逐家办理并由另一人复核"
)


def second_person_of(session: Session, event: Event) -> SecondPerson | None:
    """What the policy asks of an act as it is given; None where one person may do it."""
    rule = load_second_persons(local_day(event.at)).get(event.name)
    return rule if rule and _WHEN[rule.when](session, event, rule) else None


def _is_planned(session: Session, event: Event, _rule: SecondPerson) -> bool:
    event = in_its_round(session, event)
    return standing_of(session, context_of(session, round_numbered(session, event.round_id))).is_planned


def _is_own_site_check(session: Session, event: Event, _rule: SecondPerson) -> bool:
    event = in_its_round(session, event)
    return event.fields["applicant_id"] in checked_by(session, event.round_id, event.by)


def checked_alone(session: Session, event: Event) -> set[str]:
    """The applicants for whom one person would both have seen the site and sign, in an act on many of them."""
    rule = load_second_persons(local_day(event.at)).get(event.name)
    is_asked = rule is not None and rule.when is SecondWhen.OWN_SITE_CHECK
    return checked_by(session, event.round_id, event.by) if is_asked else set()


def checked_by(session: Session, round_id: int, staff_no: str) -> set[str]:
    """The applicants of a round whose site somebody went to see, or recorded."""
    of_round = select(col(Application.id), col(Applicant.applicant_id)).join(Applicant)
    cases = {row[0]: row[1] for row in session.execute(of_round.where(col(Application.round_id) == round_id))}
    visits = select(SiteVisit).where(col(SiteVisit.application_id).in_(cases))
    went = {one.application_id for one in session.execute(visits).scalars() if staff_no in one.visitors}
    of_dossier = col(AuditRecord.subject) == AuditSubject.APPLICATION, col(AuditRecord.subject_id).in_(cases)
    checks = col(AuditRecord.event) == "verify_site", col(AuditRecord.by) == staff_no
    recorded = session.execute(select(col(AuditRecord.subject_id)).where(*of_dossier, *checks)).scalars()
    return {cases[one] for one in {*went, *recorded}}


_WHEN: Mapping[SecondWhen, Callable[[Session, Event, SecondPerson], bool]] = {
    SecondWhen.ALWAYS: lambda _session, _event, _rule: True,
    SecondWhen.SUBSTANTIATED: lambda _session, event, _rule: bool(event.fields["substantiated"]),
    SecondWhen.UPHELD: lambda _session, event, _rule: bool(event.fields["upheld"]),
    SecondWhen.AFTER_PLAN: _is_planned,
    SecondWhen.OWN_SITE_CHECK: _is_own_site_check,
    SecondWhen.BACKDATED: lambda _session, event, rule: is_backdated(rule, event.fields, local_day(event.at)),
}


def who_may_confirm(session: Session, rule: SecondPerson, by: str) -> list[Staff]:
    """Who may confirm what `by` proposes, in the order of their numbers."""
    first = on_staff(session, by)
    others = select(Staff).where(col(Staff.is_active), col(Staff.staff_no) != by).order_by(col(Staff.staff_no))
    return [one for one in session.execute(others).scalars() if rule.may_confirm(first.roles, one.roles)]


def expect_second(
    session: Session, rule: SecondPerson, by: str, second: str, asked: str = "", on: date | None = None
) -> None:
    """Raises RefusedError for a second person who is the first, NotEntitledError for one who may not confirm it. On a
    day (`on`) on which whoever was asked is away his deputy may, with a role of his own, unless it was the first
    who named him the deputy."""
    if second == by:
        raise RefusedError(ALONE)
    if asked and second != asked and not (on and stands_in(session, asked, second, on, unless_by=by)):
        raise NotEntitledError(f"此件请的是工号“{asked}”复核：请由其办理，或由提请人改请他人后重新提交")
    on_staff(session, second)
    if second not in {one.staff_no for one in who_may_confirm(session, rule, by)}:
        roles = "、".join(ROLES[role] for role in rule.roles)
        raise NotEntitledError(
            f"工号“{second}”不能复核“{LABELS[rule.act]}”：须由{roles}岗位、且与提请人岗位不同的另一人复核（依据：{rule.clause}）"
        )


def named(event: Event, second: str) -> Event:
    """The act with its second person on its record."""
    return replace(event, fields={**event.fields, "confirmed_by": second})
