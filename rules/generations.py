"""Which of many copies are kept: the newest of each of the last days, weeks and months."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Generations:
    """How many days, weeks (from Monday) and months with a copy keep their newest one."""

    days: int
    weeks: int
    months: int


def kept(made: Mapping[str, datetime], generations: Generations) -> frozenset[str]:
    """The names that are kept. Days without a copy do not count: after a pause nothing older is lost by it."""
    rules: tuple[tuple[int, Callable[[datetime], Hashable]], ...] = (
        (generations.days, lambda at: at.date()),
        (generations.weeks, lambda at: at.isocalendar()[:2]),
        (generations.months, lambda at: (at.year, at.month)),
    )
    return frozenset(name for count, period in rules for name in _newest_of_each(made, count, period))


def _newest_of_each(made: Mapping[str, datetime], count: int, period: Callable[[datetime], Hashable]) -> list[str]:
    newest: dict[Hashable, str] = {}
    for name, at in sorted(made.items(), key=lambda one: (one[1], one[0]), reverse=True):
        newest.setdefault(period(at), name)
    return list(newest.values())[:count]
