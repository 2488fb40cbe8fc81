"""The days on which the clocks of a dossier start, and what becomes of them (五; A7-1, A7-13, A7-16): what the marks of
`rules.evaluation.clock_table` refer to. A start is None where the occasion does not start it after all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rules.case import Case, Clock, ClockSet, ClockStart, Context, Event
from rules.clocks import compute_deadline
from rules.localtime import local_day
from rules.procedure import Transition
from rules.vocabulary import ClockStatus, NoticeKind, State, Term

Row = Transition[Case, Context]

NOTICE_CLOCKS: Mapping[Term, str] = {State.NOTICE_RESULT: "result_notice", State.NOTICE_PROPOSED: "proposed_notice"}
INQUIRY = "objection_inquiry"
CORRECTION = "correction"
OF_THE_APPLICANT = ("supplement", "signing")
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
    limit = compute_deadline(ctx.policy.clocks["signing"], last_day, ctx.workdays).due_on
    return over_on if limit and limit <= over_on else last_day


def counts_from_run_out(ctx: Context) -> bool:
    """Whether the days of an inquiry are left out of the signing limit by themselves (readings `signing_start`,
    `inquiry_days`; A7-13, A7-14): they are no fault of the institution's own."""
    from_run_out = ctx.policy.reads("signing_start") == "notice_over_for_dossier"
    return from_run_out or ctx.policy.reads("inquiry_days") == "added_by_themselves"


