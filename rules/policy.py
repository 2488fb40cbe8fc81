"""The procedure as data: numbers of the law, readings, conditions, materials, clocks. Built by `policies.loader` from
one text as it reads on one day; which text and which day are a round's, `models.pinned` knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal

from rules.penalties import PenaltyKinds
from rules.periods import Period, Unit
from rules.vocabulary import ClockKind

PERIOD_UNITS: Mapping[str, Unit] = {
    "working_days": Unit.WORKING_DAYS,
    "days": Unit.DAYS,
    "months": Unit.MONTHS,
    "years": Unit.YEARS,
}


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the law: value, unit, clause, the day it takes effect."""

    name: str
    value: Decimal | time
    unit: str
    clause: str
    effective_on: date


@dataclass(frozen=True, slots=True)
class Reading:
    """A named choice where the text is open: what is adopted, and what else could be chosen.

    `recommended`: a round may choose for itself in its announcement, and the desk takes this where the file is silent.
    """

    name: str
    choice: str
    choices: tuple[str, ...]
    clause: str
    why: str
    recommended: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """One eligibility criterion: a test on facts, its clause and the reason code of failing it. `announced`: how the
    announcement tells it, where that is more than the reason."""

    code: str
    rule: str
    clause: str
    types: tuple[str, ...]
    test: str
    facts: tuple[str, ...]
    number: str | None
    value: str | tuple[str, ...] | None
    only_if: str | None
    text: str
    announced: str


@dataclass(frozen=True, slots=True)
class PriorityCondition:
    """What has an applicant included first (优先纳入): the fact that says so, its clause, and how it is announced."""

    fact: str
    rule: str
    clause: str
    types: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Violation:
    """What can be found against a designated institution (六(二)). `follows` is `dissolution`, `order` or
    `cancellation`; one `by_system` is derived from the records, never entered by hand."""

    code: str
    types: tuple[str, ...]
    clause: str
    follows: str
    text: str
    by_system: bool

    @property
    def is_ground(self) -> bool:
        """A ground of dissolution, which leaves no choice once it is established."""
        return self.follows == "dissolution"


@dataclass(frozen=True, slots=True)
class OfficeRule:
    """A value of the yearly assessment that the office sets: `value` None where the county leaves it open, and then
    nothing follows from it."""

    value: int | tuple[int, int] | None
    unit: str
    clause: str


@dataclass(frozen=True, slots=True)
class AssessmentRules:
    """What the office sets of the yearly assessment (R51, R64): the day of the next year by which it is concluded
    (month and day), the answers from which a survey counts for a grade, after how many months the coefficient counts.
    """

    concluded_by: OfficeRule
    survey_answers: OfficeRule
    settled_after: OfficeRule


@dataclass(frozen=True, slots=True)
class ListGround:
    """For what an institution may be put on a list of the office (R76, R77)."""

    code: str
    on_list: str
    clause: str
    text: str


@dataclass(frozen=True, slots=True)
class TermField:
    """Something that an agreement fixes (R53, R56, R57, R62, R70). `bound` is `at_least`, `at_most` or `none`; `unit`
    is percent, days, yuan or text (one of `choices`, where there are any).

    `levels`: only for hospitals whose grade begins so; `method`: only where that way of settlement is agreed.
    `indicator` is `six` (R70), `county` (the county's own, R83) or empty."""

    code: str
    label: str
    types: tuple[str, ...]
    bound: str
    unit: str
    clause: str
    levels: tuple[str, ...] = ()
    method: str = ""
    choices: tuple[str, ...] = ()
    indicator: str = ""

    @property
    def is_compared(self) -> bool:
        """Whether the values of a month are held to it (R83)."""
        return self.bound != "none"


