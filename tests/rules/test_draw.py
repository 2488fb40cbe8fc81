"""The public draw against the example of RFC 3797, section 6, and one of its later users' inputs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.draw import (
    MAX_POOL,
    Stratum,
    draw,
    draw_strata,
    key_of,
    orders_of,
    seated,
    seated_by_stratum,
    strata_from,
)
from rules.errors import InputError

SOURCES = [9319, [2, 5, 12, 8, 10], [9, 18, 26, 34, 41, 45]]
KEY = "9319./2.5.8.10.12./9.18.26.34.41.45./"
ORDER = (17, 7, 2, 16, 25, 23, 8, 24, 19, 13, 22, 5, 18, 9, 1, 4, 12, 15, 20, 14, 11, 3, 6, 21, 10)


def test_the_key_of_the_rfc() -> None:
    assert key_of(SOURCES) == KEY


def test_the_first_digest_of_the_rfc() -> None:
    assert draw(KEY, 25, 1).digests == ("990dd0a5692a029a98b5e01aa28f3459",)


def test_the_ten_of_the_rfc_and_the_whole_order() -> None:
    assert draw(KEY, 25, 10).picks == (17, 7, 2, 16, 25, 23, 8, 24, 19, 13)
    assert draw(KEY, 25, 25).picks == ORDER


@pytest.mark.parametrize(
    ("size", "sources", "picks", "first_digest"),
    [
        (
            134,
            [[17, 20, 22, 35, 38, 48, 36], 90193202, 55598744, [11, 17, 21, 48, 50, 9, 10]],
            (90, 25, 92, 126, 24, 31, 122, 96, 81, 132, 2, 41),
            "ca30d5996de35ba57b393541328c4159",
        ),
        (
            154,
            [[7, 8, 11, 17, 19, 25, 46], "08285182", 60115701, [2, 3, 18, 26, 32, 33, 42]],
            (138, 151, 89, 112, 117, 145, 118, 143, 144, 122, 95, 139),
            "d31d1c4ac453ca37989e9920b4e9bc03",
        ),
    ],
    ids=["2012", "2013"],
)
def test_the_published_draws_of_the_ietf_nominating_committees(
    size: int, sources: Any, picks: tuple[int, ...], first_digest: str
) -> None:
    selection = draw(key_of(sources), size, len(picks))
    assert selection.picks == picks
    assert selection.digests[0] == first_digest


def naive(key: str, size: int) -> list[int]:
    """The RFC's text followed once more, with the pool as a list that shrinks."""
    pool, picks = list(range(1, size + 1)), []
    while pool:
        mark = len(picks).to_bytes(2, "big")
        number = int.from_bytes(hashlib.md5(mark + key.encode() + mark).digest(), "big")
        picks.append(pool.pop(number % len(pool)))
    return picks


