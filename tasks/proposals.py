"""The rows of acts that wait for their second person (复核): each decided once, with a hash chain of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from foundation.secrets import Keyring
from models import AuditRecord, Proposal
from policies.second_persons import load_second_persons
from rules.acts import CATALOGUE, Scope
from rules.audit import sha256
from rules.case import SYSTEM, Event
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.second_persons import SecondPerson
from rules.vocabulary import AuditSubject, ProposalStatus
from tasks.advance import audit_row
from tasks.labels import LABELS
from tasks.second_persons import expect_second, named
from tasks.typed_fields import read, written

ABOUT = ("applicant_id", "agreement_number", "expert_id", "ref", "year", "staff_no")
Shown = Sequence[tuple[str, str]]


def keep(session: Session, event: Event, rule: SecondPerson, keys: Keyring, shown: Shown) -> Proposal:
    """The row of a proposal. Raises RefusedError for one that waits already."""
    digest = sha256([event.name, event.round_id, event.fields])
    same = col(Proposal.digest) == digest, col(Proposal.status) == ProposalStatus.OPEN
    if there := session.execute(select(Proposal).where(*same)).scalar_one_or_none():
        raise RefusedError(f"同样的内容已在复核中（第 {there.id} 号提请，{there.proposed_by} 提出），无需重复提交")
    of_round = CATALOGUE[event.name].scope is not Scope.OFFICE
    proposal = Proposal(
        act=event.name,
        round_id=(event.round_id or None) if of_round else None,
        about=next((str(event.fields[name]) for name in ABOUT if event.fields.get(name)), ""),
        shown=[[title, value] for title, value in shown],
        fields_sealed="",
        digest=digest,
        asked=str(event.fields.get("confirmed_by", "")),
        proposed_by=event.by,
        proposed_at=event.at,
        last_day=rule.last_day(local_day(event.at)),
    )
    session.add(proposal)
    session.flush()
    proposal.fields_sealed = keys.seal(written({**event.fields, "$round": event.round_id}), context_of(proposal))
    return proposal


def context_of(proposal: Proposal) -> str:
    """What the fields of a proposal are sealed to."""
    return f"proposal:{proposal.id}"


def named_in_short(proposal: Proposal) -> str:
    """`登记专家回避 Z03`."""
    return f"{LABELS[proposal.act]} {proposal.about}".strip()


def is_over(today: Any) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a proposal still waits and its last day has passed."""
    return col(Proposal.status) == ProposalStatus.OPEN, col(Proposal.last_day) < today


def lapse(session: Session, as_of: datetime) -> list[Proposal]:
    """Proposals whose last day is over end without effect; answers them."""
    query = (
        select(Proposal).where(*is_over(local_day(as_of))).order_by(col(Proposal.id)).with_for_update(skip_locked=True)
    )
    lapsed = list(session.execute(query).scalars())
    for one in lapsed:
        settle(session, one, ProposalStatus.LAPSED, Event("lapse_proposal", as_of, SYSTEM))
    return lapsed


def to_decide(session: Session, number: int, by: str, at: datetime) -> Proposal:
    """The open proposal, locked. Raises RefusedError when it is none, is over, or is not for this person."""
    proposal = session.get(Proposal, number, with_for_update=True)
    if proposal is None:
        raise RefusedError(f"没有第 {number} 号提请：请从看板“复核”查看编号")
    if proposal.status != ProposalStatus.OPEN:
        label = ProposalStatus(proposal.status).label
        raise RefusedError(f"第 {number} 号提请{label}（{proposal.decided_by}），不能再复核；需要办理的请重新提交")
    if local_day(at) > proposal.last_day:
        raise RefusedError(f"第 {number} 号提请的复核期限 {proposal.last_day} 已过：需要办理的请重新提交")
    rule = load_second_persons(local_day(proposal.proposed_at))[proposal.act]
    expect_second(session, rule, proposal.proposed_by, by, proposal.asked, local_day(at))
    return proposal


def event_of(proposal: Proposal, at: datetime, second: str, keys: Keyring) -> Event:
    fields = read(keys.unseal(proposal.fields_sealed, context_of(proposal)))
    round_id = fields.pop("$round")
    return named(Event(proposal.act, at, proposal.proposed_by, fields, round_id), second)


def settle(session: Session, proposal: Proposal, status: ProposalStatus, event: Event, reason: str = "") -> None:
    proposal.status, proposal.reason, proposal.fields_sealed = status, reason, ""
    proposal.decided_by, proposal.decided_at = event.by, event.at
    record(session, proposal, event)


def record(session: Session, proposal: Proposal, event: Event) -> None:
    """Appends to the proposal's own hash chain."""
    record = {
        **{"at": event.at, "event": event.name, "by": event.by, "from_state": "", "to_state": proposal.status},
        **{"clause": "", "detail": {"fields": dict(event.fields)}},
    }
    row = audit_row(AuditSubject.PROPOSAL, proposal.id or 0, proposal.audit_seq, proposal.audit_head, record)
    proposal.audit_seq, proposal.audit_head = row["seq"], row["hash"]
    session.add(proposal)
    session.add(AuditRecord(**row))
