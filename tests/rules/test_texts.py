"""What a text is: what is kept of it, and when two are the same, tried with all that looks alike or is not seen."""

from __future__ import annotations

import sys
import unicodedata

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import texts
from rules.standard_characters import OTHERS, STANDARD
from rules.texts import cleaned, cleaned_lines, compared, half_width, hyphened, latin, squeezed, unholdable

EVERY_CHARACTER = [chr(number) for number in range(sys.maxunicode + 1)]
INVISIBLE = [
    *("\u00ad", "\u034f", "\u061c", "\u180e", "\u200b", "\u200d", "\u200e", "\u202a", "\u202d", "\u202c", "\u2060"),
    *("\u2066", "\u2067", "\u2068", "\u2069", "\u206f", "\ufe00", "\ufe0f", "\ufeff", "\ufff9", "\ufffc", "\x07"),
    *("\U000e0041", "\U000e0100", "\U000e01ef", "_x000D_", "_x0007_", "_x000d_"),
]
BLANKS = ["\u00a0", "\u2003", "\u3000", "\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\t", "\n", "\u2028", "\x85"]
DOTS = [*"·•・‧･⋅∙᛫●．.。｡", "\u0387", "\u2e31"]


@pytest.mark.parametrize("mark", INVISIBLE)
def test_what_nobody_sees_is_not_kept_and_decides_nothing(mark: str) -> None:
    assert cleaned(f"{mark}样例{mark}县医院{mark}").replace(" ", "") == "样例县医院"
    assert compared(f"样例{mark}县医院") == compared("样例县医院")


@pytest.mark.parametrize(
    ("typed", "registered"),
    [("樣例縣第一醫院", "样例县第一医院"), ("華發大藥房", "华发大药房"), ("臺前縣醫院", "台前县医院")],
)
def test_a_name_in_traditional_characters_is_the_registered_one(typed: str, registered: str) -> None:
    assert compared(typed) == compared(registered)
    assert cleaned(typed) == typed, "what was written is kept"


def test_standard_characters_that_are_traditional_forms_too_stay_apart() -> None:
    assert len({compared(one) for one in ("乾康药房", "干康药房")}) == 2


def test_the_table_of_standard_characters_is_opencc_s() -> None:
    converted = opencc.OpenCC("t2s").convert("\n".join(OTHERS)).split("\n")
    assert "".join(converted) == STANDARD
    assert len(set(OTHERS)) == len(OTHERS) == len(STANDARD)
    assert not set(OTHERS) & set(STANDARD), "once is enough"
    assert all(one.encode("gb2312") for one in STANDARD)


@pytest.mark.parametrize("blank", BLANKS)
def test_blanks_of_every_kind_are_one_inside_and_none_outside(blank: str) -> None:
    assert cleaned(f"{blank}样例{blank}{blank}医院{blank}") == "样例 医院"
    assert compared(f"样例{blank}医院") == compared("样例医院")


def test_no_mark_of_the_categories_control_and_format_is_kept() -> None:
    kept = [
        one
        for one in EVERY_CHARACTER
        if unicodedata.category(one) in ("Cc", "Cf") and cleaned(f"甲{one}乙") == f"甲{one}乙"
    ]
    assert kept == []


@pytest.mark.parametrize("dot", DOTS)
def test_the_dot_in_a_name_may_be_typed_as_any(dot: str) -> None:
    assert compared(f"阿克{dot}苏医院") == compared("阿克·苏医院") != compared("阿克苏医院")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\ue863龙药房", "䶮龙药房"),
        ("样例（总）医院", "样例(总)医院"),
        ("样例【总】医院", "样例〔总〕医院"),
        ("样例“新”药房", '样例"新"药房'),
        ("样例－一店", "样例——一店"),
        ("样例第—医院", "样例第一医院"),
        ("⾧春⼤药房", "長春大药房"),
        ("样例⻔诊部", "样例门诊部"),
        ("样例㐂\U000e0100药房", "样例㐂药房"),
        ("\uf900药房", "豈药房"),
        ("Ａ座药房", "А座药房"),
        ("二○一医院", "二〇一医院"),
        ("二0一医院", "二〇一医院"),
        ("样例エ业医院", "样例工业医院"),
        ("STAR药房", "ｓｔａｒ药房"),
        ("样例大药房_x000D_ 一店", "样例大药房一店"),
    ],
)
def test_names_that_look_alike_are_one(one: str, other: str) -> None:
    assert compared(one) == compared(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("样例县第1医院", "样例县第1医院分院"), ("𠮷祥药房", "吉祥药房"), ("样例一店", "样例二店"), ("P01", "PO1")],
)
def test_names_that_are_only_similar_are_two(one: str, other: str) -> None:
    assert compared(one) != compared(other)


def test_gbks_private_letters_are_those_of_the_standard() -> None:
    """Where Python's `gb18030` (the edition of 2000) has a letter, it is ours; the rest are those of 2005 and 2022."""
    rows = [bytes([0xFE, last]) for last in range(0x50, 0xA1) if last != 0x7F]
    assert len(rows) == len(texts.GBK_LETTERS) == 80
    for place, (code, letter) in enumerate(zip(rows, texts.GBK_LETTERS, strict=True)):
        decoded = code.decode("gb18030")
        assert texts.PRIVATE_USE[0xE815 + place] == letter
        assert decoded == letter or ord(decoded) == 0xE815 + place
        assert unicodedata.category(letter) in ("Lo", "So")
    assert texts.PRIVATE_USE[0xE863] == "䶮"
    assert cleaned("\ue863") == "䶮"
    assert texts.PRIVATE_USE[0xE81E] == "\u9fb4"
    assert not any(unicodedata.category(one) == "Co" for one in texts.PRIVATE_USE.values())


def test_every_dash_is_a_hyphen_but_the_waves_that_mean_a_range() -> None:
    waves = {"\u301c", "\u3030"}
    dashes = {one for one in EVERY_CHARACTER if unicodedata.category(one) == "Pd"} - waves
    assert {one for one in dashes if hyphened(one) != "-"} == set()
    assert all(hyphened(one) == one for one in waves)
    assert [hyphened(f"0591{one}8") for one in ("——", "−", "ー", "﹣", "─")] == ["0591-8"] * 5


def test_codes_and_numbers_are_half_width() -> None:
    assert half_width(" １２\u3000３\u200b ") == "12 3"
    assert squeezed("Ｐ — ０１\u2060") == "P-01"
    assert latin("Р01 Ηр") == "P01 Hp"


def test_lines_stay_lines() -> None:
    assert cleaned_lines("\n甲 \r\n\u202d乙\n\n") == "甲\n乙"


@pytest.mark.parametrize("number", [0xD800, 0xDFFF, 0xFDD0, 0xFFFE, 0xFFFF, 0x10FFFF, 0, 0x1B])
def test_what_nothing_can_hold_is_named_by_number_and_place(number: int) -> None:
    assert unholdable(f"甲{chr(number)}") == f"第 2 个字符 U+{number:04X} 不是文字，无法保存"


def test_a_lost_letter_is_not_cleaned_away() -> None:
    assert unholdable(cleaned("甲\ud800乙"))
    assert not unholdable(cleaned("𠮷祥\n大药房\t（一）"))


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)
    assert compared(cleaned(text)) == compared(text)
