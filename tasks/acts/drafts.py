"""What an agreement fixes before it is signed: terms are drafted, the institution's system is tested (五(三))."""

from __future__ import annotations

from sqlmodel import Session

from models import DraftedTerms, SystemTest
from rules.case import Context, Event
from rules.errors import RefusedError
from rules.terms import drafted_of
from tasks.act_result import Receipt, told
from tasks.agreed_terms import is_tested
from tasks.case_loading import the_case
from tasks.decisions import decided
from tasks.recording import record


def prepare_agreement(session: Session, ctx: Context, event: Event) -> Receipt:
    """The terms are filled in or waived, each; a later draft takes the place of an earlier one."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    change = decided(case, event, ctx)
    record(session, ctx, [change])
    terms = [
        {"field": one.field, "value": one.value, "waived_why": one.waived_why}
        for one in drafted_of(event.fields["terms"])
    ]
    session.add(DraftedTerms(application_id=case.id, terms=terms, recorded_at=event.at, recorded_by=event.by))
    waived = sum(bool(one["waived_why"]) for one in terms)
    said = f"协议条款已起草，约定 {len(terms) - waived} 项，不约定 {waived} 项"
    return Receipt(told(change, said), ctx.round.id, (case.applicant_id,))


def record_system_test(session: Session, ctx: Context, event: Event) -> Receipt:
    """The test was passed; once, and only where the announcement asks for it (R82)."""
    if not ctx.policy.asks_system_test:
        raise RefusedError("本轮公告没有要求签约前进行系统测试（读法 system_test），不用登记（依据：五(三)）")
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    change = decided(case, event, ctx)
    if is_tested(session, case.id):
        raise RefusedError(f"{case.applicant_id} 的系统测试已经登记，不用重复登记")
    record(session, ctx, [change])
    kept = {name: event.fields[name] for name in ("passed_on", "record")}
    session.add(SystemTest(application_id=case.id, **kept, recorded_at=event.at, recorded_by=event.by))
    return Receipt(told(change, f"系统测试已于 {kept['passed_on']} 通过"), ctx.round.id, (case.applicant_id,))
