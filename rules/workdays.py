"""Working days: the State Council's schedules as facts, and what may be said of a year that has none yet.

A day is a working day if a notice makes it one (调休上班), or if it is Monday to Friday and no notice makes it off.
A year without a notice is never guessed: asking raises, and only bounds can be had (`at_best`, `at_worst`).
Days are counted inside as ordinals (`date.toordinal()`), one byte per day.
"""

from __future__ import annotations

import hashlib
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from rules.errors import DingdianError, InputError

SATURDAY = 5  # date.weekday() of the first day of the weekend
_OFF, _WORKING, _UNKNOWN = 0, 1, 2

IsWorking = Callable[[int], bool]  # the day's ordinal -> is it a working day
MonthDay = tuple[int, int]
_Table = tuple[int, bytes]  # ordinal of the first day, one state per day from there
Item = tuple[Literal["off", "working"], int]  # which entry of a schedule
OffRange = tuple[date, date, str]  # first day off, last day off (inclusive), name of the holiday


class UnpublishedYearError(DingdianError):
    """A day of a year whose schedule is not published: no answer, only bounds."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{unpublished(day.year)}，无法判断 {day} 是否工作日；公布后请用 load_workdays 录入")
        self.day = day


class ScheduleError(InputError):
    """A schedule contradicts itself; `item` names the offending entry: ("off" | "working", its index)."""

    def __init__(self, item: Item, what: str) -> None:
        super().__init__(f"{item[0]}[{item[1]}]：{what}")
        self.item, self.what = item, what


def unpublished(year: int) -> str:
    """The sentence for a year without a schedule."""
    return f"{year}年放假安排尚未公布"


@dataclass(frozen=True, slots=True)
class DayMark:
    """What a notice says of one day. `schedule`: the year whose schedule it belongs to (None: the day's own)."""

    is_working: bool
    name: str
    notice: str
    schedule: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Days of the year (inclusive, may span the turn of the year) of which a coming notice may change some.

    `at_most`: how many weekdays may be off, or weekend days working, in one season of the window.
    """

    name: str
    first: MonthDay
    last: MonthDay
    at_most: int

    def holds(self, day: MonthDay) -> bool:
        """Is this (month, day) inside?"""
        if self.first <= self.last:
            return self.first <= day <= self.last
        return day >= self.first or day <= self.last

    def season(self, day: date) -> int:
        """The year the window's holiday belongs to: December days of a window that spans the turn count ahead."""
        return day.year + (self.first > self.last and (day.month, day.day) >= self.first)


@dataclass(frozen=True)
class BoundsRule:
    """How far a year without a notice may depart from the plain week.

    `off`: where weekdays may be off; `makeup`: where weekend days may be working. Windows of one kind do not overlap.
    `fixed`: days that the law itself makes holidays, every year on the same date.
    """

    off: tuple[Window, ...] = ()
    makeup: tuple[Window, ...] = ()
    fixed: tuple[MonthDay, ...] = ()

    def is_fixed(self, day: date) -> bool:
        """Is the day off in every year?"""
        return (day.month, day.day) in self.fixed

    def off_window(self, day: date) -> Window | None:
        """The window in which this weekday may be off, if any."""
        return self._by_day[0].get((day.month, day.day))

    def makeup_window(self, day: date) -> Window | None:
        """The window in which this weekend day may be working, if any."""
        return self._by_day[1].get((day.month, day.day))

    @cached_property
    def _by_day(self) -> tuple[dict[MonthDay, Window], dict[MonthDay, Window]]:
        leap = [date(2000, 1, 1) + timedelta(n) for n in range(366)]
        off, makeup = (
            {(day.month, day.day): window for day in leap for window in kind if window.holds((day.month, day.day))}
            for kind in (self.off, self.makeup)
        )
        return off, makeup


@dataclass(frozen=True)
class Workdays:
    """Published schedules: marked days, and for each published year its notice number.

    `bounds` serves years without a notice. Instances are values: `with_year` gives a new one.
    """

    marks: Mapping[date, DayMark]
    years: Mapping[int, str]
    bounds: BoundsRule = BoundsRule()

    def is_published(self, day: date) -> bool:
        """Has the day's year a notice?"""
        return day.year in self.years

    def is_working(self, day: date) -> bool:
        """Is it a working day? Raises UnpublishedYearError for a year without a notice."""
        return self.works(day.toordinal())

    def works(self, ordinal: int) -> bool:
        """`is_working` by `date.toordinal()`, for loops over many days."""
        state = _look(self._table, ordinal)
        if state == _UNKNOWN:
            raise UnpublishedYearError(date.fromordinal(ordinal))
        return state == _WORKING

    def why(self, day: date) -> str:
        """Why the day is or is not a working day, in Chinese, with the notice that makes it so."""
        mark = self.marks.get(day)
        if mark is not None:
            return f"调休上班（{mark.notice}）" if mark.is_working else f"{mark.name}放假（{mark.notice}）"
        if not self.is_published(day):
            return unpublished(day.year)
        return "周末" if day.weekday() >= SATURDAY else "工作日"

    @cached_property
    def version(self) -> str:
        """SHA-256 (hex) over years, marks and bounds: equal data, equal version."""
        lines = [f"{year} {notice}" for year, notice in sorted(self.years.items())]
        lines += [
            f"{day} {mark.is_working:d} {mark.name} {mark.notice} {mark.schedule or day.year}"
            for day, mark in sorted(self.marks.items())
        ]
        lines.append(repr(self.bounds))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def with_year(self, year: int, notice: str, off: Iterable[tuple[date, date]], working: Iterable[date]) -> Workdays:
        """These schedules with `year`'s newly published, or replaced by its amended, whole schedule.

        Every day the year's former schedule marked is forgotten first, December of the year before included.
        Raises ScheduleError (the entry, what is wrong with it).
        """
        kept = {day: mark for day, mark in self.marks.items() if (mark.schedule or day.year) != year}
        fresh = schedule_marks(year, notice, [(first, last, "") for first, last in off], working, kept)
        return replace(self, marks={**kept, **fresh}, years={**self.years, year: notice})

    def at_best(self) -> IsWorking:
        """A one-way reader for the earliest possible end: only fixed holidays off, make-up days at once.

        Asked day by day in order, it never counts fewer working days than the schedules to come will.
        """
        used: dict[tuple[str, int], int] = {}

        def works(ordinal: int) -> bool:
            state = _look(self._settled, ordinal)
            if state != _UNKNOWN:
                return state == _WORKING
            day = date.fromordinal(ordinal)
            is_weekday = day.weekday() < SATURDAY
            return not self.bounds.is_fixed(day) and (is_weekday or _take(used, self.bounds.makeup_window(day), day))

        return works

    def at_worst(self) -> IsWorking:
        """The counterpart for the latest possible end: no make-up day, days off as early as allowed."""
        used: dict[tuple[str, int], int] = {}

        def works(ordinal: int) -> bool:
            state = _look(self._settled, ordinal)
            if state != _UNKNOWN:
                return state == _WORKING
            day = date.fromordinal(ordinal)
            is_off = _take(used, self.bounds.off_window(day), day) if day.weekday() < SATURDAY else True
            return not (is_off or self.bounds.is_fixed(day))

        return works

    @cached_property
    def _table(self) -> _Table:
        """The state of each day from the first published year to the last."""
        if not self.years:
            return 1, b""
        first, last = date(min(self.years), 1, 1).toordinal(), date(max(self.years), 12, 31).toordinal()
        return first, bytes(self._state(date.fromordinal(ordinal)) for ordinal in range(first, last + 1))

    @cached_property
    def _settled(self) -> _Table:
        """The same, less the days of late December that next year's schedule, not yet published, may still move."""
        first, table = self._table
        days = bytearray(table)
        for year in self.years:
            for ordinal in range(date(year, 12, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
                if self._may_move(date.fromordinal(ordinal)):
                    days[ordinal - first] = _UNKNOWN
        return first, bytes(days)

    def _may_move(self, day: date) -> bool:
        is_weekday = day.weekday() < SATURDAY
        window = self.bounds.off_window(day) if is_weekday else self.bounds.makeup_window(day)
        return window is not None and window.season(day) not in self.years and day not in self.marks

    def _state(self, day: date) -> int:
        if day.year not in self.years:
            return _UNKNOWN
        mark = self.marks.get(day)
        is_working = mark.is_working if mark else day.weekday() < SATURDAY
        return _WORKING if is_working else _OFF


def _look(table: _Table, ordinal: int) -> int:
    first, states = table
    index = ordinal - first
    return states[index] if 0 <= index < len(states) else _UNKNOWN


def _take(used: dict[tuple[str, int], int], window: Window | None, day: date) -> bool:
    """Takes one day from the window's allowance of this season; False outside any window and when it is used up."""
    if window is None:
        return False
    key = (window.name, window.season(day))
    taken = used.get(key, 0)
    used[key] = min(taken + 1, window.at_most)
    return taken < window.at_most


def schedule_marks(
    year: int,
    notice: str,
    off: Iterable[OffRange],
    working: Iterable[date],
    known: Mapping[date, DayMark] | None = None,
) -> dict[date, DayMark]:
    """The days one notice marks for `year`; they may fall into the year itself or the December before it.

    Raises ScheduleError for a range that ends before it starts, a day outside these months, a day named twice here
    or already in `known` (the days of other notices), or a make-up day that is Monday to Friday.
    """
    marks: dict[date, DayMark] = {}
    taken = ChainMap(marks, dict(known or {}))
    for index, (first, last, name) in enumerate(off):
        if last < first:
            raise ScheduleError(("off", index), f"放假末日 {last} 早于首日 {first}")
        for offset in range((last - first).days + 1):
            day = first + timedelta(offset)
            _refuse(day, year, taken, ("off", index))
            marks[day] = DayMark(False, name, notice, year)
    for index, day in enumerate(working):
        _refuse(day, year, taken, ("working", index))
        if day.weekday() < SATURDAY:
            raise ScheduleError(("working", index), f"{day} 是周一至周五，本就上班，不是调休上班日")
        marks[day] = DayMark(True, "", notice, year)
    return marks


def _refuse(day: date, year: int, taken: Mapping[date, DayMark], item: Item) -> None:
    if day.year != year and (day.year, day.month) != (year - 1, 12):
        raise ScheduleError(item, f"{day} 不在 {year} 年及其前一个 12 月之内")
    if day in taken:
        stands = "上班" if taken[day].is_working else "放假"
        raise ScheduleError(item, f"{day} 已由 {taken[day].notice} 定为{stands}，重复或矛盾")
