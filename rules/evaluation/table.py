"""The whole life of a dossier in one table: from, event, to, when, clause, whom it tells, whose days it may leave out.

Guards and effects are named by reference. Which clocks a row starts and settles follows from their own table
(`rules.evaluation.clock_table`); the page `docs/case-life.md` shows both together. An end has no rows but for what a
person may correct.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rules.case import Case, Context, Event
from rules.cityanswer import CITY
from rules.evaluation import effects
from rules.evaluation import guards as when
from rules.evaluation.states import (
    AFTER_RESULT_NOTICE,
    AGREED,
    AT_AN_END,
    BEFORE_SIGNATURE,
    LOST_A_PLACE,
    MAY_STILL_YIELD,
    UNAPPLIED,
    UNDER_WAY,
)
from rules.procedure import BREACH, Answer, Step, Transition, always
from rules.vocabulary import State as S
from rules.vocabulary import Term

Row = Transition[Case, Context]
DossierStep = Step[Case, Context]

SUBMIT = Step("submit_application", effects.submitted)
REQUEST_SUPPLEMENT = Step("request_supplement", effects.supplement_requested)
SUPPLEMENT = Step("supplement_materials", effects.supplemented)
WINDOW_CLOSED = Step("window_closed", effects.window_closed)
WITHDRAW = Step("withdraw_application", effects.withdrawn)
VERIFY_SITE = Step("verify_site", effects.site_verified)
SIGN_OPINION = Step("sign_preliminary_opinion", effects.opinion_signed)
REQUEST_EVALUATION: DossierStep = Step("request_evaluation")
DRAW_EXPERTS = Step("draw_experts", effects.panel_drawn)
RECORD_SCORES: DossierStep = Step("record_score_sheet")
CONCLUDE = Step("conclude_evaluation", effects.concluded)
MOVE_UP = Step("move_up", effects.moved_up)
YIELD_PLACE = Step("yield_place", effects.place_yielded)
CHANGE_RANK = Step("change_rank", effects.rank_changed)
PUBLISH = Step("publish_notice", effects.notice_published)
START_NOTICE = Step("start_notice", effects.notice_started)
PERIOD_OVER = Step("period_over", effects.period_over)
RECORD_OBJECTION = Step("record_objection", effects.objection_recorded)
RESOLVE_OBJECTION = Step("resolve_objection", effects.objection_resolved)
WITHDRAW_OBJECTION = Step("withdraw_objection", effects.objection_withdrawn)
RECORD_NEGOTIATION = Step("record_negotiation", effects.negotiated)
REPORT_TO_CITY = Step("report_to_city", effects.reported_to_city)
CITY_DECISION = Step("record_city_decision", effects.city_decided)
CITY_SILENT = Step("city_silent", effects.city_silent)
RECORD_DELAY = Step("record_agency_delay", effects.agency_delayed)
PREPARE = Step("prepare_agreement", effects.terms_drafted)
TEST_SYSTEM: DossierStep = Step("record_system_test")
SIGN = Step("sign_agreement", effects.signed)
SIGN_TIMEOUT = Step("sign_timeout", effects.sign_timeout)
FILE = Step("file_agreement", effects.filed)
BREACHED = Step(BREACH, effects.breached)
CORRECT = Step("correct_record", effects.corrected)
TAKE_BACK = Step("take_back_act", effects.taken_back)

# The acts that a person may take back (policies/corrections.yaml says who, until when, with what consequence).
RETRACTABLE = tuple(
    step.name
    for step in (
        *(SUBMIT, REQUEST_SUPPLEMENT, SUPPLEMENT, WITHDRAW, VERIFY_SITE, SIGN_OPINION),
        *(RECORD_SCORES, RECORD_OBJECTION, RECORD_NEGOTIATION, SIGN),
    )
)
UNDO = "更正规则"


def _rows(
    frm: Iterable[S] | S,
    step: DossierStep,
    to: S | None,
    when: Callable[[Case, Event, Context], Answer],
    clause: str,
    *tells: str,
    suspends: tuple[str, ...] = (),
) -> list[Row]:
    """One row for each state; without `to` the case stays where it is."""
    states = (frm,) if isinstance(frm, S) else tuple(frm)
    return [Transition(state, step, to or state, when, tells, clause, suspends) for state in states]


def _taken_back(forward: Iterable[Row]) -> list[Row]:
    """The way back of every act that may be taken back: to where the case stood before it."""
    ways = dict.fromkeys((row.to, row.frm) for row in forward if row.event in RETRACTABLE)
    return [
        Transition(to, TAKE_BACK, frm, when.led_from(frm), ("effect_reversed",), UNDO, _held_days(to, frm), True)
        for to, frm in ways
    ]


def _held_days(to: Term, frm: Term) -> tuple[str, ...]:
    """The days for which an objection held the signing by mistake do not count."""
    return ("signing",) if to is frm is S.SIGNING else ()


FORWARD: tuple[Row, ...] = tuple(
    row
    for rows in (
        # 申报 (四、五(一))
        _rows(UNAPPLIED, SUBMIT, S.TOO_EARLY, when.before_window, "三", "application_not_accepted"),
        _rows(UNAPPLIED, SUBMIT, S.NOT_ACCEPTED_LATE, when.after_window, "三", "application_not_accepted"),
        _rows(UNAPPLIED, SUBMIT, S.NOT_ACCEPTED_BAN, when.is_barred, "六(三)", "application_not_accepted"),
        _rows(UNAPPLIED, SUBMIT, S.INCOMPLETE, when.has_gaps, "四"),
        _rows(UNAPPLIED, SUBMIT, S.ACCEPTED, when.is_complete, "五(一)", "application_accepted"),
        _rows(S.INCOMPLETE, SUBMIT, S.INCOMPLETE, when.still_has_gaps, "四"),
        _rows(S.INCOMPLETE, SUBMIT, S.ACCEPTED, when.is_complete, "五(一)", "application_accepted"),
        _rows(S.INCOMPLETE, REQUEST_SUPPLEMENT, S.INCOMPLETE, when.names_every_gap, "令2、令3", "supplement_wanted"),
        _rows(S.INCOMPLETE, SUPPLEMENT, S.INCOMPLETE, when.still_has_gaps, "四"),
        _rows(S.INCOMPLETE, SUPPLEMENT, S.ACCEPTED, when.is_complete, "五(一)", "application_accepted"),
        _rows(S.INCOMPLETE, WINDOW_CLOSED, S.NOT_ACCEPTED_INCOMPLETE, always, "四", "application_not_accepted"),
        _rows((*UNDER_WAY, S.OUT_OF_QUOTA), WITHDRAW, S.WITHDRAWN, always, "自愿原则", "application_withdrawn"),
        _rows(
            S.WITHDRAWN, SUBMIT, S.NOT_ACCEPTED_BAN, when.again(when.is_barred), "六(三)", "application_not_accepted"
        ),
        _rows(S.WITHDRAWN, SUBMIT, S.INCOMPLETE, when.again(when.has_gaps), "四"),
        _rows(S.WITHDRAWN, SUBMIT, S.ACCEPTED, when.again(when.is_complete), "五(一)", "application_accepted"),
        # 初审 (五(一))
        _rows(S.ACCEPTED, VERIFY_SITE, S.ACCEPTED, when.found_by_now, "五(一)"),
        _rows(S.ACCEPTED, SIGN_OPINION, S.PRELIM_PASSED, when.is_eligible, "五(一)", "preliminary_opinion"),
        _rows(S.ACCEPTED, SIGN_OPINION, S.PRELIM_FAILED, always, "五(一)", "preliminary_opinion"),
        # 履约能力评估 (五(二))
        _rows(S.PRELIM_PASSED, REQUEST_EVALUATION, S.COUNTY_REQUESTED, when.to_county, "五(一)"),
        _rows(S.PRELIM_PASSED, REQUEST_EVALUATION, S.EVALUATING, when.to_city_at_once, "五(二)"),
        _rows(S.COUNTY_REQUESTED, REQUEST_EVALUATION, S.EVALUATING, when.to_city, "五(二)"),
        _rows(S.EVALUATING, DRAW_EXPERTS, S.EVALUATING, always, "五(二)", "panel_drawn"),
        _rows(S.EVALUATING, RECORD_SCORES, S.EVALUATING, always, "五(二)"),
        _rows(S.EVALUATING, CONCLUDE, S.BELOW_THRESHOLD, when.below_pass_mark, "五(二)", "evaluation_result"),
        _rows(S.EVALUATING, CONCLUDE, S.SELECTED, when.within_quota, "五(二)", "evaluation_result"),
        _rows(S.EVALUATING, CONCLUDE, S.OUT_OF_QUOTA, always, "五(二)", "evaluation_result"),
        _rows(S.OUT_OF_QUOTA, MOVE_UP, S.SELECTED, always, "公告", "evaluation_result", suspends=("whole_procedure",)),
        _rows(MAY_STILL_YIELD, YIELD_PLACE, S.OUT_OF_QUOTA, always, "五(二)", "effect_reversed"),
        _rows((S.SELECTED, S.OUT_OF_QUOTA), CHANGE_RANK, None, always, "五(二)", "evaluation_result"),
        _rows((*AFTER_RESULT_NOTICE, *AGREED, *LOST_A_PLACE), CHANGE_RANK, None, always, "五(二)"),
        _rows(S.SELECTED, PUBLISH, S.NOTICE_RESULT, when.of_results, "五(二)"),
        _rows((S.NOTICE_RESULT, S.NOTICE_PROPOSED), START_NOTICE, None, always, "五(二)、五(三)", "notice_started"),
        _rows(S.NOTICE_RESULT, PERIOD_OVER, S.NEGOTIATING, when.is_not_held, "五(二)", "negotiation_opened"),
        # 异议 (五(二)、五(三))
        _rows(
            (*AFTER_RESULT_NOTICE, *AGREED),
            RECORD_OBJECTION,
            None,
            always,
            "五(三)",
            "objection_received",
            "objection_open",
        ),
        _rows(
            MAY_STILL_YIELD,
            RESOLVE_OBJECTION,
            S.DISQUALIFIED_PUBLICITY_1,
            when.upholds_objection,
            "五(二)",
            "disqualified",
        ),
        _rows(
            MAY_STILL_YIELD,
            RESOLVE_OBJECTION,
            S.DISQUALIFIED_PUBLICITY_2,
            when.upholds_complaint,
            "五(三)",
            "disqualified",
        ),
        _rows(MAY_STILL_YIELD, RESOLVE_OBJECTION, None, always, "五(三)", "objection_resolved", suspends=("signing",)),
        _rows((*AGREED, *AT_AN_END), RESOLVE_OBJECTION, None, always, "五(三)"),
        _rows(
            (*MAY_STILL_YIELD, *AGREED, *AT_AN_END),
            WITHDRAW_OBJECTION,
            None,
            always,
            "五(三)",
            suspends=("signing",),
        ),
        # 谈判签约 (五(三))
        _rows(S.NEGOTIATING, RECORD_NEGOTIATION, S.CONSENSUS, when.reached_consensus, "五(三)", "negotiation_result"),
        _rows(S.NEGOTIATING, RECORD_NEGOTIATION, S.NEGOTIATION_FAILED, always, "五(三)", "negotiation_result"),
        _rows((S.CONSENSUS, S.DETERMINED), PUBLISH, S.NOTICE_PROPOSED, when.of_proposals, "五(三)"),
        # 分级确定 (R75; A7-27)
        _rows(S.CONSENSUS, REPORT_TO_CITY, S.AWAITING_CITY, when.may_report_to_city, CITY),
        _rows(S.AWAITING_CITY, CITY_DECISION, S.DETERMINED, when.city_confirms, CITY),
        _rows(S.AWAITING_CITY, CITY_DECISION, S.NOT_DETERMINED, when.city_refuses, CITY, "city_refused"),
        _rows(S.AWAITING_CITY, CITY_DECISION, S.CONSENSUS, when.city_returns, CITY, "city_returned"),
        _rows(S.AWAITING_CITY, CITY_SILENT, None, always, CITY, "city_reminder"),
        _rows(S.NOTICE_PROPOSED, PERIOD_OVER, S.SIGNING, when.is_not_held, "五(三)", "signing_opened"),
        _rows(S.SIGNING, RECORD_DELAY, S.SIGNING, when.is_a_range, "五(三)", "deadline_moved", suspends=("signing",)),
        _rows(BEFORE_SIGNATURE, PREPARE, None, when.may_prepare, "五(三)", "terms_draft"),
        _rows(BEFORE_SIGNATURE, TEST_SYSTEM, None, when.has_passed_test, "五(三)"),
        _rows(S.SIGNING, SIGN, S.SIGNED, when.may_sign, "五(三)", "agreement_signed"),
        _rows(S.SIGNING, SIGN_TIMEOUT, S.DEEMED_ABANDONED, when.is_not_held, "五(三)", "deemed_abandoned"),
        _rows(S.SIGNED, FILE, S.FILED, when.may_file, "五(三)", "agreement_filed"),
        _rows(S.FILED, PUBLISH, S.PUBLISHED, when.of_final_result, "五(四)", "result_published"),
        # 机关逾期：记录并上报，程序继续 (A7-3)；核查异议的期限在办结后仍然有效
        _rows((*UNDER_WAY, *AGREED, *AT_AN_END), BREACHED, None, always, "五", "authority_breach"),
        # 更正：自动发生的效果有误时，由人凭证据撤销
        _rows(S.DEEMED_ABANDONED, CORRECT, S.SIGNING, when.has_evidence, "五(三)", "effect_reversed"),
        _rows(S.NOT_ACCEPTED_INCOMPLETE, CORRECT, S.INCOMPLETE, when.has_evidence, "四", "effect_reversed"),
    )
    for row in rows
)
# 更正：录错的事项由人撤回，回到办理以前
TABLE: tuple[Row, ...] = (*FORWARD, *_taken_back(FORWARD))
