"""What it does to a dossier when an objection holds it no longer (五(二)、五(三); A7-14)."""

from __future__ import annotations

from typing import Any

from rules.case import Case, Context, Event
from rules.evaluation.clock_effects import counts_from_run_out
from rules.localtime import local_day
from rules.periods import Suspension
from rules.vocabulary import State, Term

Suspends = tuple[tuple[str, Suspension], ...]  # clock and the days that do not count


def released(case: Case, event: Event, ctx: Context, to: Term) -> tuple[dict[str, Any], Suspends]:
    """One hold less; with the last one the dossier is free from this day on. Columns, and days that do not count."""
    columns = {"holds": case.holds - 1} | ({"released_on": local_day(event.at)} if case.holds == 1 else {})
    return columns, _days_held(case, event, ctx, to)


def _days_held(case: Case, event: Event, ctx: Context, to: Term) -> Suspends:
    """A complaint that came in time but was entered after signing had opened: where the county counts from the run-out
    for the dossier, where inquiry days are added by themselves, or where the limit ran out meanwhile, the days it held
    signing do not count; otherwise they are recorded as the agency's own (A7-14)."""
    if to is not State.SIGNING or not (counts_from_run_out(ctx) or _has_run_out(case, event)):
        return ()
    held_from, held_to = local_day(event.fields["recorded_at"]), local_day(event.at)
    if any((one.from_on, one.to_on) == (held_from, held_to) for one in case.clocks["signing"].suspensions):
        return ()  # another complaint held the same days
    return (("signing", Suspension(held_from, held_to, f"核查异议 {event.fields['ref']}", "五(三)", event.by)),)


def _has_run_out(case: Case, event: Event) -> bool:
    due_on = case.clocks["signing"].due_on
    return due_on is not None and due_on <= local_day(event.at)
