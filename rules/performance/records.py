"""What is on record of an agreement's performance (六), and what follows from it: how many suspensions count, which
grounds stand, and in which state the records put the agreement. Nothing is edited: what proved wrong is overturned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import ClassVar, TypeVar

from rules.case import Event, Subject
from rules.performance.states import OUT
from rules.vocabulary import AgreementState

ONE_DAY = timedelta(days=1)
OF_ITSELF = (AgreementState.EXPIRED, AgreementState.SUPERSEDED)
BY_COUNT, BY_CLOCK, BY_RE_INSPECTION = "D4a", "D4b", "D4c"  # grounds that stand on suspensions and orders


def last_day_of(expires_on: date, served_on: date | None, leaves_on: date | None, ended_on: date | None) -> date:
    """The last day on which an agreement is performed. `served_on`: of a dissolution that has effect, or of a
    cancellation (R74), both of which count from that day on; `ended_on`: the day on which it came to an end before its
    term, by leaving or with what it renews."""
    if served_on:
        return min(expires_on, served_on - ONE_DAY)
    if ended_on:
        return min(expires_on, leaves_on or ended_on - ONE_DAY)
    return expires_on


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact found against an institution. `stands_on` names what it was derived from, where it was no inspection: the
    order (`order:3`) and the suspension (`pause:2`). `is_ground`: of dissolution, once established."""

    ref: str
    code: str
    is_ground: bool
    recorded_on: date
    recorded_by: str
    heard_until: date | None = None
    statement_on: date | None = None
    established_on: date | None = None
    overturned_on: date | None = None
    stands_on: tuple[str, ...] = ()
    served_on: date | None = None

    @property
    def told_on(self) -> date:
        """The day on which the proposal reached the institution, as far as it is known; else that of its record."""
        return self.served_on or self.recorded_on

    def waits_for_statement(self, today: date) -> bool:
        """Proposed, and the institution may still state its view."""
        is_over = self.heard_until is None or self.heard_until < today
        return not is_over and self.established_on is None and self.overturned_on is None

    @property
    def stands(self) -> bool:
        """Established, and not overturned."""
        return self.established_on is not None and self.overturned_on is None


@dataclass(frozen=True, slots=True)
class Order:
    """An order to rectify (责令限期整改). `result` is empty until it was inspected again, or ran out."""

    ref: str
    findings: tuple[str, ...]
    served_on: date
    due_on: date
    within_suspension: bool
    handed_in_on: date | None = None
    result: str = ""
    overturned_on: date | None = None
    recorded_at: datetime | None = None

    @property
    def awaits_report(self) -> bool:
        """Nothing was handed in yet, and it has neither run out nor fallen away."""
        return self.handed_in_on is None and not self.result and self.overturned_on is None

    @property
    def awaits_inspection(self) -> bool:
        """Handed in, and not inspected again."""
        return self.handed_in_on is not None and not self.result and self.overturned_on is None


@dataclass(frozen=True, slots=True)
class Pause:
    """One suspension (暂停协议): a decision, from its first day until it was lifted. `to_on` None: until rectified."""

    ref: str
    decision_no: str
    findings: tuple[str, ...]
    from_on: date
    to_on: date | None = None
    lifted_on: date | None = None
    overturned_on: date | None = None
    recorded_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Still in effect."""
        return self.lifted_on is None and self.overturned_on is None


@dataclass(frozen=True, slots=True)
class Warned:
    """A written warning after a month's analysis (R83); nothing follows from it by itself."""

    ref: str
    month: str
    served_on: date
    answer_due: date | None = None
    answered_on: date | None = None

    def awaits_answer(self, today: date) -> bool:
        """Its last day has not passed and no measures came in."""
        return self.answered_on is None and self.answer_due is not None and self.answer_due >= today

    def is_unanswered(self, today: date) -> bool:
        """Its last day has passed and no measures came in: an inspection is proposed."""
        return self.answered_on is None and self.answer_due is not None and self.answer_due < today


