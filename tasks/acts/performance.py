"""The acts on an agreement after its signature (六): inspection, finding, order, suspension, dissolution.

Each loads the agreement, decides by the table, records the change by the one writer, and adds its row to the records.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from models import (
    AgreementEnding,
    AgreementSuspension,
    Applicant,
    Bar,
    Inspection,
    RectificationOrder,
    ViolationFinding,
)
from rules.case import SYSTEM, Context, Event
from rules.eligibility import last_day_of_bar
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.objections import is_in_time
from rules.performance.records import (
    BY_COUNT,
    BY_RE_INSPECTION,
    AgreementCase,
    ending_fell,
    fell,
    overturned_ref,
    undone,
    without,
)
from rules.periods import due_day
from rules.vocabulary import AgreementState, MatchResult, ObjectionVia, RectificationResult
from tasks.act_result import Receipt
from tasks.acts import inspections
from tasks.acts.on_agreements import Changed, done, receipt, second_person, who
from tasks.agreements import derived_finding, next_ref, the_agreement
from tasks.staff import on_staff

ONE_DAY = timedelta(days=1)

# --- inspection, finding, order --------------------------------------------------------------------------------


def record_inspection(session: Session, ctx: Context, event: Event) -> Receipt:
    """An inspection by two persons or more: what was seen, mended on the spot, refused (六(一); R72, R81)."""
    for inspector in event.fields["inspectors"]:
        on_staff(session, inspector)
    case = the_agreement(session, ctx.round.id, event.fields)
    held = session.execute(select(col(Inspection.id)).where(col(Inspection.agreement_id) == case.id)).all()
    plan = inspections.of_plan(session, ctx, case, event.fields)
    change = done(session, ctx, event, case, ref=str(len(held) + 1))
    fields = change.event.fields
    kept = {name: fields[name] for name in ("ref", "kind", "held_on", "minutes", "refused")}
    lists: dict[str, Any] = {name: list(fields[name]) for name in ("inspectors", "corrections", "evidence")}
    also: dict[str, Any] = {"draw_id": plan.id if plan else None, "matches": dict(fields.get("matches", {}))}
    session.add(Inspection(agreement_id=change.case.id, **kept, **lists, **also, **who(event)))
    advice = "；拒绝、阻挠检查的，请办理“登记违规事实”（D6）" if fields["refused"] else ""
    if plan and inspections.differs_from_draw(session, plan, case, fields["inspectors"]):
        advice += "；检查人员与抽取的不同，请在检查情况中写明原因"
    if MatchResult.DIFFERS in also["matches"].values():
        advice += "；五匹配有不相符的，查实后请办理“登记违规事实”"
    return receipt(ctx, change, f"已登记 {fields['held_on']} 的检查{advice}")


def record_finding(session: Session, ctx: Context, event: Event) -> Receipt:
    """A fact is proposed as a finding, and the institution is heard first (六(二))."""
    case = the_agreement(session, ctx.round.id, event.fields)
    change, row = propose(session, ctx, event, case)
    violation = ctx.policy.violation(row.code, case.type)
    assert violation is not None
    return receipt(ctx, change, f"已拟认定第 {row.ref} 号（{violation.text}），书面陈述至 {row.heard_until}")


def propose(
    session: Session, ctx: Context, event: Event, case: AgreementCase, stands_on: Sequence[str] = ()
) -> tuple[Changed, ViolationFinding]:
    """Proposes a finding to the institution, which is heard before anybody establishes it; `stands_on` names what the
    system derived it from."""
    served_on: date = event.fields.get("served_on") or local_day(event.at)
    if served_on > local_day(event.at):
        raise RefusedError(f"送达日期 {served_on} 尚未到来，请核对日期（依据：六(二)）")
    change = done(session, ctx, event, case, ref=next_ref(case), served_on=served_on)
    fields = change.event.fields
    violation = ctx.policy.violation(fields["code"], case.type)
    assert violation is not None
    row = ViolationFinding(
        agreement_id=case.id,
        ref=fields["ref"],
        is_ground=violation.is_ground,
        recorded_on=local_day(event.at),
        served_on=served_on,
        heard_until=due_day(ctx.policy.period("hearing"), served_on, ctx.workdays).latest,
        stands_on=list(stands_on),
        **{name: fields[name] for name in ("code", "facts", "amount", "evidence")},
        **who(event),
    )
    session.add(row)
    return change, row


def confirm_finding(session: Session, ctx: Context, event: Event) -> Receipt:
    """Another person establishes it, after the institution was heard; a ground of dissolution leaves no choice."""
    change = done(session, ctx, event)
    row = _row(session, ViolationFinding, change.case, event.fields["finding"])
    row.established_on, row.confirmed_by = local_day(event.at), event.by
    row.statement_on, row.statement = event.fields.get("statement_on"), event.fields.get("statement", "")
    session.add(row)
    return receipt(ctx, change, f"已认定第 {row.ref} 号违规事实（{row.code}）")


def overturn_finding(session: Session, ctx: Context, event: Event) -> Receipt:
    """A finding proved wrong: it falls with everything that stood on it (更正规则)."""
    return _overturned(session, ctx, event)


def overturn_ending(session: Session, ctx: Context, event: Event) -> Receipt:
    """A dissolution proved wrong, upon review or judgment: the ground falls, the bar is lifted, and the agreement is
    what it would be without it (更正规则)."""
    return _overturned(session, ctx, event)


def _overturned(session: Session, ctx: Context, event: Event) -> Receipt:
    second, change = second_person(session, event), done(session, ctx, event)
    today, ref = local_day(event.at), overturned_ref(change.case, event)
    before, after = change.case, without(change.case, [ref], today)
    why = {"overturned_by": event.by, "overturned_why": f"{event.fields['reason']}（复核：{second}）"}
    fallen_rows: tuple[tuple[type[SQLModel], Sequence[Any], Sequence[Any]], ...] = (
        (ViolationFinding, before.findings, after.findings),
        (RectificationOrder, before.orders, after.orders),
        (AgreementSuspension, before.pauses, after.pauses),
    )
    for model, was, now in fallen_rows:
        for one in fell(was, now):
            row = _row(session, model, before, one.ref)
            row.overturned_on = today
            for name, value in why.items() if isinstance(row, ViolationFinding) else ():
                setattr(row, name, value)
            session.add(row)
    if ending_fell(before, after):
        _lift(session, before, today)
    fallen = "；".join(undone(before, after))
    return receipt(ctx, change, f"已撤销第 {ref} 号认定" + (f"（{fallen}）" if fallen else ""))


def _lift(session: Session, case: AgreementCase, today: date) -> None:
    """The decision and its bar have no effect any more."""
    ending = _ending_row(session, case)
    ending.overturned_on = today
    session.add(ending)
    for bar in session.execute(select(Bar).where(col(Bar.ending_id) == ending.id)).scalars():
        bar.lifted_on = today
        session.add(bar)


def order_rectification(session: Session, ctx: Context, event: Event) -> Receipt:
    """Ordered to rectify by a day; without one the office's own length counts from the service (R78, R81)."""
    case = the_agreement(session, ctx.round.id, event.fields)
    served_on: date = event.fields["served_on"]
    due_on = event.fields.get("due_on") or due_day(ctx.policy.period("rectification"), served_on, ctx.workdays).latest
    change = done(session, ctx, event, case, ref=str(len(case.orders) + 1), due_on=due_on)
    fields = change.event.fields
    session.add(
        RectificationOrder(
            agreement_id=case.id,
            within_suspension=case.open_pause is not None,
            **{name: fields[name] for name in ("ref", "served_on", "due_on")},
            findings=list(fields["findings"]),
            items=list(fields["items"]),
            **who(event),
        )
    )
    return receipt(ctx, change, f"已责令限期整改（第 {fields['ref']} 号），整改期限至 {due_on}")


