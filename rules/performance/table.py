"""The whole life of an agreement in one table (六; R43–R46): from, event, to, when, clause, whom it tells.

“一律解除” leaves no choice once a listed fact is established: from then on there are only the decision and its service,
or the overturning of the finding. No row of the clock leads to a dissolution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rules.case import Context, Event
from rules.cityanswer import CITY
from rules.performance import annual, effects, regrading, stock, supplements
from rules.performance.guards import assessment, complaints, dissolution, findings, indicators, migrated, term
from rules.performance.guards.migrated import R74
from rules.performance.records import AgreementCase
from rules.performance.states import BINDING, ENDS, NOT_YET, PERFORMED, RUNNING
from rules.procedure import BREACH, Answer, Step, Transition, always
from rules.vocabulary import AgreementState as A

Row = Transition[AgreementCase, Context]
AgreementStep = Step[AgreementCase, Context]

SIGN: AgreementStep = Step("sign_agreement")
FILE = Step("file_agreement", effects.filed)
COME_INTO_FORCE = Step("come_into_force", effects.in_force)
TERM_OVER = Step("term_over", effects.expired)
IMPORT = Step("import_agreements", effects.taken_in)
ASSESS_MIGRATED = Step("assess_migrated", effects.assessed)
INSPECT = Step("record_inspection", effects.inspected)
PROPOSE = Step("record_finding", effects.proposed)
CONFIRM = Step("confirm_finding", effects.confirmed)
OVERTURN = Step("overturn_finding", effects.overturned)
HEARING_OVER: AgreementStep = Step("hearing_over")
ORDER = Step("order_rectification", effects.ordered)
HAND_IN = Step("hand_in_rectification", effects.handed_in)
ORDER_LATE = Step("order_late", effects.late)
RE_INSPECT = Step("re_inspect", effects.re_inspected)
REPORT_VALUES = Step("record_indicators", effects.reported)
WARN = Step("issue_warning", effects.warned)
ANSWER = Step("record_measures", effects.answered)
UNANSWERED = Step("warning_unanswered", effects.unanswered)
REPORT_EVENT = Step("report_event", effects.event_heard)
SUSPEND = Step("suspend_agreement", effects.suspended)
RESUME = Step("resume_agreement", effects.resumed)
DISSOLVE = Step("dissolve_agreement", effects.decided)
REPORT_TO_CITY = Step("report_to_city", effects.reported_to_city)
CITY_DECISION = Step("record_city_decision", effects.city_decided)
SERVE = Step("record_service", effects.dissolved)
OVERTURN_ENDING = Step("overturn_ending", effects.overturned)
APPLY_RENEWAL = Step("apply_renewal", effects.renewal_applied)
RENEW = Step("sign_renewal", effects.renewed)
SUPPLEMENT = Step("sign_supplement", supplements.supplemented)
FILE_SUPPLEMENT = Step("file_supplement", supplements.filed)
SIGN_ANNUAL = Step("sign_annual", annual.annual_signed)
LIST_STOCK = Step("record_stock_list", stock.listed)
CHANGE = Step("report_change", effects.changed)
LEAVE = Step("leave_agreement", effects.leaving)
LEAVE_OVER = Step("leave_over", effects.left)
PREVIOUS_OVER = Step("previous_over", effects.out_with_previous)
PREVIOUS_RESTORED: AgreementStep = Step("previous_restored")
SURVEY = Step("record_survey", effects.noted)
THIRD_PARTY = Step("record_third_party", effects.noted)
ASSESS = Step("record_assessment", effects.noted)
CONCLUDE = Step("conclude_assessment", effects.graded)
ASSESSED_ELSEWHERE: AgreementStep = Step("assessed_elsewhere")
REGRADE = Step("correct_assessment", regrading.regraded)
DECIDE_COSTS = Step("record_cost_decision", effects.cost_decided)
HOLD = Step("hold_settlement", effects.noted)
RELEASE = Step("release_settlement", effects.noted)
COMPLAIN = Step("record_complaint", effects.complained)
RESOLVE = Step("resolve_complaint", effects.complaint_resolved)
REPLY = Step("reply_complaint", effects.complaint_replied)
BREACHED = Step(BREACH, effects.breached)

BY_RECORDS = (
    (A.TO_BE_DISSOLVED, dissolution.leaves_a_ground),
    (A.LEFT, dissolution.leaves_left),
    (A.SUPERSEDED, dissolution.leaves_superseded),
    (A.EXPIRED, dissolution.leaves_expired),
    (A.SUSPENDED, dissolution.leaves_suspended),
    (A.IN_FORCE, dissolution.leaves_in_force),
)
RESTORED = (A.SIGNED, A.FILED, *(to for to, _ in BY_RECORDS))
SIGNED = (*NOT_YET, *BINDING, *ENDS)  # a complaint may come at any time, and is answered when the term is over, too
UNDO, NATIONAL = "更正规则", "令2、令3第40、41、44条"


def _rows(
    frm: Iterable[A] | A,
    step: AgreementStep,
    to: A | None,
    when: Callable[[AgreementCase, Event, Context], Answer],
    clause: str,
    *tells: str,
) -> list[Row]:
    """One row for each state; without `to` the agreement stays where it is."""
    states = (frm,) if isinstance(frm, A) else tuple(frm)
    return [Transition(state, step, to or state, when, tells, clause) for state in states]


TABLE: tuple[Row, ...] = tuple(
    row
    for rows in (
        # 签订、生效、到期 (五(三); R63)
        _rows(A.DRAFT, SIGN, A.SIGNED, term.is_signed_by_now, "五(三)"),
        _rows(A.SIGNED, FILE, A.FILED, always, "五(三)"),
        _rows((*BINDING, *ENDS), FILE, None, always, "五(三)"),
        _rows(NOT_YET, COME_INTO_FORCE, A.IN_FORCE, always, "六(一)", "agreement_in_force"),
        _rows(RUNNING, TERM_OVER, A.SUPERSEDED, term.has_successor, "六(一)", "agreement_expired"),
        _rows(RUNNING, TERM_OVER, A.EXPIRED, always, "六(一)", "agreement_expired"),
        _rows(A.TO_BE_DISSOLVED, TERM_OVER, None, always, "六(二)"),
        # 先纳入、后规范 (R74)
        _rows(A.DRAFT, IMPORT, A.IN_FORCE, migrated.has_begun, R74, "migration_assess_by"),
        _rows(A.DRAFT, IMPORT, A.SIGNED, always, R74, "migration_assess_by"),
        _rows(RUNNING, ASSESS_MIGRATED, A.CANCELLED, migrated.is_unfit, R74, "agreement_cancelled"),
        _rows(RUNNING, ASSESS_MIGRATED, None, migrated.may_assess_migrated, R74),
        # 检查、认定、整改 (六(一)、六(二))
        _rows(RUNNING, INSPECT, None, findings.was_held, "六(一)", "inspection_held"),
        _rows(BINDING, PROPOSE, None, findings.may_propose, "六(二)", "finding_proposed"),
        _rows(BINDING, HEARING_OVER, None, always, "六(二)"),
        _rows(
            RUNNING, CONFIRM, A.TO_BE_DISSOLVED, findings.is_ground, "六(二)", "finding_confirmed", "dissolution_due"
        ),
        _rows(BINDING, CONFIRM, None, findings.may_confirm, "六(二)", "finding_confirmed"),
        _rows(RUNNING, ORDER, None, findings.may_order, "六(二)", "order_to_rectify"),
        _rows(BINDING, HAND_IN, None, findings.may_hand_in, "六(二)"),
        _rows(BINDING, ORDER_LATE, None, always, "六(二)", "order_late"),
        _rows(BINDING, RE_INSPECT, None, findings.may_re_inspect, "六(二)", "rectification_result"),
        # 月度指标、预警、突发情况 (R70、R83)
        _rows((*BINDING, *ENDS), REPORT_VALUES, None, indicators.may_report, indicators.MONTHLY),
        _rows(BINDING, WARN, None, indicators.may_warn, indicators.MONTHLY, "warning"),
        _rows((*BINDING, *ENDS), ANSWER, None, indicators.may_answer, indicators.MONTHLY),
        _rows(BINDING, UNANSWERED, None, always, indicators.MONTHLY),
        _rows(BINDING, REPORT_EVENT, None, indicators.may_report_event, indicators.MONTHLY),
        # 暂停、恢复 (六(二))
        _rows(
            A.IN_FORCE,
            SUSPEND,
            A.TO_BE_DISSOLVED,
            dissolution.reaches_limit,
            "六(二)",
            "agreement_suspended",
            "dissolution_due",
        ),
        _rows(A.IN_FORCE, SUSPEND, A.SUSPENDED, dissolution.may_suspend, "六(二)", "agreement_suspended"),
        _rows(A.SUSPENDED, RESUME, A.IN_FORCE, dissolution.may_resume, "六(二)", "agreement_resumed"),
        # 解除 (六(二)、六(三))
        _rows(A.TO_BE_DISSOLVED, DISSOLVE, None, dissolution.may_dissolve, "六(二)"),
        _rows(A.TO_BE_DISSOLVED, REPORT_TO_CITY, None, dissolution.may_report_to_city, CITY),
        _rows(A.TO_BE_DISSOLVED, CITY_DECISION, None, dissolution.awaits_city, CITY),
        _rows(A.TO_BE_DISSOLVED, SERVE, A.DISSOLVED, dissolution.may_serve, "六(二)", "agreement_dissolved"),
        # 撤销 (更正规则)
        _rows(A.IN_FORCE, OVERTURN, None, dissolution.leaves_in_force, UNDO, "finding_overturned"),
        _rows(A.SUSPENDED, OVERTURN, None, dissolution.leaves_suspended, UNDO, "finding_overturned"),
        _rows(A.SUSPENDED, OVERTURN, A.IN_FORCE, dissolution.leaves_in_force, UNDO, "finding_overturned"),
        *(_rows(A.TO_BE_DISSOLVED, OVERTURN, to, asks, UNDO, "finding_overturned") for to, asks in BY_RECORDS),
        *(_rows(A.DISSOLVED, OVERTURN, to, asks, UNDO, "finding_overturned") for to, asks in BY_RECORDS),
        _rows(A.DISSOLVED, OVERTURN, None, dissolution.leaves_dissolved, UNDO, "finding_overturned"),
        *(_rows(A.DISSOLVED, OVERTURN_ENDING, to, asks, UNDO, "finding_overturned") for to, asks in BY_RECORDS),
        # 续签、补充协议、变更、退出 (令2、令3第40、41、44条; R60, R63)
        _rows(A.IN_FORCE, APPLY_RENEWAL, None, term.may_apply_for_renewal, NATIONAL, "renewal_applied"),
        _rows(A.IN_FORCE, RENEW, None, term.may_renew, NATIONAL, "renewal_signed"),
        _rows(
            RUNNING,
            SUPPLEMENT,
            None,
            supplements.may_sign_supplement,
            supplements.SUPPLEMENTED,
            "supplement_signed",
        ),
        _rows(A.SIGNED, FILE_SUPPLEMENT, A.FILED, supplements.may_file, supplements.FILED),
        _rows((A.FILED, *PERFORMED), FILE_SUPPLEMENT, None, supplements.may_file, supplements.FILED),
        _rows(RUNNING, SIGN_ANNUAL, None, annual.may_sign_annual, annual.ANNUAL, "annual_signed"),
        _rows(RUNNING, LIST_STOCK, None, stock.may_list, stock.ANNEX, "stock_list_recorded"),
        _rows(RUNNING, CHANGE, None, term.may_report_change, NATIONAL, "change_noted"),
        _rows(A.IN_FORCE, LEAVE, None, term.may_leave, NATIONAL, "agreement_left"),
        _rows(RUNNING, LEAVE_OVER, A.LEFT, always, NATIONAL),
        _rows(A.TO_BE_DISSOLVED, LEAVE_OVER, None, always, NATIONAL),
        # 续签随原协议 (六(三)、更正规则)
        _rows((*NOT_YET, *BINDING), PREVIOUS_OVER, A.DISSOLVED, term.previous_dissolved, "六(三)"),
        _rows((*NOT_YET, *BINDING), PREVIOUS_OVER, A.LEFT, always, NATIONAL),
        _rows(A.DISSOLVED, PREVIOUS_OVER, A.LEFT, term.was_dissolved_with_previous, NATIONAL),
        *(_rows(A.DISSOLVED, PREVIOUS_RESTORED, to, term.restored_to(to), UNDO) for to in RESTORED),
        # 年度考核、费用处理、暂停结算 (R51、R58、R61、R64、R82)
        _rows(PERFORMED, SURVEY, None, assessment.was_surveyed, assessment.SURVEYED),
        _rows(PERFORMED, THIRD_PARTY, None, assessment.was_evaluated, assessment.EVALUATED),
        _rows(PERFORMED, ASSESS, None, assessment.may_assess, assessment.ASSESSED),
        _rows(PERFORMED, CONCLUDE, None, always, assessment.ASSESSED, "assessment_result", "grade_effect"),
        _rows(PERFORMED, ASSESSED_ELSEWHERE, None, always, assessment.ASSESSED),
        _rows(
            PERFORMED,
            REGRADE,
            None,
            regrading.may_correct,
            assessment.ASSESSED,
            "assessment_corrected",
            "grade_effect",
        ),
        _rows(PERFORMED, DECIDE_COSTS, None, assessment.may_decide_costs, assessment.COSTS, "cost_decision"),
        _rows(PERFORMED, HOLD, None, assessment.may_hold, assessment.HELD),
        _rows(PERFORMED, RELEASE, None, assessment.may_release, assessment.HELD),
        # 举报投诉 (六(一); R61, R64)
        _rows(SIGNED, COMPLAIN, None, complaints.may_complain, "六(一)"),
        _rows(SIGNED, RESOLVE, None, complaints.may_resolve, "六(一)"),
        _rows(SIGNED, REPLY, None, complaints.may_reply, "六(一)"),
        # 机关逾期 (A7-3)
        _rows(SIGNED, BREACHED, None, always, "六(二)", "authority_breach"),
    )
    for row in rows
)
