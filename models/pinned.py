"""The policy of a round: the text that it was announced with, or has adopted since, as it reads on the day of the
announcement, with the round's own readings. Nobody loads the policy of a round in another way.

A text is read from the database and parsed once per process, hash and day: it never changes under its hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from models.policy import PolicyPin, PolicyText
from models.round import Round
from policies.loader import hash_of_text, parse_policy
from rules.errors import DatabaseError
from rules.policy import Policy
from rules.vocabulary import PinnedBy

RESTORE = "请保护现场，核对数据库是否被改动（dingdian audit verify），必要时恢复备份"
_OF_ROUND = select(PolicyPin).where(col(PolicyPin.round_id) == bindparam("round_id"))
_NEWEST = _OF_ROUND.order_by(col(PolicyPin.id).desc()).limit(1)
_parsed: dict[tuple[str, date], Policy] = {}


def policy_of(session: Session, the_round: Round) -> Policy:
    """The policy that a round runs on. Raises DatabaseError where its text is not what was pinned."""
    pin = newest_pin(session, the_round)
    return pinned_policy(session, pin.sha256, the_round.announcement)


def policy_at(session: Session, the_round: Round, at: datetime) -> Policy:
    """The policy that a round ran on at an instant (before the first pin: the first): what was told then is explained
    by it. Raises DatabaseError as `policy_of` does."""
    round_id = the_round.id or 0
    first, *rest = pins_of(session, {round_id: the_round.policy_sha256})[round_id]
    pin = next((one for one in reversed(rest) if one.pinned_at <= at), first)
    return pinned_policy(session, pin.sha256, the_round.announcement)


def pinned_policy(session: Session, sha256: str, announcement: Mapping[str, Any]) -> Policy:
    """A kept text as a round reads it. Raises DatabaseError where the text is missing or is not what its hash says."""
    on = date.fromisoformat(announcement["published_on"])
    if (sha256, on) not in _parsed:
        _parsed[sha256, on] = parse_policy(text_of(session, sha256), on, f"规则 {sha256[:12]}")
    return _parsed[sha256, on].read_as(announcement.get("readings", {}))


def text_of(session: Session, sha256: str) -> str:
    """A kept text. Raises DatabaseError where it is missing or is not what its hash says."""
    kept = session.get(PolicyText, sha256)
    if kept is None:
        raise DatabaseError(f"数据库中没有哈希为 {sha256} 的规则文本，轮次不能继续：{RESTORE}")
    if hash_of_text(kept.text) != sha256:
        raise DatabaseError(f"数据库中的规则文本与其哈希 {sha256} 不符，轮次不能继续：{RESTORE}")
    return kept.text


def newest_pin(session: Session, the_round: Round) -> PolicyPin:
    """The pin that counts. Raises DatabaseError where there is none, or another than was announced."""
    pin: PolicyPin | None = session.execute(_NEWEST, {"round_id": the_round.id}).scalar_one_or_none()
    _expect(the_round.id or 0, pin, the_round.policy_sha256)
    assert pin is not None
    return pin


def pins_of(session: Session, announced_with: Mapping[int, str]) -> dict[int, list[PolicyPin]]:
    """Every pin of rounds, in order, by round; they are named with the hash that each was announced with.

    Raises DatabaseError where a round has none, or another than was announced.
    """
    found: dict[int, list[PolicyPin]] = {round_id: [] for round_id in announced_with}
    query = select(PolicyPin).where(col(PolicyPin.round_id).in_(list(announced_with))).order_by(col(PolicyPin.id))
    for pin in session.execute(query).scalars():
        found[pin.round_id].append(pin)
    for round_id, pins in found.items():
        _expect(round_id, pins[0] if pins else None, announced_with[round_id])
    return found


def _expect(round_id: int, pin: PolicyPin | None, announced_with: str) -> None:
    if pin is None:
        raise DatabaseError(f"轮次 {round_id} 没有固定的规则，不能继续：{RESTORE}")
    if pin.pinned_by == PinnedBy.ANNOUNCEMENT and pin.sha256 != announced_with:
        differ = f"公告时记载的规则哈希 {announced_with} 与固定的 {pin.sha256} 不符"
        raise DatabaseError(f"轮次 {round_id} {differ}，不能继续：{RESTORE}")


def pin_policy(
    session: Session,
    the_round: Round,
    text: str,
    policy: Policy,
    *,
    pinned_by: PinnedBy,
    pinned_at: datetime,
    **why: Any,
) -> None:
    """Keeps a text, once, and pins a round to it from now on; `why`: further columns of the pin."""
    if session.get(PolicyText, policy.sha256) is None:
        session.add(PolicyText(sha256=policy.sha256, text=text, kept_at=pinned_at))
        session.flush()
    session.add(
        PolicyPin(
            round_id=the_round.id or 0,
            sha256=policy.sha256,
            identity=policy.identity,
            pinned_by=pinned_by.value,
            pinned_at=pinned_at,
            **why,
        )
    )
    session.flush()
