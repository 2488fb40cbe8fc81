"""The values of a month against what was agreed (R70, R72, R83): beyond a limit, the worst, months running, missing.

Numbers are exact. What is beyond is a matter for a written warning, never a sanction by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rules.months import months_up_to
from rules.policy import TermField
from rules.terms import BOUNDS, NUMBER, UNITS, WHOLE, Term


@dataclass(frozen=True, slots=True)
class Value:
    """One reported value of a month; numerator and denominator where they were given, else empty."""

    field: str
    value: str
    numerator: str = ""
    denominator: str = ""

    @property
    def number(self) -> Decimal:
        """The value as an exact number."""
        return Decimal(self.value)


@dataclass(frozen=True, slots=True)
class Compared:
    """One value against the term in force on the last day of its month. `over` is by how much it is beyond the limit
    (0: it is not), in the field's own unit."""

    field: TermField
    term: Term
    value: Value
    over: Decimal

    @property
    def is_beyond(self) -> bool:
        """Whether the limit is passed; a value that equals it keeps it."""
        return self.over > 0

    @property
    def reported(self) -> str:
        """How the value came about: `32.1%（321÷1000）`."""
        parts = f"（{self.value.numerator}÷{self.value.denominator}）" if self.value.denominator else ""
        return f"{self.value.value}{UNITS[self.field.unit]}{parts}"

    @property
    def agreed(self) -> str:
        """How the limit came about: `不高于 30%（1号，自 2026-01-01 起）`."""
        limit = f"{BOUNDS[self.field.bound]} {self.term.value}{UNITS[self.field.unit]}"
        return f"{limit}（{self.term.document_no}，自 {self.term.valid_from} 起）"

    @property
    def told(self) -> dict[str, str]:
        """Both workings in words, for the letter, the paper and the board."""
        by = f"{self.over}{'个百分点' if self.field.unit == 'percent' else UNITS[self.field.unit]}"
        way = "超出" if self.field.bound == "at_most" else "低于约定"
        return {
            "code": self.field.code,
            "label": self.field.label,
            "value": self.reported,
            "limit": self.agreed,
            "over": f"{way} {by}" if self.is_beyond else "",
        }


def fault_of(field: TermField, value: Value) -> str:
    """What is wrong with a reported value, as a sentence; empty where nothing is."""
    if not NUMBER.fullmatch(value.value):
        return f"“{field.label}”须为数字（至多四位小数），现为“{value.value}”"
    if field.unit == "percent" and value.number > WHOLE:
        return f"“{field.label}”是百分比，须在 0 至 100 之间，现为 {value.value}"
    return _fault_of_parts(field, value)


def _fault_of_parts(field: TermField, value: Value) -> str:
    """Numerator and denominator give the value, to as many places as it was written with."""
    parts = (value.numerator, value.denominator)
    if not any(parts):
        return ""
    if not all(NUMBER.fullmatch(one) for one in parts) or not Decimal(value.denominator):
        return f"“{field.label}”的分子、分母须一并填写，为数字，分母不为 0"
    scale = WHOLE if field.unit == "percent" else 1
    exact = Decimal(value.numerator) * scale / Decimal(value.denominator)
    step = Decimal(1).scaleb(int(value.number.as_tuple().exponent))
    if abs(exact - value.number) >= step:
        return f"“{field.label}”填 {value.value}，分子除以分母为 {exact:.4f}，二者不符，请核对"
    return ""


def compare(
    fields: Sequence[TermField], terms: Mapping[str, Term], values: Mapping[str, Value]
) -> tuple[Compared, ...]:
    """Every value that has a limit, in the order of the clauses. A waived term compares with nothing."""
    found = []
    for field in fields:
        term, value = terms.get(field.code), values.get(field.code)
        if field.is_compared and term and value and term.number is not None:
            found.append(Compared(field, term, value, _over(field, term.number, value.number)))
    return tuple(found)


def _over(field: TermField, limit: Decimal, value: Decimal) -> Decimal:
    return max(value - limit if field.bound == "at_most" else limit - value, Decimal(0))


def owed(fields: Sequence[TermField], terms: Mapping[str, Term]) -> list[TermField]:
    """The fields whose values an institution reports: those with an agreed limit."""
    return [one for one in fields if one.is_compared and (term := terms.get(one.code)) and term.number is not None]


def worst(compared: Iterable[tuple[str, Compared]], share: int) -> dict[str, set[str]]:
    """By field who stands worst in a month: `share` per cent of those that reported it, rounded down, with whoever
    equals the last of them. With 0 per cent, or too few, nobody."""
    by_field: dict[str, list[tuple[Decimal, str]]] = {}
    for who, one in compared:
        sign = 1 if one.field.bound == "at_most" else -1
        by_field.setdefault(one.field.code, []).append((sign * one.value.number, who))
    found = {}
    for code, ranked in by_field.items():
        count = len(ranked) * share // int(WHOLE)
        if count:
            last = sorted(ranked, reverse=True)[count - 1][0]
            found[code] = {who for number, who in ranked if number >= last}
    return found


def running(beyond: Mapping[str, set[str]], month: str, count: int) -> set[str]:
    """The fields beyond their limit in so many months running that end with one; `beyond` are the fields by month. With
    0 months, none."""
    months = months_up_to(month, count)
    return set.intersection(*(beyond.get(one, set()) for one in months)) if months else set()
