"""What each act does beside the change of state: one function per act, called inside its one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlmodel import Session

from rules.case import Context, Event
from tasks.act_result import Receipt
from tasks.acts import (
    agreement,
    challenges,
    draw,
    evaluation,
    intake,
    notices,
    objections,
    objectors,
    performance,
    review,
    rules,
    sources,
    terms,
    workdays,
)

Act = Callable[[Session, Context, Event], Receipt]

ACTS: Mapping[str, Act] = {
    "submit_application": intake.submit_application,
    "request_supplement": intake.request_supplement,
    "supplement_materials": intake.supplement_materials,
    "withdraw_application": intake.withdraw_application,
    "verify_site": review.verify_site,
    "sign_preliminary_opinion": review.sign_preliminary_opinion,
    "request_evaluation": review.request_evaluation,
    "recuse_expert": draw.recuse_expert,
    "publish_draw_plan": draw.publish_draw_plan,
    "draw_experts": draw.draw_experts,
    "record_score_sheet": evaluation.record_score_sheet,
    "conclude_evaluation": evaluation.conclude_evaluation,
    "publish_notice": notices.publish_notice,
    "record_objection": objections.record_objection,
    "resolve_objection": objections.resolve_objection,
    "record_negotiation": agreement.record_negotiation,
    "record_agency_delay": agreement.record_agency_delay,
    "sign_agreement": agreement.sign_agreement,
    "file_agreement": agreement.file_agreement,
    "correct_record": agreement.correct_record,
    "load_workdays": workdays.load_workdays,
    "adopt_policy": rules.adopt_policy,
    "register_complainants": objectors.register_complainants,
    "withdraw_objection": objectors.withdraw_objection,
    "reply_objection": objectors.reply_objection,
    "register_experts": challenges.register_experts,
    "register_declarations": challenges.register_declarations,
    "record_source_event": sources.record_source_event,
    "challenge_draw": challenges.challenge_draw,
    "resolve_draw_challenge": challenges.resolve_draw_challenge,
    "record_inspection": performance.record_inspection,
    "record_finding": performance.record_finding,
    "confirm_finding": performance.confirm_finding,
    "order_rectification": performance.order_rectification,
    "hand_in_rectification": performance.hand_in_rectification,
    "re_inspect": performance.re_inspect,
    "suspend_agreement": performance.suspend_agreement,
    "resume_agreement": performance.resume_agreement,
    "dissolve_agreement": performance.dissolve_agreement,
    "record_service": performance.record_service,
    "overturn_finding": performance.overturn_finding,
    "overturn_ending": performance.overturn_ending,
    "apply_renewal": terms.apply_renewal,
    "sign_renewal": terms.sign_renewal,
    "report_change": terms.report_change,
    "leave_agreement": terms.leave_agreement,
}
