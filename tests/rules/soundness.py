"""What a procedure must be to be run: asked of any `Procedure`; each fault is named with the part that lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from rules.procedure import BREACH, ClockRow, Procedure, always
from rules.vocabulary import ClockKind, Term

Any_ = Procedure[Any, Any]


def faults(procedure: Any_, *, acts: Collection[str], messages: Collection[str], limits: Collection[str]) -> list[str]:
    """What is wrong with a procedure: `acts` are those that a person can start, `messages` those of the catalogue,
    `limits` the time limits of its policy."""
    return [
        *_states(procedure),
        *_rows(procedure, messages),
        *_events(procedure, acts),
        *_clocks(procedure, messages, limits),
    ]


def _states(procedure: Any_) -> Iterator[str]:
    named = {*procedure.way, *procedure.ends}
    yield from (f"state {state}: neither on the way nor an end" for state in procedure.states if state not in named)
    reached = _reached(procedure, {procedure.begins})
    yield from (f"state {state}: no row leads there" for state in procedure.states if state not in reached)
    for state in procedure.states:
        if not _reached(procedure, {state}) & set(procedure.ends):
            yield f"state {state}: leads to no end"
        if (state in procedure.next_step) is (state in procedure.ends):
            yield f"state {state}: what is to be done next is said of every state on the way, and of no end"


def _reached(procedure: Any_, start: Iterable[Term]) -> set[Term]:
    found = set(start)
    while more := {row.to for row in procedure.table if row.frm in found} - found:
        found |= more
    return found


def _rows(procedure: Any_, messages: Collection[str]) -> Iterator[str]:
    for row in procedure.table:
        title = f"row {row.frm}-{row.event}-{row.condition}"
        yield from (f"{title}: no message {name}" for name in row.tells if name not in messages)
        yield from (f"{title}: no clock {kind}" for kind in row.suspends if kind not in procedure.clocks)
        others = procedure.rows_for(row.frm, row.event)
        if any(earlier.when is always for earlier in others[: others.index(row)]):
            yield f"{title}: behind a row that always holds"


def _events(procedure: Any_, acts: Collection[str]) -> Iterator[str]:
    by_clock = {event for clock in procedure.clocks.values() for event in clock.when_over}
    for event in procedure.events:
        if event not in {*acts, *by_clock, *procedure.of_itself}:
            yield f"event {event}: nobody starts it"
    for event in (*acts, *by_clock, *procedure.of_itself):
        if event not in procedure.events:
            yield f"event {event}: has no row"
    effects = {row.event: row.step for row in procedure.table}
    yield from (f"event {row.event}: two effects" for row in procedure.table if row.step is not effects[row.event])


def _clocks(procedure: Any_, messages: Collection[str], limits: Collection[str]) -> Iterator[str]:
    yield from (f"clock {kind}: no time limit in the policy" for kind in procedure.clocks if kind not in limits)
    yield from (f"clock {kind}: unknown to the procedure" for kind in limits if kind not in procedure.clocks)
    for clock in procedure.clocks.values():
        yield from _clock(procedure, clock, messages)


def _clock(procedure: Any_, clock: ClockRow, messages: Collection[str]) -> Iterator[str]:
    title = f"clock {clock.kind}"
    if not (clock.starts and clock.settles and clock.when_over):
        yield f"{title}: nothing starts it, settles it or follows its end"
    for mark in (*clock.starts, *clock.settles):
        if not any(mark.is_made_by(row) for row in procedure.table):
            yield f"{title}: no row makes its mark {mark.how.__name__}"
        yield from (f"{title}: no event {event}" for event in mark.events if event not in procedure.events)
    if (clock.when_over == (BREACH,)) is not (clock.holder is ClockKind.AUTHORITY):
        yield f"{title}: a breach is the end of an authority's clock, and of no other"
    if clock.reminder and clock.reminder not in messages:
        yield f"{title}: no message {clock.reminder}"
    ends_in = {state for event in clock.when_over for state in procedure.states_for(event)}
    if {procedure.over(clock.kind, state) for state in ends_in} != set(clock.when_over):
        yield f"{title}: an event of its end happens in no state"
