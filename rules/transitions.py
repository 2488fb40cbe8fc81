"""The whole life of a case in one table: from, event, to, when, message, clause.

`when` names a predicate of `rules.guards`: rows of the same (from, event) are tried in order and the first whose
predicate holds is taken; a predicate may also refuse the event with a sentence. `message` names what the applicant
is told (`notifications.catalogue`). An end state has no rows, but for what a person may correct.
The picture in `docs/case-life.md` is generated from this table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules.vocabulary import State as S

UNAPPLIED = (S.NOT_APPLIED, S.TOO_EARLY)
BEFORE_OPINION = (S.INCOMPLETE, S.ACCEPTED)
UNDER_WAY = (
    *BEFORE_OPINION,
    *(S.PRELIM_PASSED, S.COUNTY_REQUESTED, S.EVALUATING, S.SELECTED, S.NOTICE_RESULT),
    *(S.NEGOTIATING, S.CONSENSUS, S.NOTICE_PROPOSED, S.SIGNING),
)
AFTER_RESULT_NOTICE = (S.NOTICE_RESULT, S.NEGOTIATING, S.CONSENSUS, S.NOTICE_PROPOSED, S.SIGNING)
AGREED = (S.SIGNED, S.FILED, S.PUBLISHED)
UNFINISHED = (*UNDER_WAY, S.SIGNED, S.FILED)  # handed in, and not at an end
MAY_STILL_YIELD = (S.SELECTED, *AFTER_RESULT_NOTICE)
HOLDS_A_PLACE = (*MAY_STILL_YIELD, *AGREED)
LOST_A_PLACE = (
    *(S.WITHDRAWN, S.DISQUALIFIED_PUBLICITY_1, S.DISQUALIFIED_PUBLICITY_2),
    *(S.NEGOTIATION_FAILED, S.DEEMED_ABANDONED),
)
ENDS = tuple(list(S)[list(S).index(S.PUBLISHED) :])


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    frm: S
    event: str
    to: S
    when: str
    message: str
    clause: str


def _rows(frm: Iterable[S] | S, event: str, to: S | None, when: str, message: str, clause: str) -> list[Transition]:
    states = (frm,) if isinstance(frm, S) else tuple(frm)
    return [Transition(state, event, to or state, when, message, clause) for state in states]


TABLE: tuple[Transition, ...] = tuple(
    row
    for rows in (
        # 申报 (四、五(一))
        _rows(UNAPPLIED, "submit_application", S.TOO_EARLY, "before_window", "application_not_accepted", "三"),
        _rows(UNAPPLIED, "submit_application", S.NOT_ACCEPTED_LATE, "after_window", "application_not_accepted", "三"),
        _rows(UNAPPLIED, "submit_application", S.NOT_ACCEPTED_BAN, "is_barred", "application_not_accepted", "六(三)"),
        _rows(UNAPPLIED, "submit_application", S.INCOMPLETE, "has_gaps", "", "四"),
        _rows(UNAPPLIED, "submit_application", S.ACCEPTED, "is_complete", "application_accepted", "五(一)"),
        _rows(S.INCOMPLETE, "submit_application", S.INCOMPLETE, "still_has_gaps", "", "四"),
        _rows(S.INCOMPLETE, "submit_application", S.ACCEPTED, "is_complete", "application_accepted", "五(一)"),
        _rows(S.INCOMPLETE, "request_supplement", S.INCOMPLETE, "names_every_gap", "supplement_wanted", "令2、令3"),
        _rows(S.INCOMPLETE, "supplement_materials", S.INCOMPLETE, "still_has_gaps", "", "四"),
        _rows(S.INCOMPLETE, "supplement_materials", S.ACCEPTED, "is_complete", "application_accepted", "五(一)"),
        _rows(S.INCOMPLETE, "window_closed", S.NOT_ACCEPTED_INCOMPLETE, "always", "application_not_accepted", "四"),
        _rows(
            (*UNDER_WAY, S.OUT_OF_QUOTA),
            "withdraw_application",
            S.WITHDRAWN,
            "always",
            "application_withdrawn",
            "自愿原则",
        ),
        # 初审 (五(一))
        _rows(S.ACCEPTED, "verify_site", S.ACCEPTED, "found_by_now", "", "五(一)"),
        _rows(S.ACCEPTED, "sign_preliminary_opinion", S.PRELIM_PASSED, "is_eligible", "preliminary_opinion", "五(一)"),
        _rows(S.ACCEPTED, "sign_preliminary_opinion", S.PRELIM_FAILED, "always", "preliminary_opinion", "五(一)"),
        # 履约能力评估 (五(二))
        _rows(S.PRELIM_PASSED, "request_evaluation", S.COUNTY_REQUESTED, "to_county", "", "五(一)"),
        _rows(S.PRELIM_PASSED, "request_evaluation", S.EVALUATING, "to_city_at_once", "", "五(二)"),
        _rows(S.COUNTY_REQUESTED, "request_evaluation", S.EVALUATING, "to_city", "", "五(二)"),
        _rows(S.EVALUATING, "draw_experts", S.EVALUATING, "always", "panel_drawn", "五(二)"),
        _rows(S.EVALUATING, "record_score_sheet", S.EVALUATING, "always", "", "五(二)"),
        _rows(S.EVALUATING, "conclude_evaluation", S.BELOW_THRESHOLD, "below_pass_mark", "evaluation_result", "五(二)"),
        _rows(S.EVALUATING, "conclude_evaluation", S.SELECTED, "within_quota", "evaluation_result", "五(二)"),
        _rows(S.EVALUATING, "conclude_evaluation", S.OUT_OF_QUOTA, "always", "evaluation_result", "五(二)"),
        _rows(S.OUT_OF_QUOTA, "move_up", S.SELECTED, "always", "evaluation_result", "公告"),
        _rows(MAY_STILL_YIELD, "yield_place", S.OUT_OF_QUOTA, "always", "effect_reversed", "五(二)"),
        _rows((S.SELECTED, S.OUT_OF_QUOTA), "change_rank", None, "always", "evaluation_result", "五(二)"),
        _rows((*AFTER_RESULT_NOTICE, *AGREED, *LOST_A_PLACE), "change_rank", None, "always", "", "五(二)"),
        _rows(S.SELECTED, "publish_notice", S.NOTICE_RESULT, "of_results", "", "五(二)"),
        _rows((S.NOTICE_RESULT, S.NOTICE_PROPOSED), "start_notice", None, "always", "notice_started", "五(二)、五(三)"),
        _rows(S.NOTICE_RESULT, "period_over", S.NEGOTIATING, "is_not_held", "negotiation_opened", "五(二)"),
        # 异议 (五(二)、五(三))
        _rows((*AFTER_RESULT_NOTICE, *AGREED), "record_objection", None, "always", "objection_received", "五(三)"),
        _rows(
            MAY_STILL_YIELD,
            "resolve_objection",
            S.DISQUALIFIED_PUBLICITY_1,
            "upholds_objection",
            "disqualified",
            "五(二)",
        ),
        _rows(
            MAY_STILL_YIELD,
            "resolve_objection",
            S.DISQUALIFIED_PUBLICITY_2,
            "upholds_complaint",
            "disqualified",
            "五(三)",
        ),
        _rows(MAY_STILL_YIELD, "resolve_objection", None, "always", "objection_resolved", "五(三)"),
        _rows((*AGREED, *ENDS[1:]), "resolve_objection", None, "always", "", "五(三)"),
        _rows((*MAY_STILL_YIELD, *AGREED, *ENDS[1:]), "withdraw_objection", None, "always", "", "五(三)"),
        # 谈判签约 (五(三))
        _rows(S.NEGOTIATING, "record_negotiation", S.CONSENSUS, "reached_consensus", "negotiation_result", "五(三)"),
        _rows(S.NEGOTIATING, "record_negotiation", S.NEGOTIATION_FAILED, "always", "negotiation_result", "五(三)"),
        _rows(S.CONSENSUS, "publish_notice", S.NOTICE_PROPOSED, "of_proposals", "", "五(三)"),
        _rows(S.NOTICE_PROPOSED, "period_over", S.SIGNING, "is_not_held", "signing_opened", "五(三)"),
        _rows(S.SIGNING, "record_agency_delay", S.SIGNING, "is_a_range", "deadline_moved", "五(三)"),
        _rows(S.SIGNING, "sign_agreement", S.SIGNED, "may_sign", "agreement_signed", "五(三)"),
        _rows(S.SIGNING, "sign_timeout", S.DEEMED_ABANDONED, "is_not_held", "deemed_abandoned", "五(三)"),
        _rows(S.SIGNED, "file_agreement", S.FILED, "may_file", "agreement_filed", "五(三)"),
        _rows(S.FILED, "publish_notice", S.PUBLISHED, "of_final_result", "result_published", "五(四)"),
        # 机关逾期：记录并上报，程序继续 (A7-3)；核查异议的期限在办结后仍然有效
        _rows((*UNDER_WAY, *AGREED, *ENDS[1:]), "breach", None, "always", "", "五"),
        # 更正：自动发生的效果有误时，由人凭证据撤销
        _rows(S.DEEMED_ABANDONED, "correct_record", S.SIGNING, "has_evidence", "effect_reversed", "五(三)"),
        _rows(S.NOT_ACCEPTED_INCOMPLETE, "correct_record", S.INCOMPLETE, "has_evidence", "effect_reversed", "四"),
    )
    for row in rows
)

EVENTS: tuple[str, ...] = tuple(dict.fromkeys(row.event for row in TABLE))


def rows_for(state: S, event: str) -> tuple[Transition, ...]:
    """The rows of a pair, in order; empty when the event cannot happen in that state."""
    return _INDEX.get((state, event), ())


def _index() -> dict[tuple[S, str], tuple[Transition, ...]]:
    index: dict[tuple[S, str], tuple[Transition, ...]] = {}
    for row in TABLE:
        index[row.frm, row.event] = (*index.get((row.frm, row.event), ()), row)
    return index


_INDEX = _index()


def states_for(event: str) -> tuple[S, ...]:
    """The states in which an event can happen."""
    return tuple(dict.fromkeys(row.frm for row in TABLE if row.event == event))
