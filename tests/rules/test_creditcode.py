"""The unified social credit code: the standard's own example, every slip of the hand, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.creditcode import ALPHABET, LENGTH, check_character, code_of, doubt_of, fault_of, is_credit_code

EXAMPLE = "91350100M000100Y43"  # GB 32100-2015, appendix
REAL = "91350203M0001QKT19"  # issued before the check character was reckoned everywhere alike


def test_the_examples_check_character_fits() -> None:
    assert is_credit_code(EXAMPLE)


@pytest.mark.parametrize(
    "text", ["", EXAMPLE[:-1], EXAMPLE + "0", EXAMPLE.lower(), "91350100M000100Y4O", " " + EXAMPLE[1:]]
)
def test_another_form_is_no_code(text: str) -> None:
    assert not is_credit_code(text)
    assert fault_of(text)


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_caught(body: str, place: int, other: str) -> None:
    code = body + check_character(body)
    wrong = code[:place] + other + code[place + 1 :]
    assert (doubt_of(wrong) == "") == (wrong == code)


def test_a_code_at_fault_in_its_check_character_alone_is_doubted_and_no_more() -> None:
    assert fault_of(REAL) == ""
    assert doubt_of(REAL) == "末位校验码不符（按国家标准推算应为 F）"
    assert doubt_of("91350203M0001QKT29").endswith("第 17 位（主体标识码的校验位）也不符，多半抄错")


@pytest.mark.parametrize(
    ("first_seventeen", "fault"),
    [
        ("0" * 17, "第 1 位“0”不是登记管理部门代码"),
        ("B1350100M000100Y4", "第 1 位“B”不是登记管理部门代码"),
        ("95350100M000100Y4", "第 2 位“5”不是该登记管理部门的机构类别代码"),
        ("91000000M000100Y4", "第 3 至 8 位“000000”不是行政区划代码"),
        ("91160100M000100Y4", "第 3 至 8 位“160100”不是行政区划代码"),
        ("91350001M000100Y4", "第 3 至 8 位“350001”不是行政区划代码"),
        ("9135A100M000100Y4", "第 3 至 8 位“35A100”不是行政区划代码"),
        ("91350100000000000", "第 9 至 17 位是全 0，不是主体标识码"),
    ],
)
def test_what_passes_the_check_sum_is_no_code_where_a_part_cannot_be(first_seventeen: str, fault: str) -> None:
    code = first_seventeen + check_character(first_seventeen)
    assert fault_of(code) == fault
    assert not is_credit_code(code)


def test_an_identity_number_is_no_code_even_where_its_parts_could_be_one() -> None:
    assert fault_of("11010519491231002X").startswith("像是居民身份证号码")
    passes_both = "513301198501010138"  # of an invented person: even the check character of a credit code fits
    assert doubt_of(passes_both) == ""
    assert fault_of(passes_both).startswith("像是居民身份证号码")


@pytest.mark.parametrize(
    "code", ["12350100M000100Y43", "54350100M000100Y43", "N2350100M000100Y43", "91100000M000100Y43"]
)
def test_every_kind_of_registration_may_be(code: str) -> None:
    assert len(code) == LENGTH
    assert fault_of(code) == ""


def test_a_code_is_kept_in_one_form() -> None:
    assert code_of(" ９１350100 m000100y-４３\u200b") == EXAMPLE
    assert code_of("91350100М000100У43") == EXAMPLE
