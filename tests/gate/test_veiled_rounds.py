"""What somebody typed for a round's number never breaks the answer that others see: such a sheet is sealed."""

from __future__ import annotations

import json
from typing import Any

import anyio
import pytest
from starlette.types import Message

from gate.sealed import HIDDEN, Veiled


class OfRounds:
    """The rounds whose sheets are not all in, as a database told them."""

    async def rounds(self) -> set[int]:
        return {2}


@pytest.mark.parametrize(
    ("named", "is_hidden"),
    [("2", True), ("1", False), ("", True), ("9" * 5000, True), ("²", True), ("二", True), (["2"], True)],
)
def test_a_sheet_is_hidden_unless_its_round_is_known_to_be_open(named: Any, is_hidden: bool) -> None:
    run = {"parameters": {"form": {"expert_id": "Z01", "items": [], "round": named}}, "labels": {}}
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def told() -> None:
        veiled = Veiled(send, "1002", OfRounds())  # type: ignore[arg-type]
        await veiled(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
        )
        await veiled({"type": "http.response.body", "body": json.dumps([run]).encode(), "more_body": False})

    anyio.run(told)
    [shown] = json.loads(sent[-1]["body"])
    assert (shown["parameters"] == HIDDEN) == is_hidden
