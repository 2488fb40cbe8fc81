"""Numbers spelt otherwise than in the register: `h01` is `H01`, unless a `h01` really exists; an agreement's number is
the same with other brackets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, Applicant, Expert
from rules.acts import CATALOGUE, Scope
from rules.case import Event
from rules.texts import compared

NUMBERS = ("applicant_id", "applicant_ids", "expert_id")


def as_registered(session: Session, event: Event) -> Event:
    """The event with its applicants' and experts' numbers as the registers of its round spell them.

    A number that is in no register stays as it was given, so that the refusal quotes what was typed.
    """
    given = {name: event.fields[name] for name in NUMBERS if _has_small_letters(event.fields.get(name))}
    if not given:
        return event
    known = _registered(session, event.round_id)
    return replace(event, fields={**event.fields, **{name: _respelled(value, known) for name, value in given.items()}})


def as_numbered(session: Session, event: Event) -> Event:
    """The event of an agreement with its number as the register has it: as it was pasted, blanks, width and brackets do
    not matter. A number that is in no register, or could be two, stays as it was given."""
    given = event.fields.get("agreement_number")
    if not given or CATALOGUE[event.name].scope not in (Scope.AGREEMENT, Scope.ROUND):
        return event
    known = list(session.execute(select(col(Agreement.number))).scalars())
    alike = [one for one in known if compared(one) == compared(given)]
    if given in known or len(alike) != 1:
        return event
    return replace(event, fields={**event.fields, "agreement_number": alike[0]})


def _has_small_letters(value: Any) -> bool:
    return any(isinstance(one, str) and one != one.upper() for one in (value if isinstance(value, list) else [value]))


def _registered(session: Session, round_id: int) -> set[str]:
    applicants = select(col(Applicant.applicant_id)).where(col(Applicant.round_id) == round_id)
    experts = select(col(Expert.expert_id)).where(col(Expert.round_id) == round_id)
    return {*session.execute(applicants).scalars(), *session.execute(experts).scalars()}


def _respelled(value: Any, known: set[str]) -> Any:
    if isinstance(value, list):
        return [_respelled(one, known) for one in value]
    return value.upper() if value not in known and value.upper() in known else value