@given(st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=7), min_size=1, max_size=3), st.integers(1, 80))
def test_every_draw_is_a_whole_order_and_a_shorter_one_is_its_beginning(sources: Any, size: int) -> None:
    whole = draw(key_of(sources), size, size)
    assert list(whole.picks) == naive(key_of(sources), size)
    assert sorted(whole.picks) == list(range(1, size + 1))
    assert draw(key_of(sources), size, (size + 1) // 2).picks == whole.picks[: (size + 1) // 2]


@given(st.permutations([9, 18, 26, 34, 41, 45]))
def test_the_order_of_numbers_within_a_source_does_not_matter(numbers: list[int]) -> None:
    assert key_of([9319, [2, 5, 12, 8, 10], numbers]) == KEY


def test_the_order_of_the_sources_matters() -> None:
    assert key_of([[2, 5, 12, 8, 10], 9319, [9, 18, 26, 34, 41, 45]]) == "2.5.8.10.12./9319./9.18.26.34.41.45./"


@pytest.mark.parametrize(("source", "key"), [("077", "77./"), (["007", 3], "3.7./"), (0, "0./"), (["0"], "0./")])
def test_a_number_loses_leading_zeros(source: Any, key: str) -> None:
    assert key_of([source]) == key


@pytest.mark.parametrize("source", [-1, "-1", "3.5", "", " 3", "٣", "三", True, [3, "x"], "1e3"])
def test_what_is_no_whole_number_is_refused_with_its_place(source: Any) -> None:
    with pytest.raises(InputError, match=r"第2个随机源中的“.*”不是非负整数"):
        key_of([1, source])


def test_no_source_and_an_empty_one_are_refused() -> None:
    with pytest.raises(InputError, match="随机源不能为空"):
        key_of([])
    with pytest.raises(InputError, match="第1个随机源没有数字"):
        key_of([[]])


@pytest.mark.parametrize(("size", "count"), [(0, 0), (5, 0), (5, 6), (5, -1), (MAX_POOL + 1, 1)])
def test_a_pool_or_count_that_cannot_be_is_refused(size: int, count: int) -> None:
    with pytest.raises(InputError, match=f"抽取人数 {count} 须在 1 与名册人数 {size} 之间"):
        draw(KEY, size, count)


@pytest.mark.parametrize(
    ("skipped", "panel"),
    [(set(), (17, 7, 2)), ({7}, (17, 2, 16)), ({17, 2, 16}, (7, 25, 23)), ({1, 11}, (17, 7, 2))],
)
def test_who_falls_out_is_skipped_and_nobody_is_renumbered(skipped: set[int], panel: tuple[int, ...]) -> None:
    assert seated(ORDER, 3, frozenset(skipped)) == panel


def test_a_pool_that_runs_dry_seats_fewer() -> None:
    assert seated((2, 1, 3), 3, frozenset({1})) == (2, 3)


REFERENCE = json.loads(Path(__file__).with_name("rfc3797_reference.json").read_text(encoding="utf-8"))["draws"]


@pytest.mark.parametrize("row", REFERENCE, ids=[f"{row['count']} of {row['size']}" for row in REFERENCE])
def test_what_the_reference_program_of_the_rfc_draws(row: dict[str, Any]) -> None:
    ours = draw(key_of(row["sources"]), row["size"], row["count"])
    assert (ours.key, list(ours.picks), ours.digests[-1]) == (row["key"], row["picks"], row["last_digest"])


HALVES = (Stratum("1./", 2, (1, 3, 5, 7)), Stratum("2./", 1, (2, 4, 6, 8)))


def test_each_stratum_is_drawn_with_a_key_of_its_own() -> None:
    first, second = draw_strata(KEY, HALVES)
    assert (first.key, second.key) == (f"{KEY}1./", f"{KEY}2./")
    assert first.picks == tuple(HALVES[0].members[place - 1] for place in draw(f"{KEY}1./", 4, 4).picks)
    assert not set(first.digests) & set(second.digests)


def test_knowing_one_stratum_says_nothing_of_another() -> None:
    """With one key for both they would give equal places; with suffixes they agree as often as chance has it."""
    keys = [key_of([number]) for number in range(2000)]
    same = sum(draw(f"{key}1./", 4, 1).picks == draw(f"{key}2./", 4, 1).picks for key in keys)
    assert 400 < same < 600  # a quarter of 2,000, five standard deviations either way


def test_a_panel_by_specialty_takes_the_first_of_each_order_and_substitutes_from_the_same() -> None:
    picks = [pick for one in draw_strata(KEY, HALVES) for pick in one.picks]
    odd, even = orders_of(picks, HALVES)
    assert (set(odd), set(even)) == ({1, 3, 5, 7}, {2, 4, 6, 8})
    assert seated_by_stratum(picks, HALVES, frozenset()) == (*odd[:2], even[0])
    assert seated_by_stratum(picks, HALVES, frozenset({odd[0], even[0]})) == (*odd[1:3], even[1])


def test_a_plan_without_strata_is_the_whole_pool_with_the_key_itself() -> None:
    whole = strata_from([], 25, 3)
    assert whole == (Stratum("", 3, tuple(range(1, 26))),)
    assert draw_strata(KEY, whole) == (draw(KEY, 25, 25),)
