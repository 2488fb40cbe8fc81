"""What a schedule that is entered means: a whole year, an amendment of a year that is known, or a region's own days.

It is decided here and nowhere else (`reads_as`). A whole year names every statutory holiday and replaces what was known
of the year. Anything less, for a year that is known, changes only what it names: a holiday that it states anew is
replaced, days beside one are added, the rest of the year stays. A region's notice adds days and takes none. A year
that is not known is known only by a whole schedule. Every day keeps the number of the notice that makes it so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum

from rules.errors import InputError
from rules.statutory import Holiday, Statutory, left_out, spoken
from rules.workdays import SATURDAY, DayMark, OffRange, Workdays, schedule_marks

STATE_COUNCIL = re.compile(r"国办|国发|国务院")  # how the number, or the title, of a national notice begins
REGIONAL = "地方规定的节日"
ONE_DAY = timedelta(days=1)

Marks = dict[date, DayMark]


class ScheduleKind(Enum):
    """What a schedule says of its year."""

    WHOLE = "全年安排"
    AMENDMENT = "调整通知"
    REGIONAL = "地方节假日"


class IncompleteScheduleError(InputError):
    """A schedule that would leave a statutory holiday without its days, or cannot be understood without guessing."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A notice as it was entered: ranges of days off (inclusive), make-up working days."""

    year: int
    notice: str
    off: tuple[tuple[date, date], ...]
    working: tuple[date, ...]

    @property
    def days_off(self) -> frozenset[date]:
        """Every day of the ranges."""
        return frozenset(first + ONE_DAY * n for first, last in self.off for n in range((last - first).days + 1))

    @property
    def is_national(self) -> bool:
        """Does the number say that the State Council made it?"""
        return STATE_COUNCIL.search(self.notice) is not None


def reads_as(schedule: Schedule, known: Workdays, statutory: Statutory) -> ScheduleKind:
    """What the schedule is. A regional number with a whole year is that year's schedule only while none is known."""
    is_known = schedule.year in known.years
    if is_known and not schedule.is_national:
        return ScheduleKind.REGIONAL
    return ScheduleKind.AMENDMENT if is_known and _left_out(schedule, statutory) else ScheduleKind.WHOLE


def _left_out(schedule: Schedule, statutory: Statutory) -> tuple[Holiday, ...]:
    holidays = statutory.holidays_of(schedule.year)
    return left_out(holidays, schedule.days_off, frozenset(schedule.working))


def expect_acceptable(schedule: Schedule, known: Workdays, statutory: Statutory) -> ScheduleKind:
    """What a schedule is that is entered now.

    Raises IncompleteScheduleError for one that is empty, that is the first of its year and leaves holidays out, that
    makes people work on a statutory holiday, or that would undo a later notice; ScheduleError for one that
    contradicts itself.
    """
    schedule_marks(schedule.year, schedule.notice, [(*days, "") for days in schedule.off], schedule.working)
    year, missing = schedule.year, _left_out(schedule, statutory)
    kind = reads_as(schedule, known, statutory)
    law = f"{statutory.source}{statutory.clause}"
    if missing and not (schedule.off or schedule.working):
        raise IncompleteScheduleError(f"没有列出任何日期，{year} 年的{spoken(missing)}均未列出（{law}）")
    if missing and kind is ScheduleKind.WHOLE:
        raise IncompleteScheduleError(
            f"{year} 年尚无放假安排，首次录入须为全年安排，缺少{spoken(missing)}（{law}）；"
            "只调整个别节日的通知，须先录入全年安排"
        )
    _expect_not_overtaken(schedule, known, kind)
    _expect_beside_the_national(schedule, known, kind)
    after = _understood(known, schedule, kind, statutory)
    if worked := left_out(statutory.holidays_of(year), *_days_of(after, year)):
        raise IncompleteScheduleError(f"按此录入，{spoken(worked)}将不再全部放假（{law}）")
    return kind


