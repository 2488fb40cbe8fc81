"""The workings that the messages of one batch tell: each made once, with the address of the public page that tells it.

They are made in the commit that owes the message, from the clocks as that commit leaves them, and stored with it: a
letter says at every try what was so when it was queued.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from notifications.workings import stored
from rules.case import Clock, Setting
from rules.clocks import running_rule
from rules.workdays import Workdays
from rules.working import Limit, working_of

Row = dict[str, Any]
BEFORE, NOW = "原定", "现定"


@dataclass
class Workings:
    """Makes the workings for the subjects of one batch. `page_of` knows the public page of a subject's limit, `before`
    are the schedules that held until this batch."""

    ctx: Setting
    page_of: Callable[[int, Limit], str]
    before: Workdays | None = None
    _made: dict[Any, Row] = field(default_factory=dict)

    def of(self, subject_id: int, limits: Sequence[Limit]) -> list[Row]:
        """The workings of a subject's limits, in their order."""
        return [self._one(limit, link=self.page_of(subject_id, limit)) for limit in limits]

    def of_move(self, subject_id: int, old: Limit, new: Limit) -> list[Row]:
        """The working of a day that was moved, and of the day it was moved to. Public pages tell only the new one."""
        was = self._one(old, BEFORE)
        return [was, self._one(new, NOW, self.page_of(subject_id, new))]

    def _one(self, limit: Limit, which: str = "", link: str = "") -> Row:
        key = (limit, which, link)
        if key not in self._made:
            workdays = self.before if self.before and which == BEFORE else self.ctx.workdays
            working = working_of(running_rule(self.ctx.clocks[limit.kind], limit.begun_with), limit, workdays)
            self._made[key] = stored({**asdict(working), "which": which, "link": link})
        return self._made[key]


def limit_of(clock: Clock) -> Limit:
    """A clock as it stands in the records."""
    days = (clock.start_on, clock.due_on, clock.earliest_on, clock.latest_on)
    return Limit(clock.kind, *days, clock.suspensions, clock.begun_with)
