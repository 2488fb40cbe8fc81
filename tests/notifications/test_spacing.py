"""The spacing of short messages counts from the last one to the number, not from the first of the day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.sending_windows import next_by_number
from rules.localtime import ZONE

FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
SECOND = FIRST + timedelta(minutes=30)


@pytest.mark.parametrize(("seconds", "waits"), [(0, True), (59, True), (60, False), (61, False)])
def test_two_were_sent_and_the_second_counts(seconds: int, waits: bool) -> None:
    expected = SECOND + timedelta(seconds=60) if waits else None
    assert next_by_number([FIRST, SECOND], SECOND + timedelta(seconds=seconds)) == expected
