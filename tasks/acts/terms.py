"""The term of an agreement (六(一)): how its life begins, renewal, changes, leaving (令2、令3第40、41、44条)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, InstitutionChange, Renewal
from rules import eligibility
from rules.case import Context, Event, Reason
from rules.errors import RefusedError
from rules.evaluation.guards import question_of
from rules.performance.annual import holds_until
from rules.performance.guards.assessment import ASSESSED
from rules.performance.guards.term import is_late_change, is_late_renewal
from rules.performance.records import AgreementCase
from rules.vocabulary import GradeEffect, RenewalJudgement
from tasks.act_result import Receipt
from tasks.acts.on_agreements import done, receipt, who
from tasks.agreed_terms import agree, terms_on
from tasks.agreements import load_agreements, the_agreement
from tasks.assessments import last_result
from tasks.case_loading import the_case
from tasks.decisions import decided
from tasks.numbering import next_number, term_of
from tasks.recording import record

ONE_DAY = timedelta(days=1)


def apply_renewal(session: Session, ctx: Context, event: Event) -> Receipt:
    """Renewal is asked for: the conditions of 二 are tested again on the facts of the dossier and what is found now."""
    case = the_agreement(session, ctx.round.id, event.fields)
    reasons = (*_failed_conditions(session, ctx, case, event), *_refused_for_grade(session, case, event))
    change = done(session, ctx, event, case, reasons=reasons)
    applied_on = event.fields["applied_on"]
    is_late = is_late_renewal(case, applied_on, ctx)
    codes = [one.code for one in reasons]
    kept = {"applied_on": applied_on, "accepted": not reasons, "is_late": is_late, "reasons": codes}
    session.add(Renewal(agreement_id=case.id, **kept, **who(event)))
    if reasons:
        return receipt(ctx, change, f"续签申请未通过：{'；'.join(one.text for one in reasons)}")
    return receipt(ctx, change, "续签申请已通过" + ("（少于提前期，已记录）" if is_late else ""))


def _failed_conditions(session: Session, ctx: Context, case: AgreementCase, event: Event) -> tuple[Any, ...]:
    dossier = the_case(session, case.round_id, case.applicant_id)
    question = replace(question_of(dossier, event, ctx), applied_on=event.fields["applied_on"])
    if dossier.submitted_at is None:  # of before: its assessment tested the conditions, no facts are on file (R74)
        return eligibility.standing_out(question)
    return eligibility.failures(question, dossier.type)


def _refused_for_grade(session: Session, case: AgreementCase, event: Event) -> tuple[Reason, ...]:
    """Whether a person refuses the renewal for the last grade; where that has the gravest effect the grade is shown
    and the decision asked, with a reason either way: it is never the system's (L10)."""
    judgement, why = event.fields.get("judgement", ""), event.fields.get("judgement_reason", "")
    graded = last_result(session, case)
    if graded is None or graded.effect != GradeEffect.LIABLE:
        if judgement:
            raise RefusedError("“等级处理”只在上一次等级为追究责任一档时填写，该机构不是：请留空")
        return ()
    told = f"{graded.year} 年度考核等级为“{graded.grade}”（得分 {graded.total}）"
    if not judgement or not why:
        raise RefusedError(f"该机构 {told}：是否续签由人决定，请在“等级处理”中选择，并写明理由（依据：{ASSESSED}）")
    if judgement == RenewalJudgement.RENEW:
        return ()
    return (Reason("GRADE_LIABLE", ASSESSED, f"{told}，经办机构决定不予续签：{why}"),)


def sign_renewal(session: Session, ctx: Context, event: Event) -> Receipt:
    """A new agreement follows from the day after this one's last, with a count of its own (六(三); 令2、令3第41条)."""
    case, fields = the_agreement(session, ctx.round.id, event.fields), event.fields
    _expect_not_out(session, ctx, case, event)
    number = next_number(session, ctx, fields.get("new_number", ""))
    begins = case.expires_on + ONE_DAY
    effective_on, expires_on = term_of(ctx, begins, fields.get("expires_on"))
    assert effective_on
    assert expires_on
    term: dict[str, Any] = {"effective_on": effective_on, "expires_on": expires_on}
    change = done(session, ctx, event, case, number=number, **term)
    begin_agreement(session, ctx, event, case, number, term)
    return receipt(ctx, change, f"已续签（{number}），自 {effective_on} 至 {expires_on}")


def _expect_not_out(session: Session, ctx: Context, case: AgreementCase, event: Event) -> None:
    """Raises RefusedError for an institution that came under a bar or onto the refusal list after its application."""
    dossier = the_case(session, case.round_id, case.applicant_id)
    question = replace(question_of(dossier, event, ctx), applied_on=event.fields["signed_on"])
    if out := eligibility.standing_out(question):
        why = "；".join(f"{one.text}（依据：{one.clause}）" for one in out)
        raise RefusedError(f"{case.name}不能续签：{why}。情形消除的，先移出名单或撤销决定，再办理“续签协议”")


def begin_agreement(
    session: Session, ctx: Context, event: Event, of: AgreementCase, number: str, term: Mapping[str, Any]
) -> None:
    """The row of a renewed agreement, with the terms that held on the last day of the old one, and its first record."""
    application = select(col(Agreement.application_id)).where(col(Agreement.id) == of.id)
    new = Agreement(
        application_id=session.execute(application).scalar_one(),
        round_id=of.round_id,
        previous_id=of.id,
        number=number,
        signed_on=event.fields["signed_on"],
        signed_by=event.by,
        recorded_at=event.at,
        suspension_limit=ctx.policy.suspension_limit,
        **term,
    )
    session.add(new)
    session.flush()
    held, begins = terms_on(session, of.id, of.expires_on).values(), term["effective_on"]
    agree(session, new.id or 0, held, begins, number, event, until=holds_until(ctx.policy, begins))
    start_life(session, ctx, new, event)


def start_life(session: Session, ctx: Context, agreement: Agreement, event: Event) -> None:
    """The first record of an agreement's own chain: it was signed."""
    [case] = load_agreements(session, col(Agreement.id) == agreement.id)
    signed = Event("sign_agreement", event.at, event.by, {"signed_on": agreement.signed_on}, ctx.round.id)
    record(session, ctx, [decided(case, signed, ctx)])


def report_change(session: Session, ctx: Context, event: Event) -> Receipt:
    """A change that the institution reports; late reports are noted (令2、令3第40条)."""
    change, fields = done(session, ctx, event), event.fields
    is_late = is_late_change(event, ctx)
    kept = {name: fields[name] for name in ("change", "described", "changed_on", "reported_on")}
    session.add(InstitutionChange(agreement_id=change.case.id, is_late=is_late, **kept, **who(event)))
    return receipt(ctx, change, "变更已登记" + ("（逾期报告，已记录）" if is_late else ""))


def leave_agreement(session: Session, ctx: Context, event: Event) -> Receipt:
    """The institution leaves at its own wish, with notice; no bar (令2、令3第44条)."""
    change = done(session, ctx, event)
    return receipt(ctx, change, f"已登记退出，最后一日为 {event.fields['leaves_on']}")
