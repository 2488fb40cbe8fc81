"""What waits for a second person, and what became of it: for the board."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Proposal, Staff
from policies.second_persons import load_second_persons
from rules.localtime import local_day
from rules.vocabulary import ProposalStatus
from tasks.labels import ROLES
from tasks.proposals import named_in_short

DECIDED_SHOWN = 30
Told = dict[str, Any]


def open_proposals(session: Session) -> int:
    """How many acts wait for their second person."""
    query = select(func.count()).select_from(Proposal).where(col(Proposal.status) == ProposalStatus.OPEN)
    return int(session.execute(query).scalar_one())


def proposals(session: Session) -> dict[str, list[Told]]:
    """The open proposals, what must be confirmed first at the top; and the last ones that were decided."""
    is_open = col(Proposal.status) == ProposalStatus.OPEN
    waiting = select(Proposal).where(is_open).order_by(col(Proposal.last_day), col(Proposal.id))
    over = select(Proposal).where(~is_open).order_by(col(Proposal.decided_at).desc(), col(Proposal.id).desc())
    names = {row[0]: row[1] for row in session.execute(select(col(Staff.staff_no), col(Staff.name)))}
    return {
        "open": [proposal_told(one, names) for one in session.execute(waiting).scalars()],
        "decided": [proposal_told(one, names) for one in session.execute(over.limit(DECIDED_SHOWN)).scalars()],
    }


def proposal_told(one: Proposal, names: dict[str, str]) -> Told:
    """A proposal as the pages show it: what is to be done, who asks, who may confirm it, and what became of it."""
    rule = load_second_persons(local_day(one.proposed_at))[one.act]
    asked = _person(one.asked, names) if one.asked else "、".join(ROLES[role] for role in rule.roles)
    return {
        "number": one.id,
        "what": named_in_short(one),
        "shown": [(title, value) for title, value in one.shown],
        "by": _person(one.proposed_by, names),
        "at": one.proposed_at.isoformat(),
        "last_day": one.last_day,
        "asked": asked,
        "asked_no": one.asked,
        "status": ProposalStatus(one.status).label,
        "decided_by": _person(one.decided_by or "", names),
        "decided_at": one.decided_at.isoformat() if one.decided_at else "",
        "reason": one.reason,
        "clause": rule.clause,
    }


def _person(staff_no: str, names: dict[str, str]) -> str:
    name = names.get(staff_no, "")
    return f"{staff_no} {name}" if name and name != staff_no else staff_no
