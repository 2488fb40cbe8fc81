"""Every clock in one table: whose it is, what starts it, what settles it, what its end does, who is reminded.

How long a clock runs, by which clause and with which ladder of reminders stands in the policy. `how` names a function
of `rules.entry` that knows the day, as `when` of `rules.transitions` names a guard. What is beyond this table: a breach
marks the clock that it names, and a case that comes to an end ends its open clocks (`at_end`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.transitions import Transition, rows_for
from rules.vocabulary import ClockKind, ClockStatus
from rules.vocabulary import State as S

NEVER_HELD = ClockKind.AUTHORITY  # an open objection holds every other clock of its dossier (A7-11)


@dataclass(frozen=True, slots=True)
class Mark:
    """What happens to a clock, and when: with one of `events`, or, where none is named, with every move of the case.
    `into` narrows it to moves into a state, `at` to cases that stand in one."""

    how: str
    events: tuple[str, ...] = ()
    into: S | None = None
    at: S | None = None

    def is_made_by(self, row: Transition) -> bool:
        """Whether a transition is such an occasion."""
        moves = row.to is not row.frm
        occurs = row.event in self.events if self.events else moves
        return occurs and self.at in (None, row.frm) and (self.into is None or (moves and row.to is self.into))


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One row of the table. `when_over` are the events that a sweep carries out after the last day: the first that the
    state of the case knows. `reminder` is the message of its ladder; a clock without one may have no ladder. `at_end`
    is what becomes of it when the case ends; None: it goes on."""

    kind: str
    holder: ClockKind
    starts: tuple[Mark, ...]
    settles: tuple[Mark, ...]
    when_over: tuple[str, ...]
    reminder: str
    at_end: ClockStatus | None = ClockStatus.ENDED

    @property
    def is_held(self) -> bool:
        """Whether an open objection holds it."""
        return self.holder is not NEVER_HELD

    def over(self, state: S) -> str:
        """The event of its end in a state."""
        return next((event for event in self.when_over if rows_for(state, event)), self.when_over[0])


CLOCKS: Mapping[str, ClockRow] = {
    row.kind: row
    for row in (
        ClockRow(
            "supplement",
            ClockKind.APPLICANT,
            starts=(Mark("until_acceptance_ends", ("submit_application",), into=S.INCOMPLETE),),
            settles=(
                Mark("is_met", into=S.ACCEPTED),
                Mark("lapses", into=S.NOT_ACCEPTED_INCOMPLETE),
                Mark("gives_way", ("correct_record",), into=S.INCOMPLETE),
            ),
            when_over=("window_closed",),
            reminder="supplement_reminder",
        ),
        ClockRow(
            "supplement_notice",
            ClockKind.AUTHORITY,
            starts=(Mark("from_today", ("submit_application",), into=S.INCOMPLETE),),
            settles=(Mark("is_met", ("request_supplement",)), Mark("ends", into=S.ACCEPTED)),
            when_over=("breach",),
            reminder="authority_reminder",
        ),
        ClockRow(
            "preliminary_review",
            ClockKind.AUTHORITY,
            starts=(Mark("from_today", into=S.ACCEPTED),),
            settles=(Mark("is_met", ("sign_preliminary_opinion",)),),
            when_over=("breach",),
            reminder="authority_reminder",
        ),
        ClockRow(
            "result_notice",
            ClockKind.PERIOD,
            starts=(Mark("from_posting", ("start_notice",), at=S.NOTICE_RESULT),),
            settles=(Mark("is_met_with_the_notice", ("period_over",), into=S.NEGOTIATING),),
            when_over=("period_over",),
            reminder="authority_reminder",
        ),
        ClockRow(
            "proposed_notice",
            ClockKind.PERIOD,
            starts=(Mark("from_posting", ("start_notice",), at=S.NOTICE_PROPOSED),),
            settles=(Mark("is_met_with_the_notice", ("period_over",), into=S.SIGNING),),
            when_over=("period_over",),
            reminder="authority_reminder",
        ),
        ClockRow(
            "whole_procedure",
            ClockKind.AUTHORITY,
            starts=(Mark("from_today", into=S.ACCEPTED),),
            settles=(Mark("is_met_with_the_notice", ("period_over",), into=S.SIGNING), Mark("goes_on", ("move_up",))),
            when_over=("breach",),
            reminder="authority_reminder",
            at_end=ClockStatus.MET,
        ),
        ClockRow(
            "objection_inquiry",
            ClockKind.AUTHORITY,
            starts=(
                Mark("from_earliest_objection", ("record_objection",)),
                Mark("from_next_objection", ("resolve_objection", "withdraw_objection")),
            ),
            settles=(Mark("ends_with_last_objection", ("resolve_objection", "withdraw_objection")),),
            when_over=("breach",),
            reminder="authority_reminder",
            at_end=None,
        ),
        ClockRow(
            "signing",
            ClockKind.APPLICANT,
            starts=(Mark("from_end_of_notice", ("period_over",), into=S.SIGNING),),
            settles=(
                Mark("is_met_on_signing", ("sign_agreement",)),
                Mark("lapses", into=S.DEEMED_ABANDONED),
                Mark("runs_again", ("correct_record",), into=S.SIGNING),
            ),
            when_over=("sign_timeout",),
            reminder="signing_reminder",
        ),
        ClockRow(
            "correction",
            ClockKind.APPLICANT,
            starts=(Mark("unless_limit_to_come", ("correct_record",)),),
            settles=(
                Mark("is_not_done", ("sign_timeout", "window_closed")),
                Mark("is_done"),
            ),
            when_over=("sign_timeout", "window_closed"),
            reminder="",
        ),
    )
}
