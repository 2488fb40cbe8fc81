"""Who asks, by the cookie of his session; and the guard that lets nobody else see a page.

A cookie belongs to a host name, not to a port: whoever logs in at Prefect's interface is logged in at the board, too.
"""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

import anyio.to_thread
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gate.reach import closed_to
from rules.errors import DatabaseError, NotEntitledError
from rules.vocabulary import WayIn
from tasks import accounts
from tasks.accounts import Person

COOKIE = "dingdian_session"
REMEMBERED_SECONDS = 2.0  # an interface asks a dozen things at once; a log-out takes effect after so long
MOST_REMEMBERED = 1000
LOGIN = "/gate/login"
SIGN_ON_SECRET = "X-Dingdian-Sign-On"  # noqa: S105 - the header's name


@dataclass(frozen=True, slots=True)
class SignOn:
    """The office's own sign-on: the header in which its proxy says who came, and the word that proves the proxy."""

    header: str
    word: SecretStr

    def who(self, headers: Headers) -> str:
        """The number that the proxy says; empty where nobody proved to be the proxy."""
        word = self.word.get_secret_value()
        is_proxy = bool(word) and hmac.compare_digest(headers.get(SIGN_ON_SECRET, "").encode(), word.encode())
        return headers.get(self.header, "").strip() if is_proxy and self.header else ""


class Sessions:
    """Who is logged in, as our database has it; remembered for a moment."""

    def __init__(self, url: str, sign_on: SignOn | None = None) -> None:
        self.url, self.sign_on = url, sign_on or SignOn("", SecretStr(""))
        self._known: dict[str, tuple[float, Person | None]] = {}

    async def person(self, headers: Headers) -> Person | None:
        """Who asks; None for somebody who is not logged in, or while our database does not answer."""
        token = token_of(headers)
        if not token:
            return None
        read_at, person = self._known.get(token, (float("-inf"), None))
        if time.monotonic() - read_at < REMEMBERED_SECONDS:
            return person
        try:
            person = await anyio.to_thread.run_sync(accounts.person_of, self.url, token)
        except DatabaseError:
            return None
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[token] = (time.monotonic(), person)
        return person

    def forget(self, token: str) -> None:
        """What is remembered of a session that has ended."""
        self._known.pop(token, None)

    async def signed_on(self, headers: Headers) -> str:
        """The token of a new session for somebody whom the office's own sign-on names; empty for everybody else."""
        number = self.sign_on.who(headers)
        if not number:
            return ""
        try:
            return await anyio.to_thread.run_sync(accounts.open_session, self.url, number, WayIn.PROXY)
        except NotEntitledError:
            return ""


class SignedIn:
    """Lets whoever is logged in and whose roles reach a `place` through, with `scope["person"]`; leads everybody else
    to the login at `login`, or to the page that says why not."""

    def __init__(self, app: ASGIApp, sessions: Sessions, login: str, place: str) -> None:
        self.app, self.sessions, self.login, self.place = app, sessions, login, place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        person = await self.sessions.person(headers)
        if person is not None and closed_to(person.roles, self.place):
            closed = f"{self.login.removesuffix('login')}closed?place={self.place}"
            await RedirectResponse(closed, HTTPStatus.SEE_OTHER)(scope, receive, send)
            return
        if person is not None:
            await self.app({**scope, "person": person}, receive, send)
            return
        here = f"http://{headers.get('host', '')}{scope['path']}"
        await (await self.to_login(scope, headers, here))(scope, receive, send)

    async def to_login(self, scope: Scope, headers: Headers, here: str) -> Response:
        """The answer to somebody who is not logged in: the login, and afterwards the page he wanted; at once that page
        where the office's own sign-on names him."""
        query = scope["query_string"].decode("latin-1")
        wanted = f"{here}?{query}" if query else here
        if token := await self.sessions.signed_on(headers):
            return with_cookie(RedirectResponse(wanted, HTTPStatus.SEE_OTHER), token)
        return RedirectResponse(f"{self.login}?next={quote(wanted, safe='')}", HTTPStatus.SEE_OTHER)


def token_of(headers: Headers) -> str:
    """The token that a browser shows; empty where it shows none."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def with_cookie(answer: Response, token: str, *, secure: bool = False) -> Response:
    """The answer with which a browser keeps its session: no script reads it, no other site's order carries it."""
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", path="/", secure=secure)
    return answer
