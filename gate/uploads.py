"""Forms that bring files: read within bounds, whatever a browser sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message, Receive

from rules.errors import InputError

BESIDE = 100_000  # bytes of a form besides its files
DRAINED = 10  # times what may come: so much is read to the end, so that the browser gets to see the sentence
FIELDS = 10
UNREAD = "文件没有收完整：请重新选择后再放入"


class _TooLargeError(Exception):
    """More came than a form may have."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form brought: its fields, and its files by name and content."""

    fields: Mapping[str, str]
    files: tuple[tuple[str, bytes], ...]


async def sent(request: Request, most: int, too_large: str, files: int = 1) -> Sent:
    """The form, with at most `files` files that have together at most `most` bytes. Raises InputError (`too_large`)
    for more, and for what did not come whole."""
    form = Request(request.scope, _bounded(request.receive, most + BESIDE))
    try:
        async with form.form(max_files=files, max_fields=FIELDS) as given:
            fields = {name: value for name, value in given.multi_items() if isinstance(value, str)}
            brought = [one for _, one in given.multi_items() if isinstance(one, UploadFile) and one.filename]
            return Sent(fields, tuple([(one.filename or "", await one.read()) for one in brought]))
    except _TooLargeError:
        raise InputError(too_large) from None
    except MultiPartException:
        raise InputError(UNREAD) from None


def _bounded(receive: Receive, most: int) -> Receive:
    """Reads no more into a form than it may have; what is beyond it is read and thrown away."""
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
