"""The monthly settlement sheet (R51, R58): the state of an agreement on each day of a month, from its records alone.

The system does not pay: the sheet tells the settlement section what holds. An overturned suspension was never one; a
hold (暂停结算) is no suspension and does not count as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from rules.vocabulary import Term


class DayState(Term):
    """What a day is for the settlement."""

    NOT_YET = "not_yet", "未生效"
    IN_FORCE = "in_force", "有效"
    SUSPENDED = "suspended", "暂停"
    HELD = "held", "暂停结算"
    OVER = "over", "已结束"


@dataclass(frozen=True, slots=True)
class Hold:
    """Payment held from a day, until it was released (that day is no longer held); None: it still is."""

    from_on: date
    released_on: date | None = None

    def holds(self, day: date) -> bool:
        """Whether a day's claims are held."""
        return self.from_on <= day and (self.released_on is None or day < self.released_on)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of the month that follow each other and stand alike, both included."""

    first: date
    last: date
    state: DayState


@dataclass(frozen=True, slots=True)
class Span:
    """What decides the days of an agreement: its term as it was performed, both days included, its suspensions that
    stand (from, lifted on), the holds of payment."""

    effective_on: date
    last_day: date
    pauses: tuple[tuple[date, date | None], ...] = ()
    holds: tuple[Hold, ...] = ()


def state_on(span: Span, day: date) -> DayState:
    """What a day is. Until a dissolution is served the contract stands where it stood (L13); in a suspension nothing is
    paid, held or not. A suspension lasts until the day before it was lifted."""
    if day < span.effective_on:
        return DayState.NOT_YET
    if day > span.last_day:
        return DayState.OVER
    if any(first <= day and (lifted is None or day < lifted) for first, lifted in span.pauses):
        return DayState.SUSPENDED
    return DayState.HELD if any(one.holds(day) for one in span.holds) else DayState.IN_FORCE


def stretches(states: Sequence[tuple[date, DayState]]) -> Iterator[Stretch]:
    """Days that stand alike, as stretches."""
    for state, days in groupby(states, key=lambda one: one[1]):
        held = [day for day, _ in days]
        yield Stretch(held[0], held[-1], state)
