"""The working-day files: what they say, and every refusal with file and line."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from policies import yamlfile
from policies.calendars import BOUNDS_FILE, FOLDER, load_bounds, load_workdays
from rules.errors import PolicyError

NOTICES = {
    2018: "国办发明电〔2017〕12号",
    2019: "国办发明电〔2018〕15号、国办发明电〔2019〕3号",
    2020: "国办发明电〔2019〕16号、国办发明电〔2020〕1号",
    2021: "国办发明电〔2020〕27号",
    2022: "国办发明电〔2021〕11号",
    2023: "国办发明电〔2022〕16号",
    2024: "国办发明电〔2023〕7号",
    2025: "国办发明电〔2024〕12号",
    2026: "国办发明电〔2025〕7号",
}

YEAR = """\
year: 2030
notice: 国办发明电〔2029〕1号
title: 通知
signed_on: 2029-11-01
published_on: 2029-11-02
url: https://www.gov.cn/x
off:
  - {name: 元旦, from: 2030-01-01, to: 2030-01-01}
  - {name: 劳动节, from: 2030-05-01, to: 2030-05-03}
working:
  - 2030-04-28
"""
AMENDMENT = """\
amendments:
  - notice: 国办发明电〔2030〕2号
    title: 调整
    signed_on: 2030-03-01
    published_on: 2030-03-01
    url: https://www.gov.cn/y
    changed: 劳动节改为两天
    revokes:
      off:
        - {name: 劳动节, from: 2030-05-01, to: 2030-05-03}
      working:
        - 2030-04-28
    off:
      - {name: 劳动节, from: 2030-05-01, to: 2030-05-02}
    working: []
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(FOLDER / BOUNDS_FILE, tmp_path / BOUNDS_FILE)
    (tmp_path / "2030.yaml").write_text(YEAR, encoding="utf-8")
    return tmp_path


def refusal(folder: Path) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        load_workdays(folder)
    return caught.value


def test_the_house_has_the_notices_of_2018_to_2026_amendments_included() -> None:
    assert load_workdays().years == NOTICES


def test_a_good_file_is_read_once(folder: Path) -> None:
    assert load_workdays(folder) is load_workdays(folder)
    assert [load_workdays(folder).is_working(day) for day in (date(2030, 5, 1), date(2030, 4, 28))] == [False, True]


def test_both_the_original_and_the_amended_schedule_are_in_the_file_and_the_amended_one_counts(folder: Path) -> None:
    (folder / "2030.yaml").write_text(YEAR + AMENDMENT, encoding="utf-8")
    workdays = load_workdays(folder)
    assert workdays.years == {2030: "国办发明电〔2029〕1号、国办发明电〔2030〕2号"}
    assert [workdays.why(date(2030, *day)) for day in ((1, 1), (4, 28), (5, 1), (5, 3))] == [
        "元旦放假（国办发明电〔2029〕1号）",
        "周末",
        "劳动节放假（国办发明电〔2030〕2号）",
        "工作日",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("title: 通知", "titel: 通知", 3, "未知的键 titel"),
        ("title: 通知\n", "", 1, "缺少 title"),
        ("year: 2030", "year: '2030'", 1, "year 应为整数，现为 '2030'"),
        ("year: 2030", "year: 2031", 1, "year 为 2031，与文件名 2030.yaml 不符"),
        ("国办发明电〔2029〕1号", "2029年1号", 2, "应如 国办发明电〔2024〕12号"),
        ("published_on: 2029-11-02", "published_on: 2029-10-02", 5, "公布日 2029-10-02 早于成文日 2029-11-01"),
        ("published_on: 2029-11-02", "published_on: 昨天", 5, "published_on 应为日期（如 2026-01-01），现为 '昨天'"),
        ("off:\n  - {name: 元旦", "off: 无\nx:\n  - {name: 元旦", 8, "未知的键 x"),
        ("{name: 元旦, from:", "{name: 元旦, form:", 8, r"未知的键 off\[0\].form"),
        (
            "{name: 元旦, from: 2030-01-01",
            "{name: 元旦, from: 2030-01-02",
            8,
            "放假末日 2030-01-01 早于首日 2030-01-02",
        ),
        ("to: 2030-05-03", "to: 2030-05-32", 9, "读不懂 '2030-05-32'"),
        ("from: 2030-05-01", "from: 2030-01-01", 9, "2030-01-01 已由 国办发明电〔2029〕1号 定为放假，重复或矛盾"),
        ("- 2030-04-28", "- 2030-04-29", 11, "2030-04-29 是周一至周五，本就上班，不是调休上班日"),
        ("- 2030-04-28", "- 2030-05-01", 11, "2030-05-01 已由 国办发明电〔2029〕1号 定为放假，重复或矛盾"),
        ("- 2030-04-28", "- 2030-04-28\n  - 2030-04-28", 12, "定为上班，重复或矛盾"),
        ("- 2030-04-28", "- 2028-04-29", 11, "2028-04-29 不在 2030 年及其前一个 12 月之内"),
        ("working:\n", "year: 2030\nworking:\n", 10, "键 year 重复，第 1 行已有"),
        ("working:\n", "working: [\n", 11, "YAML 语法错误"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_line(folder: Path, old: str, new: str, line: int, what: str) -> None:
    assert old in YEAR
    (folder / "2030.yaml").write_text(YEAR.replace(old, new, 1), encoding="utf-8")
    error = refusal(folder)
    assert (error.file, error.line) == (str(folder / "2030.yaml"), line)
    with pytest.raises(PolicyError, match=what):
        raise error


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("changed: 劳动节改为两天", "because: x", 18, r"未知的键 amendments\[0\].because"),
        ("to: 2030-05-03}", "to: 2030-05-04}", 21, "要废止的安排在原通知中没有"),
        ("        - 2030-04-28", "        - 2030-04-27", 23, "要废止的安排在原通知中没有"),
        (
            "from: 2030-05-01, to: 2030-05-02",
            "from: 2030-01-01, to: 2030-01-01",
            25,
            "2030-01-01 已由 国办发明电〔2029〕1号",
        ),
        ("    working: []", "    working: 2030-04-28", 26, "应为清单"),
    ],
)
def test_an_amendment_that_is_wrong_is_refused_with_its_line(
    folder: Path, old: str, new: str, line: int, what: str
) -> None:
    assert old in AMENDMENT
    (folder / "2030.yaml").write_text(YEAR + AMENDMENT.replace(old, new, 1), encoding="utf-8")
    error = refusal(folder)
    assert (error.file, error.line) == (str(folder / "2030.yaml"), line)
    with pytest.raises(PolicyError, match=what):
        raise error


