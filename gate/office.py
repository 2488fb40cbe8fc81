"""办公信息: what the office's letters and notices say of the office itself, with everything that was said before."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from gate.answering import entitled, form_of, page, sessions_of
from rules.case import Event
from rules.errors import InputError, NotEntitledError, RefusedError
from tasks import office, surroundings


async def data(request: Request) -> Response:
    """The office's data; a POST enters new ones."""
    person = await entitled(request, office.PLACE)
    if isinstance(person, Response):
        return person
    url, said, done, status = sessions_of(request).url, "", "", HTTPStatus.OK
    given = await form_of(request)
    if request.method == "POST":
        event = Event("enter_office", surroundings.now(), person.staff_no, given)
        try:
            done = await anyio.to_thread.run_sync(partial(office.enter, url, event))
        except (InputError, NotEntitledError, RefusedError) as refused:
            said, status = str(refused), HTTPStatus.FORBIDDEN
    shown = await anyio.to_thread.run_sync(office.shown, url)
    kept = {**shown.now, **{name: given[name] for name in office.TITLES if said and name in given}}
    return page("office", status, said=said, done=done, person=person, shown=shown, kept=kept, titles=office.TITLES)