def hand_in_rectification(session: Session, ctx: Context, event: Event) -> Receipt:
    """The report on a rectification: on line until 24:00 of the last day, at the counter until it closes."""
    case, fields = the_agreement(session, ctx.round.id, event.fields), event.fields
    order, at = case.order(fields["order"]), fields["handed_in_at"]
    if at > event.at:
        raise RefusedError(f"提交时间 {at:%Y-%m-%d %H:%M} 尚未到来，请核对（依据：六(二)）")
    closes = ctx.policy.time_of_day("counter_closes")
    last = order.due_on if order else None
    in_time = is_in_time(ObjectionVia(fields["via"]), at, None, last, closes, postmark_counts=False)
    change = done(session, ctx, event, case, handed_in_on=local_day(at), in_time=in_time)
    row = _row(session, RectificationOrder, case, fields["order"])
    row.handed_in_on, row.result = local_day(at), ""
    session.add(row)
    for proposed in _proposed_on(session, case, f"order:{row.ref}"):
        proposed.overturned_on, proposed.overturned_by = local_day(event.at), SYSTEM
        proposed.overturned_why = "整改报告实为按期提交"
        session.add(proposed)
    return receipt(ctx, change, f"第 {row.ref} 号整改报告已于 {row.handed_in_on} 提交，待复查")


def _proposed_on(session: Session, case: AgreementCase, what: str) -> Iterable[ViolationFinding]:
    refs = [one.ref for one in case.findings if what in one.stands_on and not one.established_on]
    query = select(ViolationFinding).where(col(ViolationFinding.agreement_id) == case.id)
    return session.execute(query.where(col(ViolationFinding.ref).in_(refs))).scalars()


def re_inspect(session: Session, ctx: Context, event: Event) -> Receipt:
    """Whether it was rectified; too little in a suspension is a ground of dissolution, proposed (R44③, R45④)."""
    change = done(session, ctx, event)
    case, fields = change.case, event.fields
    row = _row(session, RectificationOrder, case, fields["order"])
    row.re_inspected_on, row.result, row.note = fields["inspected_on"], fields["result"], fields["note"]
    session.add(row)
    advice = ""
    if row.result != RectificationResult.DONE and case.open_pause:
        session.add(derived := derived_finding(case, event, BY_RE_INSPECTION, row.ref))
        advice = f"；暂停期间整改不到位，系统已拟认定第 {derived.ref} 号（{BY_RE_INSPECTION}），请办理“认定违规事实”"
    return receipt(ctx, change, f"第 {row.ref} 号整改复查：{RectificationResult(row.result).label}{advice}")


