"""Whether an objection came in time, and so holds its dossier: asked when it is taken down, and again when the days of
its notice become firm (五(二)、五(三); 民法典203; A7-8, A7-11).

What was decided on a provisional day is held to the firm one, both ways; what cannot be taken back goes to a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Application, Notice, Objection, Posting
from rules.case import SYSTEM, Case, Change, Context, Event, Message, Outcome
from rules.clocks import compute_deadline
from rules.evaluation.clock_effects import NOTICE_CLOCKS, NOTICE_STATES
from rules.evaluation.holds import Suspends, released
from rules.evaluation.states import AFTER_RESULT_NOTICE
from rules.localtime import local_day
from rules.objections import holds, is_in_time
from rules.vocabulary import Audience, NoticeKind, ObjectionStatus, ObjectionVia
from tasks.case_loading import load_cases
from tasks.recording import record

REJUDGED = "rejudge_objections"
CLAUSE = "五(二)、五(三)；民法典203"


@dataclass(frozen=True, slots=True)
class Standing:
    """The period of a notice: when it was first posted, and its last day; the latest it can be while that is
    provisional, None while it has not begun."""

    opened_at: datetime | None
    last_day: date | None


def first_posted_at(session: Session, notice_id: int) -> datetime | None:
    """When a notice could first be read; None while no posting is on record."""
    query = select(func.min(col(Posting.posted_at))).where(col(Posting.notice_id) == notice_id)
    found: datetime | None = session.execute(query).scalar_one()
    return found


def standing_of(session: Session, ctx: Context, notice: Notice) -> Standing:
    """The period of a notice as far as it is known now."""
    last_day = notice.last_day
    if last_day is None and notice.starts_on is not None:
        rule = ctx.policy.clocks[NOTICE_CLOCKS[NOTICE_STATES[NoticeKind(notice.kind)]]]
        last_day = compute_deadline(rule, notice.starts_on, ctx.workdays).latest_on
    return Standing(first_posted_at(session, notice.id or 0), last_day)


def judge(ctx: Context, standing: Standing, fields: Mapping[str, Any]) -> dict[str, bool]:
    """`is_in_time`, and whether the objection `holds` its dossier (A7-11)."""
    in_time = is_in_time(
        ObjectionVia(fields["via"]),
        fields["received_at"],
        fields["postmarked_on"],
        standing.last_day,
        ctx.policy.time_of_day("counter_closes"),
        postmark_counts=ctx.policy.reads("posted_objection") == "postmark",
        opened_at=standing.opened_at,
    )
    anonymous_holds = ctx.policy.reads("anonymous_objection") == "same_as_named"
    held = holds(in_time=in_time, is_anonymous=fields["is_anonymous"], anonymous_holds=anonymous_holds)
    return {"is_in_time": in_time, "holds": held}


def rejudge(session: Session, ctx: Context, at: datetime, notices: Sequence[Notice]) -> list[str]:
    """Judges the objections to these notices anew, now that their days are firm. One that is late holds no longer; one
    that is in time holds while the dossier can still be held. Whose dossiers it touched."""
    flipped: dict[int, list[tuple[Objection, dict[str, bool]]]] = {}
    for notice in notices:
        standing = standing_of(session, ctx, notice)
        for row in session.execute(select(Objection).where(col(Objection.notice_id) == notice.id)).scalars():
            judged = judge(ctx, standing, row.model_dump())
            if judged["is_in_time"] is not row.is_in_time:
                flipped.setdefault(row.application_id, []).append((row, judged))
    cases = load_cases(session, col(Application.id).in_([*flipped]), with_facts=False) if flipped else []
    changes = [_rejudged(ctx, case, at, flipped[case.id]) for case in cases]
    session.flush()
    record(session, ctx, changes)
    return [case.applicant_id for case in cases]


def _rejudged(
    ctx: Context, case: Case, at: datetime, flipped: Sequence[tuple[Objection, dict[str, bool]]]
) -> Change[Case]:
    columns: dict[str, Any] = {}
    messages: list[Message] = []
    found: list[dict[str, Any]] = []
    suspends: Suspends = ()
    event = Event(REJUDGED, at, SYSTEM, {"refs": [row.ref for row, _ in flipped]})
    held = case
    for row, judged in flipped:
        freed = row.status == ObjectionStatus.OPEN and row.holds
        caught = row.status == ObjectionStatus.OPEN and judged["holds"] and case.state in AFTER_RESULT_NOTICE
        changed, days = _columns(ctx, held, event, row, freed=freed, caught=caught)
        columns, suspends = {**columns, **changed}, (*suspends, *days)
        held = replace(held, holds=columns.get("holds", held.holds))
        row.is_in_time, row.holds = judged["is_in_time"], caught
        messages += _told(case, row, is_settled=freed or caught)
        found.append({"ref": row.ref, "is_in_time": row.is_in_time, "holds": row.holds})
    detail = {"objections": found}
    outcome = Outcome(case.state, CLAUSE, set=columns, suspends=suspends, messages=tuple(messages), detail=detail)
    return Change(case, event, outcome)


def _columns(
    ctx: Context, case: Case, event: Event, row: Objection, *, freed: bool, caught: bool
) -> tuple[dict[str, Any], Suspends]:
    """One hold less or one more, and the days that do not count because of it."""
    if caught:
        return {"holds": case.holds + 1}, ()
    if not freed:
        return {}, ()
    about = Event(event.name, event.at, event.by, {"ref": row.ref, "recorded_at": row.recorded_at})
    return released(case, about, ctx, case.state)


def _told(case: Case, row: Objection, *, is_settled: bool) -> list[Message]:
    """The applicant learns what it means for the dossier; a person looks in any case."""
    known = {"ref": row.ref, "received_on": local_day(row.received_at), "in_time": row.is_in_time}
    applicant = [Message("objection_rejudged", {**known, "holds": row.holds})] if is_settled else []
    now = "在公示期内" if row.is_in_time else "不在公示期内"
    effect = "程序自即日起暂停" if row.holds else "由其引起的暂停已解除" if is_settled else "原处理结果未作改动"
    review = {
        "matter": f"异议 {row.ref}",
        "found": f"公示期的起止日现已确定，按确定的日期，该异议{now}，与登记时的认定不同；{effect}",
        "advice": "请核对收到日期和公示日期；已作出的结论或者已签订的协议受影响的，请研究处理"
        if not is_settled
        else f"案件现处“{case.state.label}”，请核对后继续办理",
    }
    return [*applicant, Message("decision_review", review, Audience.SUPERVISOR)]
