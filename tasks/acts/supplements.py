"""Supplements to an agreement that is performed (R63), and the filing of supplements and renewals (R60)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, AgreementSupplement, AnnualAgreement
from rules.case import Context, Event
from rules.errors import RefusedError
from rules.evaluation.guards import fields_for
from rules.performance.annual import holds_until
from rules.performance.records import AgreementCase
from rules.performance.supplements import SUPPLEMENTED
from rules.policy import TermField
from rules.terms import changes_of, drafted_of, faults_of_change
from tasks.act_result import Receipt
from tasks.acts.on_agreements import done, receipt, who
from tasks.agreed_terms import agree, terms_on
from tasks.agreements import the_agreement
from tasks.assessments import next_ref_in
from tasks.case_loading import the_case
from tasks.filings import waiting_for


def sign_supplement(session: Session, ctx: Context, event: Event) -> Receipt:
    """Other terms from a day on; what they take the place of stays on record. Raises RefusedError for terms that are
    not sound or change nothing, and for a number that another agreement or supplement bears."""
    case, fields = the_agreement(session, ctx.round.id, event.fields), event.fields
    new, asked = drafted_of(fields["terms"]), fields_of(session, ctx, case)
    before = terms_on(session, case.id, fields["effective_on"])
    if faults := faults_of_change(asked, before, new):
        raise RefusedError(f"{'；'.join(faults)}（依据：{SUPPLEMENTED}）")
    ref = next_ref_in(session, AgreementSupplement, case)
    number = free_number(session, fields.get("new_number", "") or f"{case.number}补充{ref}号")
    about: dict[str, Any] = {"ref": ref, "number": number, "changes": changes_of(asked, before, new)}
    change = done(session, ctx, event, case, **about)
    kept: dict[str, Any] = {name: fields[name] for name in ("other_terms", "reason", "signed_on", "effective_on")}
    session.add(AgreementSupplement(agreement_id=case.id, **about, **kept, **who(event)))
    until = holds_until(ctx.policy, fields["effective_on"])
    agree(session, case.id, new, fields["effective_on"], number, event, until=until)
    said = f"补充协议（{number}）已签订，自 {fields['effective_on']} 起执行，变更条款 {len(new)} 项"
    return receipt(ctx, change, said + _of_successor(case))


def fields_of(session: Session, ctx: Context, case: AgreementCase) -> Sequence[TermField]:
    """What an agreement may fix, by the type and the grade of its institution."""
    return fields_for(the_case(session, case.round_id, case.applicant_id), ctx)


def _of_successor(case: AgreementCase) -> str:
    """A renewal took the terms over when it was signed."""
    return f"；续签的协议（{case.successor}）仍按续签时的约定，需要变更的另签补充协议" if case.successor else ""


def free_number(session: Session, number: str) -> str:
    """A number that no agreement, supplement or annual agreement bears. Raises RefusedError for one that does."""
    for column in (col(Agreement.number), col(AgreementSupplement.number), col(AnnualAgreement.number)):
        if session.execute(select(column).where(column == number)).first():
            raise RefusedError(f"编号“{number}”已用于另一份协议，请核对后重填，或留空自动编号")
    return number


def file_supplement(session: Session, ctx: Context, event: Event) -> Receipt:
    """What was signed and waits for it, a supplement or a renewal, is filed like the agreement itself (R60); without a
    number the only one that waits."""
    waiting, given = waiting_for(session, ctx.round.id, event.fields), event.fields["supplement"]
    meant = [one for one in waiting if given in ("", one.ref)]
    one = meant[0] if len(meant) == 1 else None
    known: dict[str, Any] = {"supplement": one.ref if one else given, "signed_on": one.signed_on if one else None}
    case = one.case if one else the_agreement(session, ctx.round.id, event.fields)
    change = done(session, ctx, event, case, **known, unfiled=[each.told for each in waiting])
    assert one is not None
    if row := one.supplement:
        row.filed_on, row.filed_by = event.fields["filed_on"], event.by
        session.add(row)
    return receipt(ctx, change, f"{one.called}已于 {event.fields['filed_on']} 备案")
