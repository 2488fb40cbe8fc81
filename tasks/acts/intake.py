"""申报与受理 (四、五(一)): submission, supplement, withdrawal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Session, col

from models import ApplicationMaterial
from models.bulk import insert_rows
from rules.case import Case, Context, Event, Outcome
from rules.errors import RefusedError
from rules.evaluation.guards import held_after, missing_after
from rules.localtime import local_day
from rules.materials import spoken, unfolded
from rules.vocabulary import State
from tasks.act_result import Receipt, told
from tasks.case_loading import the_case
from tasks.decisions import decided
from tasks.recording import record
from tasks.set_aside import set_aside

TAKEN_IN = (State.INCOMPLETE, State.ACCEPTED)


def submit_application(session: Session, ctx: Context, event: Event) -> Receipt:
    """An applicant hands in its dossier: accepted at once, to be supplemented, or not accepted (三、四、六(三))."""
    event = replace(event, fields={**event.fields, "materials": unfolded(ctx.policy, event.fields["materials"])})
    case = _applying(session, ctx, event)
    _expect_receipt(event, _published_on(ctx), "本轮公告发布日")
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    if change.outcome.to in TAKEN_IN:
        keep_materials(session, [(case, held_after(case, event, ctx))], event.handed_in_at)
    return Receipt(
        told(change, f"已登记申请{_lacking(case, event, ctx, change.outcome)}"), ctx.round.id, (case.applicant_id,)
    )


def _applying(session: Session, ctx: Context, event: Event) -> Case:
    """Who applies. What was handed in with an application that was withdrawn is no part of a new one."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    if case.state is not State.WITHDRAWN:
        return case
    about = case.kind, case.id, case.audit_seq + 1
    set_aside(session, about, event.at, ApplicationMaterial, col(ApplicationMaterial.application_id) == case.id)
    return replace(case, materials=frozenset())


def request_supplement(session: Session, ctx: Context, event: Event) -> Receipt:
    """One notice of everything that is missing (A7-37)."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    return Receipt(told(change, "已一次性告知补正"), ctx.round.id, (case.applicant_id,))


def supplement_materials(session: Session, ctx: Context, event: Event) -> Receipt:
    """Missing materials come in; with the last of them the dossier is accepted on that day (A7-1)."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    if case.submitted_at:
        _expect_receipt(event, local_day(case.submitted_at), "申请之日")
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    keep_materials(session, [(case, held_after(case, event, ctx))], event.handed_in_at)
    return Receipt(
        told(change, f"已登记补正材料{_lacking(case, event, ctx, change.outcome)}"), ctx.round.id, (case.applicant_id,)
    )


def withdraw_application(session: Session, ctx: Context, event: Event) -> Receipt:
    """The applicant withdraws before signing."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    return Receipt(told(change, "已登记撤回"), ctx.round.id, (case.applicant_id,))


def _published_on(ctx: Context) -> date:
    return date.fromisoformat(ctx.round.announcement["published_on"])


def _expect_receipt(event: Event, earliest: date, since: str) -> None:
    """What was received lies before the entry, and not before it could be: two ends of every entry of a past day."""
    if event.handed_in_at > event.at:
        raise RefusedError("收到时间晚于登记时间，请核对收到日期和时间")
    if local_day(event.handed_in_at) < earliest:
        raise RefusedError(f"收到日期 {local_day(event.handed_in_at)} 早于{since} {earliest}，请核对收到日期")


def keep_materials(session: Session, held: Iterable[tuple[Case, Iterable[str]]], at: datetime) -> None:
    """Records what dossiers hold and did not hold before."""
    rows = [
        {"application_id": case.id, "code": code, "received_at": at}
        for case, codes in held
        for code in sorted(set(codes) - case.materials)
    ]
    insert_rows(session.connection(), ApplicationMaterial, rows)


def _lacking(case: Case, event: Event, ctx: Context, outcome: Outcome) -> str:
    """What is still missing, in words: the next form asks for it."""
    if outcome.to is not State.INCOMPLETE:
        return ""
    codes = [material.code for material in missing_after(case, event, ctx)]
    return f"，尚缺 {spoken(ctx.policy, case.type, codes)}"
