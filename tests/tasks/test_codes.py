"""A code that lets somebody in is confirmed by a second person, who is neither its owner nor its giver."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from foundation import onetime, rehearsal
from foundation.secrets import Keyring
from foundation.settings import get_settings, reset_settings
from gate import pages
from gate.sessions import COOKIE, Sessions
from models import AccessRecord, Account
from models.database import reading
from policies.access import load_access_rules
from rules.errors import InputError, NotEntitledError, RefusedError
from rules.vocabulary import WayIn
from tasks import accounts, codes, staffing

KEYS = Keyring.from_secret("a key of sixteen")
GOOD = "平湖 seven 石榴 lantern"
WHEN = datetime(2026, 12, 31, 15, 59, 45, tzinfo=UTC)
STAFF = {"1001": "operator", "1003": "discipline", "1004": "director", "admin": "security", "1009": "auditor"}
HERE = "http://127.0.0.1:4200"


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
def office(database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An office with everybody in it; nobody has enrolled."""
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / "var"))
    reset_settings()
    for number, role in STAFF.items():
        staffing.add_person(database, number, f"员{number}", [role], "server")
    return database


def enrol(url: str, clock: Clock, code: str) -> None:
    secret = accounts.begin_enrolment(url, code, KEYS).secret
    accounts.enrol(url, code, GOOD, onetime.code_at(secret, clock.now), KEYS)


def come_in(url: str, clock: Clock, *numbers: str) -> None:
    """They enrol, each with a code that was given at the server and confirmed where it has to be."""
    for number in numbers:
        code = codes.give_code(url, number, "server", at_the_server=True)
        for one in ("1003", "1004"):
            if number in [waits.staff_no for waits in codes.waiting(url, one)]:
                codes.confirm(url, number, one)
        enrol(url, clock, code)


def events(url: str, staff_no: str) -> list[tuple[str, str]]:
    with reading(url) as session:
        his = select(AccessRecord).where(col(AccessRecord.staff_no) == staff_no).order_by(col(AccessRecord.id))
        return [(one.event, one.by) for one in session.execute(his).scalars()]


def test_a_new_code_for_somebody_who_came_in_before_is_good_after_a_second_person_s_word(
    office: str, clock: Clock
) -> None:
    come_in(office, clock, "1003", "1004", "1001")
    code = codes.give_code(office, "1001", "admin")
    assert codes.second_of(office, "1001") == "1003 员1003、1004 员1004"
    for _ in range(2):
        with pytest.raises(InputError, match="还没有复核"):
            accounts.begin_enrolment(office, code, KEYS)
    with pytest.raises(InputError, match="还没有复核"):
        accounts.enrol(office, code, GOOD, "000000", KEYS)
    assert [one.staff_no for one in codes.waiting(office, "1004")] == ["1001"]
    codes.confirm(office, "1001", "1004")
    assert (codes.waiting(office, "1004"), codes.second_of(office, "1001")) == ([], "")
    enrol(office, clock, code)
    assert events(office, "1001")[-4:] == [
        ("code_given", "admin"),
        ("code_confirmed", "1004"),
        ("enrolled", "1001"),
        ("logged_in", "1001"),
    ]


def test_a_code_that_was_given_again_waits_again(office: str, clock: Clock) -> None:
    come_in(office, clock, "1004", "1001")
    first = codes.give_code(office, "1001", "admin")
    codes.confirm(office, "1001", "1004")
    second = codes.give_code(office, "1001", "admin")
    for code, why in ((first, "已用过"), (second, "还没有复核")):
        with pytest.raises(InputError, match=why):
            accounts.begin_enrolment(office, code, KEYS)


def test_a_code_that_was_sent_back_is_good_for_nothing(office: str, clock: Clock) -> None:
    come_in(office, clock, "1004", "1001")
    code = codes.give_code(office, "1001", "admin")
    codes.send_back(office, "1001", "1004")
    with pytest.raises(InputError, match="登记码不正确"):
        accounts.begin_enrolment(office, code, KEYS)
    assert events(office, "1001")[-1] == ("code_returned", "1004")
    with pytest.raises(RefusedError, match="没有工号“1001”待复核的登记码"):
        codes.confirm(office, "1001", "1004")


@pytest.mark.parametrize("by", ["1001", "1009", "admin", "1003", "nobody"])
def test_who_may_not_confirm_does_not(office: str, clock: Clock, by: str) -> None:
    """Not its owner, not another role, not the giver, not a role that has not come in itself (1003)."""
    come_in(office, clock, "1004", "1001")
    code = codes.give_code(office, "1001", "admin")
    for do in (codes.confirm, codes.send_back):
        with pytest.raises(NotEntitledError, match="由发放人、本人以外的纪检、主任复核"):
            do(office, "1001", by)
    assert codes.waiting(office, by) == []
    codes.confirm(office, "1001", "1004")
    enrol(office, clock, code)


