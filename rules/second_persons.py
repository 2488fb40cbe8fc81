"""Acts that want a second person (复核): which, when, who may be it, and for how long the first one's wish stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rules.localtime import local_day
from rules.vocabulary import SecondWhen

EVERY_ROLE = "all"  # of rehearsals and tests: whoever holds it holds every role


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """What the policy says of one act. `within_days`: calendar days that a proposal stays open, the day of proposing
    not counted; `day` and `older_than_days`: the field (`postings.posted_at`: that field of each in a list) that says
    when it happened, and how late one alone may enter it. `by`: who may propose an act that no role carries.
    """

    act: str
    when: SecondWhen
    roles: tuple[str, ...]
    within_days: int
    clause: str
    day: str = ""
    older_than_days: int = 0
    by: tuple[str, ...] = ()

    def last_day(self, proposed_on: date) -> date:
        """The last day on which a proposal may be confirmed."""
        return proposed_on + timedelta(days=self.within_days)

    def may_confirm(self, first: Collection[str], second: Collection[str]) -> bool:
        """Whether somebody with the roles `second` may confirm what somebody with the roles `first` proposed: with a
        role that is named and that the first does not hold."""
        if EVERY_ROLE in second:
            return True
        others = set(second) & set(self.roles)
        return bool(others if EVERY_ROLE in first else others - set(first))


def is_backdated(rule: SecondPerson, fields: Mapping[str, Any], today: date) -> bool:
    """Whether an act is entered so long after its day that one person's word is not enough; one that names no day
    happens as it is entered."""
    name, _, inner = rule.day.partition(".")
    given = [one[inner] for one in fields[name]] if inner else [fields[name]] if fields.get(name) else []
    days = [local_day(one) if isinstance(one, datetime) else one for one in given]
    return any((today - day).days > rule.older_than_days for day in days)
