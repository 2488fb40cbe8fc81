"""The plan of double random inspections that an act is about."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session, col

from models import DoubleRandomDraw
from rules.case import Context
from rules.errors import RefusedError


def the_plan(session: Session, ctx: Context, ref: str) -> DoubleRandomDraw:
    """The plan with a number in the round. Raises RefusedError when there is none."""
    of_round = select(DoubleRandomDraw).where(col(DoubleRandomDraw.round_id) == ctx.round.id)
    found: DoubleRandomDraw | None = session.execute(
        of_round.where(col(DoubleRandomDraw.ref) == ref).with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise RefusedError(f"本轮没有编号为“{ref}”的检查计划：请核对（看板“双随机”可查），或先办理“制定检查计划”")
    return found
