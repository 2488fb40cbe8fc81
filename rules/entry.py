"""Which clocks start and which are settled when an event moves a case (五; A7-1, A7-13, A7-16)."""

from __future__ import annotations

from datetime import date

from rules.case import Case, Clock, ClockSet, ClockStart, Context, Event
from rules.clocks import reckon
from rules.localtime import local_day
from rules.transitions import ENDS, Transition
from rules.vocabulary import ClockStatus, NoticeKind, State

NOTICE_CLOCKS = {State.NOTICE_RESULT: "result_notice", State.NOTICE_PROPOSED: "proposed_notice"}
INQUIRY = "objection_inquiry"
CORRECTION = "correction"
INQUIRY_EVENTS = ("record_objection", "resolve_objection", "withdraw_objection")
NOTICE_STATES = {
    NoticeKind.EVALUATION_RESULT: State.NOTICE_RESULT,
    NoticeKind.PROPOSED_AGREEMENTS: State.NOTICE_PROPOSED,
}


def notice_over_on(case: Case) -> date:
    """The day on which the running notice is over for this dossier: its last day, or, where an objection was held
    open beyond it, the day that objection was resolved (A7-11, A7-13)."""
    last_day = case.clocks[NOTICE_CLOCKS[case.state]].due_on
    if last_day is None:
        raise ValueError(f"{case.applicant_id}: a provisional notice cannot be over")
    return max(last_day, case.released_on or last_day)


def signing_starts_on(case: Case, ctx: Context) -> date:
    """The day from which the signing limit runs (that day not counted): the last day of the second notice, or, where
    the county reads it so, the day on which that notice was over for this dossier (A7-13).

    A dossier that was held until its limit had run out is counted from the run-out in any case: it had no day to sign
    on, and only its own fault counts (A7-14).
    """
    over_on = notice_over_on(case)
    last_day = case.clocks[NOTICE_CLOCKS[case.state]].due_on or over_on
    if counts_from_run_out(ctx):
        return over_on
    limit = reckon(ctx.policy.clocks["signing"], last_day, ctx.workdays).due_on
    return over_on if limit and limit <= over_on else last_day


def counts_from_run_out(ctx: Context) -> bool:
    """Whether the days of an inquiry are left out of the signing limit by themselves (readings `signing_start`,
    `inquiry_days`; A7-13, A7-14): they are no fault of the institution's own."""
    from_run_out = ctx.policy.reads("signing_start") == "notice_over_for_dossier"
    return from_run_out or ctx.policy.reads("inquiry_days") == "added_by_themselves"


def clocks_started(case: Case, event: Event, ctx: Context, row: Transition) -> tuple[ClockStart, ...]:
    """The clocks that the event starts, as far as the procedure knew them when the round was announced."""
    return tuple(start for start in _started(case, event, ctx, row) if start.kind in ctx.policy.clocks)


def _started(case: Case, event: Event, ctx: Context, row: Transition) -> tuple[ClockStart, ...]:
    today = local_day(event.at)
    if event.name == "start_notice":
        return (ClockStart(NOTICE_CLOCKS[row.to], event.fields["starts_on"]),)
    if event.name in INQUIRY_EVENTS:
        return _inquiry_started(case, event)
    if event.name == "correct_record":
        return () if limit_to_come(case, row, today) else (ClockStart(CORRECTION, today),)
    if row.to is row.frm:
        return ()
    if row.to is State.INCOMPLETE:
        last_day = local_day(ctx.round.accept_until)
        return ClockStart("supplement", today, due_on=last_day), ClockStart("supplement_notice", today)
    if row.to is State.ACCEPTED:
        return ClockStart("preliminary_review", today), ClockStart("whole_procedure", today)
    if row.to is State.SIGNING:
        return (ClockStart("signing", signing_starts_on(case, ctx)),)
    return ()


def limit_to_come(case: Case, row: Transition, today: date) -> date | None:
    """The last day of the limit that a correction brings back, where it is still to come: then it watches itself."""
    clock = case.clock("signing") if row.to is State.SIGNING else None
    return clock.latest_on if clock and clock.latest_on >= today else None


def _inquiry_started(case: Case, event: Event) -> tuple[ClockStart, ...]:
    """One clock for the inquiries of a dossier: it runs from the earliest objection that is still open."""
    clock = case.clock(INQUIRY)
    if event.name == "record_objection":
        received_on = local_day(event.fields["received_at"])
        is_first = clock is None or not clock.is_open or received_on < clock.start_on
        return (ClockStart(INQUIRY, received_on),) if is_first else ()
    following = event.fields["next_inquiry_from"]
    return (ClockStart(INQUIRY, following),) if following and clock and clock.start_on != following else ()


