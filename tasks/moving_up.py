"""Who moves up when a place falls free, where the announcement says so (A7-18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models import Application
from rules.case import SYSTEM, Case, Context, Event, Refused
from rules.decide import decide
from rules.transitions import HOLDS_A_PLACE
from rules.vocabulary import State
from tasks.advance import Change, advance
from tasks.casebook import load_cases


def fill_places(session: Session, ctx: Context, changes: Sequence[Change], at: datetime) -> list[str]:
    """For every place that these changes freed, the next in rank of that type is selected, in the same transaction."""
    if ctx.round.substitution != "next_in_rank":
        return []
    freed = [change.case.type for change in changes if _frees_a_place(change)]
    waiting = _waiting(session, ctx) if freed else []
    moves: list[Change] = []
    for type_ in freed:
        chosen = next((case for case in waiting if case.type == type_), None)
        if chosen is not None:
            waiting.remove(chosen)
            moves.append(_move(session, ctx, chosen, at))
    advance(session, ctx, moves)
    return [change.case.applicant_id for change in moves]


def _frees_a_place(change: Change) -> bool:
    return change.case.state in HOLDS_A_PLACE and change.outcome.to not in HOLDS_A_PLACE


def _waiting(session: Session, ctx: Context) -> list[Case]:
    condition = (col(Application.round_id) == ctx.round.id) & (col(Application.state) == State.OUT_OF_QUOTA)
    return sorted(load_cases(session, condition, with_facts=False), key=lambda case: case.rank or 0)


def _move(session: Session, ctx: Context, case: Case, at: datetime) -> Change:
    score = session.execute(select(col(Application.mean_score)).where(col(Application.id) == case.id)).scalar_one()
    event = Event("move_up", at, SYSTEM, {"mean_score": score, "rank": case.rank})
    outcome = decide(case, event, ctx)
    if isinstance(outcome, Refused):
        raise ValueError(f"{case.applicant_id} cannot move up: {outcome.why}")
    return Change(case, event, outcome)
