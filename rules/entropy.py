"""How much chance the announced public results hold, against how much the draw needs (五(二); RFC 3797, section 3.3).

In bits. What is needed is the logarithm of the number of possible panels; the policy's margin above it keeps nearly
every panel within reach of some result: with m bits more, about one panel in e^(2^m) can never be drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import comb, log2

from rules.draw import Stratum
from rules.policy import DrawSource


def bits_of(source: DrawSource) -> float:
    """What one result holds: all choices of `pick` different numbers of `of`, equally likely; their order is lost."""
    return log2(comb(source.of, source.pick))


def bits_needed(strata: Iterable[Stratum]) -> float:
    """The logarithm of the number of panels: each stratum's choices, which are independent, multiplied."""
    return sum(log2(comb(len(stratum.members), stratum.wanted)) for stratum in strata)


def is_enough(sources: Sequence[DrawSource], strata: Sequence[Stratum], margin: int) -> bool:
    """Do the sources together hold the bits needed and the margin? Exactly that many are enough."""
    return sum(bits_of(source) for source in sources) >= bits_needed(strata) + margin
