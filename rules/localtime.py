"""The one place that knows where the county is: legal days are days of Beijing time (民法典 201-203)."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def local_day(at: datetime) -> date:
    """The Beijing calendar day of an aware instant."""
    return at.astimezone(ZONE).date()


def local_time(at: datetime) -> time:
    """The Beijing time of day of an aware instant."""
    return at.astimezone(ZONE).time()
