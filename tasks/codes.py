"""Enrolment codes: the security officer gives them out, and once the office is set up somebody else confirms each
before it is good. Whoever makes accounts can then not make himself into somebody.

Nobody confirms a code of his own, or one that he gave out. Who has come in before gets no new code from the security
officer while nobody could confirm it: the system's administrator gives it at the server.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models import AccessRecord, Account, Staff
from models.database import reading, transaction
from policies.access import load_access_rules
from rules.errors import NotEntitledError, RefusedError
from rules.second_persons import EVERY_ROLE
from rules.vocabulary import AccessEvent
from tasks import accounts
from tasks.roles import holders_of, label_of, listed
from tasks.staff import is_set_up, on_staff

FORM = "xxxxx-xxxxx-xxxxx-xxxxx"  # twenty signs that nobody mistakes for each other, 100 bits
PLACE = "codes"
NOBODY = (
    "工号“{}”曾登记过，重新发放的登记码须由已登录过的{}岗位的另一人复核，现在没有这样的人：请系统管理员在服务器上运行 "
    "dingdian staff-code {}"
)
NONE_WAITS = "没有工号“{}”待复核的登记码：可能已复核、已退回或已过期，请看列表"
NOT_HERS = "登记码由发放人、本人以外的{}复核：工号“{}”不能复核工号“{}”的登记码"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A code that waits for its second person: whose, who gave it out, until when it can be confirmed."""

    staff_no: str
    name: str
    roles: tuple[str, ...]
    given_by: str
    until: datetime


def give_code(url: str, staff_no: str, by: str, *, at_the_server: bool = False) -> str:
    """A one-time enrolment code for somebody of the staff; what he had before (password, authenticator, sessions) ends.
    Where somebody can confirm it, the code is not good before (`second_of` says who).

    Raises NotEntitledError for a number that is not on the staff list, RefusedError for a code that nobody could
    confirm, unless it is given `at_the_server`.
    """
    now = accounts.the_time()
    code = "".join(secrets.choice(accounts.SIGNS) if sign == "x" else sign for sign in FORM)
    with transaction(url) as session:
        on_staff(session, staff_no)
        waits = _waits(session, staff_no, by, at_the_server=at_the_server)
        account = session.get(Account, staff_no) or Account(staff_no=staff_no)
        account.password_hash = account.code_sealed = ""
        account.password_set_at = account.locked_until = None
        account.failures = 0
        account.enrol_hash, account.enrol_until = accounts.digest_of(code), load_access_rules().enrolment_until(now)
        account.code_given_by, account.code_waits = by, waits
        session.add(account)
        accounts.end_sessions(session, staff_no, now)
        accounts.note(session, now, staff_no, AccessEvent.CODE_GIVEN, by)
    return code


def second_of(url: str, staff_no: str) -> str:
    """Who can confirm the code that somebody was given; empty where it is good already."""
    with reading(url) as session:
        account = session.get(Account, staff_no)
        if account is None or not account.code_waits:
            return ""
        return listed(_helpers(session, staff_no, account.code_given_by))


def waiting(url: str, by: str) -> list[Waiting]:
    """The codes that somebody can confirm now, the oldest first."""
    open_ones = col(Account.code_waits), col(Account.enrol_until) > accounts.the_time()
    joined = select(Account, Staff).join(Staff, col(Staff.staff_no) == col(Account.staff_no))
    with reading(url) as session:
        rows = session.execute(joined.where(*open_ones).order_by(col(Account.enrol_until))).tuples().all()
        return [
            Waiting(person.staff_no, person.name, tuple(person.roles), account.code_given_by, account.enrol_until)
            for account, person in rows
            if account.enrol_until and by in _numbers(_helpers(session, person.staff_no, account.code_given_by))
        ]


def confirm(url: str, staff_no: str, by: str) -> None:
    """The code is good from now on, until its hour. Raises RefusedError where none waits, NotEntitledError for
    somebody who may not confirm it."""
    with transaction(url) as session:
        account = _to_decide(session, staff_no, by)
        account.code_waits = False
        session.add(account)
        accounts.note(session, accounts.the_time(), staff_no, AccessEvent.CODE_CONFIRMED, by)


def send_back(url: str, staff_no: str, by: str) -> None:
    """The code is good for nothing. Raises as `confirm`."""
    with transaction(url) as session:
        account = _to_decide(session, staff_no, by)
        account.enrol_hash, account.enrol_until, account.code_waits = "", None, False
        session.add(account)
        accounts.note(session, accounts.the_time(), staff_no, AccessEvent.CODE_RETURNED, by)


def _waits(session: Session, staff_no: str, by: str, *, at_the_server: bool) -> bool:
    """Whether a second person must confirm the code."""
    if accounts.is_practice() or not is_set_up(session):
        return False
    if _helpers(session, staff_no, by):
        return True
    if _came_in_before(session, staff_no) and not at_the_server:
        raise RefusedError(NOBODY.format(staff_no, _whose(), staff_no))
    return False


def _came_in_before(session: Session, staff_no: str) -> bool:
    his = col(AccessRecord.staff_no) == staff_no, col(AccessRecord.event) == AccessEvent.ENROLLED
    return session.execute(select(col(AccessRecord.id)).where(*his).limit(1)).first() is not None


def _helpers(session: Session, staff_no: str, by: str) -> Sequence[Staff]:
    """Who can confirm a code: on duty, with a role for it, enrolled himself, and neither its owner nor its giver."""
    enrolled = set(session.execute(select(col(Account.staff_no)).where(col(Account.password_hash) != "")).scalars())
    return [
        one
        for one in holders_of(session, load_access_rules().who_reach(PLACE))
        if one.staff_no in enrolled - {staff_no, by}
    ]


def _to_decide(session: Session, staff_no: str, by: str) -> Account:
    account = session.get(Account, staff_no, with_for_update=True)
    if account is None or not account.code_waits or account.enrol_until is None:
        raise RefusedError(NONE_WAITS.format(staff_no))
    if accounts.the_time() >= account.enrol_until:
        raise RefusedError(NONE_WAITS.format(staff_no))
    if by not in _numbers(_helpers(session, staff_no, account.code_given_by)):
        raise NotEntitledError(NOT_HERS.format(_whose(), by, staff_no))
    return account


def _numbers(people: Sequence[Staff]) -> set[str]:
    return {one.staff_no for one in people}


def _whose() -> str:
    return label_of([role for role in load_access_rules().who_reach(PLACE) if role != EVERY_ROLE])
