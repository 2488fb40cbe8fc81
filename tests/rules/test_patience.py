"""What the tests themselves promise: no property has a deadline, and who waits sees at once that nobody will come."""

from __future__ import annotations

import time
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.patience import until


def test_one_profile_without_a_deadline_for_every_property() -> None:
    @given(st.integers())
    def any_property(_: int) -> None:
        """A property as all the others are written."""

    assert settings.default is not None
    assert settings.default.deadline is None
    assert any_property._hypothesis_internal_use_settings.deadline is None  # type: ignore[attr-defined]


def test_what_comes_is_answered() -> None:
    looks = count()
    assert until(lambda: next(looks) >= 2 and "there") == "there"


def test_who_waits_for_the_dead_is_told_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(AssertionError, match=r"^等待的一方已不在：a letter"):
        until(lambda: None, "a letter", alive=lambda: False)
    assert time.monotonic() - began < 100  # not the five minutes after which something hangs


def test_what_came_with_the_last_breath_counts() -> None:
    assert until(lambda: "there", alive=lambda: False) == "there"


def test_what_hangs_is_no_endless_wait() -> None:
    with pytest.raises(AssertionError, match=r"秒仍未等到：the end$"):
        until(lambda: None, lambda: "the end", hangs_after_s=0)
