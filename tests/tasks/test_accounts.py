"""Coming in: one-time enrolment, password and code, lock, expiry, sessions; each limit at N−1, N, N+1."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from foundation import onetime
from foundation.secrets import Keyring
from models import AccessRecord, Account, GateSession
from models.database import reading, transaction
from notifications.retention import reseal
from policies.access import load_access_rules
from rules.errors import InputError, NotEntitledError, RefusedError
from rules.vocabulary import WayIn
from tasks import accounts, codes, staffing

KEYS = Keyring.from_secret("a key of sixteen")
RULES = load_access_rules()
GOOD, OTHER = "平湖 seven 石榴 lantern", "walnut 竹篮 orbit 晚霞"
WHEN = datetime(2026, 12, 31, 15, 59, 45, tzinfo=UTC)  # a quarter of a minute before a new year in Beijing


class Clock:
    """The machine's time, moved by the test."""

    now = WHEN

    def on(self, **more: float) -> None:
        self.now += timedelta(**more)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(accounts, "the_time", lambda: moved.now)
    return moved


@pytest.fixture
def office(database: str, clock: Clock) -> str:
    """An office that begins: one who acts, one who lets people in, one who looks on."""
    for number, name, role in (("1001", "张敏", "operator"), ("1002", "李强", "auditor"), ("admin", "赵", "security")):
        staffing.add_person(database, number, name, [role], "server")
    return database


def enrolled(url: str, clock: Clock, staff_no: str = "1001") -> str:
    """The secret of somebody's authenticator who has just enrolled."""
    code = codes.give_code(url, staff_no, "admin")
    secret = accounts.begin_enrolment(url, code, KEYS).secret
    accounts.enrol(url, code, GOOD, onetime.code_at(secret, clock.now), KEYS)
    return secret


def log_in(url: str, clock: Clock, secret: str, password: str = GOOD, staff_no: str = "1001", **more: str) -> str:
    clock.on(seconds=30)  # each code once
    return accounts.log_in(url, staff_no, password, onetime.code_at(secret, clock.now), KEYS, **more)


def events(url: str) -> list[tuple[str, str, str]]:
    with reading(url) as session:
        kept = session.execute(select(AccessRecord).order_by(col(AccessRecord.id))).scalars()
        return [(one.staff_no, one.event, one.by) for one in kept]


def test_who_enrols_is_in_and_may_come_again(office: str, clock: Clock) -> None:
    secret = enrolled(office, clock)
    person = accounts.person_of(office, log_in(office, clock, secret))
    assert person is not None
    assert (person.staff_no, person.name, person.roles) == ("1001", "张敏", ("operator",))
    assert events(office)[3:] == [
        ("1001", "code_given", "admin"),
        ("1001", "enrolled", "1001"),
        ("1001", "logged_in", "1001"),
        ("1001", "logged_in", "1001"),
    ]


def test_nothing_that_lets_one_in_is_legible_in_the_database(office: str, clock: Clock) -> None:
    code = codes.give_code(office, "1001", "admin")
    secret = accounts.begin_enrolment(office, code, KEYS).secret
    token = accounts.enrol(office, code, GOOD, onetime.code_at(secret, clock.now), KEYS)
    with reading(office) as session:
        kept = [str(row) for table in (Account, GateSession) for row in session.execute(select(table.__table__))]  # type: ignore[attr-defined]
    for word in (code, code.replace("-", ""), secret, token, GOOD):
        assert not any(word in row for row in kept)
    assert "$argon2id$" in "".join(kept)


