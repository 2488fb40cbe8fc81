"""Objections and complaints (五(二)、五(三); A7-8, A7-11, A7-12)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Application, Notice, NoticeEntry, Objection
from rules.case import Case, Context, Event
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.objections import is_in_time
from rules.vocabulary import NoticeKind, ObjectionStatus, ObjectionVia
from tasks.casebook import load_cases, the_case
from tasks.receipt import Receipt, told, write_one


def record_objection(session: Session, ctx: Context, event: Event) -> Receipt:
    """Takes an objection down. In time (A7-8) it holds the dossier that it names, and only that one (A7-11)."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    if _find(session, ctx, event.fields["ref"]):
        raise RefusedError(f"异议编号 {event.fields['ref']} 已登记，请换用新的编号")
    if event.fields["received_at"] > event.at:
        raise RefusedError("异议的收到时间晚于登记时间，请核对日期和时间")
    notice = _latest_notice(session, case)
    own = Event(event.name, event.at, event.by, _public(event.fields) | {"is_in_time": _in_time(ctx, event, notice)})
    outcome = write_one(session, ctx, case, own)
    session.add(_row(ctx, own, case, notice))
    effect = (
        "期内异议，该机构暂停进入下一环节，直至核查完结"
        if own.fields["is_in_time"]
        else "已过公示期，按一般投诉核查，不暂停程序"
    )
    return Receipt(
        told(case, outcome, f"已登记异议 {own.fields['ref']}（{effect}）"), ctx.round.id, (case.applicant_id,)
    )


def _public(fields: Any) -> dict[str, Any]:
    """The fields without who complained: that never enters a record that others read."""
    return {name: value for name, value in fields.items() if name != "complainant"}


def _in_time(ctx: Context, event: Event, notice: Notice) -> bool:
    return is_in_time(
        ObjectionVia(event.fields["via"]),
        event.fields["received_at"],
        event.fields["postmarked_on"],
        notice.last_day,
        ctx.policy.time_of_day("counter_closes"),
        postmark_counts=ctx.policy.reads("posted_objection") == "postmark",
    )


def _row(ctx: Context, event: Event, case: Case, notice: Notice) -> Objection:
    fields = event.fields
    return Objection(
        round_id=ctx.round.id,
        application_id=case.id,
        notice_id=notice.id or 0,
        ref=fields["ref"],
        via=fields["via"],
        received_at=fields["received_at"],
        postmarked_on=fields["postmarked_on"],
        is_in_time=fields["is_in_time"],
        allegation=fields["allegation"],
        recorded_at=event.at,
        recorded_by=event.by,
    )


def _latest_notice(session: Session, case: Case) -> Notice:
    query = (
        select(Notice)
        .join(NoticeEntry, col(NoticeEntry.notice_id) == col(Notice.id))
        .where(col(NoticeEntry.application_id) == case.id, col(Notice.kind) != NoticeKind.FINAL_RESULT)
        .order_by(col(Notice.id).desc())
    )
    found: Notice | None = session.execute(query).scalars().first()
    if found is None:
        raise RefusedError(f"{case.applicant_id} 不在任何公示名单中，不能登记公示异议；一般举报请另行受理")
    return found


def _find(session: Session, ctx: Context, ref: str) -> Objection | None:
    query = select(Objection).where(col(Objection.round_id) == ctx.round.id, col(Objection.ref) == ref)
    return session.execute(query).scalar_one_or_none()


def resolve_objection(session: Session, ctx: Context, event: Event) -> Receipt:
    """The finding: true takes the dossier out, untrue lets it go on; the last one resolved lifts the hold."""
    objection = _find(session, ctx, event.fields["ref"])
    if objection is None:
        raise RefusedError(f"没有编号为“{event.fields['ref']}”的异议，请核对")
    if objection.status != ObjectionStatus.OPEN:
        raise RefusedError(
            f"异议 {objection.ref} 已于 {local_day(objection.resolved_at or event.at)} 作出结论，不能再次认定"
        )
    case = load_cases(session, col(Application.id) == objection.application_id)[0]
    notice = session.get(Notice, objection.notice_id)
    assert notice is not None
    known = {"is_in_time": objection.is_in_time, "notice_kind": notice.kind, "recorded_at": objection.recorded_at}
    own = Event(event.name, event.at, event.by, {**event.fields, **known})
    outcome = write_one(session, ctx, case, own)
    is_true = event.fields["substantiated"]
    objection.status = ObjectionStatus.UPHELD if is_true else ObjectionStatus.DISMISSED
    objection.finding, objection.resolved_at, objection.resolved_by = event.fields["finding"], event.at, event.by
    session.add(objection)
    verdict = "属实" if is_true else "不属实"
    return Receipt(told(case, outcome, f"异议 {objection.ref} 经核查{verdict}"), ctx.round.id, (case.applicant_id,))
