"""Asks Prefect's application, behind the door, in the name of whoever is at the door."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus

import anyio
from starlette.types import ASGIApp, Message, Scope

Headers = list[tuple[bytes, bytes]]
OF_A_BODY = (b"content-length", b"content-type", b"transfer-encoding")
ENCODING = b"accept-encoding"


def plain(headers: Iterable[tuple[bytes, bytes]], dropped: tuple[bytes, ...] = ()) -> Headers:
    """The headers of a request whose answer is to come unpacked: what is in it is looked at."""
    return [*(one for one in headers if one[0] not in (ENCODING, *dropped)), (ENCODING, b"identity")]


async def entrypoint_of(app: ASGIApp, scope: Scope, deployment_id: str) -> str | None:
    """The entrypoint of a deployment; None while it cannot be told."""
    path = f"/api/deployments/{deployment_id}"
    there = {"method": "GET", "path": path, "raw_path": path.encode(), "query_string": b""}
    asked = {**scope, **there, "headers": plain(scope["headers"], OF_A_BODY)}
    status, parts = 0, list[bytes]()

    body: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def nothing() -> Message:
        if not body:
            await anyio.sleep_forever()  # whoever listens whether the other has gone: he has not
        return body.pop()

    async def hear(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(asked, nothing, hear)
    return str(json.loads(b"".join(parts)).get("entrypoint") or "") if status == HTTPStatus.OK else None
