"""专家: a clerk keeps employer and contacts of the experts of a round, and on which days they cannot come."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from gate.answering import entitled, form_of, page, round_asked, sessions_of
from rules.case import Event
from rules.errors import InputError, NotEntitledError, RefusedError
from tasks import experts, surroundings


async def library(request: Request) -> Response:
    """The experts of a round; a POST changes one, or notes or takes back an absence."""
    person = await entitled(request, experts.PLACE)
    if isinstance(person, Response):
        return person
    given, url = await form_of(request), sessions_of(request).url
    said, done, status, round_id = "", "", HTTPStatus.OK, round_asked(request, given)
    if not round_id:
        return page("experts", person=person, shown=None, done=done)
    try:
        if request.method == "POST":
            event = Event(given.get("do", ""), surroundings.now(), person.staff_no, given, round_id)
            done = await anyio.to_thread.run_sync(partial(_do, url, event))
    except (InputError, NotEntitledError, RefusedError) as refused:
        said, status = str(refused), HTTPStatus.FORBIDDEN
    try:
        shown = await anyio.to_thread.run_sync(experts.library, url, round_id)
    except RefusedError as unknown:
        return page("experts", HTTPStatus.NOT_FOUND, said=str(unknown), person=person, shown=None, done="")
    return page("experts", status, said=said, done=done, person=person, shown=shown)


def _do(url: str, event: Event) -> str:
    match event.name:
        case "change":
            return experts.change(url, surroundings.keys(), event)
        case "absence":
            return experts.record_absence(url, event)
        case "withdraw":
            return experts.withdraw_absence(url, event)
    return ""
