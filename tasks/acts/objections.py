"""Objections and complaints (五(二)、五(三); A7-8, A7-11, A7-12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Application, Notice, NoticeEntry, Objection
from rules.case import Case, Change, Context, Event
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.objections import made_on, matter_of, postmark_fault
from rules.vocabulary import NoticeKind, ObjectionStatus, ObjectionVia
from tasks.act_result import Receipt, told
from tasks.case_loading import load_cases, the_case
from tasks.consequences import look, preview_code
from tasks.decisions import decided
from tasks.judging import Standing, first_posted_at, judge, standing_of
from tasks.recording import record

OPEN = ObjectionStatus.OPEN


def record_objection(session: Session, ctx: Context, event: Event) -> Receipt:
    """Takes an objection down. In time (A7-8) it holds the dossier that it names, and only that one (A7-11)."""
    case = the_case(session, ctx.round.id, event.fields["applicant_id"])
    if _find(session, ctx, event.fields["ref"]):
        raise RefusedError(f"异议编号 {event.fields['ref']} 已登记，请换用新的编号")
    if event.fields["received_at"] > event.at:
        raise RefusedError("异议的收到时间晚于登记时间，请核对日期和时间")
    _expect_postmark(ctx, event)
    notice = _notice_meant(session, ctx, case, event)
    first = _first_of(session, ctx, event, case, notice)
    judged = judge(ctx, standing_of(session, ctx, notice), event.fields)
    own = Event(event.name, event.at, event.by, _public(event.fields) | judged)
    change = decided(case, own, ctx)
    record(session, ctx, [change])
    row = _row(ctx, own, case, notice, first)
    session.add(row)
    session.flush()
    said = f"已登记异议 {row.ref}（{_effect_of(session, row)}）{_likeness(session, row, first)}"
    return Receipt(told(change, said), ctx.round.id, (case.applicant_id,))


def _public(fields: Any) -> dict[str, Any]:
    """The fields without who complained: that never enters a record that others read."""
    return {name: value for name, value in fields.items() if name != "complainant"}


def _expect_postmark(ctx: Context, event: Event) -> None:
    published_on = date.fromisoformat(ctx.round.announcement["published_on"])
    fields = event.fields
    about = (ObjectionVia(fields["via"]), fields["received_at"], fields["postmarked_on"])
    if fault := postmark_fault(*about, published_on, "本轮公告发布日"):
        raise RefusedError(fault)


def _row(ctx: Context, event: Event, case: Case, notice: Notice, first: Objection | None) -> Objection:
    taken = ("ref", "via", "received_at", "postmarked_on", "is_in_time", "allegation", "holds", "is_anonymous")
    return Objection(
        round_id=ctx.round.id,
        application_id=case.id,
        notice_id=notice.id or 0,
        matter=matter_of(event.fields["allegation"]),
        duplicate_of=first.id if first else None,
        recorded_at=event.at,
        recorded_by=event.by,
        **{name: event.fields[name] for name in taken},
    )


def _effect_of(session: Session, row: Objection) -> str:
    if row.holds:
        return "期内异议，该机构暂停进入下一环节，直至核查完结"
    if row.is_in_time:
        return "期内匿名异议，照常核查，不暂停程序"
    if (opened_at := first_posted_at(session, row.notice_id)) and row.received_at < opened_at:
        return "公示开始之前收到，按一般投诉核查，不暂停程序"
    return "已过公示期，按一般投诉核查，不暂停程序"


def _first_of(session: Session, ctx: Context, event: Event, case: Case, notice: Notice) -> Objection | None:
    """The first of those that this one repeats: about the same dossier and the same notice."""
    if not (ref := event.fields["duplicate_of"]):
        return None
    named = the_objection(session, ctx, ref)
    if (named.application_id, named.notice_id) != (case.id, notice.id):
        raise RefusedError(f"异议 {ref} 针对的不是同一机构的同一次公示，不能并案：请作为新的异议登记")
    if named.status != OPEN:
        raise RefusedError(f"异议 {ref} 已作出结论，不能再并案：有新的事实的，请作为新的异议登记")
    return root_of(session, named)


def _likeness(session: Session, row: Objection, first: Objection | None) -> str:
    if first is not None:
        return f"，与 {first.ref} 并案核查、分别答复"
    same = [one.ref for one in alike(session, row) if one.status == OPEN]
    return f"，内容与 {'、'.join(same)} 相同：登记异议人后，同一人提出的将自动并案" if same else ""


def alike(session: Session, row: Objection) -> Sequence[Objection]:
    """Other objections about the same dossier, notice and matter, the oldest first."""
    query = select(Objection).where(
        col(Objection.application_id) == row.application_id,
        col(Objection.notice_id) == row.notice_id,
        col(Objection.matter) == row.matter,
        col(Objection.id) != row.id,
    )
    return session.execute(query.order_by(col(Objection.id))).scalars().all()


def root_of(session: Session, row: Objection) -> Objection:
    """The objection that an inquiry is named after: itself, or the first of those it repeats."""
    return (session.get(Objection, row.duplicate_of) if row.duplicate_of else None) or row


def _notice_meant(session: Session, ctx: Context, case: Case, event: Event) -> Notice:
    """The notice that an objection is about: the newest that it came in time for and that was open when it was made,
    so that a letter of the first period is no complaint to the second notice; else the newest that was open then."""
    query = (
        select(Notice)
        .join(NoticeEntry, col(NoticeEntry.notice_id) == col(Notice.id))
        .where(col(NoticeEntry.application_id) == case.id, col(Notice.kind) != NoticeKind.FINAL_RESULT)
        .order_by(col(Notice.id).desc())
    )
    found: Sequence[Notice] = session.execute(query).scalars().all()
    if not found:
        raise RefusedError(f"{case.applicant_id} 不在任何公示名单中，不能登记公示异议；一般举报请另行受理")
    return max(found, key=lambda notice: _likelihood(ctx, standing_of(session, ctx, notice), event))


def _likelihood(ctx: Context, standing: Standing, event: Event) -> tuple[bool, bool]:
    """Of two notices the likelier compares higher; of equals the newer was named first, and stays."""
    fields = event.fields
    postmark = fields["postmarked_on"] if ctx.policy.reads("posted_objection") == "postmark" else None
    made = made_on(ObjectionVia(fields["via"]), fields["received_at"], postmark)
    was_open = standing.opened_at is None or made >= local_day(standing.opened_at)
    return was_open and judge(ctx, standing, fields)["is_in_time"], was_open


def _find(session: Session, ctx: Context, ref: str) -> Objection | None:
    query = select(Objection).where(col(Objection.round_id) == ctx.round.id, col(Objection.ref) == ref)
    return session.execute(query).scalar_one_or_none()


def the_objection(session: Session, ctx: Context, ref: str) -> Objection:
    """The objection with a number. Raises RefusedError when the round has none."""
    found = _find(session, ctx, ref)
    if found is None:
        raise RefusedError(f"没有编号为“{ref}”的异议，请核对")
    return found


def the_open_objection(session: Session, ctx: Context, event: Event) -> Objection:
    """The objection that an act names. Raises RefusedError when it has been concluded."""
    objection = the_objection(session, ctx, event.fields["ref"])
    if objection.status != OPEN:
        raise RefusedError(
            f"异议 {objection.ref} 已于 {local_day(objection.resolved_at or event.at)} 作出结论，不能再次认定"
        )
    return objection


def resolve_objection(session: Session, ctx: Context, event: Event) -> Receipt:
    """The finding. With a preview code, only while the consequences are those that were shown with it."""
    _expect_preview(ctx, event)
    shown = event.fields["preview_code"]
    before = look(session, ctx) if shown else None
    receipt = conclude_inquiry(session, ctx, event)
    if before and shown != preview_code(before, look(session, ctx)):
        raise RefusedError("试算码与现在的后果不符：试算之后情况有变，或结论与试算的不同；请重新试算并核对")
    return receipt


def conclude_inquiry(session: Session, ctx: Context, event: Event) -> Receipt:
    """The finding, for the objection and for those that repeat it: true takes the dossier out, untrue lets it go on;
    the last one resolved lifts the hold."""
    objection = the_open_objection(session, ctx, event)
    together = _inquired_together(session, objection)
    concluded = [_conclude(session, ctx, event, one, together) for one in together]
    case, change = concluded[0].case, concluded[-1]
    verdict = "属实" if event.fields["substantiated"] else "不属实"
    refs = "、".join(one.ref for one in together)
    return Receipt(told(change, f"异议 {refs} 经核查{verdict}"), ctx.round.id, (case.applicant_id,))


def _conclude(
    session: Session, ctx: Context, event: Event, objection: Objection, together: Sequence[Objection]
) -> Change[Case]:
    case = load_cases(session, col(Application.id) == objection.application_id)[0]
    own = Event(event.name, event.at, event.by, {**event.fields, **known(session, objection, together)})
    change = decided(case, own, ctx)
    record(session, ctx, [change])
    is_true = event.fields["substantiated"]
    objection.status = ObjectionStatus.UPHELD if is_true else ObjectionStatus.DISMISSED
    objection.finding, objection.resolved_at, objection.resolved_by = event.fields["finding"], event.at, event.by
    session.add(objection)
    session.flush()
    return change


def known(session: Session, objection: Objection, together: Sequence[Objection]) -> dict[str, Any]:
    """What the rules must know of an objection beside the act; `together` are those that are concluded with it."""
    notice = session.get(Notice, objection.notice_id)
    assert notice is not None
    return {
        "ref": objection.ref,
        "is_in_time": objection.is_in_time,
        "holds": objection.holds,
        "notice_kind": notice.kind,
        "recorded_at": objection.recorded_at,
        "next_inquiry_from": _next_inquiry(session, objection, together),
    }


def _next_inquiry(session: Session, objection: Objection, together: Sequence[Objection]) -> date | None:
    """The day from which the inquiry runs that is then the oldest open one of the dossier."""
    query = select(Objection).where(col(Objection.application_id) == objection.application_id)
    ids = {one.id for one in together}
    rows = session.execute(query.where(col(Objection.status) == OPEN)).scalars()
    return min((local_day(one.received_at) for one in rows if one.id not in ids), default=None)


def _inquired_together(session: Session, objection: Objection) -> list[Objection]:
    """The open objections of one inquiry, the named one first."""
    root = root_of(session, objection)
    query = select(Objection).where(
        (col(Objection.id) == root.id) | (col(Objection.duplicate_of) == root.id), col(Objection.status) == OPEN
    )
    found = session.execute(query.order_by(col(Objection.id)).with_for_update()).scalars()
    return [objection, *(one for one in found if one.id != objection.id)]


def _expect_preview(ctx: Context, event: Event) -> None:
    wanted = ctx.round.requires("objection_preview")
    if wanted and event.fields["substantiated"] and not event.fields["preview_code"]:
        raise RefusedError(
            f"本轮要求先看后果再认定属实：请先运行“试算异议后果”（异议 {event.fields['ref']}），核对后填入其试算码"
        )
