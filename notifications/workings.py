"""The working of each counted date in a letter: the parameters it is printed from, fixed when the letter is queued."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rules.errors import InputError

PAGE = r"^(https?://\S+)?$"


class Days(BaseModel):
    """Days, both inclusive, and why they are what they are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_on: date
    last_on: date
    why: str = Field(min_length=1)


class Working(BaseModel):
    """`rules.working.Working` as it is stored, with the public page that tells it (`link`, may be empty).

    `which` tells two days of one limit apart (原定、现定). `applicants`: whom a line of a letter about several concerns
    (their numbers), empty in a letter about one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: str = Field(min_length=1)
    which: str = ""
    clause: str
    length: str
    start_on: date
    due_on: date | None
    reckoned_on: date | None
    earliest_on: date
    latest_on: date
    nominal_on: date | None = None
    unpublished_from: date | None = None
    weekends: int = 0
    off: tuple[Days, ...] = ()
    added: tuple[Days, ...] = ()
    suspended: tuple[Days, ...] = ()
    rolled: tuple[Days, ...] = ()
    link: str = Field(default="", pattern=PAGE)
    applicants: tuple[str, ...] = ()


def stored(working: Mapping[str, Any]) -> dict[str, Any]:
    """A working as it is kept with a message: checked, JSON-ready, what is empty left out.

    Raises:
        InputError: a field does not hold.
    """
    try:
        return Working.model_validate(working).model_dump(mode="json", exclude_defaults=True)
    except ValidationError as error:
        faults = "；".join(f"{'.'.join(map(str, fault['loc']))}：{fault['msg']}" for fault in error.errors())
        raise InputError(f"日期的推算不成立：{faults}") from None


def gathered(messages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The workings of several messages (their stored parameters) for one letter: equal ones once, with the numbers of
    all whom they concern, the nearest last day first."""
    found: dict[str, dict[str, Any]] = {}
    for told in messages:
        for one in told.get("workings", ()):
            entry = found.setdefault(json.dumps(one, sort_keys=True), {**one, "applicants": []})
            if told["applicant_id"] not in entry["applicants"]:
                entry["applicants"].append(told["applicant_id"])
    return sorted(found.values(), key=lambda one: (one["latest_on"], one["limit"], one["applicants"]))
