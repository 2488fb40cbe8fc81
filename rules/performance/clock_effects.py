"""The days on which the clocks of an agreement start, and what becomes of them (六). A start is None where the occasion
does not start it after all. Of several findings or orders the clock watches the earliest that is open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from rules.case import Clock, ClockSet, ClockStart, Context, Event
from rules.localtime import local_day
from rules.performance.records import AgreementCase, Finding, Order, without
from rules.procedure import Transition
from rules.vocabulary import ClockStatus

Row = Transition[AgreementCase, Context]
ONE_DAY = timedelta(days=1)


def until_it_begins(kind: str, case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """Its last day is the day before the term."""
    return ClockStart(kind, local_day(event.at), due_on=case.effective_on - ONE_DAY)


def until_it_expires(kind: str, case: AgreementCase, _event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """Its last day is that of the term (agreed, or by the policy's term)."""
    return ClockStart(kind, case.effective_on, due_on=case.expires_on)


def until_it_leaves(kind: str, _case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """Its last day is the one named in the notice."""
    return ClockStart(kind, event.fields["notice_on"], due_on=event.fields["leaves_on"])


def from_today(kind: str, _case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """From the day of the event."""
    return ClockStart(kind, local_day(event.at))


def from_proposal(kind: str, case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart | None:
    """From the day on which the proposal was served; a later one waits for the earlier."""
    if _unheard(case.findings):
        return None
    return ClockStart(kind, event.fields["served_on"])


def from_next_proposal(kind: str, case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart | None:
    """From the next finding that is still to be heard."""
    rest = _unheard(_findings_after(case, event))
    return ClockStart(kind, rest[0].recorded_on) if rest else None


def ends_with_last_proposal(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """No finding waits any more."""
    if _unheard(_findings_after(case, event)):
        return None
    return ClockSet(clock.kind, ClockStatus.MET, local_day(event.at))


def _findings_after(case: AgreementCase, event: Event) -> tuple[Finding, ...]:
    done = event.fields["finding"]
    return tuple(one for one in case.findings if one.ref != done)


def _unheard(findings: Iterable[Finding]) -> list[Finding]:
    waiting = (one for one in findings if one.heard_until and not one.established_on and not one.overturned_on)
    return sorted(waiting, key=lambda one: one.heard_until or date.max)


def from_order(kind: str, case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """Until the earliest day that an open order names."""
    fields = event.fields
    open_ones = [(one.due_on, one.served_on) for one in case.orders if one.awaits_report]
    due_on, served_on = min([*open_ones, (fields["due_on"], fields["served_on"])])
    return ClockStart(kind, served_on, due_on=due_on)


def from_next_order(kind: str, case: AgreementCase, event: Event, _ctx: Context, _row: Row) -> ClockStart | None:
    """Until the day of the next order that is open."""
    rest = _orders_after(case, event)
    return ClockStart(kind, rest[0].served_on, due_on=rest[0].due_on) if rest else None


def ends_with_last_order(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """No order waits for a report any more."""
    if _orders_after(case, event):
        return None
    in_time = event.name == "hand_in_rectification"
    return ClockSet(clock.kind, ClockStatus.MET if in_time else ClockStatus.ENDED, local_day(event.at))


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
    rest = sorted((one.due_on, one.served_on) for one in case.orders if one.awaits_report and one.due_on >= today)
    return ClockStart(kind, rest[0][1], due_on=rest[0][0]) if rest else None


def _orders_after(case: AgreementCase, event: Event) -> list[Order]:
    if event.name == "hand_in_rectification":
        left = [one for one in case.orders if one.ref != event.fields["order"]]
    else:
        left = list(without(case, [event.fields["finding"]], local_day(event.at)).orders)
    return sorted((one for one in left if one.awaits_report), key=lambda one: one.due_on)


def ends_with_last_report(clock: Clock, case: AgreementCase, event: Event) -> ClockSet | None:
    """No report waits to be looked at any more."""
    if any(one.awaits_inspection and one.ref != event.fields["order"] for one in case.orders):
        return None
    return ClockSet(clock.kind, ClockStatus.MET, local_day(event.at))


def is_met(clock: Clock, _case: AgreementCase, event: Event) -> ClockSet:
    """Done by its holder, or run its course."""
    return ClockSet(clock.kind, ClockStatus.MET, local_day(event.at))


def ends(clock: Clock, _case: AgreementCase, event: Event) -> ClockSet | None:
    """There is nothing left to watch."""
    return ClockSet(clock.kind, ClockStatus.ENDED, local_day(event.at)) if clock.is_open else None
