"""The digest of the morning: one message a day to each who is told by himself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import Notification
from models.database import transaction
from rules.localtime import local_day
from tasks.addressing import running_rounds
from tasks.outbox_rows import owe_to_person

EVENT = "morning_digest"


def owe_morning(url: str, found: Mapping[str, Mapping[str, Any]], at: datetime) -> int:
    """Owes what waits for each, by his number; what was owed today is not owed again. Without a round under way
    nothing waits for anybody. Says how many are new."""
    with transaction(url) as session:
        rounds = running_rounds(session, at)[-1:]
        keys = {f"morning:{number}:{local_day(at)}": number for number in found}
        query = select(col(Notification.dedupe_key)).where(col(Notification.dedupe_key).in_(list(keys)))
        new = sorted(keys.keys() - set(session.execute(query).scalars())) if rounds else []
        for key in new:
            owe_to_person(session, rounds[0], EVENT, dict(found[keys[key]]), at, key, keys[key])
        return len(new)
