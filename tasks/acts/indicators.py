"""Monthly indicators, written warnings, occurrences that are reported within hours (R70, R83)."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import EventReport, IndicatorReport, IndicatorWarning
from rules.case import Context, Event
from rules.errors import RefusedError
from rules.indicators import Value
from rules.months import last_day
from rules.performance.effects import answer_due
from rules.performance.guards.indicators import is_late_event
from rules.performance.records import AgreementCase
from rules.performance.states import BINDING
from tasks.act_result import Receipt
from tasks.acts.on_agreements import Changed, done, receipt, who
from tasks.agreements import load_agreements, numbered_or_of, the_agreement
from tasks.decisions import decided, sort_out
from tasks.indicators import compared_in, values_of
from tasks.recording import record


def record_indicators(session: Session, ctx: Context, event: Event) -> Receipt:
    """The values of a month: new ones and corrections; what was reported with the same figures is not written again."""
    change, fields = done(session, ctx, event), event.fields
    month, case = fields["month"], change.case
    known = values_of(session, [case.id], [month]).get((case.id, month), {})
    given = [Value(**one) for one in fields["values"]]
    new = [one for one in given if known.get(one.field) != one]
    if not new:
        raise RefusedError(f"协议 {case.number}：{month} 的这些数值已经登记，没有变动")
    versions = _versions(session, case.id, month)
    kept = {"source": fields["source"], "received_on": fields["received_on"], **who(event)}
    session.add_all(
        IndicatorReport(
            agreement_id=case.id, month=month, version=versions.get(one.field, 0) + 1, **asdict(one), **kept
        )
        for one in new
    )
    corrected = sum(one.field in known for one in new)
    return receipt(
        ctx, change, f"{month} 的指标已登记 {len(new)} 项" + (f"，其中更正 {corrected} 项" if corrected else "")
    )


def _versions(session: Session, agreement_id: int, month: str) -> dict[str, int]:
    of_month = col(IndicatorReport.agreement_id) == agreement_id, col(IndicatorReport.month) == month
    query = select(col(IndicatorReport.field), col(IndicatorReport.version)).where(*of_month)
    return {row[0]: row[1] for row in session.execute(query.order_by(col(IndicatorReport.version)))}


def issue_warning(session: Session, ctx: Context, event: Event) -> Receipt:
    """A written warning to the institution that is named; without a name, to each of the round that is beyond a limit
    in the month and was not warned of it."""
    fields = event.fields
    if fields.get("agreement_number") or fields.get("applicant_id"):
        case = the_agreement(session, ctx.round.id, fields)
        change = decided(case, _warning_of(session, ctx, [case], event)[case.id], ctx)
        _warn(session, ctx, [change])
        return receipt(ctx, change, f"{fields['month']} 的预警通知书（第 {change.event.fields['ref']} 号）已发出")
    cases = load_agreements(session, numbered_or_of(ctx.round.id, {}))
    running = [one for one in cases if one.state in BINDING and not _was_warned(one, fields["month"])]
    events = _warning_of(session, ctx, running, event)
    to_warn = [one for one in running if events[one.id].fields["exceeded"]]
    changes: list[Changed] = []
    refused: list[tuple[str, str]] = []
    for one in to_warn:
        able, unable = sort_out([one], events[one.id], ctx)
        changes, refused = [*changes, *able], [*refused, *unable]
    if not changes:
        why = "；".join(f"{number}：{said}" for number, said in refused)
        raise RefusedError(why or f"{fields['month']} 没有超出协议约定而未预警的机构")
    _warn(session, ctx, changes)
    said = f"{fields['month']}：已发出预警通知书 {len(changes)} 份"
    return Receipt(said, ctx.round.id, tuple(one.case.applicant_id for one in changes), tuple(refused))


def _was_warned(case: AgreementCase, month: str) -> bool:
    return any(one.month == month for one in case.warnings)


def _warning_of(session: Session, ctx: Context, cases: list[AgreementCase], event: Event) -> dict[int, Event]:
    """The event for each agreement, with its number and what is beyond; a month that is none the guard refuses."""
    try:
        last_day(event.fields["month"])
        compared = compared_in(session, ctx.policy, cases, event.fields["month"])
    except ValueError:
        compared = {}
    found = {}
    for one in cases:
        exceeded = [each.told for each in compared.get(one.id, ()) if each.is_beyond]
        named = {"agreement_number": one.number, "ref": str(len(one.warnings) + 1), "exceeded": exceeded}
        found[one.id] = replace(event, fields={**event.fields, **named})
    return found


def _warn(session: Session, ctx: Context, changes: list[Changed]) -> None:
    record(session, ctx, changes)
    for one in changes:
        kept: dict[str, Any] = {name: one.event.fields[name] for name in ("ref", "month", "exceeded", "served_on")}
        due = answer_due(one.event, ctx)
        session.add(IndicatorWarning(agreement_id=one.case.id, answer_due=due, **kept, **who(one.event)))


def record_measures(session: Session, ctx: Context, event: Event) -> Receipt:
    """What the institution does about a warning; late measures are taken in and noted."""
    change, fields = done(session, ctx, event), event.fields
    of_it = col(IndicatorWarning.agreement_id) == change.case.id, col(IndicatorWarning.ref) == fields["warning"]
    row: IndicatorWarning = session.execute(select(IndicatorWarning).where(*of_it)).scalar_one()
    row.answered_on, row.measures = fields["answered_on"], fields["measures"]
    session.add(row)
    is_late = bool(row.answer_due and fields["answered_on"] > row.answer_due)
    return receipt(ctx, change, f"第 {row.ref} 号预警的整改措施已登记" + ("（逾期答复，已记录）" if is_late else ""))


def report_event(session: Session, ctx: Context, event: Event) -> Receipt:
    """An occurrence that the institution reported; late reports are noted (R83)."""
    change, fields = done(session, ctx, event), event.fields
    is_late = is_late_event(event, ctx)
    kept = {name: fields[name] for name in ("kind", "described", "occurred_at", "reported_at")}
    session.add(EventReport(agreement_id=change.case.id, is_late=is_late, **kept, **who(event)))
    return receipt(ctx, change, "突发情况已登记" + ("（超过规定的小时数，已记录）" if is_late else ""))
