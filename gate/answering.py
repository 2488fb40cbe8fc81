"""What every page of the gate does alike: reads a form of ours, fills a template, finds the sessions."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jinja2.sandbox import ImmutableSandboxedEnvironment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from gate.sessions import Sessions
from publication.pages import html_environment
from rules.wording import minute

TEMPLATES = Path(__file__).resolve().parent / "templates"
LONGEST = 10_000  # bytes of a form
FIELDS = 30


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


def sessions_of(request: Request) -> Sessions:
    """Who is logged in, as this application has it."""
    found: Sessions = request.app.state.sessions
    return found


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    made = html_environment(TEMPLATES)
    made.filters["minute"] = minute
    return made
