"""Numbers typed in another case than the register's: `h01` is `H01`, unless a `h01` really exists."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Expert
from rules.case import Event

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
