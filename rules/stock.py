"""The stock list of an agreement (R54): which drugs an institution keeps, an annex that a later list replaces whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

NAMED_BY = ("generic", "brand", "dosage_form", "specification", "maker")  # what tells one drug from another
Versioned = TypeVar("Versioned")


def faults_of(entries: Sequence[Mapping[str, Any]], valid_from: date) -> Iterator[str]:
    """What is wrong with a list, a sentence each: nothing in it, a drug twice, days that cannot be."""
    if not entries:
        yield "清单里没有药品"
    counted = Counter(tuple(one[name] for name in NAMED_BY) for one in entries)
    for drug, times in counted.items():
        if times > 1:
            yield f"“{drug[0]}（{drug[3]}）”写了 {times} 次，每种规格只写一行"
    for one in entries:
        since, until = one["since"], one["until"]
        if since and until and until < since:
            yield f"“{one['generic']}”的停止日期 {until} 早于开始日期 {since}"
        if until and until < valid_from:
            yield f"“{one['generic']}”已于 {until} 停止备药，不列入自 {valid_from} 起的清单"


def as_kept(entry: Mapping[str, Any]) -> dict[str, str]:
    """A drug as it is stored and compared: texts, days as ISO strings, the price without idle zeros."""
    told = {name: "" if value is None else str(value) for name, value in entry.items()}
    return told | {"price": f"{Decimal(told['price']).normalize():f}" if told["price"] else ""}


def in_force(lists: Sequence[tuple[date, Versioned]], day: date) -> Versioned | None:
    """Of lists with their first days, in the order of record, the one in force: of the latest first day up to a day,
    of these the newest."""
    found: tuple[date, Versioned] | None = None
    for one in lists:
        if one[0] <= day and (found is None or one[0] >= found[0]):
            found = one
    return found[1] if found else None