@dataclass(frozen=True, slots=True)
class Ending:
    """A decision to dissolve; it has its effect on the day on which it was served (民法典565)."""

    decision_no: str
    finding: str
    decided_on: date
    served_on: date | None = None
    overturned_on: date | None = None

    @property
    def has_effect(self) -> bool:
        """Served, and not overturned."""
        return self.served_on is not None and self.overturned_on is None


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint about the institution (R61, R64); nothing stands on it but the inquiry that is owed."""

    ref: str
    received_on: date
    is_open: bool


@dataclass(frozen=True, slots=True)
class CityReport:
    """A decision to dissolve that was reported to the city (R75): which, and the answer, empty until there is one."""

    about: str
    decision: str
    reported_on: date
    decided_on: date | None = None


Standing = TypeVar("Standing", Order, Pause)  # stands on findings
Recorded = TypeVar("Recorded", Finding, Order, Pause, Ending)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementCase(Subject):
    """One agreement with all that is on record of its performance. Days of the term are both included; `limit` is the
    number of suspensions at which it is dissolved, pinned when it was signed."""

    kind: ClassVar[str] = "agreement"

    state: AgreementState
    round_id: int
    applicant_pk: int
    applicant_id: str
    type: str
    effective_on: date
    expires_on: date
    filed_on: date | None = None
    signed_on: date
    limit: int
    leaves_on: date | None = None
    successor: str = ""
    previous_id: int | None = None
    previous_state: AgreementState | None = None
    renewal_accepted: bool = False
    count_before: int = 0
    assess_by: date | None = None
    assessed_on: date | None = None
    cancelled_on: date | None = None
    findings: tuple[Finding, ...] = ()
    orders: tuple[Order, ...] = ()
    pauses: tuple[Pause, ...] = field(default=())
    ending: Ending | None = None
    entered_on: date | None = None  # the day on which it came to its state
    complaints: tuple[Complaint, ...] = ()
    warnings: tuple[Warned, ...] = ()
    city_report: CityReport | None = None

    @property
    def performed_until(self) -> date:
        """The last day on which it was performed, or will be: a dissolution and a cancellation have their effect on the
        day of their service, whoever leaves stays until the last day of the notice, a renewal ends with what it
        renews."""
        served_on = self.ending.served_on if self.ending and self.ending.has_effect else self.cancelled_on
        ended_on = self.entered_on if self.state in OUT else None
        return last_day_of(self.expires_on, served_on, self.leaves_on, ended_on)

    @property
    def city_answer(self) -> str | None:
        """What the city answered to the newest report of the decision that stands; None where none was made."""
        report, ending = self.city_report, self.ending
        return report.decision if report and ending and report.about == ending.decision_no else None

    @property
    def count(self) -> int:
        """The suspensions that count in the term (R44③, R45④): decided from a day inside it, not overturned, and those
        that an agreement of before brought along (R74)."""
        return self.count_before + sum(1 for one in self.pauses if self._counts(one))

    @property
    def is_to_be_assessed(self) -> bool:
        """It was there before, and was not assessed yet (R74: 先纳入、后规范)."""
        return self.assess_by is not None and self.assessed_on is None

    @property
    def is_to_be_filed(self) -> bool:
        """A renewal that was signed and is not filed yet (R60); the application's own is filed with its dossier."""
        return self.previous_id is not None and self.filed_on is None

    def _counts(self, one: Pause) -> bool:
        return one.overturned_on is None and self.effective_on <= one.from_on <= self.expires_on

    @property
    def grounds(self) -> tuple[Finding, ...]:
        """The grounds of dissolution that stand, in the order in which they were found."""
        return tuple(one for one in self.findings if one.is_ground and one.stands)

    @property
    def open_pause(self) -> Pause | None:
        """The suspension in effect."""
        return next((one for one in self.pauses if one.is_open), None)

    @property
    def orders_in_pause(self) -> tuple[Order, ...]:
        """The orders made in the suspension in effect, as far as they stand."""
        begun = self.open_pause.recorded_at if self.open_pause else None
        made = (one for one in self.orders if one.within_suspension and one.overturned_on is None)
        return tuple(one for one in made if not (begun and one.recorded_at and one.recorded_at < begun))

    def warning(self, ref: str) -> Warned | None:
        """The warning of a number."""
        return next((one for one in self.warnings if one.ref == ref), None)

    def finding(self, ref: str) -> Finding | None:
        """The finding of a number."""
        return next((one for one in self.findings if one.ref == ref), None)

    def complaint(self, ref: str) -> Complaint | None:
        """The complaint of a number."""
        return next((one for one in self.complaints if one.ref == ref), None)

    def order(self, ref: str) -> Order | None:
        """The order of a number."""
        return next((one for one in self.orders if one.ref == ref), None)


