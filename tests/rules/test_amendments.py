"""What a schedule that is entered means: whole year, amendment, a region's own days; and what is refused."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from policies.calendars import FOLDER, STATUTORY_FILE, load_statutory, load_workdays
from rules.amendments import IncompleteScheduleError, Schedule, ScheduleKind, expect_acceptable, understood
from rules.errors import InputError, PolicyError
from rules.statutory import left_out
from rules.workdays import SATURDAY, ScheduleError, Workdays

WORKDAYS, STATUTORY = load_workdays(), load_statutory()
D = date.fromisoformat


def schedule(year: int, notice: str, off: str = "", working: str = "") -> Schedule:
    """Ranges as `2019-05-01..2019-05-04`, days and ranges apart by blanks."""
    ranges = [tuple(map(D, one.split(".."))) for one in off.split()]
    return Schedule(year, notice, tuple((first, last) for first, last in ranges), tuple(map(D, working.split())))


ORIGINAL_2019 = schedule(
    2019,
    "国办发明电〔2018〕15号",
    "2018-12-30..2019-01-01 2019-02-04..2019-02-10 2019-04-05..2019-04-05 2019-05-01..2019-05-01 "
    "2019-06-07..2019-06-07 2019-09-13..2019-09-13 2019-10-01..2019-10-07",
    "2018-12-29 2019-02-02 2019-02-03 2019-09-29 2019-10-12",
)
ORIGINAL_2020 = schedule(
    2020,
    "国办发明电〔2019〕16号",
    "2020-01-01..2020-01-01 2020-01-24..2020-01-30 2020-04-04..2020-04-06 2020-05-01..2020-05-05 "
    "2020-06-25..2020-06-27 2020-10-01..2020-10-08",
    "2020-01-19 2020-02-01 2020-04-26 2020-05-09 2020-06-28 2020-09-27 2020-10-10",
)
WHOLE_2027 = schedule(
    2027,
    "国办发明电〔虚构〕27号",
    "2027-01-01..2027-01-03 2027-02-05..2027-02-11 2027-04-03..2027-04-05 2027-05-01..2027-05-05 "
    "2027-06-09..2027-06-09 2027-09-15..2027-09-17 2027-10-01..2027-10-07",
)
SANYUESAN = schedule(2026, "桂政发〔虚构〕1号", "2026-04-18..2026-04-21", "2026-04-25")
# The year as it was before its amendment: what the State Council first published.
BEFORE = {
    2019: understood(WORKDAYS, [ORIGINAL_2019], STATUTORY),
    2020: understood(WORKDAYS, [ORIGINAL_2020], STATUTORY),
}


def reads(workdays: Workdays, year: int) -> dict[date, bool]:
    """Every marked day of a year and of the December before it."""
    return {day: mark.is_working for day, mark in workdays.marks.items() if (mark.schedule or day.year) == year}


def refusal(one: Schedule, known: Workdays = WORKDAYS) -> str:
    with pytest.raises((IncompleteScheduleError, InputError)) as caught:
        expect_acceptable(one, known, STATUTORY)
    return str(caught.value)


@pytest.mark.parametrize("year", sorted(WORKDAYS.years))
def test_every_published_year_gives_the_statutory_days(year: int) -> None:
    of_year = {day: mark for day, mark in WORKDAYS.marks.items() if day.year == year}
    off = frozenset(day for day, mark in of_year.items() if not mark.is_working)
    assert left_out(STATUTORY.holidays_of(year), off, frozenset(of_year) - off) == ()


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2008, {"春节": 3, "劳动节": 1, "国庆节": 3, "清明节": 1, "端午节": 1, "中秋节": 1, "元旦": 1}),
        (2024, {"春节": 3, "劳动节": 1, "国庆节": 3, "清明节": 1, "端午节": 1, "中秋节": 1, "元旦": 1}),
        (2025, {"春节": 4, "劳动节": 2, "国庆节": 3, "清明节": 1, "端午节": 1, "中秋节": 1, "元旦": 1}),
    ],
)
def test_how_many_days_the_law_gave_in_a_year(year: int, days: dict[str, int]) -> None:
    assert {one.name: len(one.days) for one in STATUTORY.holidays_of(year)} == days


def test_the_eve_was_a_statutory_day_until_2013_and_is_one_again_from_2025() -> None:
    firsts = {year: min(STATUTORY.holidays_of(year)[1].days) for year in (2013, 2014, 2024, 2025, 2026)}
    assert firsts == {
        2013: date(2013, 2, 9),
        2014: date(2014, 1, 31),
        2024: date(2024, 2, 10),
        2025: date(2025, 1, 28),
        2026: date(2026, 2, 16),
    }


def test_a_lunar_holiday_lies_in_the_window_of_years_without_a_notice() -> None:
    for year in STATUTORY.dates:
        for one in STATUTORY.holidays_of(year):
            for day in one.days:
                window = WORKDAYS.bounds.off_window(day)
                assert window is not None, day
                assert window.name == one.window, day


def test_an_empty_schedule_is_refused_and_names_every_holiday() -> None:
    assert refusal(schedule(2026, "国办发明电〔虚构〕2号")) == (
        "没有列出任何日期，2026 年的元旦（1月1日）、春节（2月16日至19日）、清明节（4月5日）、劳动节（5月1日至2日）、"
        "端午节（6月19日）、中秋节（9月25日）、国庆节（10月1日至3日）均未列出（全国年节及纪念日放假办法第二条）"
    )


def test_the_first_schedule_of_a_year_is_whole_or_refused() -> None:
    assert expect_acceptable(WHOLE_2027, WORKDAYS, STATUTORY) is ScheduleKind.WHOLE
    assert understood(WORKDAYS, [WHOLE_2027], STATUTORY).why(date(2027, 2, 5)) == "春节放假（国办发明电〔虚构〕27号）"
    partial = Schedule(2027, WHOLE_2027.notice, WHOLE_2027.off[:-1], ())
    assert "缺少国庆节（10月1日至3日）" in refusal(partial)
    assert "首次录入须为全年安排" in refusal(schedule(2027, "桂政发〔虚构〕1号", "2027-04-08..2027-04-09"))


def test_a_holiday_without_its_eve_is_not_whole() -> None:
    off = tuple(
        (date(2027, 2, 6), last) if first == date(2027, 2, 5) else (first, last) for first, last in WHOLE_2027.off
    )
    assert "缺少春节（2月5日至8日）" in refusal(Schedule(2027, "国办发明电〔虚构〕27号", off, ()))


def test_the_labour_day_of_2019_as_printed() -> None:
    printed = schedule(2019, "国办发明电〔2019〕3号", "2019-05-01..2019-05-04", "2019-04-28 2019-05-05")
    assert expect_acceptable(printed, BEFORE[2019], STATUTORY) is ScheduleKind.AMENDMENT
    after = understood(BEFORE[2019], [printed], STATUTORY)
    assert reads(after, 2019) == reads(WORKDAYS, 2019)
    whys = [after.why(date(2019, *day)) for day in ((5, 2), (4, 28), (10, 1))]
    assert whys == [
        "劳动节放假（国办发明电〔2019〕3号）",
        "调休上班（国办发明电〔2019〕3号）",
        "国庆节放假（国办发明电〔2018〕15号）",
    ]
    assert after.years[2019] == "国办发明电〔2018〕15号、国办发明电〔2019〕3号"


@pytest.mark.parametrize("off", ["2020-01-31..2020-02-02", "2020-01-24..2020-02-02"])
def test_the_spring_festival_of_2020_as_printed_or_stated_anew(off: str) -> None:
    """The make-up day inside the longer break is void; the one that was worked before it stays."""
    printed = schedule(2020, "国办发明电〔2020〕1号", off)
    assert expect_acceptable(printed, BEFORE[2020], STATUTORY) is ScheduleKind.AMENDMENT
    after = understood(BEFORE[2020], [printed], STATUTORY)
    assert reads(after, 2020) == reads(WORKDAYS, 2020)
    assert after.why(date(2020, 2, 1)) == "春节放假（国办发明电〔2020〕1号）"
    assert after.why(date(2020, 1, 19)) == "调休上班（国办发明电〔2019〕16号）"


def test_a_holiday_stated_anew_is_replaced_with_its_make_up_days() -> None:
    moved = schedule(2026, "国办发明电〔虚构〕9号", "2026-04-29..2026-05-03", "2026-04-26")
    after = understood(WORKDAYS, [moved], STATUTORY)
    days = [after.is_working(date(2026, *day)) for day in ((4, 26), (4, 29), (5, 4), (5, 5), (5, 9))]
    assert days == [True, False, True, True, False]
    assert after.is_working(date(2026, 10, 10))


def test_what_becomes_of_the_make_up_days_must_be_said() -> None:
    shorter = schedule(2026, "国办发明电〔虚构〕9号", "2026-05-01..2026-05-03")
    assert refusal(shorter) == ("原定的调休上班日 2026-05-09 是否仍然有效，从所录内容看不出来：请录入调整后的全年安排")


def test_nobody_is_made_to_work_on_a_statutory_day() -> None:
    assert "国庆节（10月1日至3日）将不再全部放假" in refusal(
        schedule(2026, "国办发明电〔虚构〕9号", working="2026-10-03")
    )


def test_an_earlier_schedule_entered_again_does_not_take_a_later_amendment_back() -> None:
    assert (
        refusal(ORIGINAL_2019)
        == "国办发明电〔2018〕15号 已经录入，其后又有 国办发明电〔2019〕3号 调整，重新录入会使调整失效"
    )


def test_a_regions_own_days_stand_beside_the_national_ones_and_cite_their_own_notice() -> None:
    assert expect_acceptable(SANYUESAN, WORKDAYS, STATUTORY) is ScheduleKind.REGIONAL
    after = understood(WORKDAYS, [SANYUESAN], STATUTORY)
    assert after.why(date(2026, 4, 20)) == "地方规定的节日放假（桂政发〔虚构〕1号）"
    assert after.why(date(2026, 4, 25)) == "调休上班（桂政发〔虚构〕1号）"
    assert after.why(date(2026, 4, 4)) == "清明节放假（国办发明电〔2025〕7号）"
    assert {day: after.marks[day] for day in WORKDAYS.marks} == dict(WORKDAYS.marks)


def test_a_regions_notice_that_repeats_the_national_days_changes_none_of_them() -> None:
    repeated = schedule(2026, "桂政发〔虚构〕1号", "2026-04-04..2026-04-06 2026-04-18..2026-04-21")
    after = understood(WORKDAYS, [repeated], STATUTORY)
    assert after.why(date(2026, 4, 4)) == "清明节放假（国办发明电〔2025〕7号）"
    assert "地方通知不能改为上班" in refusal(schedule(2026, "桂政发〔虚构〕1号", working="2026-10-04"))


def test_a_later_national_schedule_leaves_the_regions_days() -> None:
    first = schedule(2027, "桂政发〔虚构〕1号", "2027-04-08..2027-04-09")
    again = Schedule(2027, "国办发明电〔虚构〕28号", WHOLE_2027.off, ())
    after = understood(WORKDAYS, [WHOLE_2027, first, again], STATUTORY)
    assert after.why(date(2027, 4, 8)) == "地方规定的节日放假（桂政发〔虚构〕1号）"
    assert after.why(date(2027, 10, 1)) == "国庆节放假（国办发明电〔虚构〕28号）"


def test_what_was_accepted_before_is_never_refused_when_it_is_read_again() -> None:
    old = schedule(2027, "国办发明电〔虚构〕27号", "2027-01-01..2027-01-03")
    assert understood(WORKDAYS, [old], STATUTORY).why(date(2027, 1, 2)) == "元旦放假（国办发明电〔虚构〕27号）"
    far = schedule(2090, "国办发明电〔虚构〕90号", "2090-01-01..2090-01-01")
    assert not understood(WORKDAYS, [far], STATUTORY).is_working(date(2090, 1, 1))
    shorter = schedule(2026, "国办发明电〔虚构〕9号", "2026-05-01..2026-05-03")
    assert not understood(WORKDAYS, [shorter], STATUTORY).is_working(date(2026, 10, 1))


def test_a_year_whose_festivals_are_not_on_record_is_refused_with_the_years_that_are() -> None:
    assert "现有 2008 至 2060 年" in refusal(schedule(2090, "国办发明电〔虚构〕90号", "2090-01-01..2090-01-01"))


def test_a_contradiction_names_its_entry() -> None:
    with pytest.raises(ScheduleError, match=r"off\[0\]"):
        expect_acceptable(schedule(2026, "国办", "2026-05-03..2026-05-01"), WORKDAYS, STATUTORY)


def test_a_weekend_day_of_a_holiday_need_not_be_named_where_its_day_in_lieu_is() -> None:
    holidays = tuple(one for one in STATUTORY.holidays_of(2027) if one.name == "劳动节")
    assert min(holidays[0].days).weekday() == SATURDAY
    lieu = frozenset({date(2027, 5, 3), date(2027, 5, 4)})
    assert left_out(holidays, lieu, frozenset()) == ()
    assert left_out(holidays, lieu, frozenset({date(2027, 5, 2)})) == holidays
    assert left_out(holidays, frozenset(), frozenset()) == holidays


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("source: 全国年节及纪念日放假办法", "sauce: x", "未知的键 sauce"),
        ("2027: {春节: 2027-02-06", "2027: {春节: 2028-02-06", "春节的日期 2028-02-06 不在 2027 年"),
        ("2027: {春节: 2027-02-06, ", "2027: {", r"缺少 dates\[2027\].春节"),
        ("days: [0, 1]}", "days: [0, 一]}", "应为整数"),
        ("effective_on: 2014-01-01", "effective_on: 2007-01-01", "按施行日先后排列"),
    ],
)
def test_a_slip_in_the_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, what: str) -> None:
    path = tmp_path / STATUTORY_FILE
    shutil.copy(FOLDER / STATUTORY_FILE, path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=what):
        load_statutory(path)
