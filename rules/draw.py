"""The public random draw: RFC 3797, so that anybody can recompute it with any program that follows the RFC."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from rules.errors import InputError

Source = int | str | Sequence[int | str]
MAX_POOL = 65535  # the RFC's counter has two bytes


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the pool that is drawn by itself: how many of it, the pool numbers in it, and what its key adds.

    Each has its own suffix, so that knowing the picks of one says nothing of another. A pool that is drawn whole is
    one stratum without a suffix.
    """

    suffix: str
    wanted: int
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """A draw: the key string, the picked numbers (from 1) in order, and the digest behind each."""

    key: str
    picks: tuple[int, ...]
    digests: tuple[str, ...]


def key_of(sources: Sequence[Source]) -> str:
    """The RFC's key string (section 4): numbers ascending within a source, each ended by `.`, the source by `/`.

    A number given as text loses leading zeros. Raises InputError for no source, an empty one or no whole number >= 0.
    """
    if not sources:
        raise InputError("随机源不能为空：至少给出一个公开结果")
    return "".join("".join(f"{n}." for n in sorted(_numbers(s, i))) + "/" for i, s in enumerate(sources, 1))


def _numbers(source: Source, place: int) -> list[int]:
    values = [source] if isinstance(source, (int, str)) else list(source)
    if not values:
        raise InputError(f"第{place}个随机源没有数字")
    return [_number(value, place) for value in values]


def _number(value: int | str, place: int) -> int:
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit():
        raise InputError(f"第{place}个随机源中的“{value}”不是非负整数")
    return int(value)


def draw(key: str, pool_size: int, count: int) -> Selection:
    """Draws `count` of the numbers 1..pool_size in order (RFC 3797, section 4).

    Pick i: the MD5 of i (two bytes, big-endian) before and after the key, as an integer, modulo the numbers left.
    Raises InputError when the pool or the count cannot be.
    """
    if not 1 <= count <= pool_size <= MAX_POOL:
        raise InputError(f"抽取人数 {count} 须在 1 与名册人数 {pool_size} 之间，名册不超过 {MAX_POOL} 人")
    remaining = list(range(1, pool_size + 1))
    picks, digests = [], []
    for index in range(count):
        digest = hashlib.md5(_framed(key, index), usedforsecurity=False).hexdigest()  # as the RFC prescribes
        picks.append(remaining.pop(int(digest, 16) % len(remaining)))
        digests.append(digest)
    return Selection(key, tuple(picks), tuple(digests))


def _framed(key: str, index: int) -> bytes:
    mark = index.to_bytes(2, "big")
    return mark + key.encode("ascii") + mark


def strata_from(rows: Sequence[Mapping[str, Any]], pool_size: int, wanted: int) -> tuple[Stratum, ...]:
    """The strata of a plan as it is kept; a plan without any is the whole pool, drawn with the key itself."""
    if not rows:
        return (Stratum("", wanted, tuple(range(1, pool_size + 1))),)
    return tuple(Stratum(row["suffix"], row["wanted"], tuple(row["members"])) for row in rows)


def draw_strata(key: str, strata: Sequence[Stratum]) -> tuple[Selection, ...]:
    """Draws the whole order of each stratum, in pool numbers. Raises InputError for an empty stratum."""
    return tuple(_draw_stratum(key + one.suffix, one.members) for one in strata)


def _draw_stratum(key: str, members: Sequence[int]) -> Selection:
    order = draw(key, len(members), len(members))
    return Selection(key, tuple(members[place - 1] for place in order.picks), order.digests)


def orders_of(picks: Sequence[int], strata: Sequence[Stratum]) -> tuple[tuple[int, ...], ...]:
    """The order of each stratum, from the orders written one behind the other."""
    ends = list(accumulate(len(one.members) for one in strata))
    return tuple(tuple(picks[end - len(one.members) : end]) for one, end in zip(strata, ends, strict=True))


def seated_by_stratum(picks: Sequence[int], strata: Sequence[Stratum], skipped: frozenset[int]) -> tuple[int, ...]:
    """Who sits on the panel: of each stratum the first of its order that are not skipped."""
    orders = orders_of(picks, strata)
    return tuple(
        number for order, one in zip(orders, strata, strict=True) for number in seated(order, one.wanted, skipped)
    )


def seated(order: Sequence[int], wanted: int, skipped: frozenset[int]) -> tuple[int, ...]:
    """Who sits on the panel: the first `wanted` of the drawn order that are not skipped (s.5.1: never renumbered)."""
    return tuple(number for number in order if number not in skipped)[:wanted]
