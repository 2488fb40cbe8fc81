"""The rules that a round runs on, since when and why; and what today's file says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import select
from sqlmodel import Session, col

from models import Round
from models.pinned import newest_pin, text_of
from policies.difference import Difference, differences
from policies.loader import hash_of_content, newest_text
from rules.localtime import local_day
from rules.vocabulary import PinnedBy
from tasks.case_loading import round_numbered


@dataclass(frozen=True, slots=True)
class RulesView:
    """The rules of one round. `announced_with`: the hash that it stored at its announcement; `is_as_announced`: whether
    the text is what that hash says (False for a round of before that was pinned to another)."""

    round_id: int
    name: str
    procedure: str
    sha256: str
    pinned_by: PinnedBy
    pinned_at: datetime
    reason: str
    announced_with: str
    is_as_announced: bool
    difference: Sequence[Difference]

    @property
    def sentence(self) -> str:
        """Which rules, since when, how they came to be pinned."""
        told = f"规则 {self.procedure}（{self.sha256[:12]}），{local_day(self.pinned_at)} {self.pinned_by.label}"
        if self.reason:
            told += f"，理由：{self.reason}"
        if self.pinned_by is PinnedBy.UPGRADE and not self.is_as_announced:
            told += f"；公告时记载的规则哈希为 {self.announced_with}，与升级时固定的不同，公告时的文本未曾留存"
        return told


def rules_of(session: Session, round_id: int | None = None) -> list[RulesView]:
    """The rules of one round, or of every round, the newest first. Raises RefusedError where there is no such round."""
    if round_id:
        return [_view(session, round_numbered(session, round_id))]
    return [_view(session, one) for one in session.execute(select(Round).order_by(col(Round.id).desc())).scalars()]


def _view(session: Session, the_round: Round) -> RulesView:
    pin = newest_pin(session, the_round)
    text, on = text_of(session, pin.sha256), date.fromisoformat(the_round.announcement["published_on"])
    return RulesView(
        round_id=the_round.id or 0,
        name=the_round.name,
        procedure=pin.identity,
        sha256=pin.sha256,
        pinned_by=PinnedBy(pin.pinned_by),
        pinned_at=pin.pinned_at,
        reason=pin.reason,
        announced_with=the_round.policy_sha256,
        is_as_announced=the_round.policy_sha256 == pin.sha256 or the_round.policy_sha256 == hash_of_content(text),
        difference=_difference(text, newest_text(), on),
    )


@lru_cache
def _difference(old: str, new: str, on: date) -> tuple[Difference, ...]:
    """Worked out once for two texts: the board asks at every look."""
    return () if old == new else tuple(differences(old, new, on))


def rules_words(session: Session, round_id: int) -> str:
    """The rules of a round in a sentence, with what waits to be adopted."""
    [view] = rules_of(session, round_id)
    more = f"；今日的规则文件有 {len(view.difference)} 处不同，本轮不受影响（采用须办“24 采用新规则”）"
    return view.sentence + (more if view.difference else "")
