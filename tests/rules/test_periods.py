"""Periods: the table that a lawyer can read, an independent day-by-day count, properties, and the bounds."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import yamlfile
from policies.calendars import load_workdays
from rules.errors import InputError
from rules.periods import DueDay, Period, Suspension, Unit, due_day, explain, shift_working_days
from rules.workdays import DayMark, Window, Workdays

CASES: list[dict[str, Any]] = yamlfile.read(Path(__file__).with_name("periods.yaml")).data["cases"]
WORKDAYS = load_workdays()
ONE_DAY = timedelta(1)

periods = st.builds(Period, st.integers(1, 70), st.sampled_from(Unit)).filter(
    lambda period: period.unit is not Unit.YEARS or period.amount < 4
)
firm_starts = st.dates(date(2018, 1, 8), date(2020, 6, 30))
any_starts = st.dates(date(2016, 1, 1), date(2029, 12, 31))
spans = st.lists(
    st.builds(
        lambda start, length: Suspension(start, start + timedelta(length), "补正", "令2", "E1"),
        st.dates(date(2018, 1, 1), date(2024, 1, 1)),
        st.integers(0, 40),
    ),
    max_size=3,
)


def suspended(case: dict[str, Any]) -> list[Suspension]:
    return [Suspension(first, last, "补正", "令2", "E1") for first, last in case["given"].get("suspended", [])]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_table(case: dict[str, Any]) -> None:
    asked, expect = case["given"], case["expect"]
    period, start, due = Period.parse(asked["period"]), asked["start"], expect["due"]
    wanted = DueDay(
        start=start,
        period=period,
        due=due,
        nominal=expect.get("nominal", due),
        earliest=expect.get("earliest", due),
        latest=expect.get("latest", due),
        status=expect.get("status", "firm"),
    )
    assert due_day(period, start, WORKDAYS, roll=asked.get("roll", True), suspensions=suspended(case)) == wanted


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_working_of_the_table_ends_where_the_due_day_is(case: dict[str, Any]) -> None:
    asked = case["given"]
    working = explain(
        Period.parse(asked["period"]),
        asked["start"],
        WORKDAYS,
        roll=asked.get("roll", True),
        suspensions=suspended(case),
    )
    wanted = ("due", case["expect"]["due"]) if case["expect"]["due"] else ("unknown", working[-1].day)
    assert (working[0].effect, working[0].day) == ("start", asked["start"])
    assert (working[-1].effect, working[-1].day) == wanted


def naive(period: Period, start: date) -> date:
    """Counted another way, day by day, with another calendar."""
    if period.unit is Unit.WORKING_DAYS:
        day = start
        for _ in range(period.amount):
            day += ONE_DAY
            while not chinese_calendar.is_workday(day):
                day += ONE_DAY
        return day
    day = start + timedelta(period.amount)
    if period.unit in (Unit.MONTHS, Unit.YEARS):
        months = period.amount if period.unit is Unit.MONTHS else 12 * period.amount
        year, month = start.year, start.month
        for _ in range(months):
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        day = date(year, month, min(start.day, monthrange(year, month)[1]))
    while not chinese_calendar.is_workday(day):
        day += ONE_DAY
    return day


@pytest.mark.parametrize("text", ["1wd", "22wd", "60wd", "1d", "7d", "1m", "3m", "1y", "3y"])
def test_an_independent_count_agrees_on_every_fifth_start(text: str) -> None:
    period = Period.parse(text)
    starts = [date(2018, 1, 1) + timedelta(n) for n in range(0, 5 * 365, 5)]
    differing = [start for start in starts if due_day(period, start, WORKDAYS).due != naive(period, start)]
    assert differing == []


@pytest.mark.parametrize(
    "text", ["", "22", "wd", "0wd", "-1d", "07d", "22WD", " 22wd", "22wd ", "1.5m", "３m", "10000d"]
)
def test_a_period_that_cannot_be_read_names_the_accepted_forms(text: str) -> None:
    with pytest.raises(InputError) as refusal:
        Period.parse(text)
    forms = "22wd（工作日）、7d（日）、3m（月）、3y（年），数字为 1 至 9999"
    assert str(refusal.value) == f"period：读不懂期间 {text!r}；可用的写法：{forms}"


@given(periods)
def test_a_period_reads_back_what_it_prints(period: Period) -> None:
    assert Period.parse(str(period)) == period


def test_a_period_of_nothing_and_a_reversed_suspension_are_refused() -> None:
    with pytest.raises(InputError, match="期间至少为 1，现为 0"):
        Period(0, Unit.DAYS)
    with pytest.raises(InputError, match="暂停期间的末日 2026-01-01 早于首日 2026-01-02"):
        Suspension(date(2026, 1, 2), date(2026, 1, 1), "补正", "令2", "E1")


@pytest.mark.parametrize("text", ["9999y", "9999wd", "9999d", "9999m"])
def test_an_end_beyond_the_calendar_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match="末日超出公元 9999 年；请核对起算日和期间"):
        due_day(Period.parse(text), date(9990, 1, 1), WORKDAYS)


@given(periods, any_starts, st.booleans())
def test_a_later_start_never_ends_earlier(period: Period, start: date, roll: bool) -> None:
    first, second = (due_day(period, day, WORKDAYS, roll=roll) for day in (start, start + ONE_DAY))
    assert first.latest <= second.latest
    if first.due and second.due:
        assert first.due <= second.due


@given(periods, firm_starts, st.booleans(), spans)
def test_a_suspension_never_shortens(period: Period, start: date, roll: bool, suspensions: list[Suspension]) -> None:
    plain = due_day(period, start, WORKDAYS, roll=roll)
    held = due_day(period, start, WORKDAYS, roll=roll, suspensions=suspensions)
    assert held.latest >= plain.latest


@given(periods, firm_starts, st.booleans(), spans)
def test_the_working_is_the_count(period: Period, start: date, roll: bool, suspensions: list[Suspension]) -> None:
    due = due_day(period, start, WORKDAYS, roll=roll, suspensions=suspensions)
    working = explain(period, start, WORKDAYS, roll=roll, suspensions=suspensions)
    days = [line.day for line in working]
    assert days == sorted(set(days))
    assert (working[-1].day, working[-1].effect, working[-1].count) == (due.due, "due", period.amount)
    held = {line.day for line in working if line.effect == "suspended"}
    assert held == {day for day in days if any(one.from_on <= day <= one.to_on for one in suspensions) and day > start}
    if period.unit is Unit.WORKING_DAYS:
        assert sum(line.effect in ("counted", "due") for line in working) == period.amount


def test_every_line_of_the_working_says_why() -> None:
    hold = Suspension(date(2025, 9, 29), date(2025, 9, 29), "补正", "令3第七条", "E1")
    lines = explain(Period.parse("4d"), date(2025, 9, 26), WORKDAYS, suspensions=[hold])
    notice = "国办发明电〔2024〕12号"
    holiday = f"国庆节、中秋节放假（{notice}）"
    assert [(line.day.isoformat()[5:], line.effect, line.count, line.reason, line.notice) for line in lines] == [
        ("09-26", "start", 0, "起算日，当日不计", None),
        ("09-27", "counted", 1, "周末", None),
        ("09-28", "counted", 2, f"调休上班（{notice}）", notice),
        ("09-29", "suspended", 2, "暂停计算：补正（令3第七条）", None),
        ("09-30", "counted", 3, "工作日", None),
        ("10-01", "counted", 4, f"{holiday}，末日顺延", notice),
        *((f"10-0{n}", "rolled", 4, f"{holiday}，顺延", notice) for n in range(2, 9)),
        ("10-09", "due", 4, "工作日，期间届满", None),
    ]


def test_the_working_of_months_lists_the_corresponding_day_the_suspended_and_the_added_days() -> None:
    hold = Suspension(date(2026, 4, 1), date(2026, 4, 2), "补正", "令3第七条", "E1")
    lines = explain(Period.parse("3m"), date(2026, 3, 2), WORKDAYS, suspensions=[hold])
    assert [(line.day.isoformat()[5:], line.effect, line.count) for line in lines] == [
        ("03-02", "start", 0),
        ("04-01", "suspended", 0),
        ("04-02", "suspended", 0),
        ("06-02", "counted", 3),
        ("06-03", "counted", 3),
        ("06-04", "due", 3),
    ]


def test_the_working_stops_where_the_schedule_is_not_published() -> None:
    lines = explain(Period.parse("22wd"), date(2026, 12, 2), WORKDAYS)
    last = lines[-1]
    assert (last.day, last.effect, last.count) == (date(2027, 1, 1), "unknown", 21)
    assert last.reason == "2027年放假安排尚未公布，此后无法确定"


@pytest.mark.parametrize(
    ("day", "n", "wanted"),
    [
        (date(2025, 10, 9), -1, date(2025, 9, 30)),
        (date(2025, 9, 30), 1, date(2025, 10, 9)),
        (date(2025, 10, 12), -1, date(2025, 10, 11)),
        (date(2025, 10, 4), 0, date(2025, 10, 4)),
        (date(2027, 5, 1), 0, date(2027, 5, 1)),
        (date(2026, 12, 31), 1, None),
        (date(2018, 1, 2), -1, None),
        (date(2027, 1, 1), -1, date(2026, 12, 31)),
    ],
)
def test_shifting_by_working_days(day: date, n: int, wanted: date | None) -> None:
    assert shift_working_days(day, n, WORKDAYS) == wanted


@given(firm_starts, st.integers(1, 30))
def test_shifting_forward_is_the_period_and_shifting_back_undoes_it(start: date, n: int) -> None:
    there = shift_working_days(start, n, WORKDAYS)
    assert there == due_day(Period(n, Unit.WORKING_DAYS), start, WORKDAYS).due
    assert there is not None
    back = shift_working_days(there, -n, WORKDAYS)
    assert back is not None
    assert back <= start
    assert not any(WORKDAYS.is_working(back + timedelta(k)) for k in range(1, (start - back).days + 1))


def history() -> Workdays:
    """2004 to 2026 from another source; what lies in late December belongs to the next year's schedule."""
    marks: dict[date, DayMark] = {}
    for ordinal in range(date(2004, 1, 1).toordinal(), date(2026, 12, 31).toordinal() + 1):
        day = date.fromordinal(ordinal)
        is_working = chinese_calendar.is_workday(day)
        if is_working != (day.weekday() < 5):
            marks[day] = DayMark(is_working, "", "", day.year + (day.month == 12))
    return Workdays(marks, {year: f"{year}" for year in range(2004, 2027)}, WORKDAYS.bounds)


