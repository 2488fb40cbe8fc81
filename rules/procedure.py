"""A procedure as an object: its states, the table of its transitions, its clocks, the acts of its subjects.

The engine (`decide`, the one writer, the sweep) knows no procedure by name: it asks this object. What a state means
stands nowhere in the order of the enum; `way` says which steps follow each other. The evaluation of a round is one
procedure (`rules.evaluation`); a second one is another object of this class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Generic, TypeVar

from rules.case import C, Clock, ClockSet, ClockStart, Event, Message, Outcome, Reason, Refused, Setting, Subject
from rules.localtime import local_day
from rules.periods import Suspension
from rules.vocabulary import ClockKind, ClockStatus, Term

X = TypeVar("X", bound=Setting)
Answer = bool | Refused

BREACH = "breach"  # the event of every authority's clock that has run out: it marks the clock that it names


def always(_case: Subject, _event: Event, _ctx: Setting) -> Answer:
    """Nothing to ask."""
    return True


@dataclass(frozen=True, slots=True)
class Effect:
    """The part of an outcome that depends on the event."""

    set: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    suspends: tuple[tuple[str, Suspension], ...] = ()
    messages: tuple[Message, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)
    clause: str = ""
    recalculates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step(Generic[C, X]):
    """An event by name, with what it changes beside the state; the same in whatever row it stands."""

    name: str
    effect: Callable[[C, Event, X, Transition[C, X]], Effect] = lambda _case, _event, _ctx, _row: Effect()


@dataclass(frozen=True, slots=True)
class Transition(Generic[C, X]):
    """One row of a table. Rows of the same (from, event) are tried in order: the first whose predicate `when` holds is
    taken; it may also refuse the event with a sentence. `tells` are the messages that are owed, the applicant's first;
    `suspends` the clocks whose days it may leave out of the count. `goes_back`: it takes an act back, so that arriving
    in a state is no occasion for a clock."""

    frm: Term
    step: Step[C, X]
    to: Term
    when: Callable[[C, Event, X], Answer]
    tells: tuple[str, ...]
    clause: str
    suspends: tuple[str, ...] = ()
    goes_back: bool = False

    @property
    def event(self) -> str:
        """The name of the event."""
        return self.step.name

    @property
    def message(self) -> str:
        """The first message that it tells; empty for none."""
        return self.tells[0] if self.tells else ""

    @property
    def condition(self) -> str:
        """The name of its predicate."""
        return self.when.__name__

    @property
    def moves(self) -> bool:
        """Whether the state changes."""
        return self.to is not self.frm


@dataclass(frozen=True, slots=True)
class Mark:
    """What happens to a clock, and when: with one of `events`, or, where none is named, with every move of the case.
    `how` knows the day; `into` narrows it to moves into a state, `at` to cases that stand in one."""

    how: Callable[..., Any]
    events: tuple[str, ...] = ()
    into: Term | None = None
    at: Term | None = None

    def is_made_by(self, row: Transition[Any, Any]) -> bool:
        """Whether a transition is such an occasion."""
        occurs = row.event in self.events if self.events else row.moves and not row.goes_back
        return occurs and self.at in (None, row.frm) and (self.into is None or (row.moves and row.to is self.into))


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One row of the table of clocks: whose it is, what starts it, what settles it, what its end does, who is reminded.

    `when_over` are the events that a sweep carries out after the last day: the first that the state of the case knows.
    `reminder` is the message of its ladder; a clock without one may have no ladder. `at_end` is what becomes of it when
    the case ends; None: it goes on. `with_` are clocks that must be over, too, before it has its effect. `reads_facts`:
    what its end tells needs the facts of the case. How long it runs, and by which clause, stands in the policy.
    """

    kind: str
    holder: ClockKind
    starts: tuple[Mark, ...]
    settles: tuple[Mark, ...]
    when_over: tuple[str, ...]
    reminder: str
    at_end: ClockStatus | None = ClockStatus.ENDED
    with_: tuple[str, ...] = ()
    reads_facts: bool = False

    @property
    def is_held(self) -> bool:
        """Whether an open objection holds it: every clock but the authority's own (A7-11)."""
        return self.holder is not NEVER_HELD


