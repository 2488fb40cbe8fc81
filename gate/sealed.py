"""Score sheets are shown to whoever typed them, and to nobody else until the last one of the round is in.

A sheet is among the parameters of the run that records it, and Prefect tells parameters wherever it tells runs. So
every answer of its API to a person is looked at, whichever way it was asked for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from typing import Any

import anyio.to_thread
from starlette.types import Message, Send

from rules.errors import DatabaseError
from tasks.entitled import round_named
from tasks.run_starts import BY
from tasks.sealing import sealed_rounds

REMEMBERED_SECONDS = 2.0
SHEET = frozenset({"expert_id", "items"})  # the fields that a score sheet has and no other form
MARK = b'"expert_id"'
HIDDEN = {"form": {"评分表": "全部评分表到齐以前，只有提交人看得到"}}


class Sealed:
    """The rounds whose sheets are not all in; remembered for a moment."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._read_at, self._rounds = float("-inf"), frozenset[int]()

    async def rounds(self) -> Collection[int] | None:
        """Their numbers; None while the database does not answer: then every sheet is sealed."""
        if time.monotonic() - self._read_at >= REMEMBERED_SECONDS:
            try:
                self._rounds = await anyio.to_thread.run_sync(sealed_rounds, self.url)
            except DatabaseError:
                return None
            self._read_at = time.monotonic()
        return self._rounds


class Veiled:
    """Sends an answer on to somebody (`staff_no`), without the sheets that are sealed to him."""

    def __init__(self, send: Send, staff_no: str, sealed: Sealed) -> None:
        self.send, self.staff_no, self.sealed = send, staff_no, sealed
        self._head: Message | None = None
        self._parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        """One part of the answer; JSON is held back until it is whole."""
        if message["type"] == "http.response.start" and _is_json(message):
            self._head = message
        elif message["type"] != "http.response.body" or self._head is None:
            await self.send(message)
        else:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body"):
                await self._tell(self._head, b"".join(self._parts))

    async def _tell(self, head: Message, body: bytes) -> None:
        sealed = await self.sealed.rounds() if MARK in body else ()
        if sealed is None or sealed:
            veiled = _veiled(json.loads(body), self.staff_no, sealed)
            body = json.dumps(veiled, ensure_ascii=False).encode()
            headers = [one for one in head["headers"] if one[0].lower() != b"content-length"]
            head = {**head, "headers": [*headers, (b"content-length", str(len(body)).encode())]}
        await self.send(head)
        await self.send({"type": "http.response.body", "body": body, "more_body": False})


def _is_json(head: Message) -> bool:
    return any(name.lower() == b"content-type" and b"json" in value for name, value in head["headers"])


def _veiled(value: Any, staff_no: str, sealed: Collection[int] | None) -> Any:
    if isinstance(value, list):
        return [_veiled(one, staff_no, sealed) for one in value]
    if not isinstance(value, dict):
        return value
    if _is_sealed(value, staff_no, sealed):
        return {**value, "parameters": HIDDEN}
    return {name: _veiled(one, staff_no, sealed) for name, one in value.items()}


def _is_sealed(run: dict[str, Any], staff_no: str, sealed: Collection[int] | None) -> bool:
    given = run.get("parameters")
    form = given.get("form") if isinstance(given, dict) else None
    if not isinstance(form, dict) or not form.keys() >= SHEET:
        return False
    if (run.get("labels") or {}).get(BY) == staff_no:
        return False
    return sealed is None or round_named(form) in {0, *sealed}
