"""What a request asks for, from its address: each value one of those that exist, or a sentence that says which do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from urllib.parse import urlencode

from board.rendering import MOVERS
from rules.errors import InputError
from rules.vocabulary import ApplicantType, State
from views.addressed import DIGITS
from views.dossiers import SORTS, URGENCIES, Wanted

STEPS = (*(state.value for state in State), "open", "closed", "limited")
LONGEST = 200


def wanted(asked: Mapping[str, str], newest_round: int) -> Wanted:
    """The list that an address asks for; without a round it is the newest one, `round=0` is all of them.

    Raises InputError that names the part that cannot be used.
    """
    return Wanted(
        round_id=round_of(asked, newest_round),
        step=_one_of(asked, "step", STEPS),
        type=_one_of(asked, "type", tuple(ApplicantType)),
        urgency=_one_of(asked, "urgency", URGENCIES),
        waits_for=_one_of(asked, "waits", MOVERS),
        due_on=_day(asked.get("due", "")),
        text=visible(asked.get("q", "")),
        sort=_one_of(asked, "sort", SORTS) or "limit",
        after=visible(asked.get("after", "")),
    )


def address(what: Wanted, **changed: str) -> str:
    """The address of a list, with some parts changed; a changed list begins at its first page."""
    parts = {
        "round": str(what.round_id),
        "step": what.step,
        "type": what.type,
        "urgency": what.urgency,
        "waits": what.waits_for,
        "due": what.due_on.isoformat() if what.due_on else "",
        "q": what.text,
        "sort": what.sort if what.sort != "limit" else "",
    } | changed
    return "/dossiers?" + urlencode({name: value for name, value in parts.items() if value})


def round_of(asked: Mapping[str, str], default: int = 0) -> int:
    """The number of a round. Raises InputError when it is no number."""
    text = asked.get("round", "") or str(default)
    if not (text.isascii() and text.isdigit() and int(text[:DIGITS]) == int(text)):
        raise InputError(f"轮次号应为数字，现为“{text}”")
    return int(text)


def visible(text: str) -> str:
    """What a person can have typed: no control characters, no endless text."""
    return "".join(character for character in text if character.isprintable()).strip()[:LONGEST]


def _one_of(asked: Mapping[str, str], name: str, known: Collection[str]) -> str:
    value = asked.get(name, "")
    if value and value not in known:
        raise InputError(f"“{name}”没有“{value}”这一项；请从页面上的选项中选择")
    return value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"届满日应如 2026-03-05，现为“{text}”") from None
