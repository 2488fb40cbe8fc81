"""Annual agreements within a long one (R63): the terms of a year."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import AnnualAgreement
from rules.case import Context, Event
from rules.performance.annual import holds_until
from rules.terms import drafted_of, faults_of, told_in_order
from tasks.act_result import Receipt
from tasks.acts.on_agreements import done, receipt, who
from tasks.acts.supplements import fields_of, free_number
from tasks.agreed_terms import agree
from tasks.agreements import the_agreement
from tasks.assessments import next_ref_in


def sign_annual(session: Session, ctx: Context, event: Event) -> Receipt:
    """The terms of one year of an agreement: from the first of January, or from the signature where that is later."""
    case, fields = the_agreement(session, ctx.round.id, event.fields), event.fields
    year, terms, asked = fields["year"], drafted_of(fields["terms"]), fields_of(session, ctx, case)
    from_on = max(date(year, 1, 1), fields["signed_on"])
    number = fields.get("new_number", "") or f"{case.number}年度{year}号"
    until_on = min(holds_until(ctx.policy, from_on) or case.expires_on, case.expires_on)
    of_it = select(col(AnnualAgreement.year)).where(col(AnnualAgreement.agreement_id) == case.id)
    about: dict[str, Any] = {"ref": next_ref_in(session, AnnualAgreement, case), "number": number}
    days = {"from_on": from_on, "until_on": until_on}
    known = {"signed_years": list(session.execute(of_it).scalars()), "faults": faults_of(asked, terms, complete=True)}
    shown = [{name: one[name] for name in ("label", "told")} for one in told_in_order(asked, terms)]
    change = done(session, ctx, event, case, **about, **days, **known, shown=shown)
    free_number(session, number)  # asked last: a year that is signed for is refused as such
    kept = {"year": year, "signed_on": fields["signed_on"], "terms": shown}
    session.add(AnnualAgreement(agreement_id=case.id, **about, **days, **kept, **who(event)))
    agree(session, case.id, terms, from_on, number, event, until=holds_until(ctx.policy, from_on))
    return receipt(ctx, change, f"{year} 年度协议（{number}）已签订，自 {from_on} 至 {until_on}，约定 {len(terms)} 项")