def state_by_records(case: AgreementCase, today: date) -> AgreementState:
    """The state into which the records put an agreement that was signed. A ground that stands goes before the end of
    the term: nobody escapes the bar by waiting (L5). A renewal goes the way of what it renews, unless it had ended by
    itself before."""
    if case.ending and case.ending.has_effect:
        return AgreementState.DISSOLVED
    if case.cancelled_on:
        return AgreementState.CANCELLED
    if case.previous_state in OUT and case.state not in OF_ITSELF:
        return case.previous_state
    if case.grounds:
        return AgreementState.TO_BE_DISSOLVED
    if case.leaves_on and today > case.leaves_on:
        return AgreementState.LEFT
    if today > case.expires_on:
        return AgreementState.SUPERSEDED if case.successor else AgreementState.EXPIRED
    if case.open_pause:
        return AgreementState.SUSPENDED
    if today >= case.effective_on:
        return AgreementState.IN_FORCE
    return AgreementState.FILED if case.filed_on else AgreementState.SIGNED


def overturned_ref(case: AgreementCase, event: Event) -> str:
    """The finding that an overturning is about: the one that it names, or the ground of the ending."""
    return str(event.fields.get("finding") or (case.ending.finding if case.ending else ""))


def without(case: AgreementCase, refs: Collection[str], on: date) -> AgreementCase:
    """The agreement without findings that proved wrong, and without all that stood on them: suspensions and orders of
    which no finding is left, the grounds that followed from those, and a decision to dissolve that rested on one."""
    while True:
        falls = {*refs, *_fallen(case)}
        left = _once_without(case, falls, on)
        if left == case:
            return case
        case = left


def _fallen(case: AgreementCase) -> Iterator[str]:
    """Findings that stand on what does no longer stand."""
    gone = {f"order:{one.ref}" for one in case.orders if one.overturned_on}
    gone |= {f"pause:{one.ref}" for one in case.pauses if one.overturned_on}
    for one in case.findings:
        by_count = one.code == BY_COUNT and case.count < case.limit
        if one.overturned_on is None and (by_count or gone.intersection(one.stands_on)):
            yield one.ref


def _once_without(case: AgreementCase, refs: Collection[str], on: date) -> AgreementCase:
    findings = tuple(
        replace(one, overturned_on=on) if one.ref in refs and one.overturned_on is None else one
        for one in case.findings
    )
    gone = {one.ref for one in findings if one.overturned_on}
    orders, pauses = _standing_on(case.orders, gone, on), _standing_on(case.pauses, gone, on)
    ending = _ending_without(case.ending, gone, on)
    return replace(case, findings=findings, orders=orders, pauses=pauses, ending=ending)


def _standing_on(entries: Iterable[Standing], gone: Collection[str], on: date) -> tuple[Standing, ...]:
    """Orders or suspensions, those of which no finding is left overturned."""
    without_ground = frozenset(gone).issuperset
    return tuple(
        replace(one, overturned_on=on) if one.overturned_on is None and without_ground(one.findings) else one
        for one in entries
    )


def _ending_without(ending: Ending | None, gone: Collection[str], on: date) -> Ending | None:
    if ending is None or ending.overturned_on or ending.finding not in gone:
        return ending
    return replace(ending, overturned_on=on)


def fell(before: Sequence[Recorded], after: Sequence[Recorded]) -> list[Recorded]:
    """Which of the same entries were overturned between the two."""
    pairs = zip(before, after, strict=True)
    return [now for was, now in pairs if now.overturned_on and not was.overturned_on]


def ending_fell(before: AgreementCase, after: AgreementCase) -> Ending | None:
    """The decision to dissolve, where it was overturned between the two."""
    was, now = before.ending, after.ending
    return now if was and now and fell([was], [now]) else None


def undone(before: AgreementCase, after: AgreementCase) -> tuple[str, ...]:
    """What fell together with a finding, as sentences for the preview, the letter and the record."""
    told = [f"第 {one.ref} 号整改通知失效" for one in fell(before.orders, after.orders)]
    told += [f"暂停决定（{one.decision_no}）撤销，不计入累计次数" for one in fell(before.pauses, after.pauses)]
    told += [f"第 {one.ref} 号认定（{one.code}）随之撤销" for one in fell(before.findings, after.findings)]
    if ending := ending_fell(before, after):
        told.append(f"解除决定（{ending.decision_no}）撤销")
    if after.count != before.count:
        told.append(f"累计暂停由 {before.count} 次改为 {after.count} 次")
    return tuple(told)
