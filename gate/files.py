"""文件: what people bring to the office's forms and take from them, by their browser and under their own name.

No folder of the server is opened by anybody. What is taken is handed out as a download, never shown as a page.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from gate.answering import entitled, page, sessions_of
from gate.uploads import sent
from rules.errors import InputError, RefusedError
from tasks import files, surroundings
from tasks.accounts import Person
from tasks.labels import LABELS

PLACE = "files"


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
    shown = {"said": said, "done": done, "labels": LABELS, "board_url": surroundings.board_url()}
    return page("files", status, **shown, person=person, shelves=found, kinds=kinds, most=most)


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
    url, by = sessions_of(request).url, person.staff_no
    given = await sent(request, files.most_bytes(), f"所选文件{files.too_large()}")
    if removed := given.fields.get("remove"):
        await anyio.to_thread.run_sync(files.remove, url, removed, by)
        return "已撤下，收件夹里不再有这个文件"
    if not given.files:
        raise InputError("请先选择文件，再按“放入收件夹”")
    name, content = given.files[0]
    kept = await anyio.to_thread.run_sync(files.take_in, url, name, content, by)
    return f"已放入收件夹：{kept}。表单里的文件名照此填写"


def _all() -> list[tuple[str, str, list[files.Kept]]]:
    return [(shelf, label, files.on_shelf(shelf)) for shelf, (label, _) in files.SHELVES.items()]
