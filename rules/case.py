"""What the rules are told: a case, its round, an event; and what they answer: an outcome or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from rules.periods import Suspension
from rules.policy import ClockRule, Policy
from rules.scoring import PassRule
from rules.vocabulary import Audience, ClockStatus, State, Term
from rules.workdays import Workdays

ONE_DAY = timedelta(days=1)
SYSTEM = "系统时钟"  # who acts when the clock does: never shown as a person's approval


@dataclass(frozen=True, slots=True)
class Clock:
    """A time limit of one case as it stands; `due_on` is None while a needed year has no official calendar.

    `begun_with`: the period and the roll that it was started with (None: those of the rules). A round that adopts other
    rules does not change them for a clock that runs."""

    id: int
    kind: str
    start_on: date
    due_on: date | None
    earliest_on: date
    latest_on: date
    status: str
    closed_on: date | None
    suspensions: tuple[Suspension, ...] = ()
    effect_from: date | None = None
    begun_with: tuple[str, bool] | None = None

    @property
    def last_day_to_act(self) -> date:
        """The last day on which its holder is in time: the latest that it can be, and never before the holder of a
        limit that became firm too late was given notice."""
        return max(self.latest_on, self.effect_from - ONE_DAY) if self.effect_from else self.latest_on

    @property
    def is_open(self) -> bool:
        """Still to be met: running, provisional, or an authority's that is already late."""
        return self.closed_on is None and self.status not in (ClockStatus.LAPSED, ClockStatus.ENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a procedure is about, as far as every procedure knows it. `kind` and `id` name it in the records, `number`
    among people; `holds` counts the open objections that hold it, `audit_head` is the end of its hash chain."""

    kind: ClassVar[str]

    id: int
    number: str
    name: str
    state: Term
    version: int
    holds: int
    audit_seq: int
    audit_head: str
    clocks: Mapping[str, Clock] = field(default_factory=dict)

    def clock(self, kind: str) -> Clock | None:
        """The clock of a kind, if it was ever started."""
        return self.clocks.get(kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Subject):
    """One dossier. `facts` are the declared ones overridden by `findings`, what the site visits found; `bars` are those
    of our own register (六(三)), first and last day of each, whatever is declared; `refusals` are entries of the
    refusal list (R77): ground, first and last day (None: until it is removed)."""

    kind: ClassVar[str] = "application"

    state: State
    applicant_pk: int
    type: str
    submitted_at: datetime | None
    accepted_on: date | None
    released_on: date | None
    signed_on: date | None
    site_checked_on: date | None
    rank: int | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: Mapping[str, Any] = field(default_factory=dict)
    materials: frozenset[str] = frozenset()
    bars: tuple[tuple[date, date], ...] = ()
    refusals: tuple[tuple[str, date, date | None], ...] = ()

    @property
    def applicant_id(self) -> str:
        """The number of the applicant in its round."""
        return self.number


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """What the announcement fixed (R20)."""

    id: int
    name: str
    county: str
    year: int
    batch: int
    agency: str
    place: str
    accept_from: datetime
    accept_until: datetime
    channels: tuple[str, ...]
    quota: Mapping[str, int]
    tie_rule: str
    substitution: str
    announcement: Mapping[str, Any]
    rubric: Mapping[str, Any]

    def requires(self, safeguard: str) -> bool:
        """Does the round ask more than the procedure's least? Fixed with its announcement."""
        return bool(self.announcement.get("safeguards", {}).get(safeguard))


class Setting(Protocol):
    """What every procedure is told beside its subject: its time limits, and the working days as they are known now."""

    @property
    def clocks(self) -> Mapping[str, ClockRule]:
        """The time limits by kind."""

    @property
    def workdays(self) -> Workdays:
        """The working days."""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a rule of the evaluation may consult beside the case: nothing is read from outside."""

    round: RoundFacts
    policy: Policy
    workdays: Workdays

    @property
    def clocks(self) -> Mapping[str, ClockRule]:
        """The time limits of the round's policy."""
        return self.policy.clocks

    @property
    def pass_rule(self) -> PassRule:
        """The pass mark as the round reads it (五(二); A7-28)."""
        return PassRule(self.policy.number("pass_mark"), self.policy.reads("pass_mark") == "at_mark_passes")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: an act of a person or of the clock. `at` is aware; `fields` are already typed.

    `round_id` is the round that an act is addressed to; 0 leaves it to the numbers among the fields.
    """

    name: str
    at: datetime
    by: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    round_id: int = 0

    @property
    def handed_in_at(self) -> datetime:
        """When what an applicant handed in was received: the act's own moment unless it names one (`received_at`)."""
        received_at: datetime | None = self.fields.get("received_at")
        return received_at or self.at


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code, the clause it stands on, and the sentence for people."""

    code: str
    clause: str
    text: str


def listed(reasons: tuple[Reason, ...]) -> list[dict[str, str]]:
    """Reasons as the plain data that messages and records carry."""
    return [{"code": one.code, "clause": one.clause, "text": one.text} for one in reasons]


@dataclass(frozen=True, slots=True)
class Refused:
    """The event is refused; nothing may be written. The sentence names the rule and the next step."""

    why: str
    clause: str


@dataclass(frozen=True, slots=True)
class ClockStart:
    """Start a clock on a day (that day not counted); `due_on` is set where the announcement fixes the last day."""

    kind: str
    start_on: date
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class ClockSet:
    """Set a clock's status, the day it was closed (None: still open) and when a sweep looks again (None: never)."""

    kind: str
    status: ClockStatus
    on: date | None
    check_on: date | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """Somebody is to be told; the catalogue of notifications knows the event and its parameters.

    `limits` are the kinds of the clocks whose days it tells: the letter gives the working of each.
    """

    event: str
    params: Mapping[str, Any] = field(default_factory=dict)
    audience: Audience = Audience.APPLICANT
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event does to a case; applied whole by the one writer, or not at all.

    Of the clocks that it `recalculates`, `defers` names the day from which one has its effect, and `settles` the status
    of one that a recalculation does not simply set running.
    """

    to: Term
    clause: str
    set: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    starts: tuple[ClockStart, ...] = ()
    sets: tuple[ClockSet, ...] = ()
    suspends: tuple[tuple[str, Suspension], ...] = ()
    recalculates: tuple[str, ...] = ()
    defers: Mapping[str, date] = field(default_factory=dict)
    settles: Mapping[str, ClockStatus] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


C = TypeVar("C", bound=Subject)


@dataclass(frozen=True, slots=True)
class Change(Generic[C]):
    """A decided event of one subject, ready to be written."""

    case: C
    event: Event
    outcome: Outcome
