"""Coming in and going out: one-time enrolment, password and code, sessions, and a record of each (等保 8.1.4.1).

A person's number says who he is on the staff list; the account, how he proves it. Whoever has lost his password or his
phone is given a new enrolment code, which ends what he had. The instants here are the machine's: a rehearsal moves the
clock of the procedure, not that of the door.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlmodel import Session, col

from foundation import onetime, passwords, rehearsal
from foundation.secrets import Keyring
from foundation.settings import get_settings
from models import AccessRecord, Account, GateSession, Staff
from models.bulk import changed
from models.database import reading, transaction
from policies.access import load_access_rules
from rules.errors import InputError, NotEntitledError
from rules.texts import half_width
from rules.vocabulary import AccessEvent, WayIn
from tasks.staff import on_staff

SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SEEN_EVERY = timedelta(minutes=1)
NOT_CONFIRMED = "登记码还没有复核：请等另一人在“复核登记码”确认以后再登记"
WRONG = "工号、口令或动态码不正确；忘记口令或换了手机的，请管理员重新发放登记码"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is logged in, by the session that says so."""

    session_id: int
    staff_no: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What somebody needs who enrols: who he is, and the secret for his authenticator."""

    staff_no: str
    name: str
    secret: str


def begin_enrolment(url: str, code: str, keys: Keyring) -> Enrolment:
    """Whose code it is, and the secret of his authenticator: the same one until the enrolment is done.

    Raises InputError for a code that is nobody's, used or too old.
    """
    with transaction(url) as session:
        account = _enrolling(session, code)
        if not account.code_sealed:
            account.code_sealed = keys.seal(onetime.new_secret(), Account.context_of(account.staff_no))
            session.add(account)
        secret = keys.unseal(account.code_sealed, Account.context_of(account.staff_no))
        return Enrolment(account.staff_no, on_staff(session, account.staff_no).name, secret)


def enrol(url: str, code: str, password: str, typed: str, keys: Keyring) -> str:
    """Sets the password and shows by a first code that the authenticator works; answers the token of a session.

    Raises InputError for a bad code, a weak password, a wrong one-time code; nothing is changed then.
    """
    now, rules = the_time(), load_access_rules()
    with transaction(url) as session:
        account = _enrolling(session, code)
        name = on_staff(session, account.staff_no).name
        passwords.expect_good(password, [account.staff_no, name, onetime.ISSUER], rules)
        secret = keys.unseal(account.code_sealed, Account.context_of(account.staff_no)) if account.code_sealed else ""
        step = onetime.step_of(secret, typed, now, rules.code_steps) if secret else None
        if step is None:
            raise InputError("“动态码”不正确：请填验证器上此刻显示的六位数字；手机时间应与标准时间一致")
        account.password_hash, account.password_set_at = passwords.hashed(password), now
        account.enrol_hash, account.enrol_until, account.last_step = "", None, step
        session.add(account)
        note(session, now, account.staff_no, AccessEvent.ENROLLED, account.staff_no)
        return _open(session, account.staff_no, WayIn.PASSWORD, now)


def log_in(url: str, staff_no: str, password: str, typed: str, keys: Keyring, new_password: str = "") -> str:
    """The token of a new session. `new_password` is taken where the old one is due to be changed.

    Raises NotEntitledError with one sentence whatever was wrong, with another while the number is locked, and
    InputError where a new password is wanted.
    """
    now = the_time()
    with transaction(url) as session:
        token, refusal = _tried(session, half_width(staff_no).strip(), password, typed, keys, new_password, now)
    if refusal is not None:
        raise refusal
    return token


def _tried(
    session: Session, staff_no: str, password: str, typed: str, keys: Keyring, new_password: str, now: datetime
) -> tuple[str, NotEntitledError | InputError | None]:
    rules = load_access_rules()
    account = session.get(Account, staff_no, with_for_update=True)
    person = session.execute(select(Staff).where(col(Staff.staff_no) == staff_no)).scalar_one_or_none()
    if account and account.locked_until and now < account.locked_until:
        return "", NotEntitledError(f"连续 {rules.failures} 次不正确，已暂停登录；请 {rules.locked_minutes} 分钟后再试")
    is_right = passwords.matches(account.password_hash if account else "", password)
    if not (is_right and account and person and person.is_active):
        return "", _failed(session, account, now)
    step = onetime.step_of(keys.unseal(account.code_sealed, Account.context_of(staff_no)), typed, now, rules.code_steps)
    if step is None or step <= account.last_step:
        return "", _failed(session, account, now)
    if account.password_set_at is None or rules.is_old(account.password_set_at, now):
        if not new_password:
            return "", InputError(f"口令已满 {rules.password_days} 天，请同时填写“新口令”")
        try:
            _expect_another(new_password, password, [staff_no, person.name])
        except InputError as weak:
            return "", weak
        account.password_hash, account.password_set_at = passwords.hashed(new_password), now
        note(session, now, staff_no, AccessEvent.PASSWORD_CHANGED, staff_no)
    account.last_step, account.failures, account.locked_until = step, 0, None
    session.add(account)
    return _open(session, staff_no, WayIn.PASSWORD, now), None


def _expect_another(new: str, old: str, about: list[str]) -> None:
    if new == old:
        raise InputError("“新口令”与原口令相同，请另设一个")
    passwords.expect_good(new, [*about, onetime.ISSUER], load_access_rules())


def _failed(session: Session, account: Account | None, now: datetime) -> NotEntitledError:
    """Counts a failure under a number that has an account; under one that has none there is nothing to guess."""
    note(session, now, account.staff_no if account else "", AccessEvent.REFUSED, "")
    if account is not None:
        account.failures += 1
        account.locked_until = load_access_rules().locked_until(account.failures, now)
        if account.locked_until is not None:
            account.failures = 0
            note(session, now, account.staff_no, AccessEvent.LOCKED, "")
        session.add(account)
    return NotEntitledError(WRONG)


def open_session(url: str, staff_no: str, way: WayIn) -> str:
    """The token of a session for somebody whom another proved: the office's own sign-on, or a rehearsal.

    Raises NotEntitledError for a number that is not on the staff list.
    """
    with transaction(url) as session:
        on_staff(session, staff_no)
        return _open(session, staff_no, way, the_time())


def _open(session: Session, staff_no: str, way: WayIn, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    until = load_access_rules().session_until(now)
    began = GateSession(token_hash=_digest(token), staff_no=staff_no, way=way, began_at=now, seen_at=now, until=until)
    session.add(began)
    session.flush()
    note(session, now, staff_no, AccessEvent.LOGGED_IN, staff_no, began.id)
    return token


def person_of(url: str, token: str) -> Person | None:
    """Who is logged in by this token; None for one that is nobody's, ended, over or idle too long. Notes at most once a
    minute that he was seen."""
    if not token:
        return None
    now, rules = the_time(), load_access_rules()
    found = select(GateSession, Staff).join(Staff, col(Staff.staff_no) == col(GateSession.staff_no))
    with reading(url) as session:
        row = session.execute(found.where(col(GateSession.token_hash) == _digest(token))).first()
    if row is None:
        return None
    here, person = row
    is_over = here.ended_at is not None or now >= here.until or rules.is_idle(here.seen_at, now)
    if is_over or not person.is_active:
        return None
    if now - here.seen_at >= SEEN_EVERY:
        with transaction(url) as session:
            changed(session, update(GateSession).where(col(GateSession.id) == here.id).values(seen_at=now))
    return Person(here.id or 0, person.staff_no, person.name, tuple(person.roles))


def log_out(url: str, token: str) -> None:
    """Ends a session; one that has ended stays as it is."""
    now = the_time()
    with transaction(url) as session:
        open_one = col(GateSession.token_hash) == _digest(token), col(GateSession.ended_at).is_(None)
        for here in session.execute(select(GateSession).where(*open_one)).scalars():
            here.ended_at = now
            session.add(here)
            note(session, now, here.staff_no, AccessEvent.LOGGED_OUT, here.staff_no, here.id)


def end_sessions(session: Session, staff_no: str, now: datetime) -> None:
    """Ends every session of somebody: his account was given anew, or he has left."""
    his = col(GateSession.staff_no) == staff_no, col(GateSession.ended_at).is_(None)
    changed(session, update(GateSession).where(*his).values(ended_at=now))


def is_practice() -> bool:
    """Whether nothing here is real: then one may come in as anybody, and one person may do everything."""
    settings = get_settings()
    return settings.rehearsal_clock != Path() or rehearsal.is_practice(settings.var_dir)


def has_accounts(url: str) -> bool:
    """Whether anybody has enrolled, or has a code to do so."""
    with reading(url) as session:
        return session.execute(select(col(Account.staff_no)).limit(1)).first() is not None


def _enrolling(session: Session, code: str) -> Account:
    found = select(Account).where(col(Account.enrol_hash) == digest_of(code)).with_for_update()
    account: Account | None = session.execute(found).scalar_one_or_none()
    if account is None or account.enrol_until is None or the_time() >= account.enrol_until:
        raise InputError("登记码不正确、已用过或已过期：请核对，或请管理员重新发放")
    if account.code_waits:
        raise InputError(NOT_CONFIRMED)
    return account


def note(
    session: Session, at: datetime, staff_no: str, event: AccessEvent, by: str, session_id: int | None = None
) -> None:
    """Appends an event at the door; nobody changes or deletes one."""
    session.add(AccessRecord(at=at, staff_no=staff_no, event=event, by=by, session_id=session_id))


def digest_of(code: str) -> str:
    """What is kept of an enrolment code, however it was typed."""
    return _digest("".join(sign for sign in half_width(code).upper() if sign in SIGNS))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def the_time() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)
