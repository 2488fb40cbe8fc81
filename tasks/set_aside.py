"""The rows that an act had written beside the case's own: taken out of their tables with the act, and kept whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlmodel import Session, SQLModel, col

from models import (
    AgreedTerm,
    Agreement,
    ApplicationMaterial,
    AuditRecord,
    Negotiation,
    Objection,
    ScoreSheet,
    SetAside,
    SiteVisit,
)
from models.bulk import changed
from rules.case import Case, ClockSet, Context, Event, Outcome
from rules.case import Change as Decided
from rules.corrections import TAKE_BACK
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.performance.records import AgreementCase
from rules.vocabulary import AgreementState, ClockStatus, ObjectionStatus
from tasks.agreements import load_agreements
from tasks.labels import LABELS
from tasks.recording import record
from tasks.typed_fields import written

CLAUSE = "更正规则"
APPEND_ONLY = (SiteVisit,)
OF_ITSELF = (
    "sign_agreement",
    "come_into_force",
    TAKE_BACK,
)  # what stands in the chain of an agreement that nobody has touched


def set_aside_with(session: Session, ctx: Context, case: Case, taken_back: AuditRecord, event: Event) -> None:
    """Sets aside what the record had written; `event` is the one that takes it back. Raises RefusedError where
    something stands on it."""
    work = _OF_ACT.get(taken_back.event)
    if work:
        work(session, ctx, case, taken_back, event)


def set_aside(
    session: Session,
    whose: tuple[str, int, int],
    at: datetime,
    model: type[SQLModel],
    *conditions: ColumnElement[bool],
) -> None:
    """Takes rows out of their table and keeps them whole; those of an append-only table stay, and stand no longer
    (`models.corrections.stands`). `whose`: subject, its number, the number of the record that takes back."""
    table = model.__table__  # type: ignore[attr-defined]
    subject, subject_id, seq = whose
    for row in session.execute(select(table).where(*conditions)).mappings().all():
        kept = {"of_table": table.name, "row_id": row["id"], "row": written(dict(row))}
        session.add(SetAside(subject=subject, subject_id=subject_id, seq=seq, at=at, **kept))
    session.flush()
    if model not in APPEND_ONLY:
        changed(session, delete(table).where(*conditions))


def _set_aside(
    session: Session, case: Case, event: Event, model: type[SQLModel], *conditions: ColumnElement[bool]
) -> None:
    set_aside(session, (case.kind, case.id, case.audit_seq + 1), event.at, model, *conditions)


def _materials(session: Session, _ctx: Context, case: Case, of: AuditRecord, event: Event) -> None:
    received_at = of.detail["fields"].get("received_at")
    handed_in_at = datetime.fromisoformat(received_at) if received_at else of.at
    of_it = col(ApplicationMaterial.application_id) == case.id
    _set_aside(session, case, event, ApplicationMaterial, of_it, col(ApplicationMaterial.received_at) == handed_in_at)


def _visits(session: Session, _ctx: Context, case: Case, of: AuditRecord, event: Event) -> None:
    told_with_it = col(SiteVisit.application_id) == case.id, col(SiteVisit.recorded_at) == of.at
    _set_aside(session, case, event, SiteVisit, *told_with_it)


def _sheet(session: Session, _ctx: Context, case: Case, of: AuditRecord, event: Event) -> None:
    handed_in = col(ScoreSheet.application_id) == case.id, col(ScoreSheet.recorded_at) == of.at
    _set_aside(session, case, event, ScoreSheet, *handed_in)


def _objection(session: Session, _ctx: Context, case: Case, of: AuditRecord, event: Event) -> None:
    """Its number is free for the institution that is meant. Raises RefusedError where somebody stands behind it
    already, or another objection is open: one clock counts the inquiries of a dossier."""
    open_ones = select(Objection).where(
        col(Objection.application_id) == case.id, col(Objection.status) == ObjectionStatus.OPEN
    )
    this, others = None, []
    for row in session.execute(open_ones).scalars():
        if row.ref == of.detail["fields"]["ref"]:
            this = row
        else:
            others.append(row.ref)
    if others:
        raise RefusedError(f"{case.applicant_id} 另有未结异议 {'、'.join(others)}，不能撤回登记：请以不属实办结这一件")
    if this is None or this.complainant_sealed or this.withdrawn_on:
        raise RefusedError("该异议的异议人已经登记或者已经撤回异议，不能撤回登记：请以不属实办结，另行登记正确的")
    _set_aside(session, case, event, Objection, col(Objection.id) == this.id)


def _negotiation(session: Session, _ctx: Context, case: Case, _of: AuditRecord, event: Event) -> None:
    _set_aside(session, case, event, Negotiation, col(Negotiation.application_id) == case.id)


def _agreement(session: Session, ctx: Context, case: Case, _of: AuditRecord, event: Event) -> None:
    """The agreement is a draft again, without a number; what was agreed is set aside. Its own chain goes on."""
    first = col(Agreement.application_id) == case.id, col(Agreement.previous_id).is_(None)
    agreement = session.execute(select(Agreement).where(*first)).scalar_one()
    [of_it] = load_agreements(session, col(Agreement.id) == agreement.id)
    if of_it.state is not AgreementState.DRAFT:
        _expect_untouched(session, of_it)
        record(session, ctx, [_back_to_a_draft(of_it, event)])
    _set_aside(session, case, event, AgreedTerm, col(AgreedTerm.agreement_id) == agreement.id)
    session.refresh(agreement)
    agreement.number = ""
    session.add(agreement)


def _expect_untouched(session: Session, agreement: AgreementCase) -> None:
    of_it = col(AuditRecord.subject) == agreement.kind, col(AuditRecord.subject_id) == agreement.id
    rows = session.execute(select(AuditRecord).where(*of_it).order_by(col(AuditRecord.seq))).scalars()
    for row in rows:
        if row.event not in OF_ITSELF:
            raise RefusedError(
                f"协议 {agreement.number} 签订之后已经办理“{LABELS[row.event]}”（{local_day(row.at)}），"
                f"不能撤回签订：请报主管领导（依据：{CLAUSE}）"
            )


def _back_to_a_draft(agreement: AgreementCase, event: Event) -> Decided[AgreementCase]:
    today = local_day(event.at)
    over = tuple(ClockSet(clock.kind, ClockStatus.ENDED, today) for clock in agreement.clocks.values() if clock.is_open)
    own = Event(event.name, event.at, event.by, {"number": agreement.number, "takes_back": event.fields["takes_back"]})
    return Decided(agreement, own, Outcome(AgreementState.DRAFT, CLAUSE, sets=over))


Work = Callable[[Session, Context, Case, AuditRecord, Event], None]
_OF_ACT: Mapping[str, Work] = {
    "submit_application": _materials,
    "supplement_materials": _materials,
    "verify_site": _visits,
    "record_score_sheet": _sheet,
    "record_objection": _objection,
    "record_negotiation": _negotiation,
    "sign_agreement": _agreement,
}
