"""The pages at which people prove who they are: log in, enrol, log out, and what is open to them then.

Forms of our own, sent by our own pages: the door has looked at name and origin before. No text that was typed comes
back but the number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
import segno
from markupsafe import Markup
from sqlalchemy import select
from sqlmodel import col
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from foundation import onetime
from gate import absences, contacts, experts, files, letters, materials, office, officers, supervisors
from gate.answering import form_of, page, sessions_of
from gate.reach import closed_to
from gate.sessions import COOKIE, Sessions, token_of, with_cookie
from models import Staff
from models.database import reading
from policies.access import load_access_rules
from rules.errors import DatabaseError, InputError, NotEntitledError
from rules.vocabulary import WayIn
from tasks import accounts, codes, surroundings

HERE = Path(__file__).resolve().parent
PREFIX = "/gate"
UNDER_WAY = "服务正在启动，或数据库暂时没有应答：请稍候再试"


def application(sessions: Sessions, forms: Callable[[], letters.Forms] = dict) -> Starlette:
    """The gate's pages; `forms` answers those whose letters can be read before."""
    routes = [
        Route(f"{PREFIX}/", home),
        Route(f"{PREFIX}/login", login, methods=["GET", "POST"]),
        Route(f"{PREFIX}/logout", logout, methods=["POST"]),
        Route(f"{PREFIX}/enrol", enrol, methods=["GET", "POST"]),
        Route(f"{PREFIX}/rehearse", rehearse, methods=["POST"]),
        Route(f"{PREFIX}/people", officers.people, methods=["GET", "POST"]),
        Route(f"{PREFIX}/records", officers.records),
        Route(f"{PREFIX}/codes", officers.confirming, methods=["GET", "POST"]),
        Route(f"{PREFIX}/closed", closed),
        Route(f"{PREFIX}/files", files.shelves, methods=["GET", "POST"]),
        Route(f"{PREFIX}/files/{{shelf}}/{{name}}", files.one),
        Route(f"{PREFIX}/materials", materials.dossier, methods=["GET", "POST"]),
        Route(f"{PREFIX}/materials/{{number:int}}", materials.one),
        Route(f"{PREFIX}/materials/{{number:int}}/file", materials.file),
        Route(f"{PREFIX}/materials/{{number:int}}/{{page:int}}.jpg", materials.picture),
        Route(f"{PREFIX}/contacts", contacts.change, methods=["GET", "POST"]),
        Route(f"{PREFIX}/experts", experts.library, methods=["GET", "POST"]),
        Route(f"{PREFIX}/office", office.data, methods=["GET", "POST"]),
        Route(f"{PREFIX}/absences", absences.office, methods=["GET", "POST"]),
        Route(f"{PREFIX}/supervisors", supervisors.register, methods=["GET", "POST"]),
        Route(f"{PREFIX}/handler", absences.handler, methods=["GET", "POST"]),
        Route(f"{PREFIX}/letters/case/{{round_id:int}}/{{number}}/{{act}}", letters.page_of, methods=["GET", "POST"]),
        Route(f"{PREFIX}/letters/agreement/{{agreement_id:int}}/{{act}}", letters.page_of, methods=["GET", "POST"]),
        Route(f"{PREFIX}/gate.css", style),
        Route(f"{PREFIX}/progress.js", progress),
    ]
    app = Starlette(routes=routes, exception_handlers={DatabaseError: _waiting})
    app.state.sessions, app.state.forms = sessions, forms
    return app


async def login(request: Request) -> Response:
    """登录: number, password and one-time code."""
    given = await form_of(request)
    wanted = _within(given.get("next") or request.query_params.get("next", ""), request)
    shown: dict[str, Any] = {"next": wanted, "staff": await _rehearsing(request)}
    if request.method == "GET":
        return page("login", **shown)
    number, password, code, new = (given.get(one, "") for one in ("staff_no", "password", "code", "new_password"))
    do = partial(accounts.log_in, sessions_of(request).url, number, password, code, surroundings.keys(), new)
    try:
        token = await anyio.to_thread.run_sync(do)
    except (InputError, NotEntitledError) as refused:
        return page("login", HTTPStatus.FORBIDDEN, said=str(refused), staff_no=number[:40], **shown)
    return _let_in(request, token, wanted)


