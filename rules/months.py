"""Months as texts (`2026-03`): their shape, their days, what comes before and after."""

from __future__ import annotations

import re
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
OURS = r"20[0-9]{2}-(0[1-9]|1[0-2])"  # one in which anything can have happened here: what forms and files take


def first_day(month: str) -> date:
    """The first day of a month written 2026-03. Raises ValueError for anything else."""
    if not MONTH.fullmatch(month):
        raise ValueError(f"“{month}”不是月份，应如 2026-03")
    return date.fromisoformat(f"{month}-01")


def last_day(month: str) -> date:
    """The last day of a month."""
    return first_day(month_after(month, 1)) - ONE_DAY


def days_of(month: str) -> list[date]:
    """Every day of a month."""
    first = first_day(month)
    return [first.replace(day=number) for number in range(1, last_day(month).day + 1)]


def month_of(day: date) -> str:
    """The month of a day."""
    return f"{day.year:04}-{day.month:02}"


def month_after(month: str, months: int) -> str:
    """The month so many months later, or earlier with a negative number."""
    year, number = (int(part) for part in month.split("-"))
    years, left = divmod(number - 1 + months, 12)
    return f"{year + years:04}-{left + 1:02}"


def months_up_to(month: str, count: int) -> list[str]:
    """So many months that end with one, in order."""
    return [month_after(month, back - count + 1) for back in range(count)]
