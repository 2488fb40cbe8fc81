"""What an expert's sheet gives a dossier by the announced rubric (五(二); R30): points, deductions, and items on which
a "no" alone fails it, as real scoring standards have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

Item = Mapping[str, Any]
Sheet = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class PassRule:
    """The pass mark, and whether reaching it is enough (A7-28; reading `pass_mark`)."""

    mark: Decimal
    is_inclusive: bool = True

    def passes(self, score: Fraction | Decimal) -> bool:
        """Is a score, exact or shown, good enough?"""
        exact = Fraction(score)
        return exact > Fraction(self.mark) or (self.is_inclusive and exact == Fraction(self.mark))


def is_veto(item: Item) -> bool:
    """An item without points: 1 for met, 0 for not met."""
    return bool(item.get("veto"))


def gives_points(item: Item) -> bool:
    """An item that counts towards the full mark: neither a deduction nor one of met and not met."""
    return not is_veto(item) and not item.get("deduction")


def most_of(item: Item) -> Decimal:
    """The highest that may be written for an item: its points, the most that is deducted, or 1 for met."""
    return Decimal(1) if is_veto(item) else Decimal(str(item["max"]))


def total_of(rubric: Sequence[Item], sheet: Sheet) -> Decimal:
    """The points of a sheet less its deductions, never below nothing."""
    points = sum((sheet[one["code"]] for one in rubric if gives_points(one)), Decimal(0))
    deducted = sum((sheet[one["code"]] for one in rubric if one.get("deduction")), Decimal(0))
    return max(points - deducted, Decimal(0))


def failed_vetoes(rubric: Sequence[Item], sheets: Sequence[Sheet], *, one_is_enough: bool) -> tuple[str, ...]:
    """The items on which the panel found the dossier wanting: more than half of it, or any of it (reading)."""
    return tuple(
        str(item["code"])
        for item in rubric
        if is_veto(item) and _is_failed([sheet[item["code"]] for sheet in sheets], one_is_enough=one_is_enough)
    )


def _is_failed(marks: Sequence[Decimal], *, one_is_enough: bool) -> bool:
    against = sum(mark == 0 for mark in marks)
    return against > 0 if one_is_enough else 2 * against > len(marks)
