"""联系方式: a clerk changes how an applicant is reached, or what it is called. Nothing of it passes through Prefect."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from gate.answering import address_of, entitled, form_of, page, sessions_of
from rules.case import Event
from rules.errors import InputError, NotEntitledError, RefusedError
from tasks import contacts, surroundings


async def change(request: Request) -> Response:
    """An applicant's page; a POST changes what was filled in."""
    person = await entitled(request, contacts.PLACE)
    if isinstance(person, Response):
        return person
    given, url, keys = await form_of(request), sessions_of(request).url, surroundings.keys()
    said, status = "", HTTPStatus.OK
    done: list[str] = []
    round_id, applicant_id = address_of(request, given, "applicant")
    if not applicant_id:
        return page("contacts", person=person, shown=None, done=done)
    try:
        if request.method == "POST":
            fields = {**given, "applicant_id": applicant_id}
            event = Event(contacts.CHANGED, surroundings.now(), person.staff_no, fields, round_id)
            done = await anyio.to_thread.run_sync(partial(contacts.change, url, keys, event))
    except (InputError, NotEntitledError, RefusedError) as refused:
        said, status = str(refused), HTTPStatus.FORBIDDEN
    try:
        shown: Any = await anyio.to_thread.run_sync(contacts.shown, url, keys, round_id, applicant_id)
    except RefusedError as unknown:
        return page("contacts", HTTPStatus.NOT_FOUND, said=str(unknown), person=person, shown=None, done=[])
    board = surroundings.board_url()
    return page("contacts", status, said=said, done=done, person=person, shown=shown, board_url=board)