@dataclass(frozen=True, slots=True)
class Material:
    """One required material or formal requirement; `needed_if` names facts of which one must hold."""

    code: str
    name: str
    clause: str
    needed_if: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """When to remind: working days before and after the due day, and who is told."""

    name: str
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A time limit: whose it is, how long, whether a last day off rolls, and its reminder ladder."""

    kind: str
    label: str
    holder: ClockKind
    period: Period | None
    roll: bool
    clause: str
    ladder: Ladder | None


@dataclass(frozen=True, slots=True)
class DrawSource:
    """A kind of public result that may seed the draw: `pick` different numbers of `of`, the lowest being `first`."""

    code: str
    label: str
    pick: int
    of: int
    first: int


@dataclass(frozen=True, slots=True)
class Policy:
    """A procedure as it stood on one day. `sha256` is the hash of the whole text that says so: a round keeps that text
    from its announcement on, and runs on nothing else until it adopts another by an act of its own."""

    procedure: str
    version: str
    title: str
    sha256: str
    numbers: Mapping[str, Number]
    readings: Mapping[str, Reading]
    conditions: tuple[Condition, ...]
    priority: tuple[PriorityCondition, ...]
    materials: Mapping[str, tuple[Material, ...]]
    formalities: tuple[Material, ...]
    clocks: Mapping[str, ClockRule]
    topics: tuple[str, ...]
    grades: tuple[str, ...]
    penalty_authorities: tuple[str, ...]
    penalty_kinds: PenaltyKinds
    tie_rules: Mapping[str, tuple[str, ...]]
    draw_sources: tuple[DrawSource, ...]
    violations: tuple[Violation, ...]
    list_grounds: tuple[ListGround, ...]
    terms: tuple[TermField, ...]
    roles: Mapping[str, tuple[str, ...]]
    assessment: AssessmentRules | None = None

    @property
    def identity(self) -> str:
        """`special_drug@2025.1`: the name of an edition, for people; a round is pinned to the text (`sha256`)."""
        return f"{self.procedure}@{self.version}"

    @property
    def priority_facts(self) -> Mapping[str, tuple[str, ...]]:
        """The facts that give priority, by type."""
        return {type_: tuple(one.fact for one in self.priority_of(type_)) for type_ in self.materials}

    def priority_of(self, applicant_type: str) -> tuple[PriorityCondition, ...]:
        """What gives priority to a type, in the order of the clauses."""
        return tuple(one for one in self.priority if applicant_type in one.types)

    def number(self, name: str) -> Decimal:
        """The value of a number of the law, in its own unit."""
        value = self.numbers[name].value
        if isinstance(value, time):
            raise TypeError(f"{name} is a time of day")
        return value

    def count(self, name: str) -> int:
        """A number of the law that counts whole things."""
        return int(self.number(name))

    def period(self, name: str) -> Period:
        """A number of the law that is a length of time, in the unit that it says."""
        number = self.numbers[name]
        if number.unit not in PERIOD_UNITS:
            raise TypeError(f"{name} is no period but {number.unit}")
        return Period(self.count(name), PERIOD_UNITS[number.unit])

    def violations_of(self, applicant_type: str) -> tuple[Violation, ...]:
        """What can be found against a type, in the order of the clauses."""
        return tuple(one for one in self.violations if applicant_type in one.types)

    def violation(self, code: str, applicant_type: str) -> Violation | None:
        """What a code means for a type; None where it means nothing."""
        return next((one for one in self.violations_of(applicant_type) if one.code == code), None)

    def terms_of(self, applicant_type: str, grade: str = "") -> tuple[TermField, ...]:
        """What an agreement with an institution of a type and a grade fixes, in the order of the clauses; of a hospital
        whose grade is not known, what holds for every level."""
        return tuple(
            one
            for one in self.terms
            if applicant_type in one.types and (not one.levels or grade.startswith(one.levels))
        )

    def compared_of(self, applicant_type: str) -> tuple[TermField, ...]:
        """What the values of a month are reported for, of a type, each once whatever the level (R70, R83)."""
        found = {one.code: one for one in self.terms if applicant_type in one.types and one.is_compared}
        return tuple(found.values())

    def office_count(self, name: str) -> int:
        """A number of the office that a county may leave out: 0 then, and where the rules are of before it."""
        return self.count(name) if name in self.numbers else 0

    @property
    def suspension_limit(self) -> int:
        """The number of suspensions in a term at which an agreement is dissolved, as the county reads it (A7-39)."""
        name = "suspension_limit" if self.reads("suspension_limit") == "seed" else "suspension_limit_national"
        return self.count(name)

    @property
    def agreement_term(self) -> Period | None:
        """How long an agreement runs that names no last day; None where no rule says so yet."""
        if "agreement_term" not in self.numbers:
            return None
        return self.period("agreement_term")

    @property
    def keeps_agreements(self) -> bool:
        """Whether the life of its agreements is kept (六); rules of before the choice existed do not say so."""
        return self._chooses("agreement_life", "kept")

    @property
    def assesses_yearly(self) -> bool:
        """Whether the yearly assessment has a clock (R51); rules of before the choice existed do not say so."""
        return self._chooses("yearly_assessment", "kept")

    @property
    def assessed_by(self) -> tuple[int, int] | None:
        """Month and day of the next year by which a year's assessment is concluded; None where nobody is held to it."""
        rule = self.assessment.concluded_by.value if self.assessment and self.assesses_yearly else None
        return rule if isinstance(rule, tuple) else None

    @property
    def least_answers(self) -> int:
        """From how many answers on a survey counts for a grade; 0: from the first."""
        rule = self.assessment.survey_answers.value if self.assessment else None
        return rule if isinstance(rule, int) else 0

    @property
    def settled_after(self) -> int:
        """With which month after its publication a grade's coefficient begins to count; 0: with that very month."""
        rule = self.assessment.settled_after.value if self.assessment else None
        return rule if isinstance(rule, int) else 0

    @property
    def ends_the_day_before(self) -> bool:
        """Whether a term ends on the day before the corresponding day (L19)."""
        return self._chooses("term_last_day", "day_before")

    def keeps_list(self, on_list: str) -> bool:
        """Whether the county keeps a list (`refusal`, `black`); rules of before the choice existed do not say so."""
        return self._chooses(f"{on_list}_list", "kept")

    def list_ground(self, on_list: str, code: str) -> ListGround | None:
        """What a ground of a list says; None where it is none."""
        return next((one for one in self.list_grounds if (one.on_list, one.code) == (on_list, code)), None)

    @property
    def asks_terms(self) -> bool:
        """Whether an agreement is signed only with every term filled in or waived (R62)."""
        return self._chooses("terms_required", "required")

    @property
    def asks_system_test(self) -> bool:
        """Whether an agreement is signed only after a test of the institution's system (R82)."""
        return self._chooses("system_test", "asked")

    @property
    def lets_apply_again(self) -> bool:
        """Whether who withdrew may apply again while the window is open (四、自愿原则)."""
        return self._chooses("reapplication", "within_window")

    @property
    def signs_yearly(self) -> bool:
        """Whether what an agreement fixes holds for a calendar year and is signed anew for the next (R63)."""
        return self._chooses("annual_agreement", "yearly")

    @property
    def hears_of_events(self) -> bool:
        """Whether institutions report certain occurrences within hours (R83)."""
        return self._chooses("event_reports", "asked")

    @property
    def city_determines(self) -> bool:
        """Whether the city confirms who is designated, and who is out, before it takes effect (R75; A7-27)."""
        return self._chooses("determination", "city")

    def _chooses(self, name: str, choice: str) -> bool:
        return name in self.readings and self.reads(name) == choice

    def time_of_day(self, name: str) -> time:
        """A number of the law that is a time of day."""
        value = self.numbers[name].value
        if not isinstance(value, time):
            raise TypeError(f"{name} is not a time of day")
        return value

    def clause(self, name: str) -> str:
        """The clause of a number of the law."""
        return self.numbers[name].clause

    def reads(self, name: str) -> str:
        """The choice adopted for an open reading."""
        return self.readings[name].choice

    @property
    def recommended(self) -> dict[str, str]:
        """The readings that a round may choose for itself, with what is recommended."""
        return {name: one.recommended for name, one in self.readings.items() if one.recommended}

    def read_as(self, chosen: Mapping[str, str]) -> Policy:
        """The procedure with the readings that a round's announcement chose."""
        readings = {name: replace(self.readings[name], choice=choice) for name, choice in chosen.items()}
        return replace(self, readings={**self.readings, **readings}) if chosen else self

    def materials_of(self, applicant_type: str) -> tuple[Material, ...]:
        """Every material and formal requirement of a type, in the order of the clauses."""
        return self.materials[applicant_type] + self.formalities
