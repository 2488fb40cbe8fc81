"""Days in words, instants to the minute and text on one line, the same in notices, letters, documents and pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime

from rules.localtime import ZONE
from rules.texts import cleaned, holdable

WEEKDAYS = "一二三四五六日"
LAST_COMMON = 0xFFFF  # the characters that usual fonts have stand on the first plane of Unicode


def cn_date(day: date) -> str:
    """2026年1月5日: no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def cn_day(day: date) -> str:
    """2026年1月5日（星期一）."""
    return f"{cn_date(day)}（{weekday(day)}）"


def cn_month(month: str) -> str:
    """2026年3月, of `2026-03`."""
    year, number = month.split("-")
    return f"{year}年{int(number)}月"


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


def code_point_of(character: str) -> str:
    """`〔U+2B740〕`."""
    return f"〔U+{ord(character):04X}〕"


def rare_characters(texts: Iterable[str]) -> tuple[str, ...]:
    """The characters that a reader's device may have no font for: beyond the first plane, or for private use; each
    once, in order. Which fonts a reader has nobody knows, so this does not ask for ours."""
    found = (one for text in texts for one in text if ord(one) > LAST_COMMON or unicodedata.category(one) == "Co")
    return tuple(dict.fromkeys(found))


def rare_told(texts: Iterable[str]) -> str:
    """What a page says of its rare characters, with the code of each; empty where there are none."""
    codes = "、".join(one + code_point_of(one) for one in rare_characters(texts))
    return f"名单中的生僻字：{codes}；没有相应字体的设备可能显示为空框，以所注字码为准。" if codes else ""
