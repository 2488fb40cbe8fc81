"""Complaints about designated institutions (举报投诉; R61, R64): recorded, inquired into, answered. Who complained is
sealed, as with objections; here are numbers and matters only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, Complaint
from rules.case import Context, Event
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.performance.records import AgreementCase
from rules.performance.states import BINDING
from rules.periods import due_day
from rules.vocabulary import HandDelivery, ObjectionStatus
from tasks.act_result import Receipt
from tasks.acts.on_agreements import done, receipt, who
from tasks.acts.performance import record_finding
from tasks.agreements import the_agreement, touched_agreements

NO_AGREEMENT = "“{called}”没有已签订的协议：签约以前的请办理“16 登记异议”（公示期内暂停，期满后按一般投诉核查）"


def record_complaint(session: Session, ctx: Context, event: Event) -> Receipt:
    """A complaint came in; the inquiry is owed within the office's limit."""
    if not touched_agreements(session, event):
        called = event.fields.get("agreement_number") or event.fields.get("applicant_id")
        raise RefusedError(NO_AGREEMENT.format(called=called))
    case, fields = the_agreement(session, ctx.round.id, event.fields), event.fields
    change = done(session, ctx, event, case, ref=str(len(case.complaints) + 1))
    ref = change.event.fields["ref"]
    kept: dict[str, Any] = {
        name: fields[name] for name in ("via", "received_at", "matter", "is_anonymous", "acknowledged_on")
    }
    session.add(Complaint(agreement_id=case.id, ref=ref, **kept, **who(event)))
    due = ""
    if "complaint_inquiry" in ctx.clocks:
        period = ctx.policy.period("complaint_inquiry")
        until = due_day(period, local_day(fields["received_at"]), ctx.workdays).latest
        due = f"，核查期限至 {until}"
    named = "" if fields["is_anonymous"] else "；举报人请用“32 登记异议人”的文件登记"
    return receipt(ctx, change, f"已登记第 {ref} 件举报投诉{due}{named}")


def resolve_complaint(session: Session, ctx: Context, event: Event) -> Receipt:
    """True: the finding is proposed in the same act, for another person to establish; untrue: with the reason."""
    change, fields = done(session, ctx, event), event.fields
    row = the_complaint(session, change.case, fields["complaint"])
    row.status = ObjectionStatus.UPHELD if fields["substantiated"] else ObjectionStatus.DISMISSED
    row.reason, row.resolved_at, row.resolved_by = fields["reason"], event.at, event.by
    said = "不属实"
    if fields["substantiated"]:
        said = "属实，协议已经结束，不再拟认定"
        if change.outcome.to in BINDING:
            row.finding = _propose(session, ctx, event, change.case)
            said = f"属实，已拟认定第 {row.finding} 号，请另一人办理“认定违规事实”"
    session.add(row)
    return receipt(ctx, change, f"第 {row.ref} 件举报投诉经核查{said}")


def _propose(session: Session, ctx: Context, event: Event, case: AgreementCase) -> str:
    """The finding goes the way of every finding: told, heard, established by somebody else."""
    session.flush()
    found = {name: event.fields[name] for name in ("code", "facts", "evidence")}
    fields = {"agreement_number": case.number, "amount": "", "served_on": None, **found}
    record_finding(session, ctx, replace(event, name="record_finding", fields=fields))
    return str(len(case.findings) + 1)


def reply_complaint(session: Session, ctx: Context, event: Event) -> Receipt:
    """Records that the complainant was answered: on which day, how, with which proof."""
    case, fields = the_agreement(session, ctx.round.id, event.fields), event.fields
    known = case.complaint(fields["complaint"])
    row = the_complaint(session, case, known.ref) if known else None
    if row and row.is_anonymous:
        raise RefusedError(f"第 {row.ref} 件举报投诉是匿名的，无从答复，不必登记")
    if row and row.replied_on:
        raise RefusedError(f"第 {row.ref} 件举报投诉已于 {row.replied_on} 答复，不能重复登记")
    if row and row.resolved_at and fields["replied_on"] < local_day(row.resolved_at):
        raise RefusedError(f"答复日期 {fields['replied_on']} 早于作出结论之日 {local_day(row.resolved_at)}，请核对日期")
    change = done(session, ctx, event, case)
    assert row
    row.replied_on, row.replied_by = fields["replied_on"], event.by
    row.reply_how, row.reply_proof = fields["how"], fields["proof"]
    session.add(row)
    how = HandDelivery(fields["how"]).label
    return receipt(ctx, change, f"第 {row.ref} 件举报投诉已于 {fields['replied_on']} 答复举报人（{how}）")


def the_complaint(session: Session, case: AgreementCase, ref: str) -> Complaint:
    """The row of a complaint of an agreement."""
    of_it = col(Complaint.agreement_id) == case.id, col(Complaint.ref) == ref
    row: Complaint = session.execute(select(Complaint).where(*of_it)).scalar_one()
    return row


def numbered(session: Session, agreement_number: str, ref: str) -> Complaint | None:
    """The complaint with a number under an agreement, for the register of those who complained."""
    query = select(Complaint).join(Agreement, col(Agreement.id) == col(Complaint.agreement_id))
    of_it = col(Agreement.number) == agreement_number, col(Complaint.ref) == ref
    found: Complaint | None = session.execute(query.where(*of_it)).scalar_one_or_none()
    return found