def test_an_enrolment_code_is_good_once_and_for_a_day(office: str, clock: Clock) -> None:
    code = codes.give_code(office, "1001", "admin")
    clock.on(hours=RULES.enrolment_hours, seconds=-1)
    secret = accounts.begin_enrolment(office, code.lower().replace("-", " "), KEYS).secret
    assert accounts.begin_enrolment(office, code, KEYS).secret == secret  # whoever looks again sees the same picture
    clock.on(seconds=1)
    for then in (0, 1):
        clock.on(seconds=then)
        with pytest.raises(InputError, match="已过期"):
            accounts.enrol(office, code, GOOD, onetime.code_at(secret, clock.now), KEYS)
    enrolled_with = codes.give_code(office, "1001", "admin")
    secret = accounts.begin_enrolment(office, enrolled_with, KEYS).secret
    accounts.enrol(office, enrolled_with, GOOD, onetime.code_at(secret, clock.now), KEYS)
    with pytest.raises(InputError, match="已用过"):
        accounts.begin_enrolment(office, enrolled_with, KEYS)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("平湖seven石榴l", "至"),  # eleven characters
        ("x" * 129, "至"),
        ("password1234567", "容易猜到"),
        ("1001张敏1001张敏", "容易猜到"),
        ("qwertyuiopasdf", "容易猜到"),
    ],
)
def test_a_weak_password_is_refused_and_not_repeated(office: str, clock: Clock, password: str, why: str) -> None:
    code = codes.give_code(office, "1001", "admin")
    secret = accounts.begin_enrolment(office, code, KEYS).secret
    with pytest.raises(InputError, match=why) as refused:
        accounts.enrol(office, code, password, onetime.code_at(secret, clock.now), KEYS)
    assert password not in str(refused.value)
    accounts.enrol(office, code, GOOD, onetime.code_at(secret, clock.now), KEYS)


def test_a_code_is_taken_once_and_half_a_minute_off_at_most(office: str, clock: Clock) -> None:
    secret = enrolled(office, clock)
    with pytest.raises(NotEntitledError):  # the one that enrolled
        accounts.log_in(office, "1001", GOOD, onetime.code_at(secret, clock.now), KEYS)
    clock.on(minutes=5)
    for off, is_good in ((-60, False), (60, False), (-30, True), (0, True), (0, False), (30, True)):
        typed = onetime.code_at(secret, clock.now + timedelta(seconds=off))
        if is_good:
            assert accounts.log_in(office, "1001", GOOD, typed, KEYS)
        else:
            with pytest.raises(NotEntitledError):
                accounts.log_in(office, "1001", GOOD, typed, KEYS)


@pytest.mark.parametrize("wrong", ["password", "code", "number"])
def test_what_was_wrong_is_not_told(office: str, clock: Clock, wrong: str) -> None:
    secret = enrolled(office, clock)
    clock.on(seconds=30)
    code = onetime.code_at(secret, clock.now)
    given = {"number": ("9999", GOOD, code), "password": ("1001", OTHER, code), "code": ("1001", GOOD, "000000")}
    with pytest.raises(NotEntitledError) as refused:
        accounts.log_in(office, *given[wrong], KEYS)
    assert str(refused.value) == accounts.WRONG
    assert events(office)[-1] == ("" if wrong == "number" else "1001", "refused", "")


def test_five_failures_lock_for_a_quarter_of_an_hour(office: str, clock: Clock) -> None:
    secret = enrolled(office, clock)
    for _ in range(RULES.failures - 1):
        with pytest.raises(NotEntitledError, match="不正确"):
            log_in(office, clock, secret, OTHER)
    assert log_in(office, clock, secret)  # the fourth failure locks nobody, and what is right begins anew
    for _ in range(RULES.failures):
        with pytest.raises(NotEntitledError):
            log_in(office, clock, secret, OTHER)
    assert events(office)[-1] == ("1001", "locked", "")
    clock.on(minutes=RULES.locked_minutes, seconds=-31)
    with pytest.raises(NotEntitledError, match="暂停登录"):
        log_in(office, clock, secret)
    clock.on(seconds=-29)  # log_in goes on by thirty: exactly a quarter of an hour
    assert log_in(office, clock, secret)


def test_a_password_is_changed_after_ninety_days_for_another(office: str, clock: Clock) -> None:
    secret = enrolled(office, clock)
    clock.on(days=RULES.password_days, seconds=-31)
    assert log_in(office, clock, secret)
    with pytest.raises(InputError, match="新口令"):
        log_in(office, clock, secret)
    for same, why in ((GOOD, "相同"), ("short", "至")):
        with pytest.raises(InputError, match=why):
            log_in(office, clock, secret, new_password=same)
    assert log_in(office, clock, secret, new_password=OTHER)
    assert ("1001", "password_changed", "1001") in events(office)
    with pytest.raises(NotEntitledError):
        log_in(office, clock, secret)
    assert log_in(office, clock, secret, OTHER)


