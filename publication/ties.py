"""Equal scores that were drawn (公告; A7-21), shown once the notice of results stands: numbers of applications only,
neither names nor scores, with every value, so that anybody can recompute them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Notice, Round
from rules.draw import draw
from rules.errors import DatabaseError
from rules.vocabulary import ApplicantType, NoticeKind


@dataclass(frozen=True, slots=True)
class TieView:
    """A draw among equals: their type, the first place at stake, whether the quota line runs between them, the key,
    who was numbered how, what decided each pick, and the order that came of it."""

    type: str
    place: int
    is_at_quota: bool
    key: str
    numbered: Sequence[str]
    digests: Sequence[str]
    order: Sequence[str]


def ties_of(session: Session, round_id: int) -> list[TieView]:
    """The ties of a round; none before its notice of results has begun.

    Raises DatabaseError for an order that the key does not give.
    """
    the_round = session.get(Round, round_id)
    started = col(Notice.kind) == NoticeKind.EVALUATION_RESULT, col(Notice.starts_on).is_not(None)
    begun = session.execute(select(col(Notice.id)).where(col(Notice.round_id) == round_id, *started).limit(1)).first()
    if the_round is None or begun is None:
        return []
    return [
        _tie(the_round.announcement["quota"], ApplicantType(type_), key, order)
        for type_, ranking in the_round.ranking.items()
        for key, order in ranking["tie_draws"].items()
    ]


def _tie(quota: Mapping[str, Any], type_: ApplicantType, key: str, order: Sequence[str]) -> TieView:
    numbered = sorted(order)
    again = draw(key, len(numbered), len(numbered))
    if [numbered[number - 1] for number in again.picks] != list(order):
        raise DatabaseError(f"同分抽取（种子串 {key}）的顺序与重算不符，网页不予生成：请先核对数据库是否被改动")
    place = int(key.rstrip("./").rpartition("/")[2])
    at_quota = place <= quota[type_.value] < place + len(order) - 1
    return TieView(type_.label, place, at_quota, key, numbered, again.digests, order)
