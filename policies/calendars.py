"""Loads the State Council's schedules (`policies/workdays/<year>.yaml`), the rule for years without one, and the
holidays that the law itself gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from policies import yamlfile
from policies.yamlfile import Document, KeyPath
from rules.errors import PolicyError
from rules.keepable import dotted
from rules.statutory import HolidayRule, Statutory
from rules.workdays import BoundsRule, DayMark, OffRange, ScheduleError, Window, Workdays, schedule_marks

FOLDER = Path(__file__).parent / "workdays"
BOUNDS_FILE = "unpublished.yaml"
STATUTORY_FILE = "statutory.yaml"

_NOTICE = re.compile(r"国办?发明电〔[0-9]{4}〕[0-9]+号")
_PAPER = {"notice", "title", "signed_on", "published_on", "url"}
_DAYS = {"off", "working"}
_DAYS_BOUND = {"off", "makeup"}
_AMENDMENT = _PAPER | _DAYS | {"changed", "revokes"}

Entries = dict[KeyPath, Any]  # an off range or a make-up day, by the place where the file says it


@lru_cache(maxsize=8)
def load_workdays(folder: Path = FOLDER) -> Workdays:
    """Every published schedule in `folder`, amendments applied, and the bounds for other years.

    Raises PolicyError (file, line) for an unknown or missing key, a wrong type, days that overlap or contradict each
    other, a make-up day that is Monday to Friday, a range that ends before it starts, or a year missing in between.
    """
    paths = sorted(path for path in folder.glob("*.yaml") if path.name not in (BOUNDS_FILE, STATUTORY_FILE))
    if not paths:
        raise PolicyError(str(folder), 1, "没有任何年份的放假安排文件（如 2026.yaml）")
    marks: dict[date, DayMark] = {}
    years: dict[int, str] = {}
    for path in paths:
        document = yamlfile.read(path)
        year = _year(document, path, years)
        marks |= _year_marks(document, year, marks)
        years[year] = _latest_notice(document)
    return Workdays(marks, years, load_bounds(folder / BOUNDS_FILE))


def load_bounds(path: Path) -> BoundsRule:
    """The windows for years without a notice. Raises PolicyError as `load_workdays` does."""
    document = yamlfile.read(path)
    document.expect_keys((), {"fixed", "windows"})
    places: list[KeyPath] = [("windows", i) for i in range(len(document.expect(("windows",), list)))]
    for place in places:
        document.expect_keys(place, _DAYS_BOUND | {"name", "observed"})
        document.expect((*place, "observed"), str)
    off, makeup = (_windows(document, places, kind) for kind in ("off", "makeup"))
    fixed = tuple(_month_day(document, ("fixed", i)) for i in range(len(document.expect(("fixed",), list))))
    return BoundsRule(off, makeup, fixed)


@lru_cache(maxsize=8)
def load_statutory(path: Path = FOLDER / STATUTORY_FILE) -> Statutory:
    """The statutory holidays. Raises PolicyError (file, line) as `load_workdays` does, and for a year in which a
    holiday has no base day."""
    document = yamlfile.read(path)
    document.expect_keys((), {"source", "clause", "holidays", "dates"})
    places: list[KeyPath] = [("holidays", i) for i in range(len(document.expect(("holidays",), list)))]
    rules = tuple(_holiday_rule(document, place) for place in places)
    lunar = {rule.name for rule in rules if rule.on is None}
    dates = {year: _base_days(document, year, lunar) for year in document.expect(("dates",), dict)}
    return Statutory(document.expect(("source",), str), document.expect(("clause",), str), rules, dates)


def _holiday_rule(document: Document, place: KeyPath) -> HolidayRule:
    document.expect_keys(place, {"name", "window", "values"}, {"on"})
    on = _month_day(document, (*place, "on")) if "on" in document.at(place) else None
    dated: list[KeyPath] = [(*place, "values", i) for i in range(len(document.expect((*place, "values"), list)))]
    values = tuple(_holiday_value(document, one) for one in dated)
    if not values or [since for since, _ in values] != sorted({since for since, _ in values}):
        raise document.error((*place, "values"), "各次规定须按施行日先后排列，且至少一次")
    name, window = (document.expect((*place, key), str) for key in ("name", "window"))
    return HolidayRule(name, window, on, values)


def _holiday_value(document: Document, place: KeyPath) -> tuple[date, tuple[int, ...]]:
    document.expect_keys(place, {"effective_on", "decree", "days"})
    document.expect((*place, "decree"), str)
    count = len(document.expect((*place, "days"), list))
    days = tuple(document.expect((*place, "days", i), int) for i in range(count))
    return document.expect((*place, "effective_on"), date), days


def _base_days(document: Document, year: Any, lunar: set[str]) -> dict[str, date]:
    place: KeyPath = ("dates", year)
    document.expect_keys(place, lunar)
    days = {name: document.expect((*place, name), date) for name in lunar}
    for name, day in days.items():
        if day.year != year:
            raise document.error((*place, name), f"{name}的日期 {day} 不在 {year} 年")
    return days


def _windows(document: Document, places: list[KeyPath], kind: str) -> tuple[Window, ...]:
    """The windows of one kind; they may not overlap."""
    windows: list[Window] = []
    for place in places:
        window = _window(document, place, kind)
        for other in windows:
            if window.holds(other.first) or window.holds(other.last) or other.holds(window.first):
                raise document.error((*place, kind), f"{window.name} 的 {kind} 时段与 {other.name} 的重叠")
        windows.append(window)
    return tuple(windows)


def _window(document: Document, holiday: KeyPath, kind: str) -> Window:
    place = (*holiday, kind)
    document.expect_keys(place, {"from", "to", "at_most"})
    first, last = _month_day(document, (*place, "from")), _month_day(document, (*place, "to"))
    at_most = document.expect((*place, "at_most"), int)
    if at_most < 0:
        raise document.error((*place, "at_most"), f"at_most 不得为负，现为 {at_most}")
    return Window(document.expect((*holiday, "name"), str), first, last, at_most)


def _month_day(document: Document, place: KeyPath) -> tuple[int, int]:
    document.expect_keys(place, {"month", "day"})
    month, day = document.expect((*place, "month"), int), document.expect((*place, "day"), int)
    try:
        date(2001, month, day)  # a common year: 29 February cannot begin or end a window
    except ValueError as error:
        raise document.error(place, f"没有 {month} 月 {day} 日这一天") from error
    return month, day


def _year(document: Document, path: Path, years: Mapping[int, str]) -> int:
    """The file's year: as its name says, and the one after the file before it."""
    document.expect_keys((), _PAPER | _DAYS | {"year"}, {"amendments"})
    year = document.expect(("year",), int)
    if path.stem != str(year):
        raise document.error(("year",), f"year 为 {year}，与文件名 {path.name} 不符")
    if years and year - 1 not in years:
        raise document.error(("year",), f"{max(years)} 年与 {year} 年之间缺少 {year - 1} 年的放假安排文件")
    return year


