"""The announced places of a round (五(二) 根据公告): each has one holder at any time.

Whoever takes a place that is not free takes it from a dossier that ranks lower and has not signed; a place that falls
free goes to the next in rank where the announcement says so (A7-18).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models import Application, Round
from rules.case import SYSTEM, Case, Change, Context, Event
from rules.errors import RefusedError
from rules.evaluation.states import HOLDS_A_PLACE, MAY_STILL_YIELD
from rules.vocabulary import ApplicantType, State
from tasks.advance import advance
from tasks.case_loading import load_cases
from tasks.decisions import decided
from tasks.quota import places_taken


def fill_places(session: Session, ctx: Context, changes: Sequence[Change[Case]]) -> None:
    """For every place that these changes freed, the next in rank of that type is selected, in the same transaction; and
    whoever waits again, because its withdrawal was taken back, takes a place that is free."""
    freed = {one.case.type: one.event.at for one in changes if _frees_a_place(one) or _waits_again(one)}
    if ctx.round.substitution != "next_in_rank":
        return
    moves = [change for type_, at in sorted(freed.items()) for change in _moves_up(session, ctx, type_, at)]
    advance(session, ctx, moves)


def _frees_a_place(change: Change[Case]) -> bool:
    return change.case.state in HOLDS_A_PLACE and change.outcome.to not in HOLDS_A_PLACE


def _waits_again(change: Change[Case]) -> bool:
    return change.case.state is State.WITHDRAWN and change.outcome.to is State.OUT_OF_QUOTA


def _moves_up(session: Session, ctx: Context, type_: str, at: datetime) -> list[Change[Case]]:
    free = free_places(session, ctx, type_)
    waiting = _of(session, ctx, type_, (State.OUT_OF_QUOTA,)) if free > 0 else []
    return [_move(session, ctx, case, at) for case in waiting[: max(free, 0)]]


def _move(session: Session, ctx: Context, case: Case, at: datetime) -> Change[Case]:
    event = Event("move_up", at, SYSTEM, {"mean_score": score_of(session, case), "rank": case.rank})
    return decided(case, event, ctx)


def free_places(session: Session, ctx: Context, type_: str) -> int:
    """How many announced places of a type nobody holds. The round is locked: two who take a place wait for each
    other."""
    session.execute(select(col(Round.id)).where(col(Round.id) == ctx.round.id).with_for_update())
    return int(ctx.round.quota[type_]) - places_taken(session, ctx.round.id, type_)


def make_room(session: Session, ctx: Context, case: Case, event: Event, because: str) -> tuple[Change[Case], ...]:
    """What must be written before a dossier may take a place: nothing while one is free; else the holder that ranks
    lowest, behind this dossier, and has not signed gives its place back and is told.

    Raises RefusedError when everybody who could give way has signed.
    """
    if free_places(session, ctx, case.type) > 0:
        return ()
    behind = [one for one in _of(session, ctx, case.type, MAY_STILL_YIELD) if (one.rank or 0) > (case.rank or 0)]
    if not behind:
        label = ApplicantType(case.type).label
        raise RefusedError(
            f"公告的{label}名额 {ctx.round.quota[case.type]} 家均已由名次在前或者已签订协议的机构占用，"
            f"{case.applicant_id} 不能再占用名额：请报主管领导，先依法处理已占用的名额"
        )
    own = Event("yield_place", event.at, event.by, {"because": because, "mean_score": score_of(session, behind[-1])})
    return (decided(behind[-1], own, ctx),)


def _of(session: Session, ctx: Context, type_: str, states: Sequence[State]) -> list[Case]:
    """The dossiers of a type in these states, by rank."""
    condition = (
        (col(Application.round_id) == ctx.round.id)
        & (col(Application.type) == type_)
        & col(Application.state).in_(states)
    )
    return sorted(load_cases(session, condition, with_facts=False), key=lambda case: case.rank or 0)


def score_of(session: Session, case: Case) -> str | None:
    """The mean score of a dossier as people see it."""
    found: str | None = session.execute(
        select(col(Application.mean_score)).where(col(Application.id) == case.id)
    ).scalar_one()
    return found