def from_today(kind: str, _case: Case, event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """From the day of the event."""
    return ClockStart(kind, local_day(event.at))


def from_receipt(kind: str, _case: Case, event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """From the day on which the dossier, or what it still lacked, was received (A7-1)."""
    return ClockStart(kind, local_day(event.handed_in_at))


def until_acceptance_ends(kind: str, _case: Case, event: Event, ctx: Context, _row: Row) -> ClockStart:
    """It ends with the announced window."""
    return ClockStart(kind, local_day(event.handed_in_at), due_on=local_day(ctx.round.accept_until))


def from_posting(kind: str, _case: Case, event: Event, _ctx: Context, _row: Row) -> ClockStart:
    """From the day on which the later channel posted the notice (A7-9)."""
    return ClockStart(kind, event.fields["starts_on"])


def from_end_of_notice(kind: str, case: Case, _event: Event, ctx: Context, _row: Row) -> ClockStart:
    """As `signing_starts_on`."""
    return ClockStart(kind, signing_starts_on(case, ctx))


def unless_limit_to_come(kind: str, case: Case, event: Event, _ctx: Context, row: Row) -> ClockStart | None:
    """From the day of the correction, unless the limit that it brings back still watches itself."""
    today = local_day(event.at)
    return None if limit_to_come(case, row, today) else ClockStart(kind, today)


def limit_to_come(case: Case, row: Row, today: date) -> date | None:
    """The last day of the limit that a correction brings back, where it is still to come: then it watches itself."""
    clock = case.clock("signing") if row.to is State.SIGNING else None
    return clock.latest_on if clock and clock.latest_on >= today else None


def from_earliest_objection(kind: str, case: Case, event: Event, _ctx: Context, _row: Row) -> ClockStart | None:
    """One clock for the inquiries of a dossier: it runs from the earliest objection that is still open."""
    clock, received_on = case.clock(kind), local_day(event.fields["received_at"])
    is_first = clock is None or not clock.is_open or received_on < clock.start_on
    return ClockStart(kind, received_on) if is_first else None


def from_next_objection(kind: str, case: Case, event: Event, _ctx: Context, _row: Row) -> ClockStart | None:
    """Where another objection is still open, from the day that one came in."""
    clock, following = case.clock(kind), event.fields["next_inquiry_from"]
    return ClockStart(kind, following) if following and clock and clock.start_on != following else None


# --- what becomes of a clock ---------------------------------------------------------------------------------------


def is_met(clock: Clock, _case: Case, event: Event) -> ClockSet:
    """Done on the day of the event."""
    return ClockSet(clock.kind, ClockStatus.MET, local_day(event.at))


def is_met_on_receipt(clock: Clock, _case: Case, event: Event) -> ClockSet:
    """Done on the day on which the last of the materials was received."""
    return ClockSet(clock.kind, ClockStatus.MET, local_day(event.handed_in_at))


def is_met_with_the_notice(clock: Clock, case: Case, _event: Event) -> ClockSet:
    """Done on the day on which the notice was over for this dossier."""
    return ClockSet(clock.kind, ClockStatus.MET, notice_over_on(case))


def is_met_on_signing(clock: Clock, _case: Case, event: Event) -> ClockSet:
    """Done on the day of signing, not of its entry (A7-15)."""
    return ClockSet(clock.kind, ClockStatus.MET, event.fields["signed_on"])


def ends(clock: Clock, _case: Case, event: Event) -> ClockSet:
    """No longer asked for."""
    return ClockSet(clock.kind, ClockStatus.ENDED, local_day(event.at))


def lapses(clock: Clock, _case: Case, _event: Event) -> ClockSet:
    """Its holder let it pass."""
    return ClockSet(clock.kind, ClockStatus.LAPSED, None)


def gives_way(clock: Clock, _case: Case, _event: Event) -> ClockSet:
    """The limit that a correction takes the place of (`correction`)."""
    return ClockSet(clock.kind, ClockStatus.ENDED, None)


def is_done(clock: Clock, case: Case, event: Event) -> ClockSet | None:
    """What a correction brought back is done: its limit is over."""
    return is_met(clock, case, event) if clock.is_open else None


def is_not_done(clock: Clock, case: Case, event: Event) -> ClockSet | None:
    """What a correction brought back is not done: its limit is over, too."""
    return lapses(clock, case, event) if clock.is_open else None


def runs_again(clock: Clock, _case: Case, event: Event) -> ClockSet:
    """The signing limit of a case that was given up too early: sweeps look again where its last day is still to come;
    where it has passed, a person has found that the agreement was signed in time."""
    today = local_day(event.at)
    if clock.due_on is None:
        return ClockSet(clock.kind, ClockStatus.PROVISIONAL, None)
    return ClockSet(clock.kind, ClockStatus.RUNNING, None, today if clock.due_on >= today else None)


def ends_with_last_objection(clock: Clock, case: Case, event: Event) -> ClockSet | None:
    """The inquiry is over with the last open objection; one that a withdrawal does not end goes on."""
    goes_on = event.fields["next_inquiry_from"] or not event.fields.get("ends_inquiry", True)
    return None if goes_on or not clock.is_open else is_met(clock, case, event)


def goes_on(clock: Clock, _case: Case, event: Event) -> ClockSet:
    """Who moves up is evaluated further: the whole-procedure clock, met when the place went to others, runs on."""
    if clock.due_on is None:
        return ClockSet(clock.kind, ClockStatus.PROVISIONAL, None)
    return ClockSet(clock.kind, ClockStatus.RUNNING, None, check_on=local_day(event.at))


# --- an act that is taken back: `clocks` are those that it touched, as each stood before (None: it had none) ----------


def reopened(event: Event) -> tuple[str, ...]:
    """The clocks that run again once an act is taken back; a correction's own limit begins anew instead."""
    return tuple(kind for kind in event.fields["clocks"] if kind != CORRECTION and _ran_before(kind, event))


def _ran_before(kind: str, event: Event) -> bool:
    before = event.fields["clocks"].get(kind)
    is_over = (ClockStatus.LAPSED, ClockStatus.ENDED)
    return bool(before) and before["closed_on"] is None and before["status"] not in is_over


def runs_as_before(clock: Clock, case: Case, event: Event) -> ClockSet | None:
    """What the act closed runs again from its own facts; what the act began is no longer asked for."""
    if clock.kind not in event.fields["clocks"]:
        return None
    if _ran_before(clock.kind, event):
        return goes_on(clock, case, event)
    return ends(clock, case, event) if clock.is_open else None


def signs_as_before(clock: Clock, case: Case, event: Event) -> ClockSet | None:
    """As `runs_as_before`; a signing limit that has passed meanwhile is watched by the correction's own."""
    return runs_again(clock, case, event) if _ran_before(clock.kind, event) else runs_as_before(clock, case, event)


def is_supplemented_as_before(clock: Clock, case: Case, event: Event) -> ClockSet | None:
    """As `runs_as_before`; one that has passed meanwhile gives way to the correction's own."""
    if _ran_before(clock.kind, event) and clock.latest_on < local_day(event.at):
        return gives_way(clock, case, event)
    return runs_as_before(clock, case, event)


def limits_passed(case: Case, event: Event) -> tuple[str, ...]:
    """The applicant's limits that an act taken back brings back though they have passed meanwhile."""
    today = local_day(event.at)
    of_the_applicant = (kind for kind in reopened(event) if kind in OF_THE_APPLICANT)
    return tuple(kind for kind in of_the_applicant if case.clocks[kind].latest_on < today)


def where_limit_has_passed(kind: str, case: Case, event: Event, _ctx: Context, _row: Row) -> ClockStart | None:
    """From the day on which the act was taken back, where the limit that it brings back has passed meanwhile."""
    return ClockStart(kind, local_day(event.at)) if limits_passed(case, event) else None
