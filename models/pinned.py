"""The policy of a round: the text that it was announced with, or has adopted since, as it reads on the day of the
announcement, with the round's own readings. Nobody loads the policy of a round in another way.

A text is read from the database and parsed once per process, hash and day: it never changes under its hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.policy import PolicyPin, PolicyText
from models.round import Round
from policies.loader import hash_of_text, parse_policy
from rules.errors import DatabaseError
from rules.policy import Policy
from rules.vocabulary import PinnedBy

RESTORE = "请保护现场，核对数据库是否被改动（dingdian audit verify），必要时恢复备份"
_parsed: dict[tuple[str, date], Policy] = {}


def policy_of(session: Session, the_round: Round) -> Policy:
    """The policy that a round runs on. Raises DatabaseError where its text is not what was pinned."""
    round_id = the_round.id or 0
    return policies_of(session, [(round_id, the_round.policy_sha256, the_round.announcement)])[round_id]


def policies_of(session: Session, rounds: Iterable[tuple[int, str, Mapping[str, Any]]]) -> dict[int, Policy]:
    """The policies that rounds run on, by round; of each its number, the hash that its row keeps, its announcement."""
    told = {round_id: (kept, said) for round_id, kept, said in rounds}
    pins = newest_pins(session, told)
    for round_id, (kept, _) in told.items():
        expect_pin(round_id, pins.get(round_id), kept)
    return {round_id: pinned_policy(session, pins[round_id].sha256, said) for round_id, (_, said) in told.items()}


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


def newest_pins(session: Session, round_ids: Iterable[int]) -> dict[int, PolicyPin]:
    """The pin that counts, by round."""
    newest = select(func.max(col(PolicyPin.id))).where(col(PolicyPin.round_id).in_(list(round_ids)))
    pins = session.execute(select(PolicyPin).where(col(PolicyPin.id).in_(newest.group_by(col(PolicyPin.round_id)))))
    return {pin.round_id: pin for pin in pins.scalars()}


def pins_of(session: Session, round_id: int) -> list[PolicyPin]:
    """Every pin of a round, in order."""
    query = select(PolicyPin).where(col(PolicyPin.round_id) == round_id).order_by(col(PolicyPin.id))
    return list(session.execute(query).scalars())


def pin_at(pins: Iterable[PolicyPin], at: datetime) -> PolicyPin:
    """The pin that counted at an instant: what was told then is explained by it. Before the first, the first."""
    first, *rest = pins
    return next((pin for pin in reversed(rest) if pin.pinned_at <= at), first)


def expect_pin(round_id: int, pin: PolicyPin | None, kept: str) -> None:
    """Raises DatabaseError for a round without pinned rules, or one announced with another text than is pinned."""
    if pin is None:
        raise DatabaseError(f"轮次 {round_id} 没有固定的规则，不能继续：{RESTORE}")
    if pin.pinned_by == PinnedBy.ANNOUNCEMENT and pin.sha256 != kept:
        raise DatabaseError(
            f"轮次 {round_id} 公告时记载的规则哈希 {kept} 与固定的 {pin.sha256} 不符，不能继续：{RESTORE}"
        )


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