def test_a_session_ends_when_idle_and_at_the_end_of_the_day(office: str, clock: Clock) -> None:
    token = accounts.open_session(office, "1001", WayIn.PROXY)
    clock.on(minutes=RULES.idle_minutes, seconds=-1)
    assert accounts.person_of(office, token)  # seen: it counts from here
    clock.on(minutes=RULES.idle_minutes, seconds=-1)
    assert accounts.person_of(office, token)
    clock.on(minutes=RULES.idle_minutes)
    assert accounts.person_of(office, token) is None
    token = accounts.open_session(office, "1001", WayIn.PROXY)
    for _ in range(RULES.session_hours * 60 // 20 - 1):
        clock.on(minutes=20)
        assert accounts.person_of(office, token)
    clock.on(minutes=20, seconds=-1)
    assert accounts.person_of(office, token)
    clock.on(seconds=1)
    assert accounts.person_of(office, token) is None


def test_whoever_logs_out_leaves_or_enrols_anew_is_out_everywhere(office: str, clock: Clock) -> None:
    one, other = (accounts.open_session(office, "1001", WayIn.PROXY) for _ in range(2))
    accounts.log_out(office, one)
    accounts.log_out(office, one)
    assert (accounts.person_of(office, one), bool(accounts.person_of(office, other))) == (None, True)
    secret = enrolled(office, clock)
    assert accounts.person_of(office, other) is None
    token = log_in(office, clock, secret)
    codes.give_code(office, "1001", "admin")
    assert accounts.person_of(office, token) is None
    with pytest.raises(NotEntitledError):
        log_in(office, clock, secret)
    again = enrolled(office, clock)
    token = log_in(office, clock, again)
    staffing.leave(office, "1001", "admin")
    assert accounts.person_of(office, token) is None
    with pytest.raises(NotEntitledError):
        log_in(office, clock, again)
    with pytest.raises(NotEntitledError):
        codes.give_code(office, "1001", "admin")
    assert [event for _, event, _ in events(office)].count("logged_out") == 1
    assert ("1001", "staff_left", "admin") in events(office)


@pytest.mark.parametrize(
    ("roles", "why"),
    [
        (["security", "operator"], "三员分立"),
        (["auditor", "security"], "三员分立"),
        (["all"], "只在演练中有"),
        (["emperor"], "没有岗位"),
        ([], "至少选一项"),
    ],
)
def test_officers_do_nothing_else_and_nobody_does_everything(office: str, roles: list[str], why: str) -> None:
    with pytest.raises(InputError, match=why):
        staffing.add_person(office, "1003", "王", roles, "admin")
    with pytest.raises(RefusedError, match="已登记"):
        staffing.add_person(office, "1001", "王", ["operator"], "admin")


@pytest.mark.parametrize("change", ["UPDATE access_record SET event = 'logged_in'", "DELETE FROM access_record"])
def test_what_happened_at_the_door_stays(office: str, change: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), transaction(office) as session:
        session.execute(text(change))


def test_the_first_two_are_registered_by_one_and_the_others_by_two(database: str) -> None:
    for number, roles in (("2001", ["operator"]), ("2002", ["director"])):
        staffing.expect_alone(database, roles)
        staffing.add_person(database, number, "张", roles, "admin")
    for roles in (["operator"], ["reviewer", "director"]):
        with pytest.raises(RefusedError, match="45 登记人员变更"):
            staffing.expect_alone(database, roles)
    staffing.expect_alone(database, ["auditor"])
    staffing.leave(database, "2001", "admin")
    staffing.expect_alone(database, ["operator"])


def test_a_new_key_keeps_everybody_s_authenticator(office: str, clock: Clock) -> None:
    secret = enrolled(office, clock)
    both = Keyring.from_secret("another key of sixteen,a key of sixteen")
    with transaction(office) as session:
        reseal(session, both)
    clock.on(seconds=30)
    alone = Keyring.from_secret("another key of sixteen")
    assert accounts.log_in(office, "1001", GOOD, onetime.code_at(secret, clock.now), alone)
