"""Whatever happens to an agreement, in whatever order: the records, the state, the clocks and the bar agree, nothing is
half done, there is a way on, and a finding that is overturned leaves what would have been without it.

`LIVES=200` lives as many, from other seeds.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from models.database import transaction
from rules.errors import RefusedError
from rules.localtime import ZONE
from tests.support.stages import Templates
from tests.tasks.living import Life, Step, look, possible, refused_without_a_trace, without, wrong
from tests.tasks.rehearsal import Rehearsal
from upkeep.proof import prove

pytestmark = pytest.mark.long

LIVES = int(os.environ.get("LIVES", "4"))
FIRST = int(os.environ.get("FIRST_LIFE", "0"))
STEPS = 25
BEGINS = datetime(2025, 11, 6, 9, tzinfo=ZONE)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + LIVES))
def test_a_life_at_random(templates: Templates, seed: int) -> None:
    Lived(templates, seed).through()


class Lived:
    """One life from its seed, its steps kept for a second one."""

    def __init__(self, templates: Templates, seed: int) -> None:
        self.templates, self.chance = templates, random.Random(seed)
        self.life, self.steps = self._new(), list[Step]()
        self.taken: Counter[str] = Counter()

    def _new(self) -> Life:
        return Life(Rehearsal(self.templates.copy("sqlite", "published", "kept")))

    def through(self) -> None:
        """Step by step to its end."""
        at = BEGINS
        for number in range(STEPS):
            at += timedelta(days=self.chance.choice((0, 0, 0, 1, 1, 2, 6, 12, 12, 40)), minutes=7)
            self._wait(at)
            tried = list(possible(self.life, self.chance, at, number))
            self.chance.shuffle(tried)
            for step in tried[:6]:
                at += timedelta(minutes=1)
                moved = Step(at, step.do, step.nth, step.by, step.fields, step.made)
                if refused_without_a_trace(self.life, moved) is None:
                    self._took(moved)
                    break
        with transaction(self.life.office.url) as session:
            assert prove(session).faults == ()
        self.templates.copies.give_back(self.life.office.url)

    def _wait(self, at: datetime) -> None:
        self.steps.append(Step(at))
        self.life.take(self.steps[-1])
        self._holds(at)

    def _took(self, step: Step) -> None:
        self.taken[step.do] += 1
        self.steps.append(step)
        self.steps.append(Step(step.at + timedelta(seconds=1)))
        self.life.take(self.steps[-1])
        self._holds(step.at)
        if step.do == "overturn_finding" and "@" not in step.fields["finding"]:
            self._is_as_without(step)

    def _holds(self, at: datetime) -> None:
        found = list(wrong(self.life, at.date()))
        assert found == [], self._told()

    def _is_as_without(self, step: Step) -> None:
        other = self._new()
        for one in without(self.steps, step.fields["finding"]):
            try:
                other.take(one)
            except RefusedError:
                self.templates.copies.give_back(other.office.url)
                return  # something was done that could not have been done without it: there is nothing to compare
        today = step.at.date()
        assert look(self.life, today) == look(other, today), self._told()
        self.templates.copies.give_back(other.office.url)

    def _told(self) -> str:
        return "\n".join(
            f"{one.at:%m-%d %H:%M} {one.nth} {one.do} {one.by} {one.fields}" for one in self.steps if one.do
        )
