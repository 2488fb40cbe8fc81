"""请假代办: who is away and who stands in, who looks after which dossier, and what is handed over."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from gate.answering import address_of, entitled, form_of, page, sessions_of
from policies.access import load_access_rules
from rules.case import Event
from rules.errors import InputError, NotEntitledError, RefusedError
from rules.localtime import local_day
from tasks import absences, surroundings

DO: dict[str, Callable[[str, Event], str]] = {
    "absence": absences.record_absence,
    "end": absences.end_absence,
    "hand_over": absences.hand_over,
}


async def office(request: Request) -> Response:
    """Who is away; a POST enters an absence, ends one, or hands over."""
    person = await entitled(request, absences.PLACE)
    if isinstance(person, Response):
        return person
    given, url = await form_of(request), sessions_of(request).url
    said, done, status = "", "", HTTPStatus.OK
    if act := DO.get(given.get("do", "")):
        event = Event(given["do"], surroundings.now(), person.staff_no, given)
        try:
            done = await anyio.to_thread.run_sync(partial(act, url, event))
        except (InputError, NotEntitledError, RefusedError) as refused:
            said, status = str(refused), HTTPStatus.FORBIDDEN
    today = local_day(surroundings.now())
    found = await anyio.to_thread.run_sync(absences.office, url, today)
    for_others = load_access_rules().may(person.roles, absences.FOR_OTHERS)
    shown = {"office": found, "for_others": for_others, "today": today, "person": person}
    return page("absences", status, said=said, done=done, **shown)


async def handler(request: Request) -> Response:
    """Who looks after one dossier; a POST says who does from now on."""
    person = await entitled(request, absences.PLACE)
    if isinstance(person, Response):
        return person
    given, url, board = await form_of(request), sessions_of(request).url, surroundings.board_url()
    said, done, status = "", "", HTTPStatus.OK
    round_id, applicant_id = address_of(request, given, "applicant")
    try:
        if request.method == "POST":
            fields = {"applicant_id": applicant_id, "staff_no": given.get("staff_no", "")}
            event = Event("set_handler", surroundings.now(), person.staff_no, fields, round_id)
            done = await anyio.to_thread.run_sync(partial(absences.set_handler, url, event))
    except (InputError, NotEntitledError, RefusedError) as refused:
        said, status = str(refused), HTTPStatus.FORBIDDEN
    try:
        shown = await anyio.to_thread.run_sync(absences.one_dossier, url, round_id, applicant_id)
    except RefusedError as unknown:
        return page("refused", HTTPStatus.NOT_FOUND, said=str(unknown), person=person)
    found = await anyio.to_thread.run_sync(absences.office, url, local_day(surroundings.now()))
    for_others = load_access_rules().may(person.roles, absences.FOR_OTHERS)
    about = {"shown": shown, "office": found, "board_url": board, "person": person, "for_others": for_others}
    return page("handler", status, said=said, done=done, **about)
