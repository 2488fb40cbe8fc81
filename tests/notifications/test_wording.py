"""The wording of every message, beside the parameters it was written from, for people to read and approve.

`REWRITE_GOLDEN=1 pytest tests/notifications/test_wording.py` writes `messages.golden.txt` anew; the difference is then
reviewed like code.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

from notifications.catalogue import EVENTS
from notifications.rendering import render_email

FOLDER = Path(__file__).parent
GOLDEN = FOLDER / "messages.golden.txt"
GIVEN: dict[str, Any] = yaml.safe_load((FOLDER / "messages.yaml").read_text(encoding="utf-8"))


def common_to(event: str) -> dict[str, Any]:
    """What every message of this kind says."""
    return {name: value for name, value in GIVEN["common"].items() if name in EVENTS[event].model.model_fields}


def written() -> str:
    """Every message of `messages.yaml`, one below the other."""
    emails = [
        (event, render_email(event, common_to(event) | params, GIVEN["issued_on"]))
        for event, params in GIVEN["messages"]
    ]
    return "\n".join(f"═══ {event}\n主题：{email.subject}\n\n{email.text}" for event, email in emails)


def test_the_wording_is_the_approved_one() -> None:
    if os.environ.get("REWRITE_GOLDEN"):
        GOLDEN.write_text(written(), encoding="utf-8")
    assert written() == GOLDEN.read_text(encoding="utf-8")


def test_every_message_is_there_to_be_read() -> None:
    assert {event for event, _ in GIVEN["messages"]} == set(EVENTS)
