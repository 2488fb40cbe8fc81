"""谈判、签约、备案 (五(三)) and the correction of an automatic effect."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, Negotiation
from rules.case import Context, Event
from rules.errors import RefusedError
from tasks.receipt import Receipt, one_case, told


def record_negotiation(session: Session, ctx: Context, event: Event) -> Receipt:
    """How the negotiation ended: consensus on all four topics, or none (五(三))."""
    case, outcome = one_case(session, ctx, event)
    fields = event.fields
    session.add(
        Negotiation(
            application_id=case.id,
            topics=list(fields["topics"]),
            consensus=fields["consensus"],
            open_point=fields["open_point"] or "",
            held_at=event.at,
            by=event.by,
        )
    )
    return Receipt(told(case, outcome, "已录入谈判结果"), ctx.round.id, (case.applicant_id,))


def record_agency_delay(session: Session, ctx: Context, event: Event) -> Receipt:
    """Days that the agency itself cost do not count against the applicant (五(三); A7-14)."""
    case, outcome = one_case(session, ctx, event)
    return Receipt(
        told(case, outcome, "已登记经办机构占用的日期，签约期限相应顺延"), ctx.round.id, (case.applicant_id,)
    )


def sign_agreement(session: Session, ctx: Context, event: Event) -> Receipt:
    """The agreement is signed; the day of signing decides, not the day of entry (五(三); A7-15)."""
    case, outcome = one_case(session, ctx, event)
    signed_on = event.fields["signed_on"]
    session.add(Agreement(application_id=case.id, signed_on=signed_on, signed_by=event.by, recorded_at=event.at))
    return Receipt(told(case, outcome, f"协议已于 {signed_on} 签订"), ctx.round.id, (case.applicant_id,))


def file_agreement(session: Session, ctx: Context, event: Event) -> Receipt:
    """Dossier and agreement are filed with the county bureau (五(三))."""
    case, outcome = one_case(session, ctx, event)
    agreement = session.execute(select(Agreement).where(col(Agreement.application_id) == case.id)).scalar_one()
    agreement.filed_on, agreement.filed_by = event.fields["filed_on"], event.by
    session.add(agreement)
    return Receipt(told(case, outcome, "协议已备案"), ctx.round.id, (case.applicant_id,))


def correct_record(session: Session, ctx: Context, event: Event) -> Receipt:
    """Reverses an automatic effect that proved wrong, with reason and evidence; nothing is edited or deleted."""
    case, outcome = one_case(session, ctx, event)
    if outcome.to is case.state:
        raise RefusedError(f"{case.applicant_id} 没有可以更正的自动结论")
    return Receipt(told(case, outcome, f"已撤销“{case.state.label}”的自动结论"), ctx.round.id, (case.applicant_id,))
