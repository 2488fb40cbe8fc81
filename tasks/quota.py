"""How many of the announced places of a round have a holder (五(二) 根据公告): never more than were announced."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Application
from rules.case import Case, Change, Context
from rules.errors import RefusedError
from rules.evaluation.states import HOLDS_A_PLACE
from rules.vocabulary import ApplicantType


def places_taken(session: Session, round_id: int, type_: str) -> int:
    """How many of the announced places of a type have a holder."""
    of_the_type = col(Application.round_id) == round_id, col(Application.type) == type_
    query = select(func.count()).where(*of_the_type, col(Application.state).in_(HOLDS_A_PLACE))
    return int(session.execute(query).scalar_one())


def expect_places(session: Session, ctx: Context, changes: Sequence[Change[Case]]) -> None:
    """Asked after a change is written. Raises RefusedError when more places would be taken than were announced."""
    taken = {
        one.case.type for one in changes if one.outcome.to in HOLDS_A_PLACE and one.case.state not in HOLDS_A_PLACE
    }
    for type_ in sorted(taken):
        if places_taken(session, ctx.round.id, type_) > ctx.round.quota[type_]:
            label = ApplicantType(type_).label
            raise RefusedError(f"公告的{label}名额为 {ctx.round.quota[type_]} 家，本次办理将超出名额，未写入任何内容")