async def enrol(request: Request) -> Response:
    """登记: the first time, or after a loss: a one-time code, a password, and the authenticator's first code."""
    given = await form_of(request)
    code = given.get("enrol") or request.query_params.get("code", "")
    if not code:
        return page("enrol")
    keys, said, status = surroundings.keys(), "", HTTPStatus.OK
    if request.method == "POST" and "password" in given:
        try:
            if given["password"] != given.get("again", ""):
                raise InputError("两次填写的口令不同，请重填")
            do = partial(accounts.enrol, sessions_of(request).url, code, given["password"], given.get("code", ""), keys)
            return _let_in(request, await anyio.to_thread.run_sync(do), "")
        except (InputError, NotEntitledError) as refused:
            said, status = str(refused), HTTPStatus.FORBIDDEN
    try:
        person = await anyio.to_thread.run_sync(accounts.begin_enrolment, sessions_of(request).url, code, keys)
    except (InputError, NotEntitledError) as refused:
        return page("enrol", HTTPStatus.FORBIDDEN, said=str(refused))
    return page("enrol", status, said=said, person=person, code=code, picture=_qr(person), rules=load_access_rules())


async def logout(request: Request) -> Response:
    """退出."""
    token = token_of(request.headers)
    await anyio.to_thread.run_sync(accounts.log_out, sessions_of(request).url, token)
    sessions_of(request).forget(token)
    answer = RedirectResponse(f"{PREFIX}/login", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(COOKIE, path="/")
    return answer


async def home(request: Request) -> Response:
    """Who is logged in, where the work is, and the way out."""
    person = await sessions_of(request).person(request.headers)
    if person is None:
        return RedirectResponse(f"{PREFIX}/login", HTTPStatus.SEE_OTHER)
    rules, board_url = load_access_rules(), surroundings.board_url()
    url, waiting = sessions_of(request).url, 0
    if rules.may(person.roles, codes.PLACE):
        waiting = len(await anyio.to_thread.run_sync(codes.waiting, url, person.staff_no))
    return page("home", person=person, rules=rules, board_url=board_url, waiting=waiting)


async def closed(request: Request) -> Response:
    """A page that one's roles do not reach: which, and who gets there."""
    person, place = await sessions_of(request).person(request.headers), request.query_params.get("place", "")
    if person is None or place not in load_access_rules().places:
        return RedirectResponse(f"{PREFIX}/", HTTPStatus.SEE_OTHER)
    return page("refused", HTTPStatus.FORBIDDEN, said=closed_to(person.roles, place), person=person)


async def rehearse(request: Request) -> Response:
    """In a rehearsal, where nobody is anybody: as whichever person one plays."""
    given = await form_of(request)
    known = {one["staff_no"] for one in await _rehearsing(request)}
    if given.get("staff_no") not in known:
        return page("login", HTTPStatus.FORBIDDEN, said="只有演练可以不用口令登录", next="", staff=[])
    do = partial(accounts.open_session, sessions_of(request).url, given["staff_no"], WayIn.REHEARSAL)
    return _let_in(request, await anyio.to_thread.run_sync(do), _within(given.get("next", ""), request))


async def style(request: Request) -> Response:
    """The look of these pages."""
    return FileResponse(HERE / "static" / "gate.css")


async def progress(request: Request) -> Response:
    """How much of a large file has been sent."""
    return FileResponse(HERE / "static" / "progress.js")


async def _waiting(request: Request, error: Exception) -> Response:
    return page("login", HTTPStatus.SERVICE_UNAVAILABLE, said=UNDER_WAY, next="", staff=[])


async def _rehearsing(request: Request) -> list[dict[str, str]]:
    """The people of a rehearsal, to be played by anybody; nobody in a real installation."""
    if not accounts.is_practice():
        return []
    return await anyio.to_thread.run_sync(_staff, sessions_of(request).url)


def _staff(url: str) -> list[dict[str, str]]:
    with reading(url) as session:
        active = select(Staff).where(col(Staff.is_active)).order_by(col(Staff.staff_no))
        return [{"staff_no": one.staff_no, "name": one.name} for one in session.execute(active).scalars()]


def _within(wanted: str, request: Request) -> str:
    """A page of ours that somebody wanted; any other address is nobody's."""
    there = urlsplit(wanted)
    ours = {urlsplit(str(request.url)).netloc, urlsplit(surroundings.board_url()).netloc}
    is_ours = there.scheme in ("http", "https") and there.netloc in ours
    is_path = not there.scheme and not there.netloc and wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_ours or is_path else ""


def _let_in(request: Request, token: str, wanted: str) -> Response:
    secure = request.headers.get("x-forwarded-proto", request.url.scheme) == "https"
    return with_cookie(RedirectResponse(wanted or f"{PREFIX}/", HTTPStatus.SEE_OTHER), token, secure=secure)


def _qr(person: accounts.Enrolment) -> Markup:
    drawn = segno.make(onetime.address(person.secret, person.staff_no), error="m", micro=False)
    return Markup(drawn.svg_inline(scale=4, border=4, omitsize=False, svgclass=None))  # noqa: S704 - squares only
