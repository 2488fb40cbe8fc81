"""The yearly assessment (R51, R61, R64): the county's table of criteria and grades, exact totals, the grade.

Points and totals are exact decimals out of the full mark. A grade is what the county's table says and nothing else:
where it says nothing, or what it asks is not known, there is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rules.vocabulary import ApplicantType, GradeEffect

LEAST, BEST = Decimal(0), Decimal("Infinity")  # the lowest points, and more than any
NOT_GRADED = "未评定等级"
CENTS = 2


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of a type: its code, what is looked at, the points it is worth."""

    type: str
    code: str
    item: str
    max: Decimal


@dataclass(frozen=True, slots=True)
class GradeRow:
    """One row of the county's grade table, the best first: from which total and which satisfaction on (None: it does
    not ask for one), with which effect and which coefficient of the settlement."""

    label: str
    from_score: Decimal
    from_satisfaction: Decimal | None
    effect: GradeEffect
    coefficient: Decimal


@dataclass(frozen=True, slots=True)
class Table:
    """The criteria of both types and the grades, as one edition that the director registered."""

    criteria: tuple[Criterion, ...]
    grades: tuple[GradeRow, ...]

    def of_type(self, type_: str) -> tuple[Criterion, ...]:
        """The criteria of a type, in their order."""
        return tuple(one for one in self.criteria if one.type == type_)


def table_of(content: Mapping[str, Any]) -> Table:
    """A table from what was registered (`criteria` and `grades`, numbers as exact text)."""
    criteria = (Criterion(one["type"], one["code"], one["item"], Decimal(one["max"])) for one in content["criteria"])
    return Table(tuple(criteria), tuple(map(_grade, content["grades"])))


def _grade(one: Mapping[str, Any]) -> GradeRow:
    asked = Decimal(one["from_satisfaction"]) if one["from_satisfaction"] else None
    score, coefficient = Decimal(one["from_score"]), Decimal(one["coefficient"])
    return GradeRow(one["label"], score, asked, GradeEffect(one["effect"]), coefficient)


def faults_of(table: Table, full_mark: Decimal) -> Iterator[str]:
    """What makes a table unusable, a sentence each: weights that do not sum to the full mark, a code or a label twice,
    a grade that is out of order or out of bounds, so that nobody or the wrong one would get it."""
    if not table.criteria:
        yield "考核指标一项也没有：请至少写明一类机构的指标"
    for type_ in ApplicantType:
        yield from _faults_of_criteria(type_, table.of_type(type_), full_mark)
    labels = Counter(one.label for one in table.grades)
    for label in (label for label, count in labels.items() if count > 1):
        yield f"等级“{label}”写了 {labels[label]} 次，每个等级只写一行"
    for one in table.grades:
        if not LEAST <= one.from_score <= full_mark:
            yield f"等级“{one.label}”的起始得分 {one.from_score} 须在 0 至 {full_mark} 之间"
        if one.from_satisfaction is not None and not LEAST <= one.from_satisfaction <= full_mark:
            yield f"等级“{one.label}”的起始满意度 {one.from_satisfaction} 须在 0 至 {full_mark} 之间"
    for better, worse in zip(table.grades, table.grades[1:], strict=False):
        if worse.from_score > better.from_score:
            yield f"等级“{worse.label}”的起始得分 {worse.from_score} 高于排在其前的“{better.label}”，请由高到低排列"


def _faults_of_criteria(type_: ApplicantType, criteria: Sequence[Criterion], full_mark: Decimal) -> Iterator[str]:
    codes = Counter(one.code for one in criteria)
    for code in (code for code, count in codes.items() if count > 1):
        yield f"{type_.label}的指标代码“{code}”写了 {codes[code]} 次"
    total = sum((one.max for one in criteria), Decimal(0))
    if criteria and total != full_mark:
        yield f"{type_.label}各项指标的分值合计 {total}，应为 {full_mark}"


def faults_of_scores(criteria: Sequence[Criterion], scores: Mapping[str, Decimal]) -> Iterator[str]:
    """What is wrong with the points of an assessment: an item missing, one too many, one beyond its bounds."""
    by_code = {one.code: one for one in criteria}
    if missing := [one.code for one in criteria if one.code not in scores]:
        yield f"缺少指标 {'、'.join(missing)} 的得分"
    if unknown := [code for code in scores if code not in by_code]:
        yield f"没有指标 {'、'.join(unknown)}；考核办法所列为 {'、'.join(by_code)}"
    for code, points in scores.items():
        if code in by_code and not LEAST <= points <= by_code[code].max:
            yield f"指标 {code}（{by_code[code].item}）的得分 {points} 须在 0 至 {by_code[code].max} 之间"


def total_of(scores: Mapping[str, Decimal]) -> Decimal:
    """The sum of the points, exactly."""
    return sum(scores.values(), Decimal(0))


def grade_of(grades: Sequence[GradeRow], total: Decimal, satisfaction: Decimal | None) -> GradeRow | None:
    """The first row whose total and satisfaction are reached.

    None where no row is reached, and where the satisfaction is not known and another one would give another row: a
    grade is never guessed."""
    if satisfaction is not None:
        return _first(grades, total, satisfaction)
    worst, best = _first(grades, total, LEAST), _first(grades, total, BEST)
    return best if best == worst else None


def _first(grades: Sequence[GradeRow], total: Decimal, satisfaction: Decimal) -> GradeRow | None:
    return next(
        (
            one
            for one in grades
            if total >= one.from_score and (one.from_satisfaction is None or satisfaction >= one.from_satisfaction)
        ),
        None,
    )


def is_in_year(first: date, last: date, year: int) -> bool:
    """Whether days from first to last, both included, touch a year."""
    return first <= last and first.year <= year <= last.year


def exact(number: Decimal) -> str:
    """A number in full, with two decimals at least: nothing is rounded."""
    exponent = number.normalize().as_tuple().exponent
    return f"{number:.2f}" if isinstance(exponent, int) and exponent >= -CENTS else f"{number.normalize():f}"
