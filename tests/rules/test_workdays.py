"""Working days: every published day against two other calendars, the reasons, new and amended schedules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from policies.calendars import load_workdays
from rules.workdays import BoundsRule, DayMark, ScheduleError, UnpublishedYearError, Window, Workdays

WORKDAYS = load_workdays()
DAYS = [date(2018, 1, 1) + timedelta(n) for n in range((date(2026, 12, 31) - date(2018, 1, 1)).days + 1)]
WORKING_DAYS_A_YEAR = {
    2018: 250,
    2019: 250,
    2020: 249,
    2021: 250,
    2022: 249,
    2023: 249,
    2024: 251,
    2025: 248,
    2026: 248,
}

BOUNDS = BoundsRule((Window("元旦", (12, 30), (1, 4), 2),), (Window("元旦", (12, 26), (1, 10), 1),), ((1, 1),))
PLAIN = Workdays({}, {2030: "甲"}, BOUNDS)


def test_every_day_agrees_with_two_other_calendars() -> None:
    other = holidays.country_holidays("CN", years=range(2018, 2028))
    assert len(DAYS) == 3287
    assert [day for day in DAYS if WORKDAYS.is_working(day) != chinese_calendar.is_workday(day)] == []
    assert [day for day in DAYS if WORKDAYS.is_working(day) != other.is_working_day(day)] == []


def test_the_working_days_of_each_year() -> None:
    counted = {year: sum(WORKDAYS.is_working(day) for day in DAYS if day.year == year) for year in WORKING_DAYS_A_YEAR}
    assert counted == WORKING_DAYS_A_YEAR


@pytest.mark.parametrize(
    ("day", "is_working", "why"),
    [
        (date(2025, 10, 1), False, "国庆节、中秋节放假（国办发明电〔2024〕12号）"),
        (date(2026, 10, 1), False, "国庆节放假（国办发明电〔2025〕7号）"),
        (date(2025, 10, 11), True, "调休上班（国办发明电〔2024〕12号）"),
        (date(2026, 3, 7), False, "周末"),
        (date(2026, 3, 9), True, "工作日"),
        (date(2019, 5, 2), False, "劳动节放假（国办发明电〔2019〕3号）"),
        (date(2019, 5, 5), True, "调休上班（国办发明电〔2019〕3号）"),
        (date(2020, 2, 1), False, "春节放假（国办发明电〔2020〕1号）"),
        (date(2020, 1, 30), False, "春节放假（国办发明电〔2019〕16号）"),
        (date(2018, 12, 29), True, "调休上班（国办发明电〔2018〕15号）"),
        (date(2018, 12, 31), False, "元旦放假（国办发明电〔2018〕15号）"),
        (date(2024, 2, 9), True, "工作日"),
    ],
)
def test_why_names_the_notice(day: date, is_working: bool, why: str) -> None:
    assert (WORKDAYS.is_working(day), WORKDAYS.why(day)) == (is_working, why)


@pytest.mark.parametrize("day", [date(2017, 12, 31), date(2027, 1, 1), date(1990, 5, 1), date.min, date.max])
def test_a_year_without_a_notice_is_never_guessed(day: date) -> None:
    assert not WORKDAYS.is_published(day)
    assert WORKDAYS.why(day) == f"{day.year}年放假安排尚未公布"
    with pytest.raises(UnpublishedYearError, match=f"{day.year}年放假安排尚未公布.*load_workdays"):
        WORKDAYS.is_working(day)


def test_a_year_missing_in_between_is_unpublished() -> None:
    gap = PLAIN.with_year(2032, "乙", [], [])
    assert [gap.is_published(date(year, 6, 1)) for year in (2030, 2031, 2032)] == [True, False, True]
    with pytest.raises(UnpublishedYearError):
        gap.is_working(date(2031, 6, 2))
    assert gap.is_working(date(2032, 6, 1))


def test_a_new_year_leaves_the_old_value_untouched() -> None:
    later = WORKDAYS.with_year(
        2027, "国办发明电〔2026〕9号", [(date(2027, 1, 1), date(2027, 1, 3))], [date(2026, 12, 26)]
    )
    assert (later.is_working(date(2027, 1, 4)), later.is_working(date(2027, 1, 1))) == (True, False)
    assert (later.is_working(date(2026, 12, 26)), WORKDAYS.is_working(date(2026, 12, 26))) == (True, False)
    assert later.why(date(2027, 1, 2)) == "放假（国办发明电〔2026〕9号）"
    assert (2027 in later.years, 2027 in WORKDAYS.years) == (True, False)


def test_an_amended_schedule_replaces_every_day_of_the_former_one() -> None:
    first = PLAIN.with_year(2031, "乙", [(date(2030, 12, 31), date(2031, 1, 2))], [date(2030, 12, 28)])
    second = first.with_year(2031, "丙", [(date(2031, 1, 1), date(2031, 1, 1))], [])
    assert second == PLAIN.with_year(2031, "丙", [(date(2031, 1, 1), date(2031, 1, 1))], [])
    assert [second.is_working(day) for day in (date(2030, 12, 28), date(2030, 12, 31))] == [False, True]


def test_an_amended_year_keeps_its_neighbours() -> None:
    amended = WORKDAYS.with_year(2018, "新", [], [])
    assert amended.is_working(date(2018, 2, 15))
    assert amended.why(date(2018, 12, 31)) == "元旦放假（国办发明电〔2018〕15号）"


@pytest.mark.parametrize(
    ("off", "working", "item", "what"),
    [
        ([(date(2031, 5, 3), date(2031, 5, 1))], [], ("off", 0), "放假末日 2031-05-01 早于首日 2031-05-03"),
        ([], [date(2031, 5, 5)], ("working", 0), "2031-05-05 是周一至周五，本就上班，不是调休上班日"),
        ([(date(2031, 5, 3), date(2031, 5, 4))], [date(2031, 5, 4)], ("working", 0), "已由 乙 定为放假，重复或矛盾"),
        ([(date(2031, 5, 1), date(2031, 5, 2))] * 2, [], ("off", 1), "2031-05-01 已由 乙 定为放假，重复或矛盾"),
        ([], [date(2031, 5, 4), date(2031, 5, 4)], ("working", 1), "已由 乙 定为上班，重复或矛盾"),
        ([(date(2030, 11, 30), date(2030, 11, 30))], [], ("off", 0), "不在 2031 年及其前一个 12 月之内"),
        ([], [date(2032, 1, 3)], ("working", 0), "不在 2031 年及其前一个 12 月之内"),
    ],
)
def test_a_schedule_that_contradicts_itself_is_refused(
    off: list[tuple[date, date]], working: list[date], item: tuple[str, int], what: str
) -> None:
    with pytest.raises(ScheduleError, match=what) as refusal:
        PLAIN.with_year(2031, "乙", off, working)
    assert refusal.value.item == item


def test_a_schedule_may_not_speak_of_another_years_day() -> None:
    former = PLAIN.with_year(2030, "甲", [(date(2030, 12, 31), date(2030, 12, 31))], [])
    with pytest.raises(ScheduleError, match="2030-12-31 已由 甲 定为放假"):
        former.with_year(2031, "乙", [(date(2030, 12, 31), date(2031, 1, 1))], [])


def test_the_version_follows_the_data_and_nothing_else() -> None:
    again = Workdays(
        dict(reversed([*WORKDAYS.marks.items()])), dict(reversed([*WORKDAYS.years.items()])), WORKDAYS.bounds
    )
    changed = Workdays({**WORKDAYS.marks, date(2026, 3, 9): DayMark(False, "", "")}, WORKDAYS.years, WORKDAYS.bounds)
    other_bounds = Workdays(WORKDAYS.marks, WORKDAYS.years, BoundsRule())
    versions = {one.version for one in (WORKDAYS, changed, other_bounds, WORKDAYS.with_year(2027, "新", [], []))}
    assert again.version == WORKDAYS.version
    assert len(versions) == 4
    assert len(WORKDAYS.version) == 64


def read(works: Callable[[int], bool], first: date, days: int) -> str:
    return "".join("W" if works((first + timedelta(n)).toordinal()) else "." for n in range(days))


def test_bounds_are_the_plain_week_outside_the_windows_and_spend_their_allowance_first_inside() -> None:
    first = date(2031, 1, 1)  # a Wednesday
    assert read(PLAIN.at_best(), first, 14) == ".WWW.WWWWW..WW"
    assert read(PLAIN.at_worst(), first, 14) == "..W..WWWWW..WW"


def test_late_december_of_a_published_year_is_open_until_the_next_notice_comes() -> None:
    first = date(2030, 12, 25)  # a Wednesday; December and January share one allowance
    assert read(PLAIN.works, first, 7) == "WWW..WW"
    assert read(PLAIN.at_best(), first, 12) == "WWWW.WW.WW.."
    assert read(PLAIN.at_worst(), first, 12) == "WWW.....WW.."
    settled = PLAIN.with_year(2031, "乙", [(date(2031, 1, 1), date(2031, 1, 1))], [])
    assert read(settled.at_best(), first, 8) == read(settled.works, first, 8) == "WWW..WW."