def _year_marks(document: Document, year: int, known: Mapping[date, DayMark]) -> dict[date, DayMark]:
    """The year's days: the notice less what its amendments revoke, then the amendments in order."""
    papers: list[KeyPath] = [(), *_amendments(document)]
    entries = {paper: _entries(document, paper) for paper in papers}
    for position, paper in enumerate(papers[1:], start=1):
        for place, value in _entries(document, (*paper, "revokes")).items():
            _revoke(document, place, value, [entries[earlier] for earlier in papers[:position]])
    marks: dict[date, DayMark] = {}
    for paper in papers:
        marks |= _paper_marks(document, paper, year, entries[paper], {**known, **marks})
    return marks


def _amendments(document: Document) -> list[KeyPath]:
    if "amendments" not in document.data:
        return []
    places: list[KeyPath] = [("amendments", i) for i in range(len(document.expect(("amendments",), list)))]
    for place in places:
        document.expect_keys(place, _AMENDMENT)
        document.expect((*place, "changed"), str)
        document.expect_keys((*place, "revokes"), _DAYS)
    return places


def _entries(document: Document, paper: KeyPath) -> Entries:
    """The off ranges and make-up days that stand under `paper`."""
    entries: Entries = {}
    for index in range(len(document.expect((*paper, "off"), list))):
        place = (*paper, "off", index)
        entries[place] = _range(document, place)
    for index in range(len(document.expect((*paper, "working"), list))):
        place = (*paper, "working", index)
        entries[place] = document.expect(place, date)
    return entries


def _range(document: Document, place: KeyPath) -> OffRange:
    document.expect_keys(place, {"name", "from", "to"})
    first, last = document.expect((*place, "from"), date), document.expect((*place, "to"), date)
    return first, last, document.expect((*place, "name"), str)


def _revoke(document: Document, place: KeyPath, value: object, earlier: list[Entries]) -> None:
    """Takes the revoked entry out of the paper that made it; it must stand there exactly so."""
    for entries in earlier:
        for found in [key for key, entry in entries.items() if entry == value]:
            del entries[found]
            return
    raise document.error(place, f"{dotted(place)} 要废止的安排在原通知中没有")


def _paper_marks(
    document: Document, paper: KeyPath, year: int, entries: Entries, known: Mapping[date, DayMark]
) -> dict[date, DayMark]:
    """The days one paper marks; a schedule's error is told with the line of its entry."""
    notice = _notice(document, paper)
    places = {kind: [place for place in entries if place[-2] == kind] for kind in ("off", "working")}
    off, working = ([entries[place] for place in places[kind]] for kind in ("off", "working"))
    try:
        return schedule_marks(year, notice, off, working, known)
    except ScheduleError as error:
        kind, index = error.item
        raise document.error(places[kind][index], f"{kind}：{error.what}") from error


def _notice(document: Document, paper: KeyPath) -> str:
    """The paper's number; its other particulars are checked on the way."""
    for key in ("title", "url"):
        document.expect((*paper, key), str)
    signed, published = (document.expect((*paper, key), date) for key in ("signed_on", "published_on"))
    if published < signed:
        raise document.error((*paper, "published_on"), f"公布日 {published} 早于成文日 {signed}")
    notice = document.expect((*paper, "notice"), str)
    if not _NOTICE.fullmatch(notice):
        raise document.error((*paper, "notice"), f"文号 {notice!r} 应如 国办发明电〔2024〕12号")
    return notice


def _latest_notice(document: Document) -> str:
    """The number a year goes by: the notice's, with its amendments' after it."""
    papers: list[KeyPath] = [(), *_amendments(document)]
    return "、".join(_notice(document, paper) for paper in papers)
