"""谈判、签约、备案 (五(三)) and the correction of an automatic effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models import Agreement, DossierCopy, FilingReceipt, Negotiation
from rules.case import Case, Context, Event
from rules.errors import RefusedError
from rules.evaluation.states import HOLDS_A_PLACE
from rules.localtime import local_day
from rules.performance.annual import holds_until
from rules.terms import Drafted
from rules.vocabulary import AgreementState
from tasks.act_result import Receipt, told
from tasks.acts.terms import start_life
from tasks.agreed_terms import agree, draft_of, is_tested
from tasks.agreements import load_agreements
from tasks.case_loading import the_case
from tasks.decisions import decided
from tasks.numbering import next_number, term_of
from tasks.places import make_room
from tasks.recording import record

BROUGHT_BACK = "此前空出名额的结论已经更正，该名额归还原机构"


def record_negotiation(session: Session, ctx: Context, event: Event) -> Receipt:
    """How the negotiation ended: consensus on all four topics at least, or none (五(三))."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"], with_facts=False)
    change = decided(case, event, ctx)
    record(session, ctx, [change])
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
    return Receipt(told(change, "已录入谈判结果"), ctx.round.id, (case.applicant_id,))


def record_agency_delay(session: Session, ctx: Context, event: Event) -> Receipt:
    """Days that the agency itself cost do not count against the applicant (五(三); A7-14)."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"], with_facts=False)
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    return Receipt(told(change, "已登记经办机构占用的日期，签约期限相应顺延"), ctx.round.id, (case.applicant_id,))


def sign_agreement(session: Session, ctx: Context, event: Event) -> Receipt:
    """The agreement is signed; the day of signing decides, not the day of entry (五(三); A7-15).

    Without a number it gets the round's next one; without a last day it runs for the policy's term.
    """
    number = next_number(session, ctx, event.fields.get("agreement_number", ""))
    signed_on: date = event.fields["signed_on"]
    begins = event.fields.get("effective_on") or signed_on
    effective_on, expires_on = term_of(ctx, begins, event.fields.get("expires_on"))
    term: dict[str, Any] = {"effective_on": effective_on, "expires_on": expires_on}
    completed = replace(event, fields={**event.fields, "agreement_number": number, **term})
    case = the_case(session, ctx.round.id, event.fields["applicant_id"], with_facts=False)
    change = decided(case, completed, ctx)
    drafted = _agreed_on(session, ctx, case)
    record(session, ctx, [change])
    about: dict[str, Any] = {"signed_on": signed_on, "signed_by": event.by, "recorded_at": event.at, "number": number}
    agreement = _signed_anew(session, case) or Agreement(application_id=case.id, round_id=ctx.round.id, **about, **term)
    for name, value in {**about, **term}.items():
        setattr(agreement, name, value)
    session.add(agreement)
    session.flush()
    agree(session, agreement.id or 0, drafted, begins, number, event, until=holds_until(ctx.policy, begins))
    if ctx.policy.keeps_agreements and expires_on:
        agreement.suspension_limit = ctx.policy.suspension_limit
        session.flush()
        start_life(session, ctx, agreement, event)
    return Receipt(told(change, f"协议（{number}）已于 {signed_on} 签订"), ctx.round.id, (case.applicant_id,))


def _first_of(case: Case) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The agreement that a dossier's round ended with: not a renewal."""
    return col(Agreement.application_id) == case.id, col(Agreement.previous_id).is_(None)


def _signed_anew(session: Session, case: Case) -> Agreement | None:
    """The draft that a signature left when it was taken back: its own chain of records goes on."""
    found: Agreement | None = session.execute(select(Agreement).where(*_first_of(case))).scalar_one_or_none()
    return found


def _agreed_on(session: Session, ctx: Context, case: Case) -> list[Drafted]:
    """The terms that are signed. Raises RefusedError where the announcement asks for them, or for a test of the system,
    and there are none."""
    drafted = draft_of(session, case.id)
    if ctx.policy.asks_terms and not drafted:
        raise RefusedError(f"{case.applicant_id} 的协议条款尚未起草：请先办理“19-1 起草协议条款”（依据：公告要求）")
    if ctx.policy.asks_system_test and not is_tested(session, case.id):
        raise RefusedError(f"{case.applicant_id} 的系统测试尚未通过：请先办理“19-2 登记系统测试”（依据：公告要求）")
    return drafted


def file_agreement(session: Session, ctx: Context, event: Event) -> Receipt:
    """Dossier and agreement are filed with the county bureau (五(三))."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"], with_facts=False)
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    agreement = session.execute(select(Agreement).where(*_first_of(case))).scalar_one()
    agreement.filed_on, agreement.filed_by = event.fields["filed_on"], event.by
    session.add(agreement)
    if agreement.state != AgreementState.DRAFT:
        session.flush()
        [signed] = load_agreements(session, col(Agreement.id) == agreement.id)
        record(session, ctx, [decided(signed, event, ctx)])
    session.add_all([*_filing_receipt(case, event), *_copies(case, event)])
    return Receipt(told(change, "协议已备案"), ctx.round.id, (case.applicant_id,))


def _filing_receipt(case: Case, event: Event) -> list[FilingReceipt]:
    """The county bureau's receipt, where one was given: not before the filing, not in the future (五(三); R39)."""
    given = event.fields.get("receipt")
    if not given:
        return []
    if not event.fields["filed_on"] <= given["on"] <= local_day(event.at):
        days = f"备案日 {event.fields['filed_on']} 与录入日之间"
        raise RefusedError(f"回执日期 {given['on']} 须在{days}，请核对日期（依据：五(三)）")
    told: dict[str, Any] = {"number": given["number"], "received_by": given["received_by"], "received_on": given["on"]}
    return [FilingReceipt(application_id=case.id, **told, recorded_at=event.at, recorded_by=event.by)]


def _copies(case: Case, event: Event) -> list[DossierCopy]:
    """Who holds which copy of the dossier: since the application at the earliest, today at the latest (四 末; R23)."""
    first, today = local_day(case.submitted_at or event.at), local_day(event.at)
    copies = event.fields.get("copies", ())
    if wrong := [one["on"] for one in copies if not first <= one["on"] <= today]:
        raise RefusedError(f"卷宗交存日期 {wrong[0]} 须在申请日 {first} 与录入日之间，请核对日期（依据：四 末）")
    recorded: dict[str, Any] = {"application_id": case.id, "recorded_at": event.at, "recorded_by": event.by}
    return [DossierCopy(**recorded, **_copy(one)) for one in copies]


def _copy(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"holder": one["holder"], "kept_by": one["kept_by"], "held_since": one["on"]}


def correct_record(session: Session, ctx: Context, event: Event) -> Receipt:
    """Reverses an automatic effect that proved wrong, with reason and evidence; nothing is edited or deleted.

    A place that the effect had freed is taken back from whoever moved up into it and has not signed (五(二)).
    """
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    change = decided(case, event, ctx)
    room = make_room(session, ctx, case, event, BROUGHT_BACK) if change.outcome.to in HOLDS_A_PLACE else ()
    record(session, ctx, [*room, change])
    said = told(change, f"已撤销“{case.state.label}”的自动结论")
    yielded = "".join(
        f"{one.case.applicant_id} 此前据以递补的名额已收回，现为“{one.outcome.to.label}”。" for one in room
    )
    about = (case.applicant_id, *(one.case.applicant_id for one in room))
    return Receipt(said + yielded, ctx.round.id, about)