def _expect_not_overtaken(schedule: Schedule, known: Workdays, kind: ScheduleKind) -> None:
    """A whole schedule that was entered before, and amended since, would take the amendment back."""
    notices = [one for one in known.years.get(schedule.year, "").split("、") if STATE_COUNCIL.search(one)]
    if kind is ScheduleKind.WHOLE and schedule.notice in notices[:-1]:
        later = "、".join(notices[notices.index(schedule.notice) + 1 :])
        raise IncompleteScheduleError(f"{schedule.notice} 已经录入，其后又有 {later} 调整，重新录入会使调整失效")


def _expect_beside_the_national(schedule: Schedule, known: Workdays, kind: ScheduleKind) -> None:
    """A region gives days off; it makes nobody work on a day that the State Council makes off."""
    marks = known.marks if kind is ScheduleKind.REGIONAL else {}
    for day in schedule.working:
        if (mark := marks.get(day)) is not None and not mark.is_working:
            raise IncompleteScheduleError(f"{day} 已由 {mark.notice} 定为放假，地方通知不能改为上班")


def _days_of(workdays: Workdays, year: int) -> tuple[frozenset[date], frozenset[date]]:
    of_year = [(day, mark) for day, mark in workdays.marks.items() if day.year == year]
    off = frozenset(day for day, mark in of_year if not mark.is_working)
    return off, frozenset(day for day, mark in of_year if mark.is_working)


def understood(known: Workdays, schedules: Iterable[Schedule], statutory: Statutory) -> Workdays:
    """The schedules of `known` and those entered since, in the order in which they came; regional days last, so that
    a later national schedule leaves them.

    It refuses nothing that was once accepted: a year that was entered incompletely by an earlier version stands as it
    was entered until it is entered whole.
    """
    regional: list[Schedule] = []
    for schedule in schedules:
        kind = _kind_on_record(schedule, known, statutory)
        if kind is ScheduleKind.REGIONAL:
            regional.append(schedule)
        else:
            known = _as_accepted(known, schedule, kind, statutory)
    for schedule in regional:
        known = _understood(known, schedule, ScheduleKind.REGIONAL, statutory)
    return known


def _as_accepted(known: Workdays, schedule: Schedule, kind: ScheduleKind, statutory: Statutory) -> Workdays:
    try:
        return _understood(known, schedule, kind, statutory)
    except IncompleteScheduleError:  # accepted on other grounds than those known now: what it names counts
        fresh = schedule_marks(schedule.year, schedule.notice, _named(known, schedule, statutory), schedule.working)
        return _laid_over(known, schedule, known.marks, fresh)


def _kind_on_record(schedule: Schedule, known: Workdays, statutory: Statutory) -> ScheduleKind:
    if schedule.year not in statutory.dates:
        return ScheduleKind.WHOLE
    return reads_as(schedule, known, statutory)


def _understood(known: Workdays, schedule: Schedule, kind: ScheduleKind, statutory: Statutory) -> Workdays:
    if kind is ScheduleKind.REGIONAL:
        return _with_regional(known, schedule)
    if kind is ScheduleKind.AMENDMENT:
        return _with_amendment(known, schedule, statutory)
    return _with_whole_year(known, schedule, statutory)


def _with_whole_year(known: Workdays, schedule: Schedule, statutory: Statutory) -> Workdays:
    kept = {day: mark for day, mark in known.marks.items() if (mark.schedule or day.year) != schedule.year}
    off = _named(known, schedule, statutory)
    fresh = schedule_marks(schedule.year, schedule.notice, off, schedule.working, kept)
    return replace(known, marks={**kept, **fresh}, years={**known.years, schedule.year: schedule.notice})


def _named(known: Workdays, schedule: Schedule, statutory: Statutory) -> list[OffRange]:
    """The ranges with the holidays that they hold, as the notices name them; days beside one take the name of the
    window that they lie in."""
    is_on_record = schedule.year in statutory.dates
    holidays = statutory.holidays_of(schedule.year) if is_on_record else ()
    return [(first, last, _name(first, last, holidays) or _window(known, first)) for first, last in schedule.off]