def clocks_set(case: Case, event: Event, row: Transition) -> tuple[ClockSet, ...]:
    """The clocks that the event settles. One that is late already keeps its breach and gets the day it was done."""
    settled = (*_settled(case, event, row), *_correction_done(case, event, row))
    if row.to in ENDS and row.to is not row.frm:
        closed = {one.kind for one in settled}
        today = local_day(event.at)
        settled += tuple(
            ClockSet(clock.kind, ClockStatus.MET if clock.kind == "whole_procedure" else ClockStatus.ENDED, today)
            for clock in case.clocks.values()
            if clock.is_open and clock.kind not in closed and clock.kind != INQUIRY
        )
    return tuple(one for one in settled if one.kind in case.clocks)


def _settled(case: Case, event: Event, row: Transition) -> tuple[ClockSet, ...]:
    today = local_day(event.at)
    match event.name, row.to:
        case "breach", _:
            return (ClockSet(event.fields["kind"], ClockStatus.BREACHED, None, event.fields["check_on"]),)
        case "request_supplement", _:
            return (ClockSet("supplement_notice", ClockStatus.MET, today),)
        case _, State.ACCEPTED if row.frm is State.INCOMPLETE:
            return ClockSet("supplement", ClockStatus.MET, today), ClockSet(
                "supplement_notice", ClockStatus.ENDED, today
            )
        case _, State.NOT_ACCEPTED_INCOMPLETE:
            return (ClockSet("supplement", ClockStatus.LAPSED, None),)
        case "sign_preliminary_opinion", _:
            return (ClockSet("preliminary_review", ClockStatus.MET, today),)
        case (("resolve_objection" | "withdraw_objection"), _):
            return _inquiry_ended(case, event, today)
        case "period_over", State.NEGOTIATING:
            return (ClockSet("result_notice", ClockStatus.MET, notice_over_on(case)),)
        case "period_over", State.SIGNING:
            over_on = notice_over_on(case)
            return (
                ClockSet("proposed_notice", ClockStatus.MET, over_on),
                ClockSet("whole_procedure", ClockStatus.MET, over_on),
            )
        case "move_up", _:
            return _reopened(case, today)
        case "sign_agreement", _:
            return (ClockSet("signing", ClockStatus.MET, event.fields["signed_on"]),)
        case _, State.DEEMED_ABANDONED:
            return (ClockSet("signing", ClockStatus.LAPSED, None),)
        case "correct_record", State.SIGNING:
            return _runs_again(case.clocks["signing"], today)
        case "correct_record", State.INCOMPLETE:
            return (ClockSet("supplement", ClockStatus.ENDED, None),)
    return ()


def _correction_done(case: Case, event: Event, row: Transition) -> tuple[ClockSet, ...]:
    """What a correction brought back is done, or not: either way its limit is over."""
    clock = case.clock(CORRECTION)
    if clock is None or not clock.is_open or row.to is row.frm:
        return ()
    if event.name in ("sign_timeout", "window_closed"):
        return (ClockSet(CORRECTION, ClockStatus.LAPSED, None),)
    return (ClockSet(CORRECTION, ClockStatus.MET, local_day(event.at)),)


def _runs_again(clock: Clock, today: date) -> tuple[ClockSet, ...]:
    """The signing limit of a case that was given up too early: sweeps look again where its last day is still to come;
    where it has passed, a person has found that the agreement was signed in time."""
    if clock.due_on is None:
        return (ClockSet(clock.kind, ClockStatus.PROVISIONAL, None),)
    return (ClockSet(clock.kind, ClockStatus.RUNNING, None, today if clock.due_on >= today else None),)


def _inquiry_ended(case: Case, event: Event, today: date) -> tuple[ClockSet, ...]:
    """The inquiry is over with the last open objection; one that a withdrawal does not end goes on."""
    clock = case.clock(INQUIRY)
    goes_on = event.fields["next_inquiry_from"] or not event.fields.get("ends_inquiry", True)
    return () if goes_on or clock is None or not clock.is_open else (ClockSet(INQUIRY, ClockStatus.MET, today),)


def _reopened(case: Case, today: date) -> tuple[ClockSet, ...]:
    """Who moves up is evaluated further: the whole-procedure clock, met when the place went to others, runs on."""
    clock = case.clock("whole_procedure")
    if clock is None:
        return ()
    if clock.due_on is None:
        return (ClockSet(clock.kind, ClockStatus.PROVISIONAL, None),)
    return (ClockSet(clock.kind, ClockStatus.RUNNING, None, check_on=today),)
