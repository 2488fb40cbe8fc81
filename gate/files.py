"""文件: what people bring to the office's forms and take from them, by their browser and under their own name.

No folder of the server is opened by anybody. What is taken is handed out as a download, never shown as a page.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

import anyio.to_thread
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive

from gate.answering import entitled, page, sessions_of
from rules.errors import InputError, RefusedError
from tasks import files
from tasks.accounts import Person

PLACE = "files"
BESIDE = 100_000  # bytes of a form besides its file
DRAINED = 10  # times the largest file: so much is read to the end, so that the browser gets to see the sentence
UNREAD = "文件没有收完整：请重新选择后再放入"


class _TooLargeError(Exception):
    """More came than any file may have."""


async def shelves(request: Request) -> Response:
    """The files of every shelf; a POST brings one into the inbox, or removes one from it."""
    person = await entitled(request, PLACE)
    if isinstance(person, Response):
        return person
    said, done, status = "", "", HTTPStatus.OK
    if request.method == "POST":
        try:
            done = await _do(request, person)
        except (InputError, RefusedError) as refused:
            said, status = str(refused), HTTPStatus.FORBIDDEN
    found = await anyio.to_thread.run_sync(_all)
    kinds, most = ",".join(files.CONTENTS), files.most_bytes() // 1_000_000
    return page("files", status, said=said, done=done, person=person, shelves=found, kinds=kinds, most=most)


async def one(request: Request) -> Response:
    """A file, as a download."""
    person = await entitled(request, PLACE)
    if isinstance(person, Response):
        return person
    shelf, name = request.path_params["shelf"], request.path_params["name"]
    do = partial(files.hand_out, sessions_of(request).url, shelf, name, person.staff_no)
    try:
        path = await anyio.to_thread.run_sync(do)
    except RefusedError as refused:
        return page("refused", HTTPStatus.NOT_FOUND, said=str(refused), person=person)
    headers = {"Cache-Control": "no-store"}
    return FileResponse(path, media_type="application/octet-stream", filename=path.name, headers=headers)


async def _do(request: Request, person: Person) -> str:
    form = Request(request.scope, _bounded(request.receive, files.most_bytes() + BESIDE))
    try:
        async with form.form(max_files=1, max_fields=3) as given:
            removed, brought = given.get("remove"), given.get("file")
            url, by = sessions_of(request).url, person.staff_no
            if isinstance(removed, str):
                await anyio.to_thread.run_sync(files.remove, url, removed, by)
                return "已撤下，收件夹里不再有这个文件"
            if not isinstance(brought, UploadFile) or not brought.filename:
                raise InputError("请先选择文件，再按“放入收件夹”")
            content, name = await brought.read(), brought.filename
    except _TooLargeError:
        raise InputError(f"所选文件{files.too_large()}") from None
    except MultiPartException:
        raise InputError(UNREAD) from None
    kept = await anyio.to_thread.run_sync(files.take_in, url, name, content, by)
    return f"已放入收件夹：{kept}。表单里的文件名照此填写"


def _bounded(receive: Receive, most: int) -> Receive:
    """Reads no more into a form than a file may have; what is beyond it is read and thrown away."""
    taken = 0

    async def next_part() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken <= most:
            return message
        while message.get("more_body") and taken <= most * DRAINED:
            message = await receive()
            taken += len(message.get("body", b""))
        raise _TooLargeError

    return next_part


def _all() -> list[tuple[str, str, list[files.Kept]]]:
    return [(shelf, label, files.on_shelf(shelf)) for shelf, (label, _) in files.SHELVES.items()]
