"""Double random inspections (双随机、一公开; R82): which institutions are inspected, and by whom, drawn by RFC
3797 from two frozen pools.

Both pools and the public results are known to everybody; so that nobody outside knows the draw before the inspections
are over, the last source is a secret number. Its SHA-256 (`commitment_of`) is published with the plan; the number
itself afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil

from rules.draw import Source, Stratum, draw_strata, key_of, seated
from rules.terms import WHOLE

SECRET_BITS = 256
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pools:
    """What a plan fixes: how many institutions and inspectors there are (both numbered from 1), how many institutions
    are drawn, how many inspectors go to each, and which pairs (institution, inspector) do not go together."""

    institutions: int
    inspectors: int
    wanted: int
    each: int
    conflicts: frozenset[Pair] = frozenset()

    def may_go(self, institution: int) -> int:
        """How many inspectors have no conflict with an institution."""
        return self.inspectors - len(self.out_of(institution))

    def out_of(self, institution: int) -> frozenset[int]:
        """The inspectors who do not go to an institution."""
        return frozenset(inspector for number, inspector in self.conflicts if number == institution)


@dataclass(frozen=True, slots=True)
class Assignment:
    """An institution that was drawn, and who goes, by their numbers in the pools."""

    institution: int
    inspectors: tuple[int, ...]


def commitment_of(secret: int) -> str:
    """The SHA-256 of the secret number, written in decimal figures, in hex."""
    return hashlib.sha256(str(secret).encode("ascii")).hexdigest()


def share_of(size: int, percent: int) -> int:
    """How many institutions a share is, rounded up: a share is a least share."""
    return ceil(size * percent / WHOLE)


def seed_of(sources: Sequence[Source], secret: int) -> str:
    """The key string of RFC 3797, with the secret as its last source. Raises InputError as `key_of`."""
    return key_of([*sources, secret])


def institutions_of(pools: Pools) -> Stratum:
    """The draw of the institutions; its key ends with `1./`."""
    return Stratum("1./", pools.wanted, tuple(range(1, pools.institutions + 1)))


def inspectors_for(pools: Pools, institution: int) -> Stratum:
    """The draw of those who go to an institution; its key ends with `2.<number>./`, so that each has its own order."""
    return Stratum(f"2.{institution}./", pools.each, tuple(range(1, pools.inspectors + 1)))


def assignments(key: str, pools: Pools) -> tuple[Assignment, ...]:
    """The institutions drawn, in the order of the draw, each with the first of its inspectors' order that may go."""
    [chosen] = draw_strata(key, [institutions_of(pools)])
    return tuple(_assigned(key, pools, number) for number in chosen.picks[: pools.wanted])


def _assigned(key: str, pools: Pools, institution: int) -> Assignment:
    [order] = draw_strata(key, [inspectors_for(pools, institution)])
    return Assignment(institution, seated(order.picks, pools.each, pools.out_of(institution)))


def without_enough(pools: Pools) -> tuple[int, ...]:
    """The institutions for which too few inspectors are left."""
    return tuple(one for one in range(1, pools.institutions + 1) if pools.may_go(one) < pools.each)


def is_over(drawn: Collection[str], inspected: Collection[str]) -> bool:
    """Whether every institution that was drawn has been inspected."""
    return set(drawn) <= set(inspected)
