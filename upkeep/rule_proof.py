"""Whether each round runs on the rules that its records name: every kept text under its hash, every pin as recorded."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import inspect, select
from sqlmodel import Session, col

from models import AuditRecord, PolicyPin, PolicyText, Round
from policies.loader import hash_of_text
from rules.vocabulary import AuditSubject, PinnedBy

NAMING = ("announce_round", "adopt_policy")  # the acts whose records name the hash of a text


def rule_faults(session: Session) -> Iterator[str]:
    """A sentence for each fault; nothing for a database that has not been upgraded yet."""
    if not inspect(session.connection()).has_table(str(PolicyPin.__tablename__)):
        return
    for sha256, text in session.execute(select(col(PolicyText.sha256), col(PolicyText.text))):
        if hash_of_text(text) != sha256:
            yield f"规则文本与其哈希 {sha256} 不符"
    for number, announced_with in session.execute(
        select(col(Round.id), col(Round.policy_sha256)).order_by(col(Round.id))
    ):
        yield from _faults_of_round(session, number, announced_with)


def _faults_of_round(session: Session, number: int, announced_with: str) -> Iterator[str]:
    """The first text of a round is the announced one, but for a round of before, whose row keeps the announced hash."""
    pins, named = _pins(session, number), _named(session, number)
    if not pins:
        yield f"轮次 {number} 没有固定的规则"
        return
    (first_by, first), *_ = pins
    if first_by == PinnedBy.ANNOUNCEMENT and first != announced_with:
        yield f"轮次 {number} 公告时记载的规则哈希 {announced_with} 与固定的 {first} 不符"
    pinned = [announced_with, *(sha256 for _, sha256 in pins[1:])]
    if named and pinned != named:
        yield f"轮次 {number} 先后固定的规则与审计记录不符"


def _pins(session: Session, round_id: int) -> list[tuple[str, str]]:
    query = select(col(PolicyPin.pinned_by), col(PolicyPin.sha256)).where(col(PolicyPin.round_id) == round_id)
    return [tuple(row) for row in session.execute(query.order_by(col(PolicyPin.id)))]


def _named(session: Session, round_id: int) -> list[str]:
    query = select(col(AuditRecord.detail)).where(
        *(col(AuditRecord.subject) == AuditSubject.ROUND, col(AuditRecord.subject_id) == round_id),
        col(AuditRecord.event).in_(NAMING),
    )
    return [detail["policy_sha256"] for detail in session.execute(query.order_by(col(AuditRecord.seq))).scalars()]