NEVER_HELD = ClockKind.AUTHORITY


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks that one row makes: what it starts, and, by kind of clock, what becomes of one (the first mark)."""

    starts: tuple[tuple[str, Callable[..., Any]], ...]
    settles: Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Procedure(Generic[C, X]):
    """The whole life of one kind of subject (`subject`: its name in the records).

    `way` are the steps in the order in which they follow each other, from the beginning to the goal; `ends` the states
    that no transition leaves but what a person may correct. `of_itself` are the events that follow from an act, which
    nobody starts. `days_told`: of a message, which parameter tells which column of which clock, filled in once that is
    worked out. `next_step` says of each state on the way what is to be done. `is_one_way`: a step that is passed never
    comes again. `correctable` are the ends that the clock made, `retractable` the acts that a person may take back: how
    a case stood before each is kept.
    """

    subject: str
    label: str
    states: type[Term]
    way: tuple[Term, ...]
    ends: tuple[Term, ...]
    table: tuple[Transition[C, X], ...]
    clocks: Mapping[str, ClockRow]
    next_step: Mapping[Term, str]
    is_one_way: bool = True
    days_told: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    of_itself: tuple[str, ...] = ()
    correctable: tuple[Term, ...] = ()
    retractable: tuple[str, ...] = ()

    @property
    def begins(self) -> Term:
        """Where a subject stands before anything has happened."""
        return self.way[0]

    @property
    def goal(self) -> Term:
        """The end that is the aim."""
        return self.way[-1]

    @cached_property
    def events(self) -> tuple[str, ...]:
        """Every event of the table, in its order."""
        return tuple(dict.fromkeys(row.event for row in self.table))

    @cached_property
    def _rows(self) -> Mapping[tuple[Term, str], tuple[Transition[C, X], ...]]:
        rows: dict[tuple[Term, str], tuple[Transition[C, X], ...]] = {}
        for row in self.table:
            rows[row.frm, row.event] = (*rows.get((row.frm, row.event), ()), row)
        return rows

    def marks_of(self, row: Transition[C, X]) -> Marks:
        """What a row of the table does to clocks."""
        return self._marks[id(row)]

    @cached_property
    def _marks(self) -> Mapping[int, Marks]:
        """By the row's identity: worked out once, not for every case of ten thousand."""
        return {id(row): self._made_by(row) for row in self.table}

    def _made_by(self, row: Transition[C, X]) -> Marks:
        clocks = self.clocks.values()
        starts = [(clock.kind, mark.how) for clock in clocks for mark in clock.starts if mark.is_made_by(row)]
        settles = [(clock.kind, mark.how) for clock in clocks for mark in clock.settles if mark.is_made_by(row)]
        return Marks(tuple(starts), dict(reversed(settles)))

    def rows_for(self, state: Term, event: str) -> tuple[Transition[C, X], ...]:
        """The rows of a pair, in order; empty when the event cannot happen in that state."""
        return self._rows.get((state, event), ())

    def states_for(self, event: str) -> tuple[Term, ...]:
        """The states in which an event can happen."""
        return tuple(dict.fromkeys(row.frm for row in self.table if row.event == event))

    def place(self, state: Term) -> int:
        """How far along the way a state is: the ends that are not the goal come after it, in their own order."""
        order = (*self.way, *(end for end in self.ends if end is not self.goal))
        return order.index(state)

    def over(self, kind: str, state: Term) -> str:
        """The event of the end of a clock, in a state."""
        events = self.clocks[kind].when_over
        return next((event for event in events if self.rows_for(state, event)), events[0])

    def decide(self, case: C, event: Event, ctx: X) -> Outcome | Refused:
        """What an event does to a case: the first row whose predicate holds, with its effects; or the refusal.

        Pure. An event without a row for the state is refused, and so is one whose rows all say no.
        """
        for row in self.rows_for(case.state, event.name):
            answer = row.when(case, event, ctx)
            if isinstance(answer, Refused):
                return answer
            if answer:
                return self._outcome(case, event, ctx, row)
        return self._impossible(case, event)

    def _outcome(self, case: C, event: Event, ctx: X, row: Transition[C, X]) -> Outcome:
        effect = row.step.effect(case, event, ctx, row)
        starts = tuple(self._started(case, event, ctx, row))
        return Outcome(
            to=row.to,
            clause=effect.clause or row.clause,
            set=effect.set,
            reasons=effect.reasons,
            starts=starts,
            sets=_unless_begun_anew(self._settled(case, event, row), event, starts),
            suspends=effect.suspends,
            recalculates=effect.recalculates,
            messages=effect.messages,
            detail=effect.detail,
        )

    def _started(self, case: C, event: Event, ctx: X, row: Transition[C, X]) -> Iterator[ClockStart]:
        """The clocks that the event starts, as far as the procedure knew them when its rules were fixed."""
        for kind, how in self.marks_of(row).starts:
            if kind in ctx.clocks and (start := how(kind, case, event, ctx, row)):
                yield start

    def _settled(self, case: C, event: Event, row: Transition[C, X]) -> tuple[ClockSet, ...]:
        """The clocks that the event settles. One that is late already keeps its breach and gets the day it was done."""
        if event.name == BREACH:
            late = ClockSet(event.fields["kind"], ClockStatus.BREACHED, None, event.fields["check_on"])
            return (late,) if late.kind in case.clocks else ()
        of_the_case = [clock for kind in self.clocks if (clock := case.clock(kind))]
        settled = tuple(one for clock in of_the_case if (one := self._mark_of(clock, case, event, row)))
        if not row.moves or row.to not in self.ends:
            return settled
        left = [clock for clock in of_the_case if clock.is_open and clock.kind not in {one.kind for one in settled}]
        return settled + tuple(self._at_end(left, local_day(event.at)))

    def _mark_of(self, clock: Clock, case: C, event: Event, row: Transition[C, X]) -> ClockSet | None:
        """What becomes of a clock: the first mark of its row that the transition makes."""
        how = self.marks_of(row).settles.get(clock.kind)
        found: ClockSet | None = how(clock, case, event) if how else None
        return found

    def _at_end(self, left: Iterable[Clock], today: date) -> Iterator[ClockSet]:
        for clock in left:
            if status := self.clocks[clock.kind].at_end:
                yield ClockSet(clock.kind, status, today)

    def _impossible(self, case: C, event: Event) -> Refused:
        """The refusal of an event that has no row for the case's state, with what can be done instead."""
        why = f"{case.number} 现处“{case.state.label}”，不能办理此事项；{self._instead(case, event)}"
        return Refused(why, "流程")

    def _instead(self, case: C, event: Event) -> str:
        if case.state in self.correctable:
            return "此结论由系统按期限自动作出，确有错误的可凭证据更正"
        if case.state in self.ends and case.state is not self.goal:
            return "本案已办结"
        if not self.is_one_way and case.state not in self.ends:
            return self.next_step[case.state]
        possible = [self.place(state) for state in self.states_for(event.name) if state not in self.ends]
        if possible and max(possible) < self.place(case.state):
            return "此环节已经过去，不能再次办理；请查看案件经过"
        return self.next_step.get(case.state, "本案已办结")


def _unless_begun_anew(
    sets: tuple[ClockSet, ...], event: Event, starts: tuple[ClockStart, ...]
) -> tuple[ClockSet, ...]:
    """What is settled. A clock that its own breach begins anew (of a yearly duty, for the next year) is not late: its
    breach stands in the records."""
    begun = {one.kind for one in starts} if event.name == BREACH else set()
    return tuple(one for one in sets if one.kind not in begun)
