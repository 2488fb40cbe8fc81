"""The holidays that the law gives every year (全国年节及纪念日放假办法 第二条), and those that a schedule leaves out.

A schedule may add days around them; one that does not make every one of them a day off is no schedule of the year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rules.errors import InputError
from rules.workdays import SATURDAY, MonthDay


@dataclass(frozen=True, slots=True)
class Holiday:
    """A statutory holiday of one year: its days off, and the window of `BoundsRule` that it belongs to."""

    name: str
    window: str
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class HolidayRule:
    """How a holiday falls: days as offsets from its base day, each list from the day on which it took effect.

    `on`: the base day where it is one of the solar calendar; otherwise `Statutory.dates` names it for each year.
    """

    name: str
    window: str
    on: MonthDay | None
    values: tuple[tuple[date, tuple[int, ...]], ...]

    def offsets(self, year: int) -> tuple[int, ...]:
        """The days as in force at the beginning of a year; none where the holiday did not exist yet."""
        in_force = [days for since, days in self.values if since <= date(year, 1, 1)]
        return in_force[-1] if in_force else ()


@dataclass(frozen=True, slots=True)
class Statutory:
    """The holidays as the law had them, with the base days that follow from the lunar calendar and the solar terms."""

    source: str
    clause: str
    rules: tuple[HolidayRule, ...]
    dates: Mapping[int, Mapping[str, date]]

    def holidays_of(self, year: int) -> tuple[Holiday, ...]:
        """The statutory holidays of a year. Raises InputError where the base days of the year are not on record."""
        if year not in self.dates:
            known = f"{min(self.dates)} 至 {max(self.dates)} 年"
            raise InputError(f"{year} 年各节日的日期尚未收录（现有 {known}），无法核对放假安排：请先补入节日日期")
        return tuple(self._holiday(rule, year) for rule in self.rules if rule.offsets(year))

    def _holiday(self, rule: HolidayRule, year: int) -> Holiday:
        base = date(year, *rule.on) if rule.on else self.dates[year][rule.name]
        return Holiday(rule.name, rule.window, tuple(base + timedelta(n) for n in rule.offsets(year)))


def left_out(holidays: Iterable[Holiday], off: frozenset[date], working: frozenset[date]) -> tuple[Holiday, ...]:
    """The holidays of which a day would not be off. A day on a weekend is off unless it is made to work, but a holiday
    of which no day is named at all is left out."""

    def is_off(day: date) -> bool:
        return day in off or (day.weekday() >= SATURDAY and day not in working)

    return tuple(one for one in holidays if not (all(map(is_off, one.days)) and _is_named(one, off)))


def _is_named(holiday: Holiday, off: frozenset[date]) -> bool:
    """Is a day of the holiday, or a day off in lieu beside it, in the schedule?"""
    first, last = min(holiday.days), max(holiday.days)
    around = (first - timedelta(1), *holiday.days, *(last + timedelta(n) for n in (1, 2)))
    return any(day in off for day in around)


def spoken(holidays: Iterable[Holiday]) -> str:
    """Holidays with their days, for people: `春节（2月16日至19日）`."""
    return "、".join(f"{one.name}（{_days(one.days)}）" for one in holidays)


def _days(days: tuple[date, ...]) -> str:
    first, last = min(days), max(days)
    if first == last:
        return f"{first.month}月{first.day}日"
    until = f"{last.day}日" if first.month == last.month else f"{last.month}月{last.day}日"
    return f"{first.month}月{first.day}日至{until}"
