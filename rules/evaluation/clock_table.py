"""Every clock of a dossier in one table: whose it is, what starts and settles it, what its end does, who is reminded.

How long a clock runs, by which clause and with which ladder of reminders stands in the policy.
"""

from __future__ import annotations

from collections.abc import Mapping

from rules.evaluation import clock_effects as it
from rules.procedure import BREACH, ClockRow, Mark
from rules.vocabulary import ClockKind, ClockStatus
from rules.vocabulary import State as S

TAKEN_BACK = ("take_back_act",)

CLOCKS: Mapping[str, ClockRow] = {
    row.kind: row
    for row in (
        ClockRow(
            "supplement",
            ClockKind.APPLICANT,
            starts=(Mark(it.until_acceptance_ends, ("submit_application",), into=S.INCOMPLETE),),
            settles=(
                Mark(it.is_met_on_receipt, into=S.ACCEPTED),
                Mark(it.lapses, into=S.NOT_ACCEPTED_INCOMPLETE),
                Mark(it.gives_way, ("correct_record",), into=S.INCOMPLETE),
                Mark(it.is_supplemented_as_before, TAKEN_BACK),
            ),
            when_over=("window_closed",),
            reminder="supplement_reminder",
            reads_facts=True,
        ),
        ClockRow(
            "supplement_notice",
            ClockKind.AUTHORITY,
            starts=(Mark(it.from_receipt, ("submit_application",), into=S.INCOMPLETE),),
            settles=(
                Mark(it.is_met, ("request_supplement",)),
                Mark(it.ends, into=S.ACCEPTED),
                Mark(it.runs_as_before, TAKEN_BACK),
            ),
            when_over=(BREACH,),
            reminder="authority_reminder",
        ),
        ClockRow(
            "preliminary_review",
            ClockKind.AUTHORITY,
            starts=(Mark(it.from_receipt, into=S.ACCEPTED),),
            settles=(Mark(it.is_met, ("sign_preliminary_opinion",)), Mark(it.runs_as_before, TAKEN_BACK)),
            when_over=(BREACH,),
            reminder="authority_reminder",
        ),
        ClockRow(
            "result_notice",
            ClockKind.PERIOD,
            starts=(Mark(it.from_posting, ("start_notice",), at=S.NOTICE_RESULT),),
            settles=(
                Mark(it.is_met_with_the_notice, ("period_over",), into=S.NEGOTIATING),
                Mark(it.runs_as_before, TAKEN_BACK),
            ),
            when_over=("period_over",),
            reminder="authority_reminder",
        ),
        ClockRow(
            "proposed_notice",
            ClockKind.PERIOD,
            starts=(Mark(it.from_posting, ("start_notice",), at=S.NOTICE_PROPOSED),),
            settles=(
                Mark(it.is_met_with_the_notice, ("period_over",), into=S.SIGNING),
                Mark(it.runs_as_before, TAKEN_BACK),
            ),
            when_over=("period_over",),
            reminder="authority_reminder",
        ),
        ClockRow(
            "whole_procedure",
            ClockKind.AUTHORITY,
            starts=(Mark(it.from_receipt, into=S.ACCEPTED),),
            settles=(
                Mark(it.is_met_with_the_notice, ("period_over",), into=S.SIGNING),
                Mark(it.goes_on, ("move_up",)),
                Mark(it.runs_as_before, TAKEN_BACK),
            ),
            when_over=(BREACH,),
            reminder="authority_reminder",
            at_end=ClockStatus.MET,
        ),
        ClockRow(
            "objection_inquiry",
            ClockKind.AUTHORITY,
            starts=(
                Mark(it.from_earliest_objection, ("record_objection",)),
                Mark(it.from_next_objection, ("resolve_objection", "withdraw_objection")),
            ),
            settles=(
                Mark(it.ends_with_last_objection, ("resolve_objection", "withdraw_objection")),
                Mark(it.runs_as_before, TAKEN_BACK),
            ),
            when_over=(BREACH,),
            reminder="authority_reminder",
            at_end=None,
        ),
        ClockRow(
            "city_reply",
            ClockKind.PERIOD,
            starts=(
                Mark(it.from_today, into=S.AWAITING_CITY),
                Mark(it.from_today, ("city_silent",)),
            ),
            settles=(Mark(it.ends, ("record_city_decision",)), Mark(it.runs_as_before, TAKEN_BACK)),
            when_over=("city_silent",),
            reminder="",
        ),
        ClockRow(
            "signing",
            ClockKind.APPLICANT,
            starts=(Mark(it.from_end_of_notice, ("period_over",), into=S.SIGNING),),
            settles=(
                Mark(it.is_met_on_signing, ("sign_agreement",)),
                Mark(it.lapses, into=S.DEEMED_ABANDONED),
                Mark(it.runs_again, ("correct_record",), into=S.SIGNING),
                Mark(it.signs_as_before, TAKEN_BACK),
            ),
            when_over=("sign_timeout",),
            reminder="signing_reminder",
            with_=(it.CORRECTION,),
        ),
        ClockRow(
            "correction",
            ClockKind.APPLICANT,
            starts=(
                Mark(it.unless_limit_to_come, ("correct_record",)),
                Mark(it.where_limit_has_passed, TAKEN_BACK),
            ),
            settles=(
                Mark(it.is_not_done, ("sign_timeout", "window_closed")),
                Mark(it.is_done),
            ),
            when_over=("sign_timeout", "window_closed"),
            reminder="",
            with_=("signing",),
            reads_facts=True,
        ),
    )
}
