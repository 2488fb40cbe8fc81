"""Times of day and instants as people write them: `24:00`, `下午5点30分`, `17时半`; one answer for forms and files.

24:00 is the end of its day, so it is the last moment inside (民法典203(2)).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time

from rules.localtime import ZONE

LAST_MOMENT = time.max.replace(microsecond=0)
MIDNIGHT, NOON = 24, 12
NO_CLOCK = "不是时间，应如 09:00、16:30 或 24:00（当日终了；北京时间）"
DIGITS = {one: value for value, one in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
NUMERAL = re.compile(r"[零〇一二三四五六七八九十两]+")
PARTS = "凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚|夜间|am|pm"
CLOCK = re.compile(
    rf"(?P<part>{PARTS})?(?P<hour>\d{{1,2}})"
    r"(?:[:.](?P<minute>\d{1,2})(?:[:.](?P<second>\d{1,2}))?|[时点](?:整|钟|(?P<half>半)|(?P<quarter>[13])刻|"
    r"(?P<minutes>\d{1,2})(?:分(?:(?P<seconds>\d{1,2})秒)?)?)?)?(?P<after>am|pm)?"
)
BEFORE_NOON = ("凌晨", "清晨", "早上", "早晨", "上午", "am")
NOONTIME = "中午"
NIGHT = ("晚上", "晚", "夜间")
DAY = re.compile(r"(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?")
ISO_END = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]24(:?00(:?00(\.0+)?)?)?(Z|[+-]\d{2}:?\d{2})?")


def clock_of(text: str) -> time | None:
    """The time of day that a person wrote; None for what is none or could be two."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).lower()
    plain = "".join(one for one in plain if unicodedata.category(one) != "Cf").removesuffix("前").removesuffix("止")
    found = CLOCK.fullmatch(NUMERAL.sub(_figures, plain))
    if found is None or (found["hour"] == plain) or (found["part"] and found["after"]):
        return None
    hour = _hour(int(found["hour"]), found["part"] or found["after"] or "")
    minute = _minute(found)
    second = int(found["second"] or found["seconds"] or 0)
    if hour == MIDNIGHT:
        return LAST_MOMENT if (minute, second) == (0, 0) else None
    try:
        return None if hour is None else time(hour, minute, second)
    except ValueError:
        return None


def _figures(found: re.Match[str]) -> str:
    """二十三 as 23."""
    tens, ten, ones = found[0].rpartition("十")
    if not ten:
        return "".join(str(DIGITS[one]) for one in ones)
    return f"{DIGITS.get(tens, 1)}{DIGITS.get(ones, 0)}"


def _hour(hour: int, part: str) -> int | None:
    """The hour of the day; None where the part of the day does not fit it."""
    if not part:
        return hour
    if part in BEFORE_NOON:
        return hour if hour < NOON else None
    if part in NIGHT and hour == NOON:
        return MIDNIGHT
    if part == NOONTIME and hour < NOON:
        return hour + NOON if 0 < hour <= 2 else hour if hour == NOON - 1 else None
    return hour + NOON if 0 < hour < NOON else hour or None


def _minute(found: re.Match[str]) -> int:
    if found["half"]:
        return 30
    if found["quarter"]:
        return 15 * int(found["quarter"])
    return int(found["minute"] or found["minutes"] or 0)


def day_of(text: str) -> date | None:
    """The day that a person wrote: `2026-03-05`, `2026.3.5` or `2026年3月5日`; None for what is none."""
    found = DAY.fullmatch("".join(unicodedata.normalize("NFKC", text).split()))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def instant_of(text: str, *, may_lack_offset: bool = False) -> datetime:
    """An instant: ISO 8601 with an offset, where 24:00 is the end of its day, or a day and a time of day as people
    write them, which are Beijing's. Raises ValueError with a sentence."""
    ended = ISO_END.fullmatch(text.strip())
    iso = f"{ended[1]}T{LAST_MOMENT}{ended[5] or ''}" if ended else text.strip()
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return _as_people_write(text)
    if at.tzinfo is None and may_lack_offset:
        return at.replace(tzinfo=ZONE)
    if at.tzinfo is None:
        raise ValueError(f"须带时区偏移，如 2026-03-02T08:30:00+08:00；现为“{text}”")
    return at


def _as_people_write(text: str) -> datetime:
    plain = unicodedata.normalize("NFKC", text).strip()
    day = DAY.match(plain)
    clock = clock_of(plain[day.end() :].removeprefix("T")) if day else None
    try:
        if day and clock:
            return datetime.combine(date(*map(int, day.groups())), clock, ZONE)
    except ValueError:
        pass
    raise ValueError(f"“{text}”不是时间，应如 2026-03-02T08:30:00+08:00，或 2026年3月2日17时30分（北京时间）")
