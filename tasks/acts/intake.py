"""申报与受理 (四、五(一)): submission, supplement, withdrawal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from models import ApplicationMaterial
from models.bulk import insert_rows
from rules.case import Case, Context, Event, Outcome
from rules.evaluation.guards import held_after, missing_after
from rules.materials import spoken, unfolded
from rules.vocabulary import State
from tasks.act_result import Receipt, told
from tasks.case_loading import the_case
from tasks.decisions import decided
from tasks.recording import record

TAKEN_IN = (State.INCOMPLETE, State.ACCEPTED)


def submit_application(session: Session, ctx: Context, event: Event) -> Receipt:
    """An applicant hands in its dossier: accepted at once, to be supplemented, or not accepted (三、四、六(三))."""
    event = replace(event, fields={**event.fields, "materials": unfolded(ctx.policy, event.fields["materials"])})
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    if change.outcome.to in TAKEN_IN:
        keep_materials(session, [(case, held_after(case, event, ctx))], event.at)
    return Receipt(
        told(change, f"已登记申请{_lacking(case, event, ctx, change.outcome)}"), ctx.round.id, (case.applicant_id,)
    )


def request_supplement(session: Session, ctx: Context, event: Event) -> Receipt:
    """One notice of everything that is missing (A7-37)."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    return Receipt(told(change, "已一次性告知补正"), ctx.round.id, (case.applicant_id,))


def supplement_materials(session: Session, ctx: Context, event: Event) -> Receipt:
    """Missing materials come in; with the last of them the dossier is accepted on that day (A7-1)."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    keep_materials(session, [(case, held_after(case, event, ctx))], event.at)
    return Receipt(
        told(change, f"已登记补正材料{_lacking(case, event, ctx, change.outcome)}"), ctx.round.id, (case.applicant_id,)
    )


def withdraw_application(session: Session, ctx: Context, event: Event) -> Receipt:
    """The applicant withdraws before signing."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    return Receipt(told(change, "已登记撤回"), ctx.round.id, (case.applicant_id,))


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
