"""One decision for the many that differ in nothing but who they are. The rules are pure: what is alike to them has one
answer, which is asked for once, of nobody in particular. An answer that names whom it was asked of is asked for each.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from rules.case import Change, Clock, Refused, Setting, Subject
from tasks.due import Due, Reminder, decide_due

# Who a subject is, and where its records stand: everything else the rules may go by.
WHO = ("id", "number", "name", "version", "audit_seq", "audit_head", "applicant_pk", "applicant_id")
UNSHARED = ("facts", "findings")  # of each its own
NOBODY, NUMBER = "@@nobody@@", 2**62 + 1

_APART = {*WHO, *UNSHARED, "clocks"}
_TOLD_BY: dict[type[Any], Callable[[Subject], Any]] = {}  # of each class, made when it is first met
_OF_CLOCK = attrgetter(*(one.name for one in fields(Clock) if one.name != "id"))

Answer = Change[Any] | Reminder | Refused


class Alike:
    """What is to be done about the due clocks of one pass, for subjects of one kind and setting."""

    def __init__(self, as_of: datetime, ctx: Setting) -> None:
        self.as_of, self.ctx = as_of, ctx
        self._known: dict[Hashable, Answer | None] = {}

    def decide(self, case: Subject, due: Due) -> Answer:
        """As `tasks.due.decide_due`; changes that were decided as one share their event and their outcome."""
        if any(getattr(case, name, None) for name in UNSHARED):
            return decide_due(case, due, self.as_of, self.ctx)
        key = _likeness(case, due)
        if key not in self._known:
            self._known[key] = self._of_nobody(case, due)
        match self._known[key]:
            case Change(_, event, outcome):
                return Change(case, event, outcome)
            case Reminder(_, _, rungs, next_check):
                return Reminder(case, due, rungs, next_check)
        return decide_due(case, due, self.as_of, self.ctx)

    def _of_nobody(self, case: Subject, due: Due) -> Answer | None:
        """The answer for all that are like this one; None where each has its own: it is refused or at fault by name."""
        with suppress(Exception):
            match decide_due(_nobody(case), due, self.as_of, self.ctx):
                case Change(_, event, outcome) as change if not names_somebody((event, outcome)):
                    return change
                case Reminder() as reminder:
                    return reminder
        return None


def _told_of(case: Subject) -> Any:
    """What of a subject, of whatever procedure, the rules may go by."""
    kind = type(case)
    if kind not in _TOLD_BY:
        _TOLD_BY[kind] = attrgetter(*(one.name for one in fields(kind) if one.name not in _APART))
    return _TOLD_BY[kind](case)


def _likeness(case: Subject, due: Due) -> Hashable:
    """All that the rules may go by."""
    clocks = tuple(map(_OF_CLOCK, case.clocks.values()))
    return due.kind, due.holder, due.due_on, due.status, _told_of(case), clocks


def _nobody(case: Subject) -> Subject:
    """A stand-in: like the case, with marks where it says who it is."""
    own = [one.name for one in fields(case) if one.name in WHO]
    marks: dict[str, Any] = {name: NUMBER if isinstance(getattr(case, name), int) else NOBODY for name in own}
    clocks = {kind: replace(clock, id=NUMBER) for kind, clock in case.clocks.items()}
    return replace(case, clocks=clocks, **marks)


def names_somebody(answer: object) -> bool:
    """Whether an answer of nobody's case tells whose it is: then it is no answer for all."""
    told = repr(answer)
    return NOBODY in told or str(NUMBER) in told
