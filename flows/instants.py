"""Instants in forms: a day and a time of day in Beijing, because Prefect's own picker speaks UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from rules.localtime import ZONE


def beijing(day: date, clock: str) -> datetime:
    """The aware instant of a Beijing day and time (`09:00` or `23:59:59`)."""
    return datetime.combine(day, time.fromisoformat(clock), ZONE)


def day_or_none(text: str) -> date | None:
    """The day of a field that may stay empty (`DayOrNothing`)."""
    return date.fromisoformat(text) if text else None


def split_instant(value: Any, instant: str, day: str, clock: str) -> Any:
    """A mapping that gives one ISO instant instead of day and time, as scenario files do, split into the two.

    Raises ValueError for an instant without an offset.
    """
    if not isinstance(value, Mapping) or instant not in value:
        return value
    at = datetime.fromisoformat(str(value[instant]))
    if at.tzinfo is None:
        raise ValueError(f"{instant} 须带时区，如 2026-03-05T09:00:00+08:00")
    local = at.astimezone(ZONE)
    rest = {key: given for key, given in value.items() if key != instant}
    return {**rest, day: local.date(), clock: f"{local:%H:%M:%S}"}
