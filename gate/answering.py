"""What every page of the gate does alike: reads a form of ours, fills a template, finds the sessions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from jinja2.sandbox import ImmutableSandboxedEnvironment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gate.reach import closed_to
from gate.sessions import LOGIN, Sessions
from publication.pages import html_environment
from rules.texts import half_width
from rules.wording import minute
from tasks.accounts import Person

TEMPLATES = Path(__file__).resolve().parent / "templates"
LONGEST = 30_000  # bytes of a form
FIELDS = 30
ROUND, NUMBER = re.compile(r"[0-9]{1,9}"), re.compile(r"[A-Za-z0-9-]{1,20}")  # as the forms have them


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form; what is longer than any of ours counts as empty."""
    return dict(await pairs_of(request, LONGEST, FIELDS) or ())


async def pairs_of(request: Request, longest: int, fields: int) -> list[tuple[str, str]] | None:
    """The fields of a form that are not left blank, a name as often as it was sent; None where there are more bytes or
    fields than a form of ours has."""
    if request.method != "POST":
        return []
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > longest:
            return None
        parts.append(part)
    try:
        return parse_qsl(b"".join(parts).decode("utf-8", "replace"), max_num_fields=fields)
    except ValueError:
        return None


def page(template: str, status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    """A page (`templates/<template>.html.j2`), kept by no browser."""
    text = _environment().get_template(f"{template}.html.j2").render({"said": "", "staff_no": "", **values})
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})


async def entitled(request: Request, place: str) -> Person | Response:
    """Who asks, where his roles reach the place; else the login, which leads back here, or the page that says why
    not."""
    person = await sessions_of(request).person(request.headers)
    if person is None:
        query = f"?{request.url.query}" if request.url.query else ""
        wanted = quote(f"{request.url.path}{query}", safe="")
        return RedirectResponse(f"{LOGIN}?next={wanted}", HTTPStatus.SEE_OTHER)
    if said := closed_to(person.roles, place):
        return page("refused", HTTPStatus.FORBIDDEN, said=said, person=person)
    return person


def address_of(request: Request, given: Mapping[str, str], name: str) -> tuple[int, str]:
    """The round and the number (`name`) that a page is asked for; 0 and nothing for what can be neither."""
    number, round_id = half_width(_asked(request, given, name)), round_asked(request, given)
    return (round_id, number) if round_id and NUMBER.fullmatch(number) else (0, "")


def round_asked(request: Request, given: Mapping[str, str]) -> int:
    """The round that a page is asked for; 0 for what is no number of one."""
    number = half_width(_asked(request, given, "round"))
    return int(number) if ROUND.fullmatch(number) else 0


def _asked(request: Request, given: Mapping[str, str], name: str) -> str:
    return (given if request.method == "POST" else request.query_params).get(name, "")


def sessions_of(request: Request) -> Sessions:
    """Who is logged in, as this application has it."""
    found: Sessions = request.app.state.sessions
    return found


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    made = html_environment(TEMPLATES)
    made.filters["minute"] = minute
    return made
