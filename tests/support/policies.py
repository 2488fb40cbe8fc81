"""Rounds that run on another text of the rules than they were announced with: what another county's file would say."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select

from models import Round
from models.database import transaction
from models.pinned import pin_policy
from policies.loader import PROCEDURE, parse_policy
from rules.vocabulary import PinnedBy


def pin_text(url: str, text: str) -> None:
    """Pins every round of a database to a text, without the act that would do it in earnest."""
    policy, at = parse_policy(text, date.max, PROCEDURE), datetime(2025, 1, 1, tzinfo=UTC)
    why = {"pinned_by": PinnedBy.ADOPTION, "pinned_at": at, "reason": "测试"}
    with transaction(url) as session:
        for one in session.execute(select(Round)).scalars():
            pin_policy(session, one, text, policy, **why)
