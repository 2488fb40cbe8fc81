"""Days in words, instants to the minute and text on one line, the same in notices, letters, documents and pages."""

from __future__ import annotations

from datetime import date, datetime

from rules.localtime import ZONE
from rules.texts import cleaned, holdable

WEEKDAYS = "一二三四五六日"


def cn_date(day: date) -> str:
    """2026年1月5日: no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def cn_day(day: date) -> str:
    """2026年1月5日（星期一）."""
    return f"{cn_date(day)}（{weekday(day)}）"


def weekday(day: date) -> str:
    """星期一."""
    return f"星期{WEEKDAYS[day.weekday()]}"


def season(year: int, batch: int = 1) -> str:
    """2026年度, 2026年度第2批: what a county's round is called after. The first batch goes without: nobody knows
    yet whether there will be another."""
    return f"{year}年度" + (f"第{batch}批" if batch > 1 else "")


def minute(at: datetime) -> str:
    """2026-01-05 09:00, Beijing time: what the page standard of government sites asks for, and every list shows."""
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"


def on_one_line(text: str) -> str:
    """Text without line ends, and without characters that nobody sees but that turn or hide what others read."""
    return cleaned(holdable(text))
