"""What waits for the person who looks: acts of his roles in every round under way, what he is asked to confirm as the
second person, and what came back to him. Whose an act is, the roles of the round's own rules say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models import Agreement, Application, Deadline, Proposal, Round
from policies.second_persons import load_second_persons
from rules.case import Context
from rules.errors import NotEntitledError, RefusedError
from rules.evaluation.states import UNFINISHED
from rules.localtime import ZONE, local_day
from rules.performance.records import AgreementCase
from rules.second_persons import EVERY_ROLE
from rules.vocabulary import ClockKind, ProposalStatus, State
from tasks.absences import away_on, covered_by, handled_by, how_many_handled
from tasks.agreements import load_agreements
from tasks.case_loading import context_of
from tasks.labels import LABELS, ROLES
from tasks.second_persons import expect_second
from tasks.staff import staff_names
from views.agreement_file import lines_of
from views.dossiers import OPEN, counts
from views.next_steps import NextAct, for_round
from views.proposals import proposal_told

CAME_BACK = timedelta(days=14)  # how long what was sent back, or lapsed, stays on its proposer's page
AGREEMENTS_SHOWN = 20
SOON = timedelta(days=14)
POSTING = "record_posting"  # the office's own move while a notice's period runs
Told = dict[str, Any]


def my_tasks(session: Session, staff_no: str, roles: Collection[str], at: datetime, *, only_mine: bool = False) -> Told:
    """Everything that waits for somebody with these roles, as of an instant, the most urgent first; what waits for
    those whom he stands in for shows as well. `only_mine`: of the dossiers those that he, or one of them, looks
    after."""
    today = local_day(at)
    mine = _of_mine(session, staff_no, at)
    covered, handled = covered_by(session, staff_no, today), how_many_handled(session)
    people = [staff_no, *(one.staff_no for one in covered)]
    only = col(Application.id).in_(handled_by(people)) if only_mine else None
    away = away_on(session, staff_no, today)
    return {
        "as_of": at.astimezone(ZONE).isoformat(),
        "stands_in": [{"staff_no": one.staff_no, "until": one.to_on} for one in covered],
        "away": {"deputy": away.deputy, "until": away.to_on} if away else None,
        "handled": sum(handled.get(one, 0) for one in people),
        "to_do": to_do(session, roles, today, only),
        "to_confirm": _told(session, to_confirm(session, staff_no, today)),
        "waiting": [one for one in mine if one["status"] == ProposalStatus.OPEN.label],
        "came_back": [one for one in mine if one["status"] != ProposalStatus.OPEN.label],
        "agreements": _agreements_due(session, today),
    }


@dataclass(frozen=True, slots=True)
class HowMany:
    """How much waits for somebody: dossiers, those of them past a limit of the office, proposals to confirm."""

    to_do: int
    late: int
    to_confirm: int

    @property
    def total(self) -> int:
        """Dossiers and proposals."""
        return self.to_do + self.to_confirm


def how_many(session: Session, staff_no: str, roles: Collection[str], at: datetime) -> HowMany:
    """The figures without the lists."""
    today = local_day(at)
    rows = _all_to_do(session, roles, today)
    count, late = (sum(int(row[name]) for row in rows) for name in ("count", "late"))
    return HowMany(count, late, len(to_confirm(session, staff_no, today)))


def to_do(session: Session, roles: Collection[str], today: date, only: ColumnElement[bool] | None = None) -> list[Told]:
    """The acts of these roles that wait in the rounds under way, what is late first, then what is due first; `only`: a
    condition on the dossiers that are looked at."""
    found = _all_to_do(session, roles, today, only)
    return sorted(found, key=lambda row: (-row["late"], row["until"] or date.max))


def _all_to_do(
    session: Session, roles: Collection[str], today: date, only: ColumnElement[bool] | None = None
) -> list[Told]:
    return [row for one in under_way(session) for row in _to_do(session, context_of(session, one), roles, today, only)]


def under_way(session: Session) -> list[Round]:
    """The rounds that still have dossiers under way, the oldest first."""
    open_ones = select(col(Application.round_id)).where(col(Application.state).in_(UNFINISHED)).distinct()
    return list(session.execute(select(Round).where(col(Round.id).in_(open_ones)).order_by(col(Round.id))).scalars())


def _to_do(
    session: Session, ctx: Context, roles: Collection[str], today: date, only: ColumnElement[bool] | None
) -> list[Told]:
    ours = _moves(counts(session, ctx.round.id, today, only))
    held = {ROLES[role] for role in roles if role in ROLES} if EVERY_ROLE not in roles else set(ROLES.values())
    return [
        _row(ctx, state, act, ours[state])
        for state, _, act in for_round(session, ctx, today, only)
        if held & set(act.roles) and (ours[state]["all"] or act.do == POSTING)
    ]


def _moves(counted: Iterable[Any]) -> dict[State, Counter[str]]:
    """How many dossiers of each state wait for the office: `all`, and those that are `late`."""
    moves: dict[State, Counter[str]] = {state: Counter() for state in State}
    for row in counted:
        if row.waits_for == ClockKind.AUTHORITY:
            moves[State(row.state)].update({"all": row.dossiers, "late": row.dossiers if row.urgency == "late" else 0})
    return moves


def _row(ctx: Context, state: State, act: NextAct, ours: Counter[str]) -> Told:
    return {
        "round_id": ctx.round.id,
        "round": ctx.round.name,
        "act": act.do,
        "label": LABELS[act.do],
        "state": state.value,
        "state_label": state.label,
        "first": act.about,
        "whose": "、".join(act.roles),
        "until": act.until,
        "count": ours["all"] or 1,
        "late": ours["late"],
    }


def to_confirm(session: Session, staff_no: str, today: date) -> list[Proposal]:
    """The open proposals that this person may confirm, what must be confirmed first at the top."""
    is_open = col(Proposal.status) == ProposalStatus.OPEN, col(Proposal.last_day) >= today
    waiting = session.execute(select(Proposal).where(*is_open).order_by(col(Proposal.last_day), col(Proposal.id)))
    return [one for one in waiting.scalars() if _may_confirm(session, one, staff_no, today)]


def _may_confirm(session: Session, one: Proposal, staff_no: str, today: date) -> bool:
    rule = load_second_persons(local_day(one.proposed_at))[one.act]
    try:
        expect_second(session, rule, one.proposed_by, staff_no, one.asked, today)
    except (NotEntitledError, RefusedError):
        return False
    return True


def _of_mine(session: Session, staff_no: str, at: datetime) -> list[Told]:
    """What this person proposed: still open, or lately sent back or lapsed."""
    status = col(Proposal.status)
    ended: ColumnElement[bool] = status.in_((ProposalStatus.RETURNED, ProposalStatus.LAPSED))
    lately = (status == ProposalStatus.OPEN) | (ended & (col(Proposal.decided_at) >= at - CAME_BACK))
    query = select(Proposal).where(col(Proposal.proposed_by) == staff_no, lately).order_by(col(Proposal.id))
    return _told(session, list(session.execute(query).scalars()))


def _told(session: Session, found: list[Proposal]) -> list[Told]:
    names = staff_names(session, [number for one in found for number in (one.proposed_by, one.decided_by or "")])
    return [proposal_told(one, names) for one in found]


def _agreements_due(session: Session, today: date) -> list[Told]:
    """The agreements on which the office has to act soon, or is late; the first of them."""
    is_theirs = col(Deadline.subject) == AgreementCase.kind, col(Deadline.holder) == ClockKind.AUTHORITY
    is_open = col(Deadline.closed_on).is_(None), col(Deadline.status).in_(OPEN)
    query = select(col(Deadline.subject_id)).where(*is_theirs, *is_open, col(Deadline.due_on) <= today + SOON)
    first = list(session.execute(query.order_by(col(Deadline.due_on)).limit(AGREEMENTS_SHOWN)).scalars())
    lines = lines_of(session, load_agreements(session, col(Agreement.id).in_(first)))
    return sorted(lines, key=lambda line: (line["due"], line["id"]))
