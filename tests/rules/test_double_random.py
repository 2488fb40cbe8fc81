"""Double random inspections (R82), without a database: shares, pools, conflicts, and a draw that anybody recomputes."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.double_random import Pools, assignments, commitment_of, is_over, seed_of, share_of, without_enough
from rules.draw import draw

KEY = "3.9.14.20.27.33./1./12345./"


@pytest.mark.parametrize(
    ("size", "percent", "count"),
    [(10, 10, 1), (11, 10, 2), (9, 10, 1), (19, 10, 2), (20, 10, 2), (21, 10, 3), (7, 100, 7), (1, 1, 1)],
)
def test_a_share_is_a_least_share(size: int, percent: int, count: int) -> None:
    assert share_of(size, percent) == count


def test_the_commitment_is_the_hash_of_the_figures() -> None:
    assert commitment_of(12345) == hashlib.sha256(b"12345").hexdigest()
    assert commitment_of(12345) != commitment_of(12346)


def test_the_secret_is_the_last_source_of_the_key() -> None:
    assert seed_of([[33, 3, 9, 14, 20, 27], [1]], 12345) == KEY


def test_institutions_and_inspectors_are_drawn_as_the_rfc_draws() -> None:
    drawn = assignments(KEY, Pools(institutions=9, inspectors=5, wanted=3, each=2))
    assert tuple(one.institution for one in drawn) == draw(KEY + "1./", 9, 9).picks[:3]
    for one in drawn:
        assert one.inspectors == draw(KEY + f"2.{one.institution}./", 5, 5).picks[:2]


def test_who_has_a_conflict_is_passed_over_and_the_next_goes() -> None:
    free = Pools(institutions=4, inspectors=4, wanted=4, each=2)
    first = assignments(KEY, free)[0]
    order = draw(KEY + f"2.{first.institution}./", 4, 4).picks
    kept_away = Pools(4, 4, 4, 2, frozenset({(first.institution, order[0])}))
    again = assignments(KEY, kept_away)
    assert again[0].inspectors == order[1:3]
    assert again[1:] == assignments(KEY, free)[1:]  # nobody else's order moves


@pytest.mark.parametrize(("out", "short"), [(1, ()), (2, ()), (3, (2,)), (4, (2,))])
def test_too_few_inspectors_are_seen_before_the_draw(out: int, short: tuple[int, ...]) -> None:
    pools = Pools(2, 4, 1, 2, frozenset((2, inspector) for inspector in range(1, out + 1)))
    assert without_enough(pools) == short


def test_it_is_over_when_every_drawn_one_was_inspected() -> None:
    assert not is_over(["A", "B"], ["A"])
    assert is_over(["A", "B"], ["B", "A", "C"])


@given(st.data())
def test_every_draw_keeps_to_its_pools(data: st.DataObject) -> None:
    institutions, inspectors = data.draw(st.integers(1, 12)), data.draw(st.integers(2, 8))
    pairs = st.tuples(st.integers(1, institutions), st.integers(1, inspectors))
    conflicts = frozenset(data.draw(st.lists(pairs, max_size=8)))
    pools = Pools(institutions, inspectors, data.draw(st.integers(1, institutions)), 2, conflicts)
    drawn = assignments(seed_of([data.draw(st.integers(0, 999))], data.draw(st.integers(0, 2**256))), pools)
    numbers = [one.institution for one in drawn]
    assert len(set(numbers)) == len(numbers) == pools.wanted
    for one in drawn:
        assert not {(one.institution, inspector) for inspector in one.inspectors} & conflicts
        assert len(set(one.inspectors)) == len(one.inspectors) == min(2, pools.may_go(one.institution))
