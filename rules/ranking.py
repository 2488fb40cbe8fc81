"""Scores to ranks (五(二); A7-18 to A7-24): exact means, compared unrounded, ties by the announced steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import groupby, takewhile

from rules.draw import draw
from rules.scoring import PassRule

HUNDREDTHS, THOUSANDTHS = Decimal("0.01"), Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Scored:
    """One dossier with its exact mean score; `is_out`: an item on which a "no" alone fails it was not met."""

    applicant_id: str
    mean: Fraction
    has_priority: bool
    registered_at: datetime
    is_out: bool = False


@dataclass(frozen=True, slots=True)
class TieStep:
    """One way of telling equal scores apart: how an announcement words it, and by what it orders (None: by lot)."""

    text: str
    by: Callable[[Scored], bool | datetime] | None


DRAW = "draw"
TIE_STEPS: Mapping[str, TieStep] = {
    "priority": TieStep("符合优先纳入条件的先纳入", lambda one: not one.has_priority),
    DRAW: TieStep("公开随机抽取", None),
    "registration": TieStep("按登记的先后", lambda one: one.registered_at),
}


@dataclass(frozen=True, slots=True)
class Ranking:
    """Qualified dossiers from high to low, those below the pass mark, and how ties were broken."""

    order: tuple[Scored, ...]
    below: tuple[Scored, ...]
    draws: Mapping[str, tuple[str, ...]]


def mean_of(totals: Sequence[Decimal]) -> Fraction:
    """The arithmetic mean of the experts' totals, exact (A7-24)."""
    return sum((Fraction(total) for total in totals), Fraction(0)) / len(totals)


def shown(mean: Fraction, rule: PassRule) -> str:
    """A score as people see it: two decimals, half up; where that would show it on the other side of the mark, three,
    at last cut off instead of rounded (A7-24: what is compared is not rounded). Never used for comparison."""
    exact = Decimal(mean.numerator) / Decimal(mean.denominator)
    away = ROUND_CEILING if rule.passes(mean) else ROUND_FLOOR
    ways = ((HUNDREDTHS, ROUND_HALF_UP), (THOUSANDTHS, ROUND_HALF_UP), (THOUSANDTHS, away))
    told = (exact.quantize(step, rounding=how) for step, how in ways)
    return str(next(one for one in told if rule.passes(one) is rule.passes(mean)))


def rank(
    scored: Sequence[Scored],
    rule: PassRule,
    tie_steps: Sequence[str],
    draw_key: str,
    settled: Sequence[str] = (),
) -> Ranking:
    """Ranks the dossiers of one type. `tie_steps` are the announced ones, of TIE_STEPS; KeyError for any other.

    Equal scores that the steps before it leave equal are drawn by RFC 3797 with the round's key and the place of the
    tie as a further source, numbered in the order of their applicant numbers. `settled`: who was ranked before, in
    that order; a late dossier never changes it, it is drawn into a place among them.
    """
    qualified = [one for one in scored if rule.passes(one.mean) and not one.is_out]
    below = [one for one in scored if not rule.passes(one.mean) or one.is_out]
    keyed = sorted(qualified, key=lambda one: (*_standing(one, tie_steps), one.applicant_id))
    order: list[Scored] = []
    draws: dict[str, tuple[str, ...]] = {}
    for _, equals in groupby(keyed, key=lambda one: _standing(one, tie_steps)):
        tied = list(equals)
        if len(tied) > 1 and any(one.applicant_id not in settled for one in tied):
            tied = _keeping(settled, _drawn(tied, f"{draw_key}{len(order) + 1}./"))
            draws[f"{draw_key}{len(order) + 1}./"] = tuple(one.applicant_id for one in tied)
        order.extend(_keeping(settled, tied))
    return Ranking(tuple(order), tuple(sorted(below, key=lambda one: (-one.mean, one.applicant_id))), draws)


def _standing(one: Scored, tie_steps: Sequence[str]) -> tuple[Fraction | bool | datetime, ...]:
    """By what a dossier is ordered before lots are drawn; a lot leaves nothing for the steps after it."""
    ways = (TIE_STEPS[step].by for step in tie_steps)
    return (-one.mean, *(by(one) for by in takewhile(lambda way: way is not None, ways) if by))


def _keeping(settled: Sequence[str], tied: Sequence[Scored]) -> list[Scored]:
    """These in their order, those who were ranked before in the order that they had among themselves."""
    by_id = {one.applicant_id: one for one in tied}
    known = iter([by_id[one] for one in settled if one in by_id])
    return [next(known) if one.applicant_id in settled else one for one in tied]


def _drawn(tied: list[Scored], key: str) -> list[Scored]:
    return [tied[number - 1] for number in draw(key, len(tied), len(tied)).picks]