def test_a_director_s_own_code_is_another_s_to_confirm(office: str, clock: Clock) -> None:
    come_in(office, clock, "1003", "1004")
    codes.give_code(office, "1004", "admin")
    with pytest.raises(NotEntitledError):
        codes.confirm(office, "1004", "1004")
    codes.confirm(office, "1004", "1003")


def test_whoever_makes_accounts_cannot_get_round_it_by_ending_those_who_confirm(office: str, clock: Clock) -> None:
    come_in(office, clock, "1003", "1004", "1001")
    codes.give_code(office, "1004", "admin")
    with pytest.raises(RefusedError, match="在服务器上运行 dingdian staff-code 1003"):
        codes.give_code(office, "1003", "admin")
    staffing.leave(office, "1003", "admin")
    before = events(office, "1001")
    with pytest.raises(RefusedError, match="现在没有这样的人"):
        codes.give_code(office, "1001", "admin")
    assert events(office, "1001") == before
    code = codes.give_code(office, "1001", "server", at_the_server=True)
    enrol(office, clock, code)


def test_the_server_s_command_waits_too_where_somebody_can_confirm(office: str, clock: Clock) -> None:
    come_in(office, clock, "1004", "admin")
    code = codes.give_code(office, "admin", "命令行（root）", at_the_server=True)
    with pytest.raises(InputError, match="还没有复核"):
        accounts.begin_enrolment(office, code, KEYS)
    codes.confirm(office, "admin", "1004")
    enrol(office, clock, code)


def test_an_office_that_begins_has_nobody_to_ask(database: str, clock: Clock) -> None:
    for number, role in (("admin", "security"), ("1004", "director")):
        staffing.add_person(database, number, "某人", [role], "server")
        enrol(database, clock, codes.give_code(database, number, "admin"))
    enrol(database, clock, codes.give_code(database, "1004", "admin"))
    staffing.add_person(database, "1001", "某人", ["operator"], "admin")
    codes.give_code(database, "1001", "admin")
    assert codes.second_of(database, "1001") == "1004 某人"


def test_a_code_waits_no_longer_than_it_is_good(office: str, clock: Clock) -> None:
    come_in(office, clock, "1004", "1001")
    codes.give_code(office, "1001", "admin")
    clock.on(hours=load_access_rules().enrolment_hours, seconds=-1)
    assert len(codes.waiting(office, "1004")) == 1
    for then in (1, 1):
        clock.on(seconds=then)
        assert codes.waiting(office, "1004") == []
        with pytest.raises(RefusedError, match="已过期"):
            codes.confirm(office, "1001", "1004")


def test_where_nothing_is_real_no_code_waits(office: str, clock: Clock) -> None:
    come_in(office, clock, "1004", "1001")
    rehearsal.begin_practice(get_settings().var_dir)
    enrol(office, clock, codes.give_code(office, "1001", "admin"))


# --- the pages ---------------------------------------------------------------------------------------------------


def test_the_second_person_finds_it_on_the_first_page_and_confirms(office: str, clock: Clock) -> None:
    come_in(office, clock, "1004", "1001")
    app = pages.application(Sessions(office))

    def browser(number: str) -> httpx.AsyncClient:
        cookies = {COOKIE: accounts.open_session(office, number, WayIn.PASSWORD)}
        transport = httpx.ASGITransport(app=app)
        return httpx.AsyncClient(transport=transport, base_url=HERE, cookies=cookies)

    async def walk() -> str:
        async with browser("admin") as officer, browser("1004") as director, browser("1009") as auditor:
            given = await officer.post("/gate/people", data={"do": "code", "staff_no": "1001"})
            assert "须先由 1004 员1004 在“复核登记码”确认" in given.text
            found = re.search(r"[A-Z2-9]{5}(?:-[A-Z2-9]{5}){3}", given.text)
            assert found
            assert "登记码待复核" in (await officer.get("/gate/people")).text
            for other in (officer, auditor):
                refused = await other.post("/gate/codes", data={"do": "confirm", "staff_no": "1001"})
                assert (refused.status_code, "只对纪检、主任开放" in refused.text) == (403, True)
            assert "（1 件待复核）" in (await director.get("/gate/")).text
            assert found[0] not in (await director.get("/gate/codes")).text
            wrong = await director.post("/gate/codes", data={"do": "confirm", "staff_no": "1009"})
            assert (wrong.status_code, "没有工号“1009”待复核的登记码" in wrong.text) == (403, True)
            assert (await director.post("/gate/codes", data={"do": "confirm", "staff_no": "1001"})).status_code == 200
            assert "没有待复核的登记码" in (await director.get("/gate/codes")).text
        return found[0]

    enrol(office, clock, anyio.run(walk))
    with reading(office) as session:
        account = session.get(Account, "1001")
        assert account is not None
        assert (account.code_waits, bool(account.password_hash)) == (False, True)
