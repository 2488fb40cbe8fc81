"""The officers' pages: the security officer lets people in and out, another confirms his codes, the auditor reads who
came and went (三员分立)."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

import anyio.to_thread
from sqlalchemy import select
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gate.answering import form_of, page, sessions_of
from gate.reach import closed_to
from models import AccessRecord, Account, Staff
from models.database import reading
from policies.access import load_access_rules
from rules.errors import InputError, NotEntitledError, RefusedError
from rules.vocabulary import AccessEvent
from tasks import codes, staffing
from tasks.accounts import Person
from tasks.roles import roles_by_name

SHOWN = 500


async def people(request: Request) -> Response:
    """人员: who is on the staff list, who has enrolled; adds, hands out codes, takes out."""
    officer = await _officer(request, "people")
    if isinstance(officer, Response):
        return officer
    said = code = about = ""
    status = HTTPStatus.OK
    if request.method == "POST":
        given = await form_of(request)
        about = given.get("staff_no", "")
        try:
            code = await anyio.to_thread.run_sync(partial(_do, sessions_of(request).url, given, officer.staff_no))
        except (InputError, NotEntitledError, RefusedError) as refused:
            said, status = str(refused), HTTPStatus.FORBIDDEN
    staff = await anyio.to_thread.run_sync(_staff, sessions_of(request).url)
    second = await anyio.to_thread.run_sync(codes.second_of, sessions_of(request).url, about) if code else ""
    shown = {"said": said, "code": code, "about": about, "staff": staff, "person": officer, "second": second}
    gate = str(request.url.replace(path="/gate/enrol", query=""))
    hours = load_access_rules().enrolment_hours
    return page("people", status, **shown, roles=roles_by_name(), hours=hours, gate=gate)


def _do(url: str, given: dict[str, str], by: str) -> str:
    """What the security officer asked for; the code, where one was given out."""
    number = given.get("staff_no", "").strip()
    match given.get("do"):
        case "add":
            roles = [name.removeprefix("role-") for name in given if name.startswith("role-")]
            staffing.expect_alone(url, roles)
            staffing.add_person(url, number, given.get("name", ""), roles, by)
            return codes.give_code(url, number, by)
        case "code":
            return codes.give_code(url, number, by)
        case "leave":
            staffing.leave(url, number, by)
    return ""


async def records(request: Request) -> Response:
    """登录记录: the newest events at the door."""
    officer = await _officer(request, "records")
    if isinstance(officer, Response):
        return officer
    rows = await anyio.to_thread.run_sync(_records, sessions_of(request).url)
    return page("records", rows=rows, shown=SHOWN, person=officer)


async def confirming(request: Request) -> Response:
    """复核登记码: the second person's word on codes that the security officer gave out."""
    person = await _officer(request, codes.PLACE)
    if isinstance(person, Response):
        return person
    url, said, status = sessions_of(request).url, "", HTTPStatus.OK
    if request.method == "POST":
        given = await form_of(request)
        do = codes.confirm if given.get("do") == "confirm" else codes.send_back
        try:
            await anyio.to_thread.run_sync(do, url, given.get("staff_no", "").strip(), person.staff_no)
        except (NotEntitledError, RefusedError) as refused:
            said, status = str(refused), HTTPStatus.FORBIDDEN
    found = await anyio.to_thread.run_sync(codes.waiting, url, person.staff_no)
    return page("codes", status, said=said, waiting=found, person=person, roles=roles_by_name())


async def _officer(request: Request, place: str) -> Person | Response:
    person = await sessions_of(request).person(request.headers)
    if person is None:
        return RedirectResponse("/gate/login", HTTPStatus.SEE_OTHER)
    if said := closed_to(person.roles, place):
        return page("refused", HTTPStatus.FORBIDDEN, said=said, person=person)
    return person


def _staff(url: str) -> list[dict[str, Any]]:
    joined = select(Staff, Account).outerjoin(Account, col(Account.staff_no) == col(Staff.staff_no))
    with reading(url) as session:
        return [
            {
                "staff_no": person.staff_no,
                "name": person.name,
                "roles": list(person.roles),
                "is_active": person.is_active,
                "is_enrolled": bool(account and account.password_hash),
                "waits": bool(account and account.code_waits),
            }
            for person, account in session.execute(joined.order_by(col(Staff.staff_no)))
        ]


def _records(url: str) -> list[dict[str, Any]]:
    newest = select(AccessRecord).order_by(col(AccessRecord.id).desc()).limit(SHOWN)
    with reading(url) as session:
        return [
            {"at": one.at, "staff_no": one.staff_no, "event": AccessEvent(one.event).label, "by": one.by}
            for one in session.execute(newest).scalars()
        ]
