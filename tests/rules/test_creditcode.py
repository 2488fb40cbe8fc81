"""The unified social credit code: the standard's own example, and every slip of the hand that it catches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.creditcode import ALPHABET, check_character, is_credit_code

EXAMPLE = "91350100M000100Y43"  # GB 32100-2015, appendix


def test_the_examples_check_character_fits() -> None:
    assert is_credit_code(EXAMPLE)


@pytest.mark.parametrize(
    "text", ["", EXAMPLE[:-1], EXAMPLE + "0", EXAMPLE.lower(), "91350100M000100Y4O", " " + EXAMPLE[1:]]
)
def test_another_form_is_no_code(text: str) -> None:
    assert not is_credit_code(text)


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_caught(body: str, place: int, other: str) -> None:
    code = body + check_character(body)
    wrong = code[:place] + other + code[place + 1 :]
    assert is_credit_code(wrong) == (wrong == code)