def _name(first: date, last: date, holidays: Sequence[Holiday]) -> str:
    held = [one for one in holidays if any(first <= day <= last for day in one.days)]
    return "、".join(one.name for one in sorted(held, key=lambda one: one.days))


def _window(known: Workdays, day: date) -> str:
    window = known.bounds.off_window(day)
    return window.name if window else ""


def _with_regional(known: Workdays, schedule: Schedule) -> Workdays:
    """A region's days beside the national ones: a day that is off already keeps its notice."""
    off = [(*days, REGIONAL) for days in schedule.off]
    fresh = schedule_marks(schedule.year, schedule.notice, off, schedule.working)
    return _laid_over(
        known, schedule, known.marks, {day: mark for day, mark in fresh.items() if _adds(known, day, mark)}
    )


def _adds(known: Workdays, day: date, mark: DayMark) -> bool:
    before = known.marks.get(day)
    return before is None or (before.is_working and not mark.is_working)


def _with_amendment(known: Workdays, schedule: Schedule, statutory: Statutory) -> Workdays:
    """The year as it was known, with the holidays that are stated anew in place of what they were, and the rest laid
    over it."""
    fresh = schedule_marks(schedule.year, schedule.notice, _named(known, schedule, statutory), schedule.working)
    holidays = statutory.holidays_of(schedule.year)
    anew = [one for one in holidays if schedule.days_off.issuperset(one.days)]
    runs = frozenset(day for one in anew for day in _run(known.marks, one))
    gone = runs | _makeups_gone(known, schedule, holidays, anew, runs - schedule.days_off)
    kept = {day: mark for day, mark in known.marks.items() if day not in gone}
    return _laid_over(known, schedule, kept, fresh)


def _run(marks: Mapping[date, DayMark], holiday: Holiday) -> Iterable[date]:
    """The days off in a row, as known, that the holiday's days lie in."""
    found: set[date] = set()
    for start in holiday.days:
        for step in (ONE_DAY, -ONE_DAY):
            day = start
            while (mark := marks.get(day)) is not None and not mark.is_working and mark.name != REGIONAL:
                found.add(day)
                day += step
    return found


def _makeups_gone(
    known: Workdays, schedule: Schedule, holidays: Sequence[Holiday], anew: Sequence[Holiday], lost: frozenset[date]
) -> frozenset[date]:
    """The make-up days that the amendment puts others in place of.

    Raises IncompleteScheduleError where it takes days off away, or gives make-up days to one of two holidays that are
    arranged together, and does not say what becomes of the make-up days there are.
    """
    gone: set[date] = set()
    for window in {one.window for one in anew}:
        there = _makeups(known, schedule.year, window)
        named = {day for day in schedule.working if _in_makeup_window(known, day, window)}
        loses = any(_in_off_window(known, day, window) and day.weekday() < SATURDAY for day in lost)
        is_whole = all(one in anew for one in holidays if one.window == window)
        if there - named - schedule.days_off and (named or loses) and not (is_whole and named):
            days = "、".join(day.isoformat() for day in sorted(there))
            raise IncompleteScheduleError(
                f"原定的调休上班日 {days} 是否仍然有效，从所录内容看不出来：请录入调整后的全年安排"
            )
        gone |= there if named else set()
    return frozenset(gone)


def _makeups(known: Workdays, year: int, window: str) -> set[date]:
    return {
        day
        for day, mark in known.marks.items()
        if mark.is_working and (mark.schedule or day.year) == year and _in_makeup_window(known, day, window)
    }


def _in_makeup_window(known: Workdays, day: date, window: str) -> bool:
    found = known.bounds.makeup_window(day)
    return found is not None and found.name == window


def _in_off_window(known: Workdays, day: date, window: str) -> bool:
    found = known.bounds.off_window(day)
    return found is not None and found.name == window


def _laid_over(known: Workdays, schedule: Schedule, kept: Mapping[date, DayMark], fresh: Marks) -> Workdays:
    before = known.years[schedule.year]
    notices = before if schedule.notice in before.split("、") else f"{before}、{schedule.notice}"
    return replace(known, marks={**kept, **fresh}, years={**known.years, schedule.year: notices})