def test_a_year_missing_in_between_is_refused(folder: Path) -> None:
    (folder / "2032.yaml").write_text(YEAR.replace("year: 2030", "year: 2032"), encoding="utf-8")
    error = refusal(folder)
    assert (error.file, error.line) == (str(folder / "2032.yaml"), 1)
    assert str(error).endswith("2030 年与 2032 年之间缺少 2031 年的放假安排文件")


def test_two_files_that_speak_of_one_day_are_refused(folder: Path) -> None:
    first = YEAR.replace("to: 2030-05-03", "to: 2030-05-03}\n  - {name: 元旦, from: 2030-12-31, to: 2030-12-31")
    second = (
        YEAR.replace("2030-", "2031-").replace("year: 2030", "year: 2031").replace("2031-01-01, to", "2030-12-31, to")
    )
    (folder / "2030.yaml").write_text(first, encoding="utf-8")
    (folder / "2031.yaml").write_text(second, encoding="utf-8")
    error = refusal(folder)
    assert (error.file, error.line) == (str(folder / "2031.yaml"), 8)
    assert "2030-12-31 已由 国办发明电〔2029〕1号 定为放假" in str(error)


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    assert "没有任何年份的放假安排文件" in str(refusal(tmp_path))


def test_a_missing_bounds_file_is_refused(folder: Path) -> None:
    (folder / BOUNDS_FILE).unlink()
    assert refusal(folder).file == str(folder / BOUNDS_FILE)


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("from: {month: 12, day: 30}", "from: {month: 13, day: 30}", 1, "没有 13 月 30 日这一天"),
        ("at_most: 4", "at_most: -1", 1, "at_most 不得为负，现为 -1"),
        ("at_most: 3", "at_most: true", 2, r"windows\[0\].makeup.at_most 应为整数，现为 True"),
        ("from: {month: 1, day: 18}", "from: {month: 1, day: 4}", 5, "春节 的 off 时段与 元旦 的重叠"),
        ("from: {month: 1, day: 11}", "from: {month: 1, day: 10}", 6, "春节 的 makeup 时段与 元旦 的重叠"),
        ("name: 春节", "nam: 春节", 4, r"未知的键 windows\[1\].nam"),
    ],
)
def test_bounds_that_are_wrong_are_refused_with_their_line(
    tmp_path: Path, old: str, new: str, line: int, what: str
) -> None:
    text = (FOLDER / BOUNDS_FILE).read_text(encoding="utf-8")
    path = tmp_path / BOUNDS_FILE
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    first = text.splitlines().index("  - name: 元旦") + 1
    with pytest.raises(PolicyError, match=what) as caught:
        load_bounds(path)
    assert caught.value.line == first + line


def test_words_and_days_of_a_policy_file_mean_what_a_reader_expects() -> None:
    document = yamlfile.parse("off: [on, yes, 08:30, 007, 12, 1.5, true, 2026-01-02]\nnone:\n", "x.yaml")
    assert document.data["off"] == ["on", "yes", "08:30", "007", 12, 1.5, True, date(2026, 1, 2)]
    assert (document.data["none"], document.line(("none",)), document.line(("none", "deeper"))) == (None, 2, 2)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a:\n  b: 1\n  b: 2\n", 3, "键 a.b 重复，第 2 行已有"),
        ("a: 1\nb: [1\n", 3, "YAML 语法错误"),
        ("a: 1\nb: 2026-02-30\n", 2, "读不懂 '2026-02-30'"),
        ("a:\n  - &x [*x]\n", 2, "引用了包含它自己的内容"),
        ("? [1]\n: 2\n", 1, "键须为文字或整数"),
        ("a: !!timestamp 2026-01-01 10:00:00\n", 1, "应只写日期，不写时刻"),
        ("a: !!timestamp x\n", 1, "读不懂 'x'"),
        ("a: 1\n---\nb: 1\n", 2, "YAML 语法错误"),
    ],
)
def test_yaml_that_is_no_plain_data_is_refused_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(PolicyError, match=what) as caught:
        yamlfile.parse(text, "x.yaml")
    assert (caught.value.file, caught.value.line) == ("x.yaml", line)


def test_reading_by_place_names_the_place(tmp_path: Path) -> None:
    document = yamlfile.parse("a:\n  - b: 1\n", "x.yaml")
    assert document.expect(("a", 0, "b"), int) == 1
    with pytest.raises(PolicyError, match=r"x.yaml:2: a\[0\].b 应为文字，现为 1"):
        document.expect(("a", 0, "b"), str)
    with pytest.raises(PolicyError, match=r"x.yaml:2: 缺少 a\[0\].c"):
        document.at(("a", 0, "c"))
    with pytest.raises(PolicyError, match="读不到文件"):
        yamlfile.read(tmp_path / "absent.yaml")
