"""Which round an act is about. Rounds run side by side (last year's signing beside this year's applications, batches
within a year), and each has a P01 of its own: a number alone is an address only where one round knows it. What cannot
be told is refused with the rounds to choose from, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from models import Agreement, Applicant, Application, Expert, Objection, Round
from rules.acts import CATALOGUE, Scope
from rules.case import Event
from rules.errors import RefusedError, WhichRoundError
from rules.evaluation.states import UNFINISHED
from tasks.case_loading import NO_ROUND, round_numbered
from tasks.spelling import as_numbered, as_registered

NUMBERS_SHOWN = 4
# The fields that say whom an act is about, and where their numbers stand: applicants before the objection or the expert
# that an act also names.
NAMED_BY = (
    ("applicant_ids", col(Applicant.round_id), col(Applicant.applicant_id)),
    ("applicant_id", col(Applicant.round_id), col(Applicant.applicant_id)),
    ("agreement_number", col(Agreement.round_id), col(Agreement.number)),
    ("ref", col(Objection.round_id), col(Objection.ref)),
    ("expert_id", col(Expert.round_id), col(Expert.expert_id)),
)


def addressed(session: Session, event: Event) -> Round:
    """The round of an act: the one it names, or the one that its numbers stand in.

    A round under way comes before one that is over. Raises RefusedError when there is no round, when the round named
    is none, and when more than one could be meant: the sentence lists them.
    """
    if event.round_id:
        return round_numbered(session, event.round_id)
    known = all_rounds(session)
    if not known:
        raise RefusedError(NO_ROUND)
    act = CATALOGUE.get(event.name)
    if act and act.scope is Scope.OFFICE:  # any round's rules carry it out, so the one announced last does
        return known[-1]
    if len(known) == 1:
        return known[0]
    numbers, holding = _named(event.fields)
    holders = {one.id for one in known} if holding is None else set(session.execute(holding).scalars())
    running = {one.id for one in running_rounds(session, event.at)}
    found = [one for one in known if one.id in holders & running] or [one for one in known if one.id in holders]
    if len(found) == 1:
        return found[0]
    if not found:
        raise RefusedError(_unknown(numbers, known))
    raise WhichRoundError(_ambiguous(numbers, found), {one.id or 0: one.name for one in found})


def located(session: Session, event: Event) -> tuple[Event, Round]:
    """The event with the round that it is addressed to, and its numbers as that round's registers spell them; and the
    round."""
    event = as_numbered(session, event)
    the_round = addressed(session, event)
    return as_registered(session, replace(event, round_id=the_round.id or 0)), the_round


def in_its_round(session: Session, event: Event) -> Event:
    """The event alone, as `located` tells it."""
    return located(session, event)[0]


def all_rounds(session: Session) -> Sequence[Round]:
    """Every round, in the order of their numbers."""
    return session.execute(select(Round).order_by(col(Round.id))).scalars().all()


def running_rounds(session: Session, at: datetime) -> Sequence[Round]:
    """The rounds that are not over at an instant: still to take applications, or with a dossier that was handed in and
    is not at an end."""
    unfinished = select(col(Application.id)).where(
        col(Application.round_id) == col(Round.id), col(Application.state).in_(UNFINISHED)
    )
    query = select(Round).where((col(Round.accept_until) >= at) | unfinished.exists())
    return session.execute(query.order_by(col(Round.id))).scalars().all()


def _named(fields: Mapping[str, Any]) -> tuple[list[str], Select[tuple[int]] | None]:
    """The numbers that say whom an act is about, and the rounds in which one of them stands, as the register spells it
    or as it was typed; None where the act names nobody."""
    for name, of_round, number in NAMED_BY:
        if given := fields.get(name):
            typed = [str(one) for one in given] if isinstance(given, list | tuple) else [str(given)]
            return typed, select(of_round).where(number.in_({*typed, *(one.upper() for one in typed)})).distinct()
    return [], None


def _ambiguous(numbers: Sequence[str], rounds: Sequence[Round]) -> str:
    why = f"编号“{_shown(numbers)}”在几个轮次里都有" if numbers else "有几个轮次，此事项没有说明属于哪一轮"
    return f"{why}：请在“轮次”填写轮次号：{_choices(rounds)}"


def _unknown(numbers: Sequence[str], rounds: Sequence[Round]) -> str:
    unknown = f"各轮次都没有编号“{_shown(numbers)}”"
    return f"{unknown}：请核对编号（看板可查），或先登记；现有轮次：{_choices(rounds)}"


def _shown(numbers: Sequence[str]) -> str:
    return "、".join(numbers[:NUMBERS_SHOWN]) + ("等" if len(numbers) > NUMBERS_SHOWN else "")


def _choices(rounds: Sequence[Round]) -> str:
    return "；".join(f"{one.id}（{one.name}）" for one in rounds)
