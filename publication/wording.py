"""Days, instants and other texts as the pages print them."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from urllib.parse import urlsplit

from rules.localtime import local_day, local_time

WEEKDAYS = "一二三四五六日"
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, invisible and direction marks, lone surrogates, line separators
EFFECTS = {
    "start": "起算",
    "counted": "计入",
    "skipped": "不计",
    "suspended": "中止",
    "rolled": "顺延",
    "due": "届满",
    "unknown": "未定",
}


def cn_date(day: date) -> str:
    """2026年1月5日: no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def cn_day(day: date) -> str:
    """2026年1月5日（星期一）."""
    return f"{cn_date(day)}（{weekday(day)}）"


def weekday(day: date) -> str:
    """星期一."""
    return f"星期{WEEKDAYS[day.weekday()]}"


def cn_instant(at: datetime) -> str:
    """2026年1月5日 09:00, Beijing time."""
    return f"{cn_date(local_day(at))} {local_time(at):%H:%M}"


def cn_clause(clause: str) -> str:
    """五(二) as a page prints it: 五（二）."""
    return clause.replace("(", "（").replace(")", "）")


def plain(value: object) -> object:
    """Text on one line, without characters that nobody sees but that turn or hide what others read."""
    if type(value) is not str:  # a piece of finished markup is a str too, and stays as it is
        return value
    visible = "".join(" " if unicodedata.category(character) in HIDDEN else character for character in value)
    return " ".join(visible.split())


def is_web_address(text: str) -> bool:
    """May the text become a link? Only http and https; anything else stays text."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
