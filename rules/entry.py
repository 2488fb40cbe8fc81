"""Which clocks start and which are settled when an event moves a case (五; A7-1, A7-13, A7-16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from rules.case import Case, Clock, ClockSet, ClockStart, Context, Event
from rules.clock_table import CLOCKS
from rules.clocks import reckon
from rules.localtime import local_day
from rules.transitions import ENDS, Transition
from rules.vocabulary import ClockKind, ClockStatus, NoticeKind, State

NOTICE_CLOCKS = {
    mark.at: row.kind for row in CLOCKS.values() if row.holder is ClockKind.PERIOD for mark in row.starts if mark.at
}
INQUIRY = "objection_inquiry"
CORRECTION = "correction"
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
    found = (
        STARTS[mark.how](clock.kind, case, event, ctx, row)
        for clock in CLOCKS.values()
        for mark in clock.starts
        if clock.kind in ctx.policy.clocks and mark.is_made_by(row)
    )
    return tuple(start for start in found if start)


def _from_today(kind: str, _case: Case, event: Event, _ctx: Context, _row: Transition) -> ClockStart:
    return ClockStart(kind, local_day(event.at))


def _until_acceptance_ends(kind: str, _case: Case, event: Event, ctx: Context, _row: Transition) -> ClockStart:
    return ClockStart(kind, local_day(event.at), due_on=local_day(ctx.round.accept_until))


def _from_posting(kind: str, _case: Case, event: Event, _ctx: Context, _row: Transition) -> ClockStart:
    return ClockStart(kind, event.fields["starts_on"])


def _from_end_of_notice(kind: str, case: Case, _event: Event, ctx: Context, _row: Transition) -> ClockStart:
    return ClockStart(kind, signing_starts_on(case, ctx))


def _unless_limit_to_come(kind: str, case: Case, event: Event, _ctx: Context, row: Transition) -> ClockStart | None:
    today = local_day(event.at)
    return None if limit_to_come(case, row, today) else ClockStart(kind, today)


def limit_to_come(case: Case, row: Transition, today: date) -> date | None:
    """The last day of the limit that a correction brings back, where it is still to come: then it watches itself."""
    clock = case.clock("signing") if row.to is State.SIGNING else None
    return clock.latest_on if clock and clock.latest_on >= today else None


def _from_earliest_objection(kind: str, case: Case, event: Event, _ctx: Context, _row: Transition) -> ClockStart | None:
    """One clock for the inquiries of a dossier: it runs from the earliest objection that is still open."""
    clock, received_on = case.clock(kind), local_day(event.fields["received_at"])
    is_first = clock is None or not clock.is_open or received_on < clock.start_on
    return ClockStart(kind, received_on) if is_first else None


def _from_next_objection(kind: str, case: Case, event: Event, _ctx: Context, _row: Transition) -> ClockStart | None:
    clock, following = case.clock(kind), event.fields["next_inquiry_from"]
    return ClockStart(kind, following) if following and clock and clock.start_on != following else None


STARTS: Mapping[str, Callable[[str, Case, Event, Context, Transition], ClockStart | None]] = {
    "from_today": _from_today,
    "until_acceptance_ends": _until_acceptance_ends,
    "from_posting": _from_posting,
    "from_end_of_notice": _from_end_of_notice,
    "unless_limit_to_come": _unless_limit_to_come,
    "from_earliest_objection": _from_earliest_objection,
    "from_next_objection": _from_next_objection,
}


def clocks_set(case: Case, event: Event, row: Transition) -> tuple[ClockSet, ...]:
    """The clocks that the event settles. One that is late already keeps its breach and gets the day it was done."""
    if event.name == "breach":
        late = ClockSet(event.fields["kind"], ClockStatus.BREACHED, None, event.fields["check_on"])
        return (late,) if late.kind in case.clocks else ()
    settled = tuple(one for kind in CLOCKS if kind in case.clocks and (one := _settled(case, event, row, kind)))
    if row.to not in ENDS or row.to is row.frm:
        return settled
    closed, today = {one.kind for one in settled}, local_day(event.at)
    left = (clock for clock in case.clocks.values() if clock.is_open and clock.kind not in closed)
    return settled + tuple(
        ClockSet(clock.kind, at_end, today) for clock in left if (at_end := CLOCKS[clock.kind].at_end)
    )


def _settled(case: Case, event: Event, row: Transition, kind: str) -> ClockSet | None:
    """What becomes of a clock: the first mark of its row that the transition makes."""
    how = next((mark.how for mark in CLOCKS[kind].settles if mark.is_made_by(row)), None)
    return SETTLES[how](case.clocks[kind], case, event) if how else None


def _is_met(clock: Clock, _case: Case, event: Event) -> ClockSet:
    return ClockSet(clock.kind, ClockStatus.MET, local_day(event.at))


def _is_met_with_the_notice(clock: Clock, case: Case, _event: Event) -> ClockSet:
    return ClockSet(clock.kind, ClockStatus.MET, notice_over_on(case))


def _is_met_on_signing(clock: Clock, _case: Case, event: Event) -> ClockSet:
    return ClockSet(clock.kind, ClockStatus.MET, event.fields["signed_on"])


def _ends(clock: Clock, _case: Case, event: Event) -> ClockSet:
    return ClockSet(clock.kind, ClockStatus.ENDED, local_day(event.at))


def _lapses(clock: Clock, _case: Case, _event: Event) -> ClockSet:
    return ClockSet(clock.kind, ClockStatus.LAPSED, None)


def _gives_way(clock: Clock, _case: Case, _event: Event) -> ClockSet:
    """The limit that a correction takes the place of (`correction`)."""
    return ClockSet(clock.kind, ClockStatus.ENDED, None)


def _is_done(clock: Clock, case: Case, event: Event) -> ClockSet | None:
    """What a correction brought back is done: its limit is over."""
    return _is_met(clock, case, event) if clock.is_open else None


def _is_not_done(clock: Clock, case: Case, event: Event) -> ClockSet | None:
    """What a correction brought back is not done: its limit is over, too."""
    return _lapses(clock, case, event) if clock.is_open else None


def _runs_again(clock: Clock, _case: Case, event: Event) -> ClockSet:
    """The signing limit of a case that was given up too early: sweeps look again where its last day is still to come;
    where it has passed, a person has found that the agreement was signed in time."""
    today = local_day(event.at)
    if clock.due_on is None:
        return ClockSet(clock.kind, ClockStatus.PROVISIONAL, None)
    return ClockSet(clock.kind, ClockStatus.RUNNING, None, today if clock.due_on >= today else None)


def _ends_with_last_objection(clock: Clock, case: Case, event: Event) -> ClockSet | None:
    """The inquiry is over with the last open objection; one that a withdrawal does not end goes on."""
    goes_on = event.fields["next_inquiry_from"] or not event.fields.get("ends_inquiry", True)
    return None if goes_on or not clock.is_open else _is_met(clock, case, event)


def _goes_on(clock: Clock, _case: Case, event: Event) -> ClockSet:
    """Who moves up is evaluated further: the whole-procedure clock, met when the place went to others, runs on."""
    if clock.due_on is None:
        return ClockSet(clock.kind, ClockStatus.PROVISIONAL, None)
    return ClockSet(clock.kind, ClockStatus.RUNNING, None, check_on=local_day(event.at))


SETTLES: Mapping[str, Callable[[Clock, Case, Event], ClockSet | None]] = {
    "is_met": _is_met,
    "is_met_with_the_notice": _is_met_with_the_notice,
    "is_met_on_signing": _is_met_on_signing,
    "ends": _ends,
    "lapses": _lapses,
    "gives_way": _gives_way,
    "is_done": _is_done,
    "is_not_done": _is_not_done,
    "runs_again": _runs_again,
    "ends_with_last_objection": _ends_with_last_objection,
    "goes_on": _goes_on,
}
