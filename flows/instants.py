"""Instants in forms: a day and a time of day in Beijing, because Prefect's own picker speaks UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from rules.clocktime import NO_CLOCK, clock_of, instant_of
from rules.localtime import ZONE


def beijing(day: date, clock: str) -> datetime:
    """The aware instant of a Beijing day and time (`09:00`, `23:59:59`, or 24:00 for the end of the day)."""
    found = clock_of(clock)
    if found is None:
        raise ValueError(f"“{clock}”{NO_CLOCK}")
    return datetime.combine(day, found, ZONE)


def day_or_none(text: str) -> date | None:
    """The day of a field that may stay empty (`DayOrNothing`)."""
    return date.fromisoformat(text) if text else None


def split_instant(value: Any, instant: str, day: str, clock: str) -> Any:
    """A mapping that gives one ISO instant instead of day and time, as scenario files do, split into the two.

    Raises ValueError for an instant that cannot be read, or has no offset.
    """
    if not isinstance(value, Mapping) or instant not in value:
        return value
    local = instant_of(str(value[instant])).astimezone(ZONE)
    rest = {key: given for key, given in value.items() if key != instant}
    return {**rest, day: local.date(), clock: f"{local:%H:%M:%S}"}
