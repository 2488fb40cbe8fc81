"""The days on which the clocks of an agreement start, and what becomes of them (六). A start is None where the occasion
does not start it after all. Of several findings or orders the clock watches the earliest that is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from rules.case import Clock, ClockSet, ClockStart, Context, Event
from rules.localtime import local_day
from rules.performance.records import AgreementCase, Order, overturned_ref, without
from rules.performance.states import ENDS, NOT_YET
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
        return ClockSet(clock.kind, ClockStatus.MET, today)
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
    was_looked_at = event.name == "re_inspect"
    return ClockSet(clock.kind, ClockStatus.MET if was_looked_at else ClockStatus.ENDED, local_day(event.at))


def is_met(clock: Clock, _case: AgreementCase, event: Event) -> ClockSet:
    """Done by its holder, or run its course."""
    return ClockSet(clock.kind, ClockStatus.MET, local_day(event.at))


def ends(clock: Clock, _case: AgreementCase, event: Event) -> ClockSet | None:
    """There is nothing left to watch."""
    return ClockSet(clock.kind, ClockStatus.ENDED, local_day(event.at)) if clock.is_open else None
