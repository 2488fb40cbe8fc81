"""The days on which the clocks of an agreement start, and what becomes of them (六). A start is None where the occasion
does not start it after all. Of several findings or orders the clock watches the earliest that is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from rules.assessment import is_in_year
from rules.case import Clock, ClockSet, ClockStart, Context, Event
from rules.localtime import local_day
from rules.performance.records import AgreementCase, Order, Warned, overturned_ref, without
from rules.performance.states import ENDS, NOT_YET
from rules.procedure import Transition
from rules.vocabulary import AgreementState as A
from rules.vocabulary import ClockStatus

Row = Transition[AgreementCase, Context]
ONE_DAY = timedelta(days=1)


def until_it_begins(kind: str, case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """Its last day is the day before the term."""
    return ClockStart(kind, local_day(event.at), due_on=case.effective_on - ONE_DAY)


def until_it_expires(kind: str, case: AgreementCase, _event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """Its last day is that of the term (agreed, or by the policy's term)."""
    return ClockStart(kind, case.effective_on, due_on=case.expires_on)


def until_migrated_is_assessed(kind: str, case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """Until the county's day (R74)."""
    return ClockStart(kind, local_day(event.at), due_on=case.assess_by)


def until_migrated_is_assessed_after_all(
    kind: str, case: AgreementCase, event: Event, _ctx: Context, row: Row
) -> ClockStart | None:
    """Its assessment is still owed, when a dissolution that came between proved wrong; on that day at the earliest."""
    if row.to in ENDS or not case.is_to_be_assessed or case.assess_by is None:
        return None
    today = local_day(event.at)
    return ClockStart(kind, today, due_on=max(case.assess_by, today))


def until_it_leaves(kind: str, _case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """Its last day is the one named in the notice."""
    return ClockStart(kind, event.fields["notice_on"], due_on=event.fields["leaves_on"])


def from_today(kind: str, _case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """From the day of the event."""
    return ClockStart(kind, local_day(event.at))


def until_it_leaves_after_all(
    kind: str, case: AgreementCase, event: Event, _ctx: Context, row: Row
) -> ClockStart | None:
    """Its notice runs on, when a dissolution that came between proved wrong."""
    if row.to in ENDS or case.leaves_on is None:
        return None
    return ClockStart(kind, local_day(event.at), due_on=case.leaves_on)


def until_it_expires_after_all(
    kind: str, case: AgreementCase, event: Event, ctx: Context, row: Row
) -> ClockStart | None:
    """Its term runs on, when a dissolution that came between proved wrong."""
    return None if row.to in (*ENDS, *NOT_YET) else until_it_expires(kind, case, event, ctx, row)


# --- the yearly assessment --------------------------------------------------------------------------------------


def until_assessed(kind: str, case: AgreementCase, _event: Event, ctx: Context, _row: Row) -> ClockStart | None:
    """Of the year in which the term begins: the office's day of the next year; none where it has set none (R51)."""
    return _assessed_by(kind, case.effective_on.year, case, ctx)


def until_migrated_year_is_assessed(
    kind: str, case: AgreementCase, event: Event, ctx: Context, _row: Row
) -> ClockStart | None:
    """Of the year in which an agreement of before was taken in (R74), not of those that nobody here has seen."""
    return _assessed_by(kind, max(case.effective_on, local_day(event.at)).year, case, ctx)


def until_assessed_after_all(
    kind: str, case: AgreementCase, _event: Event, ctx: Context, row: Row
) -> ClockStart | None:
    """Of the year after the last one that was looked at, when a dissolution that came between proved wrong."""
    clock = case.clock(kind)
    if row.to in (*NOT_YET, A.SUPERSEDED, A.DISSOLVED) or (clock and clock.status == ClockStatus.RUNNING):
        return None
    year = clock.due_on.year if clock and clock.due_on else case.effective_on.year
    is_performed = is_in_year(case.effective_on, case.leaves_on or case.expires_on, year)
    return _assessed_by(kind, year, case, ctx) if is_performed else None


def until_next_assessment(kind: str, case: AgreementCase, event: Event, ctx: Context, _row: Row) -> ClockStart | None:
    """The year after the one that was concluded, where the agreement is still performed in it."""
    return _assessed_by(kind, event.fields["year"] + 1, case, ctx) if _has_next_year(case, event) else None


def until_assessment_after_breach(
    kind: str, case: AgreementCase, event: Event, ctx: Context, _row: Row
) -> ClockStart | None:
    """A year that was not concluded in time is reported, and the next one has its day all the same."""
    if event.fields["kind"] != kind:
        return None
    year = event.fields["due_on"].year
    is_performed = is_in_year(case.effective_on, case.performed_until, year) and case.state is not A.SUPERSEDED
    return _assessed_by(kind, year, case, ctx) if is_performed else None


def _assessed_by(kind: str, year: int, case: AgreementCase, ctx: Context) -> ClockStart | None:
    day = ctx.policy.assessed_by
    start_on = max(case.effective_on, date(year, 1, 1))
    return ClockStart(kind, start_on, due_on=date(year + 1, *day)) if day else None


def _has_next_year(case: AgreementCase, event: Event) -> bool:
    """A renewed one leaves the year to its successor."""
    is_performed = is_in_year(case.effective_on, case.performed_until, event.fields["year"] + 1)
    return is_performed and case.state is not A.SUPERSEDED


def ends_with_last_year(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """Concluded, and no further year of it is to be assessed; a clock of a later year runs on."""
    if _is_of_later_year(clock, event) or _has_next_year(case, event):
        return None
    return ClockSet(clock.kind, ClockStatus.MET, local_day(event.at))


def ends_with_year(clock: Clock, _case: AgreementCase, event: Event) -> ClockSet | None:
    """The institution's year was concluded with another of its agreements."""
    if not clock.is_open or _is_of_later_year(clock, event):
        return None
    return ClockSet(clock.kind, ClockStatus.ENDED, local_day(event.at))


def ends_with_renewal(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """What renews it carries the year, if it begins in it; a year before that is still its own."""
    begins = case.expires_on + ONE_DAY
    if not clock.is_open or (clock.due_on is not None and clock.due_on.year <= begins.year):
        return None
    return ClockSet(clock.kind, ClockStatus.ENDED, local_day(event.at))


def _is_of_later_year(clock: Clock, event: Event) -> bool:
    return clock.due_on is not None and clock.due_on.year > int(event.fields["year"]) + 1


# --- of several findings or orders the earliest that is open -----------------------------------------------------


def _after(case: AgreementCase, event: Event) -> AgreementCase:
    """The agreement with its findings and orders as the event leaves them."""
    fields, today = event.fields, local_day(event.at)
    match event.name:
        case "overturn_finding" | "overturn_ending":
            return without(case, [overturned_ref(case, event)], today)
        case "confirm_finding":
            done = (
                replace(one, established_on=today) if one.ref == fields["finding"] else one for one in case.findings
            )
            return replace(case, findings=tuple(done))
        case "hand_in_rectification":
            return _with_order(case, fields["order"], handed_in_on=fields["handed_in_on"], result="")
        case "re_inspect":
            return _with_order(case, fields["order"], result=fields["result"])
        case _:
            return case


def _with_order(case: AgreementCase, ref: str, **changes: Any) -> AgreementCase:
    return replace(case, orders=tuple(replace(one, **changes) if one.ref == ref else one for one in case.orders))


def _goes_on(clock: Clock | None, start: ClockStart) -> bool:
    """Whether a clock already runs from there: it is not begun anew."""
    same_day = start.due_on is None or bool(clock and clock.due_on == start.due_on)
    return bool(clock and clock.is_open and clock.start_on == start.start_on and same_day)


def _next(start: ClockStart | None, case: AgreementCase, row: Row) -> ClockStart | None:
    if start is None or row.to in ENDS or _goes_on(case.clock(start.kind), start):
        return None
    return start


def _to_be_heard(case: AgreementCase, today: date) -> list[date]:
    """The days on which the proposals that wait for a statement were served, the earliest first."""
    return sorted(one.told_on for one in case.findings if one.waits_for_statement(today))


def from_proposal(kind: str, case: AgreementCase, event: Event, _ctx: Context, row: Row) -> ClockStart | None:
    """From the day on which the proposal was served; a later one waits for the earlier."""
    served = [*_to_be_heard(case, local_day(event.at)), event.fields["served_on"]]
    return _next(ClockStart(kind, min(served)), case, row)


def from_next_proposal(kind: str, case: AgreementCase, event: Event, _ctx: Context, row: Row) -> ClockStart | None:
    """From the next finding that is still to be heard."""
    served = _to_be_heard(_after(case, event), local_day(event.at))
    return _next(ClockStart(kind, served[0]) if served else None, case, row)


def ends_with_last_proposal(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """No finding waits any more."""
    today = local_day(event.at)
    if not clock.is_open or _to_be_heard(_after(case, event), today):
        return None
    return ClockSet(clock.kind, ClockStatus.MET, today)


def from_order(kind: str, case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """Until the earliest day that an open order names."""
    fields = event.fields
    open_ones = [(one.due_on, one.served_on) for one in case.orders if one.awaits_report]
    due_on, served_on = min([*open_ones, (fields["due_on"], fields["served_on"])])
    return ClockStart(kind, served_on, due_on=due_on)


def _awaiting_report(case: AgreementCase) -> list[Order]:
    return sorted((one for one in case.orders if one.awaits_report), key=lambda one: (one.due_on, one.served_on))


def from_next_order(kind: str, case: AgreementCase, event: Event, _ctx: Context, row: Row) -> ClockStart | None:
    """Until the day of the next order that is open."""
    rest = _awaiting_report(_after(case, event))
    return _next(ClockStart(kind, rest[0].served_on, due_on=rest[0].due_on) if rest else None, case, row)


def ends_with_last_order(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """No order waits for a report any more; one that ran out and fell with its finding was never late."""
    after, today = _after(case, event), local_day(event.at)
    if _awaiting_report(after):
        return None
    if event.name == "hand_in_rectification":
        return ClockSet(clock.kind, ClockStatus.MET, event.fields["handed_in_on"])
    fell = {one.due_on for one, was in zip(after.orders, case.orders, strict=True) if one != was}
    is_undone = clock.status == ClockStatus.LAPSED and clock.due_on in fell
    return ClockSet(clock.kind, ClockStatus.ENDED, today) if clock.is_open or is_undone else None


def runs_out(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """The last day is over, nothing was handed in."""
    today = local_day(event.at)
    if any(one.awaits_report and one.due_on >= today for one in case.orders):
        return None
    return ClockSet(clock.kind, ClockStatus.LAPSED, today)


def from_order_still_to_come(
    kind: str, case: AgreementCase, event: Event, _ctx: Context, _row: Row
) -> ClockStart | None:
    """Until the day of the next order that has not run out."""
    today = local_day(event.at)
    rest = [one for one in _awaiting_report(case) if one.due_on >= today]
    return ClockStart(kind, rest[0].served_on, due_on=rest[0].due_on) if rest else None


def _handed_in(case: AgreementCase) -> list[date]:
    """The days of the reports that wait to be looked at, the earliest first."""
    return sorted(one.handed_in_on for one in case.orders if one.awaits_inspection and one.handed_in_on)


def from_next_report(kind: str, case: AgreementCase, event: Event, _ctx: Context, row: Row) -> ClockStart | None:
    """From the earliest report that waits to be looked at."""
    rest = _handed_in(_after(case, event))
    return _next(ClockStart(kind, rest[0]) if rest else None, case, row)


def ends_with_last_report(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """No report waits to be looked at any more."""
    if not clock.is_open or _handed_in(_after(case, event)):
        return None
    if event.name == "re_inspect":
        return ClockSet(clock.kind, ClockStatus.MET, event.fields["inspected_on"])
    return ClockSet(clock.kind, ClockStatus.ENDED, local_day(event.at))


def from_complaint(kind: str, case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart | None:
    """From the day on which it came in; a later one waits for the earlier. It runs on when the agreement has ended."""
    received = [*_open_complaints(case), local_day(event.fields["received_at"])]
    return _unless_it_runs(ClockStart(kind, min(received)), case)


def from_next_complaint(kind: str, case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart | None:
    """From the next one that is still to be inquired into."""
    rest = _open_complaints(case, but=event.fields["complaint"])
    return _unless_it_runs(ClockStart(kind, rest[0]), case) if rest else None


def ends_with_last_complaint(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """No inquiry is owed any more."""
    if not clock.is_open or _open_complaints(case, but=event.fields["complaint"]):
        return None
    return ClockSet(clock.kind, ClockStatus.MET, local_day(event.at))


def _open_complaints(case: AgreementCase, but: str = "") -> list[date]:
    return sorted(one.received_on for one in case.complaints if one.is_open and one.ref != but)


def _unless_it_runs(start: ClockStart, case: AgreementCase) -> ClockStart | None:
    return None if _goes_on(case.clock(start.kind), start) else start


def _rest(case: AgreementCase, event: Event) -> list[Warned]:
    """The warnings that still wait for an answer after the event, the earliest last day first."""
    today, answered = local_day(event.at), event.fields.get("warning", "")
    waiting = (one for one in case.warnings if one.awaits_answer(today) and one.ref != answered)
    return sorted(waiting, key=lambda one: (one.answer_due or date.max, one.served_on))


def from_warning(kind: str, case: AgreementCase, event: Event, ctx: Context, row: Row) -> ClockStart | None:
    """From the day on which the warning was served; a later one waits for the earlier. None without a limit."""
    if kind not in ctx.policy.clocks:
        return None
    served = [*(one.served_on for one in _rest(case, event)), event.fields["served_on"]]
    return _next(ClockStart(kind, min(served)), case, row)


def from_next_warning(kind: str, case: AgreementCase, event: Event, ctx: Context, row: Row) -> ClockStart | None:
    """From the next warning that waits for an answer."""
    rest = _rest(case, event)
    return _next(ClockStart(kind, rest[0].served_on) if rest else None, case, row)


def ends_with_last_answer(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """No warning waits for an answer any more."""
    if not clock.is_open or _rest(case, event):
        return None
    return ClockSet(clock.kind, ClockStatus.MET, event.fields["answered_on"])


def answer_runs_out(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """The last day is over, no answer came in."""
    return None if _rest(case, event) else ClockSet(clock.kind, ClockStatus.LAPSED, local_day(event.at))


def is_met(clock: Clock, _case: AgreementCase, event: Event) -> ClockSet:
    """Done by its holder, or run its course."""
    return ClockSet(clock.kind, ClockStatus.MET, local_day(event.at))


def is_met_once(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """Run its course, for good: an agreement comes into force once, however often it is resumed or restored."""
    return None if clock.status == ClockStatus.MET else is_met(clock, case, event)


def is_met_on_service(clock: Clock, case: AgreementCase, event: Event) -> ClockSet:
    """On the day on which the decision reached the institution, whenever it was entered."""
    on = event.fields["served_on"] if event.name == "record_service" else local_day(event.at)
    return ClockSet(clock.kind, ClockStatus.MET, on)


def is_met_on_assessment(clock: Clock, _case: AgreementCase, event: Event) -> ClockSet:
    """On the day of the assessment, whenever it was entered."""
    return ClockSet(clock.kind, ClockStatus.MET, event.fields["assessed_on"])


def ends(clock: Clock, _case: AgreementCase, event: Event) -> ClockSet | None:
    """There is nothing left to watch."""
    return ClockSet(clock.kind, ClockStatus.ENDED, local_day(event.at)) if clock.is_open else None