HISTORY = history()


def hidden(year: int) -> Workdays:
    """History as it was known before the year's notice came."""
    marks = {day: mark for day, mark in HISTORY.marks.items() if mark.schedule != year}
    years = {known: notice for known, notice in HISTORY.years.items() if known != year}
    return Workdays(marks, years, HISTORY.bounds)


def test_every_change_since_2004_lies_in_a_window_with_a_day_to_spare() -> None:
    bounds, seen = WORKDAYS.bounds, Counter[tuple[Window, int]]()
    for day, mark in HISTORY.marks.items():
        window = bounds.makeup_window(day) if mark.is_working else bounds.off_window(day)
        assert window is not None, day
        seen[window, window.season(day)] += 1
    most = {window: max(count for (one, _), count in seen.items() if one == window) for window, _ in seen}
    assert {window: count + 1 for window, count in most.items()} == {
        window: window.at_most for window in (*bounds.off, *bounds.makeup)
    }


@pytest.mark.parametrize("year", range(2008, 2027))
def test_the_true_day_lies_within_the_bounds_of_a_year_not_yet_published(year: int) -> None:
    before = hidden(year)
    starts = [date(year - 1, 9, 1) + timedelta(n) for n in range(0, 487, 3)]
    asked = [(Period.parse(text), start) for text, start in product(["22wd", "60wd", "7d", "3m"], starts)]
    outside, bounded = [], 0
    for period, start in asked:
        truth, told = due_day(period, start, HISTORY).due, due_day(period, start, before)
        if truth is None or told.status == "firm":
            continue
        bounded += 1
        if not told.earliest <= truth <= told.latest:
            outside.append((period, start, truth, told))
    assert outside == []
    assert bounded > 250


