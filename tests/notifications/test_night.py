"""What goes out at night (by e-mail what would come after its own due day, by short message nothing), what first."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from mailparts import Outbox
from sqlalchemy import update

from models.database import transaction
from notifications.outbox import N, claim
from notifications.retry_policy import PACE
from rules.localtime import ZONE
from rules.vocabulary import Channel

EVENING = datetime(2026, 3, 2, 21, 0, tzinfo=ZONE)
BEFORE_DAWN = datetime(2026, 3, 3, 1, 0, tzinfo=ZONE)
TODAY = date(2026, 3, 2)


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SMS])
@pytest.mark.parametrize(
    ("at", "days", "goes"),
    [
        *((EVENING, -1, False), (EVENING, 0, True), (EVENING, 1, False)),
        *((BEFORE_DAWN, 0, False), (BEFORE_DAWN, 1, False)),
    ],
)
def test_at_night_only_what_is_due_before_the_morning(
    outbox: Outbox, channel: Channel, at: datetime, days: int, goes: bool
) -> None:
    number = outbox.owe()
    with transaction(outbox.url) as session:
        due = {"due_on": TODAY + timedelta(days=days), "channel": channel, "next_at": at}
        session.execute(update(N).where(N.c.id == number).values(**due))
    claimed = claim(outbox.url, channel, "night", at, PACE, 10)
    assert [held.id for held in claimed] == ([number] if goes and channel is Channel.EMAIL else [])


@pytest.mark.parametrize(("days", "first"), [(3, "near"), (4, "urgent")])
def test_what_is_due_within_days_goes_before_what_is_more_important(outbox: Outbox, days: int, first: str) -> None:
    noon = datetime(2026, 3, 2, 12, 0, tzinfo=ZONE)
    numbers = {"urgent": outbox.owe(), "near": outbox.owe("h02@example.cn")}
    rank = {"urgent": (1, None), "near": (4, TODAY + timedelta(days=days))}
    with transaction(outbox.url) as session:
        for name, (priority, due_on) in rank.items():
            values = {"priority": priority, "due_on": due_on, "next_at": noon}
            session.execute(update(N).where(N.c.id == numbers[name]).values(**values))
    [held] = claim(outbox.url, Channel.EMAIL, "noon", noon, PACE, 1)
    assert held.id == numbers[first]
