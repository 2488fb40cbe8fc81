"""社会监督员: who watches over the designated institutions from outside (R73)."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from gate.answering import entitled, form_of, page, sessions_of
from rules.case import Event
from rules.errors import InputError, NotEntitledError, RefusedError
from rules.localtime import local_day
from tasks import supervisors, surroundings


async def register(request: Request) -> Response:
    """The register; a POST enters one or ends one."""
    person = await entitled(request, supervisors.PLACE)
    if isinstance(person, Response):
        return person
    given, url, keys = await form_of(request), sessions_of(request).url, surroundings.keys()
    said, done, status = "", "", HTTPStatus.OK
    event = Event(given.get("do", ""), surroundings.now(), person.staff_no, given)
    do = {
        "record": partial(supervisors.record_supervisor, url, event, keys),
        "end": partial(supervisors.end_supervisor, url, event),
    }.get(event.name)
    if do:
        try:
            done = await anyio.to_thread.run_sync(do)
        except (InputError, NotEntitledError, RefusedError) as refused:
            said, status = str(refused), HTTPStatus.FORBIDDEN
    today = local_day(surroundings.now())
    found = await anyio.to_thread.run_sync(supervisors.register_of, url, keys, today)
    return page("supervisors", status, said=said, done=done, supervisors=found, person=person)
