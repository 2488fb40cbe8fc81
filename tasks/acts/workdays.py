"""A State Council schedule that was published or amended: running clocks are worked out anew, with a record of each."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from models import Application, Deadline, Notice, NoticeEntry, WorkdaySchedule
from models.schedules import known_workdays
from rules.case import Case, Clock, Context, Event, Message, Outcome
from rules.clocks import reckon
from rules.entry import NOTICE_CLOCKS
from rules.errors import RefusedError
from rules.policy import ClockRule
from rules.vocabulary import ClockKind, ClockStatus
from rules.workdays import ScheduleError, Workdays
from tasks.advance import Change, advance
from tasks.casebook import context_of, current_round, load_cases
from tasks.receipt import Receipt
from tasks.rounds import record_for_round

ENTRIES = {"off": "放假日期", "working": "调休上班日"}  # the lists of a schedule, as the form calls them
OPEN = (ClockStatus.RUNNING.value, ClockStatus.PROVISIONAL.value)


def load_workdays(session: Session, ctx: Context, event: Event) -> Receipt:
    """Adds a year's schedule and moves every open clock that it touches; each move is recorded with its case."""
    fields = event.fields
    schedule = WorkdaySchedule(
        year=fields["year"],
        notice=fields["notice"],
        off=[[str(first), str(last)] for first, last in fields["off"]],
        working=[str(day) for day in fields["working"]],
        loaded_at=event.at,
        loaded_by=event.by,
    )
    session.add(schedule)
    session.flush()
    _check(session)
    record_for_round(session, ctx, event)
    moved = _move_rounds(session, event, ctx.workdays)
    return Receipt(
        f"已录入 {fields['year']} 年放假安排（{fields['notice']}），{len(moved)} 家机构的期限重新推算。",
        ctx.round.id,
        tuple(moved),
    )


def _check(session: Session) -> None:
    """Refuses a schedule that contradicts itself, before it binds anybody."""
    try:
        known_workdays(session)
    except ScheduleError as error:
        key, index = error.item
        place = f"“{ENTRIES[key]}”第 {index + 1} 项，{error.what}"
        raise RefusedError(f"放假安排不能成立：{place}；请对照通知原文核对后重新录入") from None


def _move_rounds(session: Session, event: Event, before: Workdays) -> list[str]:
    """Every round's open clocks: a schedule binds them all. `before`: the schedules that held until now."""
    query = (
        select(col(Application.round_id), col(Application.id))
        .join(Deadline, col(Deadline.application_id) == col(Application.id))
        .where(col(Deadline.due_on).is_(None) | (col(Deadline.status).in_(OPEN) & col(Deadline.closed_on).is_(None)))
        .distinct()
    )
    by_round: dict[int, list[int]] = {}
    for round_id, application_id in session.execute(query):
        by_round.setdefault(round_id, []).append(application_id)
    moved: list[str] = []
    for round_id, ids in by_round.items():
        ctx = context_of(session, current_round(session, round_id))
        cases = load_cases(session, col(Application.id).in_(ids), with_facts=False)
        changes = [change for case in cases if (change := _moved(ctx, case, event))]
        advance(session, ctx, changes, workdays_before=before)
        _print_last_days(session, changes)
        moved += [change.case.applicant_id for change in changes]
    return moved


def _moved(ctx: Context, case: Case, event: Event) -> Change | None:
    before: dict[str, date | None] = {}
    messages: list[Message] = []
    for kind, clock in case.clocks.items():
        rule = ctx.policy.clocks[kind]
        if not _may_move(rule, clock):
            continue
        now = reckon(rule, clock.start_on, ctx.workdays, suspensions=clock.suspensions)
        if (now.due_on, now.earliest_on, now.latest_on) == (clock.due_on, clock.earliest_on, clock.latest_on):
            continue
        before[kind] = clock.due_on
        if rule.holder is not ClockKind.AUTHORITY and now.due_on != clock.due_on and clock.is_open:
            messages.append(_told(rule, clock.due_on, now.due_on, event.fields))
    if not before:
        return None
    outcome = Outcome(
        case.state, "民法典201至203", recalculates=tuple(before), messages=tuple(messages), detail={"before": before}
    )
    return Change(case, event, outcome)


def _may_move(rule: ClockRule, clock: Clock) -> bool:
    """Whether a schedule may move a clock: one that never had a day gets it, even when it was met meanwhile; an open
    one moves, but a running notice has printed its last day, and the printed day stands (民法典204; A7-6)."""
    if rule.period is None:
        return False
    if clock.due_on is None:
        return True
    return clock.status in OPEN and clock.closed_on is None and rule.holder is not ClockKind.PERIOD


def _print_last_days(session: Session, changes: list[Change]) -> None:
    """A notice whose last day was provisional gets it now."""
    for change in changes:
        for kind in set(change.outcome.recalculates) & set(NOTICE_CLOCKS.values()):
            clock = change.case.clocks[kind]
            due_on = select(col(Deadline.due_on)).where(col(Deadline.id) == clock.id).scalar_subquery()
            named = select(col(NoticeEntry.notice_id)).where(col(NoticeEntry.application_id) == change.case.id)
            open_notice = (
                col(Notice.id).in_(named) & col(Notice.last_day).is_(None) & col(Notice.starts_on).is_not(None)
            )
            session.execute(update(Notice).where(open_notice).values(last_day=due_on))


def _told(rule: ClockRule, old: date | None, new: date | None, fields: Any) -> Message:
    reason = f"国务院办公厅公布 {fields['year']} 年放假安排（{fields['notice']}）"
    told = {"deadline": rule.label, "old_due": old, "new_due": new, "reason": reason}
    return Message("deadline_moved", told, limits=(rule.kind,))