@st.composite
def coming_schedules(draw: st.DrawFn) -> Workdays:
    """The house's calendars with a notice for 2027 that changes any days the bounds allow, in any order."""
    year = [date(2026, 12, 26) + timedelta(n) for n in range(371)]
    bounds = WORKDAYS.bounds
    off = {day for day in year if bounds.is_fixed(day) and day.year == 2027}
    working: set[date] = set()
    for window in bounds.off:
        days = [day for day in year if day.weekday() < 5 and bounds.off_window(day) == window and day not in off]
        room = window.at_most - sum(bounds.off_window(day) == window and day.weekday() < 5 for day in off)
        off |= set(draw(st.lists(st.sampled_from(days), max_size=room)))
    for window in bounds.makeup:
        days = [day for day in year if day.weekday() >= 5 and bounds.makeup_window(day) == window and day not in off]
        working |= set(draw(st.lists(st.sampled_from(days), max_size=window.at_most)))
    inside = {day for day in off | working if day.year == 2027 or day.month == 12}
    return WORKDAYS.with_year(2027, "新", [(day, day) for day in off & inside], sorted(working & inside))


@given(
    coming_schedules(),
    st.sampled_from(["5wd", "22wd", "60wd", "7d", "1m", "3m"]),
    st.dates(date(2026, 9, 1), date(2027, 8, 1)),
)
def test_whatever_the_notice_says_within_the_windows_the_day_lies_within_the_bounds(
    later: Workdays, text: str, start: date
) -> None:
    told, truth = due_day(Period.parse(text), start, WORKDAYS), due_day(Period.parse(text), start, later)
    if told.due is None and truth.due is not None:
        assert told.earliest <= truth.due <= told.latest


def test_a_firm_day_moves_only_where_next_years_notice_reached_back_into_december() -> None:
    period, moved = Period.parse("22wd"), set()
    for year in range(2008, 2027):
        before = hidden(year)
        for n in range(35):
            start = date(year - 1, 11, 15) + timedelta(n)
            truth, told = due_day(period, start, HISTORY).due, due_day(period, start, before)
            if told.status == "firm" and told.due != truth:
                moved.add((told.due, truth))
    assert moved == {
        (date(2007, 12, 31), date(2007, 12, 29)),
        (date(2018, 12, 31), date(2018, 12, 29)),
    }
