"""Public notices and the proof of their posting (五(二)、五(三)、五(四); A7-6, A7-9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Applicant, Application, Notice, NoticeEntry, Posting
from rules.audit import sha256
from rules.case import Case, Context, Event
from rules.clocks import compute_deadline
from rules.errors import RefusedError
from rules.evaluation.clock_effects import NOTICE_CLOCKS, NOTICE_STATES
from rules.localtime import ZONE, local_day, local_time
from rules.vocabulary import NoticeKind, State
from tasks.act_result import Receipt
from tasks.case_loading import load_cases
from tasks.decisions import decided
from tasks.judging import rejudge
from tasks.recording import record
from tasks.rounds import record_for_round

WAITING = {
    NoticeKind.EVALUATION_RESULT: State.SELECTED,
    NoticeKind.PROPOSED_AGREEMENTS: State.CONSENSUS,
    NoticeKind.FINAL_RESULT: State.FILED,
}


def waiting_state(ctx: Context, kind: NoticeKind) -> State:
    """Where a dossier waits for a notice: where the city determines, once it has confirmed (R75)."""
    if kind is NoticeKind.PROPOSED_AGREEMENTS and ctx.policy.city_determines:
        return State.DETERMINED
    return WAITING[kind]


NOT_INCLUDED = (State.PRELIM_FAILED, State.BELOW_THRESHOLD, State.OUT_OF_QUOTA)


def publish_notice(session: Session, ctx: Context, event: Event) -> Receipt:
    """Freezes a notice of every dossier that waits for it, or adds proof of posting to one that is not complete yet.

    Its clock starts on the day of the later channel (A7-9); with one channel missing it has not started.
    """
    kind, postings = NoticeKind(event.fields["kind"]), event.fields["postings"]
    _check_postings(ctx, event, postings)
    notice = _unfinished(session, ctx, kind) or _new_notice(session, ctx, event, kind)
    _check_not_before(notice, postings)
    _add_postings(session, notice, event, postings)
    missing = [channel for channel in ctx.round.channels if channel not in _channels(session, notice)]
    if missing and not _starts_with_first(ctx):
        return _receipt(session, ctx, notice, f"尚缺{'、'.join(missing)}的发布凭证，公示期未起算。")
    return _start(session, ctx, event, notice, kind)


def _starts_with_first(ctx: Context) -> bool:
    return ctx.policy.reads("notice_start") == "first_channel"


def _check_postings(ctx: Context, event: Event, postings: Sequence[dict[str, Any]]) -> None:
    named = [posting["channel"] for posting in postings]
    if unknown := [channel for channel in named if channel not in ctx.round.channels]:
        raise RefusedError(f"渠道{'、'.join(unknown)}不在公告之列，须为：{'、'.join(ctx.round.channels)}")
    if len(set(named)) != len(named):
        raise RefusedError("同一渠道的发布凭证只能登记一次")
    if late := [posting for posting in postings if posting["posted_at"] > event.at]:
        raise RefusedError(f"{late[0]['channel']}的发布时间晚于录入时间，请在实际发布之后登记")


def _unfinished(session: Session, ctx: Context, kind: NoticeKind) -> Notice | None:
    query = select(Notice).where(
        col(Notice.round_id) == ctx.round.id, col(Notice.kind) == kind, col(Notice.starts_on).is_(None)
    )
    return session.execute(query).scalar_one_or_none()


def _new_notice(session: Session, ctx: Context, event: Event, kind: NoticeKind) -> Notice:
    state = waiting_state(ctx, kind)
    waiting = (col(Application.round_id) == ctx.round.id) & (col(Application.state) == state)
    cases, held = _free(load_cases(session, waiting))
    if held and not cases:
        why = f"{'、'.join(held)} 有期内异议尚未核查完结，暂停进入下一环节，不能列入{kind.label}"
        raise RefusedError(f"{why}（依据：五(二)、五(三)）")
    if not cases:
        raise RefusedError(f"没有“{state.label}”的机构，无可发布的{kind.label}")
    numbers = select(func.count()).where(col(Notice.round_id) == ctx.round.id, col(Notice.kind) == kind)
    since = _exists_since(session, cases).astimezone(ZONE).isoformat()
    snapshot = {"kind": kind.value, "content_since": since, "entries": _entries(session, cases)}
    if kind is NoticeKind.EVALUATION_RESULT and ctx.policy.reads("result_list") == "others_with_reasons":
        snapshot["not_included"] = _not_included(session, ctx)
    notice = Notice(
        round_id=ctx.round.id,
        kind=kind,
        number=session.execute(numbers).scalar_one() + 1,
        created_at=event.at,
        created_by=event.by,
        snapshot=snapshot,
        snapshot_sha256=sha256(snapshot),
    )
    session.add(notice)
    session.flush()
    for case in cases:
        session.add(NoticeEntry(notice_id=notice.id or 0, application_id=case.id))
    session.flush()
    if kind is not NoticeKind.FINAL_RESULT:
        own = Event(event.name, event.at, event.by, {"kind": kind.value, "number": notice.number})
        record(session, ctx, [decided(case, own, ctx) for case in cases])
    return notice


def _free(waiting: Sequence[Case]) -> tuple[list[Case], list[str]]:
    """Those that may go on, and the numbers of those that an open objection holds: these wait for a later notice."""
    return [case for case in waiting if not case.holds], [case.applicant_id for case in waiting if case.holds]


def _exists_since(session: Session, cases: Sequence[Case]) -> datetime:
    """When there was something to post: the first of the dossiers came to the step that the notice is about."""
    entered = select(func.min(col(Application.entered_at))).where(col(Application.id).in_([case.id for case in cases]))
    since: datetime = session.execute(entered).scalar_one()
    return since


def _check_not_before(notice: Notice, postings: Sequence[dict[str, Any]]) -> None:
    """Nothing can have been posted before there was something to post."""
    since = datetime.fromisoformat(notice.snapshot["content_since"])
    for posting in postings:
        if posting["posted_at"] < since:
            label = NoticeKind(notice.kind).label
            told = f"{local_day(since)} {local_time(since):%H:%M}"
            raise RefusedError(f"{posting['channel']}的发布时间早于{label}内容形成的时间（{told}），请核对")


def _entries(session: Session, cases: Sequence[Case]) -> list[dict[str, Any]]:
    query = select(Application, Applicant).join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
    rows = session.execute(query.where(col(Application.id).in_([case.id for case in cases])))
    listed = [_entry(application, applicant) for application, applicant in rows]
    return sorted(listed, key=lambda one: (one["type"], one["rank"] or 0, one["applicant_id"]))


def _entry(application: Application, applicant: Applicant) -> dict[str, Any]:
    """A line of the list; the scope stands there where the register gives one."""
    entry = {
        "applicant_id": applicant.applicant_id,
        "name": applicant.name,
        "credit_code": applicant.credit_code,
        "type": applicant.type,
        "mean_score": application.mean_score,
        "rank": application.rank,
    }
    return entry | ({"scope": applicant.scope} if applicant.scope else {})


def _not_included(session: Session, ctx: Context) -> list[dict[str, Any]]:
    """Who was accepted and is not proposed: failed the review, below the mark, beyond the quota. The clauses' own
    sentences, in the order of the numbers: neither scores nor facts of the dossier, nor anything of an objection."""
    query = select(Application, Applicant).join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
    found = query.where(col(Application.round_id) == ctx.round.id, col(Application.state).in_(NOT_INCLUDED))
    listed = [
        {
            "applicant_id": applicant.applicant_id,
            "name": applicant.name,
            "type": applicant.type,
            "reasons": [{"text": one["text"], "clause": one["clause"]} for one in application.reasons],
        }
        for application, applicant in session.execute(found)
    ]
    return sorted(listed, key=lambda one: (one["type"], one["applicant_id"]))


def _add_postings(session: Session, notice: Notice, event: Event, postings: Sequence[dict[str, Any]]) -> None:
    known = _channels(session, notice)
    for posting in postings:
        if posting["channel"] in known:
            raise RefusedError(f"{posting['channel']}的发布凭证已登记过")
        session.add(Posting(notice_id=notice.id or 0, by=event.by, **posting))
    session.flush()


def _channels(session: Session, notice: Notice) -> dict[str, datetime]:
    rows = session.execute(
        select(col(Posting.channel), col(Posting.posted_at)).where(col(Posting.notice_id) == notice.id)
    )
    return {row.channel: row.posted_at for row in rows}


def _start(session: Session, ctx: Context, event: Event, notice: Notice, kind: NoticeKind) -> Receipt:
    posted = _channels(session, notice).values()
    if not posted:
        return _receipt(session, ctx, notice, "尚无发布凭证，公示期未起算。")
    starts_on = local_day(min(posted) if _starts_with_first(ctx) else max(posted))
    notice.starts_on = starts_on
    fields: dict[str, Any] = {"kind": kind.value, "starts_on": starts_on, "number": notice.number}
    if kind is not NoticeKind.FINAL_RESULT:
        rule = ctx.policy.clocks[NOTICE_CLOCKS[NOTICE_STATES[kind]]]
        notice.last_day = fields["last_day"] = compute_deadline(rule, starts_on, ctx.workdays).due_on
    session.add(notice)
    session.flush()
    name = "publish_notice" if kind is NoticeKind.FINAL_RESULT else "start_notice"
    own = Event(name, event.at, event.by, fields)
    cases = _named(session, notice, own)
    if kind is NoticeKind.FINAL_RESULT:
        cases, _ = _free(cases)
    record(session, ctx, [decided(case, own, ctx) for case in cases])
    record_for_round(session, ctx, event, {"starts_on": starts_on, "last_day": notice.last_day})
    if kind is not NoticeKind.FINAL_RESULT:
        rejudge(session, ctx, event.at, [notice])
    until = f"，至 {notice.last_day} 届满" if notice.last_day else ""
    return _receipt(session, ctx, notice, f"自 {starts_on} 起{until}。")


def _named(session: Session, notice: Notice, event: Event) -> list[Case]:
    """The dossiers that the notice names and that are still where it put them (one may have withdrawn meanwhile)."""
    entries = select(col(NoticeEntry.application_id)).where(col(NoticeEntry.notice_id) == notice.id)
    kind = NoticeKind(notice.kind)
    state = NOTICE_STATES.get(kind, State.FILED)
    return load_cases(session, col(Application.id).in_(entries) & (col(Application.state) == state))


def _receipt(session: Session, ctx: Context, notice: Notice, what: str) -> Receipt:
    named = tuple(entry["applicant_id"] for entry in notice.snapshot["entries"])
    label = NoticeKind(notice.kind).label
    waiting = (col(Application.round_id) == ctx.round.id) & (
        col(Application.state) == waiting_state(ctx, NoticeKind(notice.kind))
    )
    _, held = _free(load_cases(session, waiting, with_facts=False))
    left_out = f"{'、'.join(held)} 有期内异议尚未核查完结，本次暂停。" if held else ""
    return Receipt(f"{label}（第{notice.number}号，{len(named)} 家）：{what}{left_out}", ctx.round.id, named)
