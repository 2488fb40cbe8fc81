"""`decide`: what an event does to a case. Pure: the case, the event and the context in; an outcome or a refusal out."""

from __future__ import annotations

from rules.case import Case, Context, Event, Outcome, Refused
from rules.effects import EFFECTS, Effect
from rules.entry import clocks_set, clocks_started
from rules.guards import GUARDS, impossible
from rules.transitions import Transition, rows_for


def decide(case: Case, event: Event, ctx: Context) -> Outcome | Refused:
    """The first row of the table whose predicate holds, with its effects; or the refusal, with its sentence.

    An event that has no row for the state of the case is refused, and so is one whose rows all say no.
    """
    rows = rows_for(case.state, event.name)
    for row in rows:
        answer = GUARDS[row.when](case, event, ctx)
        if isinstance(answer, Refused):
            return answer
        if answer:
            return _outcome(case, event, ctx, row)
    return impossible(case, event)


def _outcome(case: Case, event: Event, ctx: Context, row: Transition) -> Outcome:
    effect = EFFECTS.get(event.name, _no_effect)(case, event, ctx, row)
    return Outcome(
        to=row.to,
        clause=effect.clause or row.clause,
        set=effect.set,
        reasons=effect.reasons,
        starts=clocks_started(case, event, ctx, row),
        sets=clocks_set(case, event, row),
        suspends=effect.suspends,
        messages=effect.messages,
        detail=effect.detail,
    )


def _no_effect(_case: Case, _event: Event, _ctx: Context, _row: Transition) -> Effect:
    return Effect()
