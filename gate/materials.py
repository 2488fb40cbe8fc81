"""材料扫描件: the scans of a dossier's materials, put there by browser, looked at page by page, never public.

What is shown is a picture that we made of a page, so that nothing an applicant handed in runs in a browser of ours.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from gate.answering import NUMBER, ROUND, address_of, entitled, page, sessions_of
from gate.uploads import Sent, sent
from policies.access import load_access_rules
from rules.case import Event
from rules.errors import InputError, NotEntitledError, RefusedError
from tasks import scans, surroundings
from tasks.accounts import Person

AT_ONCE = 20  # files of one form
NO_STORE = {"Cache-Control": "no-store"}


async def dossier(request: Request) -> Response:
    """The scans of a dossier; a POST brings some, or withdraws one."""
    person = await entitled(request, scans.PLACE)
    if isinstance(person, Response):
        return person
    url, said, status = sessions_of(request).url, "", HTTPStatus.OK
    done: list[str] = []
    round_id, applicant_id = address_of(request, {}, "applicant") if request.method == "GET" else (0, "")
    try:
        if request.method == "POST":
            given = await sent(request, scans.most_bytes(), _too_large(), AT_ONCE)
            round_id, applicant_id = _addressed(given)
            done, faults = await anyio.to_thread.run_sync(partial(_do, url, person, given, round_id, applicant_id))
            said, status = "；".join(faults), HTTPStatus.FORBIDDEN if faults else HTTPStatus.OK
    except (InputError, NotEntitledError, RefusedError) as refused:
        said, status = str(refused), HTTPStatus.FORBIDDEN
    if not applicant_id:
        return page("refused", status if said else HTTPStatus.NOT_FOUND, said=said or scans.GONE, person=person)
    try:
        shown: Any = await anyio.to_thread.run_sync(scans.shown, url, round_id, applicant_id)
    except RefusedError as unknown:
        return page("refused", HTTPStatus.NOT_FOUND, said=str(unknown), person=person)
    keeps = load_access_rules().may(person.roles, scans.KEEPS)
    return page("materials", status, said=said, done=done, shown=shown, keeps=keeps, **_given())


async def one(request: Request) -> Response:
    """A scan, page by page."""
    found = await _opened(request)
    return found if isinstance(found, Response) else page("scan", scan=found)


async def picture(request: Request) -> Response:
    """One page of a scan, as we draw it."""
    person = await entitled(request, scans.PLACE)
    if isinstance(person, Response):
        return person
    wanted = request.path_params["number"], request.path_params["page"]
    try:
        drawn = await anyio.to_thread.run_sync(scans.picture, sessions_of(request).url, *wanted)
    except (InputError, RefusedError) as refused:
        return page("refused", HTTPStatus.NOT_FOUND, said=str(refused), person=person)
    return Response(drawn, media_type="image/jpeg", headers=NO_STORE)


async def file(request: Request) -> Response:
    """A scan as it was brought, as a download."""
    found = await _opened(request, at_file=True)
    if isinstance(found, Response):
        return found
    name = f"{found.applicant_id}-{found.code}-{found.number}.{found.kind}"
    return FileResponse(found.path, media_type="application/octet-stream", filename=name, headers=NO_STORE)


def _do(url: str, person: Person, given: Sent, round_id: int, applicant_id: str) -> tuple[list[str], list[str]]:
    event = partial(Event, at=surroundings.now(), by=person.staff_no, round_id=round_id)
    withdrawn = given.fields.get("withdraw", "")
    if withdrawn:
        about = {"applicant_id": applicant_id, "scan": int(withdrawn) if ROUND.fullmatch(withdrawn) else 0}
        scans.withdraw(url, event(scans.WITHDRAWN, fields=about))
        return ["已撤下一份扫描件"], []
    about = {"applicant_id": applicant_id, "code": given.fields.get("code", "")}
    return scans.bring(url, event(scans.BROUGHT, fields=about), given.files)


def _addressed(given: Sent) -> tuple[int, str]:
    """The round and the applicant that a form names. Raises RefusedError for what can be neither."""
    round_id, number = given.fields.get("round", ""), given.fields.get("applicant", "")
    if not (ROUND.fullmatch(round_id) and NUMBER.fullmatch(number)):
        raise RefusedError(scans.GONE)
    return int(round_id), number


async def _opened(request: Request, at_file: bool = False) -> scans.Opened | Response:
    """The scan for whoever may look at it, which is noted; else the page that says why not."""
    person = await entitled(request, scans.PLACE)
    if isinstance(person, Response):
        return person
    do = partial(scans.opened, sessions_of(request).url, request.path_params["number"], person.staff_no, at_file)
    try:
        return await anyio.to_thread.run_sync(do)
    except RefusedError as refused:
        return page("refused", HTTPStatus.NOT_FOUND, said=str(refused), person=person)


def _too_large() -> str:
    return f"一次放入的文件合计不得超过 {scans.most_bytes() // 1_000_000} MB：请分几次放入，或降低分辨率"


def _given() -> dict[str, Any]:
    """What the page says of itself."""
    return {
        "kinds": ",".join(scans.ENDINGS),
        "most": scans.most_bytes() // 1_000_000,
        "at_once": AT_ONCE,
        "board_url": surroundings.board_url(),
    }