# --- suspension and dissolution --------------------------------------------------------------------------------


def suspend_agreement(session: Session, ctx: Context, event: Event) -> Receipt:
    """Suspended by two persons; counted in the term. At the limit the ground of dissolution is established by counting
    in the same act (R44③, R45④)."""
    second, fields = second_person(session, event), event.fields
    _expect_new(session, col(AgreementSuspension.decision_no), fields["decision_no"])
    change = done(session, ctx, event)
    case = change.case
    ref = str(len(case.pauses) + 1)
    session.add(
        AgreementSuspension(
            agreement_id=case.id,
            ref=ref,
            decided_on=local_day(event.at),
            decided_by=event.by,
            confirmed_by=second,
            recorded_at=event.at,
            findings=list(fields["findings"]),
            **{name: fields[name] for name in ("decision_no", "from_on", "to_on")},
        )
    )
    if change.outcome.to is AgreementState.TO_BE_DISSOLVED:
        session.add(_by_count(case, event))
    return receipt(ctx, change, f"已暂停（{fields['decision_no']}），累计第 {case.count + 1} 次，限 {case.limit} 次")


def _by_count(case: AgreementCase, event: Event) -> ViolationFinding:
    today = local_day(event.at)
    return ViolationFinding(
        agreement_id=case.id,
        ref=next_ref(case),
        code=BY_COUNT,
        is_ground=True,
        facts=f"协议有效期内累计暂停 {case.count + 1} 次，达到 {case.limit} 次",
        amount="",
        evidence="",
        recorded_on=today,
        recorded_at=event.at,
        recorded_by=SYSTEM,
        established_on=today,
        confirmed_by=event.by,
    )


def resume_agreement(session: Session, ctx: Context, event: Event) -> Receipt:
    """In force again, once it is rectified or the suspension's last day is over."""
    change = done(session, ctx, event)
    pause = change.case.open_pause
    assert pause is not None
    row = _row(session, AgreementSuspension, change.case, pause.ref)
    row.lifted_on = local_day(event.at)
    session.add(row)
    return receipt(ctx, change, f"已恢复，累计暂停 {change.case.count} 次，限 {change.case.limit} 次")


def dissolve_agreement(session: Session, ctx: Context, event: Event) -> Receipt:
    """The decision to dissolve, by two persons, on an established ground (六(二): 一律解除)."""
    second, fields = second_person(session, event), event.fields
    _expect_new(session, col(AgreementEnding.decision_no), fields["decision_no"])
    case = the_agreement(session, ctx.round.id, fields)
    finding = fields.get("finding") or (case.grounds[0].ref if case.grounds else "")
    change = done(session, ctx, event, case, finding=finding)
    session.add(
        AgreementEnding(
            agreement_id=case.id,
            finding=finding,
            decision_no=fields["decision_no"],
            decided_on=local_day(event.at),
            decided_by=event.by,
            confirmed_by=second,
            recorded_at=event.at,
        )
    )
    return receipt(ctx, change, f"已决定解除（{fields['decision_no']}），送达机构之日生效，请登记送达")


def record_service(session: Session, ctx: Context, event: Event) -> Receipt:
    """The decision reached the institution: dissolved, and barred for three years from the next day (六(三))."""
    change, fields = done(session, ctx, event), event.fields
    served_on, row = fields["served_on"], _ending_row(session, change.case)
    row.served_on, row.served_how, row.proof = served_on, fields["how"], fields["proof"]
    session.add(row)
    institution = session.execute(
        select(col(Applicant.institution_id)).where(col(Applicant.id) == change.case.applicant_pk)
    ).scalar_one()
    last_day = last_day_of_bar(served_on, ctx.policy, ctx.workdays)
    session.add(Bar(institution_id=institution, ending_id=row.id or 0, from_on=served_on + ONE_DAY, last_day=last_day))
    return receipt(ctx, change, f"解除决定已于 {served_on} 送达，限制期至 {last_day}")


# --- rows ------------------------------------------------------------------------------------------------------


def _row(session: Session, model: type[SQLModel], case: AgreementCase, ref: str) -> Any:
    of_it = model.agreement_id == case.id, model.ref == ref  # type: ignore[attr-defined]
    return session.execute(select(model).where(*of_it)).scalar_one()


def _ending_row(session: Session, case: AgreementCase) -> AgreementEnding:
    query = select(AgreementEnding).where(col(AgreementEnding.agreement_id) == case.id)
    row: AgreementEnding = session.execute(query.order_by(col(AgreementEnding.id).desc()).limit(1)).scalar_one()
    return row


def _expect_new(session: Session, column: Any, number: str) -> None:
    if session.execute(select(column).where(column == number)).first():
        raise RefusedError(f"文号“{number}”已用于另一份决定，请核对后重填")
