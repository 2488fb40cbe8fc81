"""The number and the term of an agreement, where the parties name none (五(三); R63; L19)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, Round
from rules.case import Context
from rules.errors import RefusedError
from rules.periods import due_day


def next_number(session: Session, ctx: Context, given: str) -> str:
    """The number given, or the next of the round. Two who sign at once wait for each other on the round's row."""
    the_round = session.get(Round, ctx.round.id, with_for_update=True)
    assert the_round is not None
    own = f"{the_round.county}特药协议〔{the_round.year}〕"
    asked = col(Agreement.number) == given if given else col(Agreement.number).startswith(own, autoescape=True)
    taken = set(session.execute(select(col(Agreement.number)).where(asked)).scalars())
    if given in taken - {""}:
        raise RefusedError(f"协议编号“{given}”已用于另一份协议，请核对后重填，或留空自动编号")
    numbers = (f"{own}{place}号" for place in count(1))
    return given or next(number for number in numbers if number not in taken)


def term_of(ctx: Context, effective_on: date, expires_on: date | None) -> tuple[date | None, date | None]:
    """First and last day of an agreement. Its end is a term and no act to be done: a day off does not lengthen it. A
    stated last day always wins; else it is the corresponding day, or the day before it (reading `term_last_day`)."""
    if expires_on is None and (period := ctx.policy.agreement_term):
        expires_on = due_day(period, effective_on, ctx.workdays, roll=False).nominal
        if expires_on and ctx.policy.ends_the_day_before:
            expires_on -= timedelta(days=1)
    if expires_on and expires_on <= effective_on:
        raise RefusedError(f"协议终止日 {expires_on} 须晚于生效日 {effective_on}，请核对")
    return (effective_on, expires_on) if expires_on else (None, None)
