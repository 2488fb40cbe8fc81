"""Every clock of an agreement in one table: whose it is, what starts and settles it, what its end does, who is told.

A clock does three things and no more: an agreement comes into force, it expires, a limit that ran out is noted. It
never dissolves, never counts, never bars (六(二)).
"""

from __future__ import annotations

from collections.abc import Mapping

from rules.performance import annual
from rules.performance import clock_effects as it
from rules.procedure import BREACH, ClockRow, Mark
from rules.vocabulary import AgreementState as A
from rules.vocabulary import ClockKind

OVERTURNED = ("overturn_finding", "overturn_ending")
RESTORED = (*OVERTURNED, "previous_restored")

CLOCKS: Mapping[str, ClockRow] = {
    row.kind: row
    for row in (
        ClockRow(
            "agreement_begins",
            ClockKind.PERIOD,
            starts=(
                Mark(it.until_it_begins, into=A.SIGNED),
                Mark(it.until_it_begins, ("previous_restored",), into=A.FILED),
            ),
            settles=(Mark(it.is_met_once, into=A.IN_FORCE),),
            when_over=("come_into_force",),
            reminder="",
        ),
        ClockRow(
            "agreement_term",
            ClockKind.APPLICANT,
            starts=(
                Mark(it.until_it_expires, ("come_into_force",)),
                Mark(it.until_it_expires, ("import_agreements",), into=A.IN_FORCE),
                Mark(it.until_it_expires_after_all, RESTORED, at=A.DISSOLVED),
            ),
            settles=(Mark(it.is_met, ("term_over",)),),
            when_over=("term_over",),
            reminder="expiry_reminder",
        ),
        ClockRow(
            "hearing",
            ClockKind.APPLICANT,
            starts=(
                Mark(it.from_proposal, ("record_finding",)),
                Mark(it.from_next_proposal, ("confirm_finding", "hearing_over", *RESTORED)),
            ),
            settles=(Mark(it.ends_with_last_proposal, ("confirm_finding", "hearing_over", *RESTORED)),),
            when_over=("hearing_over",),
            reminder="",
        ),
        ClockRow(
            "rectification",
            ClockKind.APPLICANT,
            starts=(
                Mark(it.from_order, ("order_rectification",)),
                Mark(it.from_next_order, ("hand_in_rectification", *RESTORED)),
                Mark(it.from_order_still_to_come, ("order_late",)),
            ),
            settles=(
                Mark(it.ends_with_last_order, ("hand_in_rectification", *RESTORED)),
                Mark(it.runs_out, ("order_late",)),
            ),
            when_over=("order_late",),
            reminder="rectification_reminder",
        ),
        ClockRow(
            "re_inspection",
            ClockKind.AUTHORITY,
            starts=(Mark(it.from_next_report, ("hand_in_rectification", "re_inspect", *RESTORED)),),
            settles=(Mark(it.ends_with_last_report, ("re_inspect", *RESTORED)),),
            when_over=(BREACH,),
            reminder="authority_reminder",
        ),
        ClockRow(
            "dissolution",
            ClockKind.AUTHORITY,
            starts=(Mark(it.from_today, into=A.TO_BE_DISSOLVED),),
            settles=(
                Mark(it.is_met_on_service, into=A.DISSOLVED),
                Mark(it.ends, OVERTURNED, at=A.TO_BE_DISSOLVED, into=A.IN_FORCE),
                Mark(it.ends, OVERTURNED, at=A.TO_BE_DISSOLVED, into=A.SUSPENDED),
            ),
            when_over=(BREACH,),
            reminder="authority_reminder",
        ),
        ClockRow(
            "assessment",
            ClockKind.AUTHORITY,
            starts=(
                Mark(it.until_assessed, ("come_into_force",)),
                Mark(it.until_migrated_year_is_assessed, ("import_agreements",), into=A.IN_FORCE),
                Mark(it.until_assessed_after_all, RESTORED, at=A.DISSOLVED),
                Mark(it.until_next_assessment, ("conclude_assessment",)),
                Mark(it.until_assessment_after_breach, (BREACH,)),
            ),
            settles=(
                Mark(it.ends_with_last_year, ("conclude_assessment",)),
                Mark(it.ends_with_year, ("assessed_elsewhere",)),
                Mark(it.ends_with_renewal, ("term_over",), into=A.SUPERSEDED),
            ),
            when_over=(BREACH,),
            reminder="authority_reminder",
            at_end=None,
        ),
        ClockRow(
            "complaint_inquiry",
            ClockKind.AUTHORITY,
            starts=(
                Mark(it.from_complaint, ("record_complaint",)),
                Mark(it.from_next_complaint, ("resolve_complaint",)),
            ),
            settles=(Mark(it.ends_with_last_complaint, ("resolve_complaint",)),),
            when_over=(BREACH,),
            reminder="authority_reminder",
            at_end=None,
        ),
        ClockRow(
            "warning_answer",
            ClockKind.APPLICANT,
            starts=(
                Mark(it.from_warning, ("issue_warning",)),
                Mark(it.from_next_warning, ("record_measures", "warning_unanswered")),
                Mark(it.from_next_warning, RESTORED, at=A.DISSOLVED),
            ),
            settles=(
                Mark(it.ends_with_last_answer, ("record_measures",)),
                Mark(it.answer_runs_out, ("warning_unanswered",)),
            ),
            when_over=("warning_unanswered",),
            reminder="",
        ),
        ClockRow(
            "migrated_assessment",
            ClockKind.AUTHORITY,
            starts=(
                Mark(it.until_migrated_is_assessed, ("import_agreements",)),
                Mark(it.until_migrated_is_assessed_after_all, RESTORED, at=A.DISSOLVED),
            ),
            settles=(Mark(it.is_met_on_assessment, ("assess_migrated",)),),
            when_over=(BREACH,),
            reminder="authority_reminder",
        ),
        ClockRow(
            annual.KIND,
            ClockKind.AUTHORITY,
            starts=(
                Mark(annual.until_first_year_ends, ("come_into_force",)),
                Mark(annual.until_signed_year_ends, ("sign_annual",)),
                Mark(annual.until_year_ends_after_all, RESTORED, at=A.DISSOLVED),
            ),
            settles=(Mark(annual.is_signed_to_the_end, ("sign_annual",)),),
            when_over=(BREACH,),
            reminder="authority_reminder",
        ),
        ClockRow(
            "leaving",
            ClockKind.PERIOD,
            starts=(
                Mark(it.until_it_leaves, ("leave_agreement",)),
                Mark(it.until_it_leaves_after_all, RESTORED, at=A.DISSOLVED),
            ),
            settles=(Mark(it.is_met, ("leave_over",)),),
            when_over=("leave_over",),
            reminder="",
        ),
    )
}
