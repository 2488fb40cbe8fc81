"""The door of our own Prefect server: what a browser may ask of its interface and its API (deny by default).

Whoever shows a machine's key (`gate.machines`) is a program of ours (worker, `dingdian`, a start of `up`) and may do
what Prefect allows. Anybody else is a person at the interface and logs in first (`gate`): then he reads, starts a form
and asks for a run to be cancelled. A run that he starts carries the proof that it was he (`tasks.run_starts`); whoever
acts is never asked for. What Prefect offers besides (deleting runs, changing deployments, schedules, blocks,
automations, variables) is refused with a sentence: no legal fact lies there, but who works there could stop the clock.

Every request is looked at, by machines' programs as well: a foreign name of this machine, an order from another site
and a body that is not JSON are refused; no page of another site may show one of ours inside its own.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dingdian.running import within
from dingdian.running.bell import PATH as BELL
from dingdian.running.bell import Bell
from dingdian.running.orders import API, NOT_HERE, SAFE, is_watched, makes_work, order_of, shows, started_by
from foundation.guarding import Guarded
from foundation.masking import FREE_TEXT, masked
from foundation.secrets import Keyring
from gate import pages
from gate.letters import Forms
from gate.machines import Machines
from gate.reach import closed_to
from gate.sealed import Sealed, Veiled
from gate.sessions import LOGIN, Sessions, SignedIn
from policies.access import load_access_rules
from rules.errors import DatabaseError, NotEntitledError
from tasks import surroundings
from tasks.accounts import Person
from tasks.entitled import expect_entitled
from tasks.run_starts import proof_for
from upkeep.deployment_file import Entrypoints

OURS = frozenset({"", "same-origin", "none"})
LONGEST_ORDER = 1_000_000  # bytes; the longest form is some kilobytes long
FORM, WITH_A_FILE = "application/x-www-form-urlencoded", "multipart/form-data"
BRING_FILES = (f"{pages.PREFIX}/files", f"{pages.PREFIX}/materials")
OPEN = (f"{API}/health", f"{API}/ready")  # says that the service is there, and nothing of what is in it
NOT_LOGGED_IN = "尚未登录，或登录已过期：请刷新页面重新登录"
TOO_LONG = "提交的内容过大；请分次办理，或用表格、收件夹里的文件"
AWAY = "暂时查不到这张表单，或数据库没有应答：请稍候再提交"
REFUSED_FOREIGN_NAME = 4403
Refusal = tuple[int, str]
CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'{board}; frame-ancestors 'none'"
)
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Door:
    """Stands before Prefect's application. `key`: what this server's own programs show; `hosts`: the names that this
    one is called; `keys`: what proofs are made with; `forms`: what people may start; `board_url`: where a
    login leads."""

    def __init__(
        self,
        app: ASGIApp,
        key: SecretStr,
        hosts: Collection[str],
        *,
        sessions: Sessions,
        keys: Keyring,
        forms: Entrypoints,
        board_url: str,
    ) -> None:
        self.app, self.machines, self.hosts = app, Machines(key, sessions.url), frozenset(hosts)
        self.sessions, self.keys, self.forms = sessions, keys, forms
        self.sealed, self.bell = Sealed(sessions.url), Bell()
        self.gate = pages.application(sessions, _letter_forms)
        self.signed_in = SignedIn(app, sessions, LOGIN, "desk")
        policy = CONTENT_POLICY.format(board=f" {_origin(board_url)}")  # a login leads to the board, too
        self.guarded = Guarded(self._admit, {**HEADERS, "Content-Security-Policy": policy})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "websocket":
            await self._watch(scope, receive, send)
        elif scope["type"] == "http":
            await self.guarded(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _watch(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        is_allowed = await self.machines.knows(headers) or (
            is_watched(scope["path"]) and await self._sees_the_desk(headers)
        )
        if self._refusal(scope, headers) or not is_allowed:
            await receive()
            await send({"type": "websocket.close", "code": REFUSED_FOREIGN_NAME})
            return
        await self.app(scope, receive, send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        if refusal := self._refusal(scope, headers):
            await _refused(refusal)(scope, receive, send)
        elif path.startswith(f"{pages.PREFIX}/"):
            await self.gate(scope, receive, send)
        elif path in OPEN:
            await self.app(scope, receive, send)
        elif await self.machines.knows(headers):
            await self._for_a_machine(scope, receive, send)
        elif path.startswith(f"{API}/"):
            await self._for_a_person(scope, headers, receive, send)
        else:
            await self.signed_in(scope, receive, send)

    async def _for_a_machine(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == BELL:
            await self.bell.answer(scope, receive, send)
            return
        await self._pass(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Asks Prefect, and wakes the workers where a run may have been made."""
        await self.app(scope, receive, send)
        if makes_work(scope["method"], scope["path"]):
            self.bell.ring()

    async def _for_a_person(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        person = await self.sessions.person(headers)
        if person is None:
            await _refused((HTTPStatus.FORBIDDEN, NOT_LOGGED_IN))(scope, receive, send)
            return
        refusal, receive = await self._asked(scope, receive, person)
        if refusal:
            await _refused(refusal)(scope, receive, send)
            return
        unpacked = {**scope, "headers": within.plain(scope["headers"])}
        await self._pass(unpacked, receive, Veiled(send, person.staff_no, self.sealed))

    async def _asked(self, scope: Scope, receive: Receive, person: Person) -> tuple[Refusal | None, Receive]:
        """Why a person may not ask this, or nothing; and the body for whoever reads it next."""
        method, path = scope["method"], scope["path"]
        if shows(method, path):
            return _closed(person, "desk"), receive
        order = order_of(method, path)
        if order is None:
            return (HTTPStatus.FORBIDDEN, NOT_HERE), receive
        if closed := _closed(person, "start"):
            return closed, receive
        body = await _read(receive)
        if body is None:
            return (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LONG), receive
        try:
            asked = order(json.loads(body))
        except ValueError:
            asked = "提交的内容不是 JSON"
        if isinstance(asked, str):
            return (HTTPStatus.FORBIDDEN, asked), receive
        if started := started_by(method, path):
            if refusal := await self._not_his(scope, started, asked, person):
                return refusal, receive
            asked["parameters"] = masked(asked.get("parameters") or {}, FREE_TEXT)  # Prefect keeps them in clear
            asked["labels"] = proof_for(person, started, asked["parameters"], self.keys)
        return None, _again(json.dumps(asked).encode(), receive)

    async def _not_his(self, scope: Scope, started: str, asked: dict[str, Any], person: Person) -> Refusal | None:
        """Why a person may not submit this form: it is none of the house's, or his roles do not carry its act."""
        entrypoint = await within.entrypoint_of(self.app, scope, started)
        if entrypoint is None:
            return HTTPStatus.SERVICE_UNAVAILABLE, AWAY
        if entrypoint in self.forms.tried:
            return None
        if entrypoint not in self.forms.house:
            return HTTPStatus.FORBIDDEN, f"“{entrypoint[:80]}”不是本程序的表单，不能从这里提交"
        form = (asked.get("parameters") or {}).get("form")
        given = form if isinstance(form, dict) else {}
        act, url, at = entrypoint.rpartition(".")[2], self.sessions.url, surroundings.now()
        try:
            await anyio.to_thread.run_sync(expect_entitled, url, act, given, person.staff_no, at)
        except NotEntitledError as not_his:
            return HTTPStatus.FORBIDDEN, str(not_his)
        except DatabaseError:
            return HTTPStatus.SERVICE_UNAVAILABLE, AWAY
        return None

    async def _sees_the_desk(self, headers: Headers) -> bool:
        person = await self.sessions.person(headers)
        return person is not None and load_access_rules().may(person.roles, "desk")

    def _refusal(self, scope: Scope, headers: Headers) -> Refusal | None:
        """What is wrong with a request whoever sends it."""
        host = headers.get("host", "")
        if urlsplit(f"//{host}").hostname not in self.hosts:
            return HTTPStatus.MISDIRECTED_REQUEST, f"本服务不以“{host[:80]}”为名；请用启动时显示的地址打开"
        if scope["type"] == "http" and scope["method"] in SAFE:
            return None
        origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "")
        if (origin and urlsplit(origin).netloc != host) or site not in OURS:
            return HTTPStatus.FORBIDDEN, "其他网站的页面不能在这里办理；请从经办界面自己的页面提交"
        if scope["type"] == "http" and scope["path"].startswith(f"{pages.PREFIX}/"):
            is_ours = bool(origin) and _kind_of(headers) == (WITH_A_FILE if scope["path"] in BRING_FILES else FORM)
            return None if is_ours else (HTTPStatus.FORBIDDEN, "登录和文件只能从本系统自己的页面提交")
        if scope["type"] == "http" and _has_body(headers) and _kind_of(headers) != "application/json":
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "只接受 JSON（Content-Type: application/json）"
        return None


def _letter_forms() -> Forms:
    """Loaded when first wanted: the flows behind them are no part of a server's start."""
    from dingdian.running.letter_forms import letter_forms

    return letter_forms()


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _kind_of(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _origin(address: str) -> str:
    there = urlsplit(address)
    return f"{there.scheme}://{there.netloc}"


def _closed(person: Person, place: str) -> Refusal | None:
    said = closed_to(person.roles, place)
    return (HTTPStatus.FORBIDDEN, said) if said else None


def _refused(refusal: Refusal) -> JSONResponse:
    status, sentence = refusal
    return JSONResponse({"detail": sentence, "exception_message": sentence}, status)


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None when it is longer than any form."""
    parts, length = [], 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > LONGEST_ORDER:
            return None
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read to the next reader, once; then what comes after it."""
    ahead: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def once_more() -> Message:
        return ahead.pop() if ahead else await receive()

    return once_more
