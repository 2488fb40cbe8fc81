"""How much chance the sources hold and how much a draw needs: the RFC's own table, and the line to the figure."""

from __future__ import annotations

from math import ceil

import pytest

from rules.draw import Stratum
from rules.entropy import bits_needed, bits_of, is_enough
from tests.rules.cases import POLICY

KINDS = {one.code: one for one in POLICY.draw_sources}
MARGIN = POLICY.count("entropy_margin")
# RFC 3797, section 3.3: bits to choose 10 of a pool, rounded up.
TABLE = {20: 18, 25: 22, 30: 25, 35: 28, 40: 30, 50: 34, 60: 37, 75: 40, 100: 44, 120: 47}


def pool(size: int, wanted: int) -> Stratum:
    return Stratum("", wanted, tuple(range(1, size + 1)))


@pytest.mark.parametrize(("size", "bits"), TABLE.items())
def test_the_table_of_the_rfc(size: int, bits: int) -> None:
    assert ceil(bits_needed([pool(size, 10)])) == bits


@pytest.mark.parametrize(
    ("codes", "bits"),
    [
        *((("ssq_red", "ssq_blue"), "24.08"), (("dlt_front", "dlt_back"), "24.35"), (("pl5",), "16.61")),
        *((("fc3d",), "9.97"), (("pl3",), "9.97"), (("qlc",), "20.96")),
    ],
)
def test_what_the_games_hold(codes: tuple[str, ...], bits: str) -> None:
    assert f"{sum(bits_of(KINDS[code]) for code in codes):.2f}" == bits


@pytest.mark.parametrize(("size", "enough"), [(43, True), (44, True), (45, False)])
def test_one_double_colour_ball_carries_five_of_forty_four_and_no_more(size: int, enough: bool) -> None:
    assert is_enough([KINDS["ssq_red"], KINDS["ssq_blue"]], [pool(size, 5)], MARGIN) is enough


def test_exactly_the_bits_and_the_margin_are_enough() -> None:
    blue = KINDS["ssq_blue"]  # sixteen: four bits
    assert is_enough([blue, blue], [pool(16, 1)], 4)
    assert not is_enough([blue, blue], [pool(17, 1)], 4)
    assert not is_enough([blue], [pool(16, 1)], 1)


def test_strata_need_the_sum_of_theirs() -> None:
    apart = [Stratum("1./", 2, (1, 2, 3, 4, 5)), Stratum("2./", 1, (6, 7, 8, 9))]
    assert bits_needed(apart) == pytest.approx(bits_needed(apart[:1]) + 2)
    assert bits_needed([pool(3, 3)]) == 0
