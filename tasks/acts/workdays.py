"""A schedule that was published or amended: every clock that may still have an effect is worked out anew, what was
decided on a provisional day is held to the firm one, and there is a record of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from models import Agreement, Deadline, Draw, Notice, ViolationFinding, WorkdaySchedule
from models.bulk import among
from models.schedules import known_workdays
from policies.calendars import load_statutory
from rules.amendments import Schedule, ScheduleKind, expect_acceptable
from rules.case import C, Change, Clock, Context, Event, Message, Outcome
from rules.clocks import ComputedDeadline, compute_deadline, effect_after_notice, running_rule, settled_status
from rules.errors import InputError, RefusedError
from rules.evaluation.clock_effects import NOTICE_CLOCKS, NOTICE_STATES
from rules.localtime import local_day
from rules.periods import due_day
from rules.policy import ClockRule
from rules.vocabulary import Audience, ClockKind, ClockStatus, NoticeKind, State, Term
from rules.workdays import ScheduleError, Workdays
from tasks.act_result import Receipt
from tasks.acts.challenges import hold_to_firm_day
from tasks.case_loading import context_of, round_numbered
from tasks.judging import rejudge
from tasks.procedures import KINDS, Kind
from tasks.recording import record
from tasks.rounds import record_for_round

ENTRIES = {"off": "放假日期", "working": "调休上班日"}  # the lists of a schedule, as the form calls them
WHOLE, SIGNING = "whole_procedure", "signing"
OVER = (ClockStatus.MET.value, ClockStatus.ENDED.value)


def load_workdays(session: Session, ctx: Context, event: Event) -> Receipt:
    """Adds a schedule, of a year or an amendment of one, and moves every clock that it touches.

    Raises RefusedError for one that would leave a statutory holiday without its days (全国年节及纪念日放假办法).
    """
    fields = event.fields
    kind = _understood(ctx, fields)
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
    known_workdays(session)
    record_for_round(session, ctx, event, {"understood_as": kind.name.lower()})
    moved = _move_clocks(session, event, ctx.workdays)
    _move_hearings(session)
    rejudged = _hold_to_firm_days(session, event)
    return Receipt(_said(fields, kind, ctx, moved, rejudged), ctx.round.id, tuple(dict.fromkeys((*moved, *rejudged))))


def _said(fields: Any, kind: ScheduleKind, ctx: Context, moved: list[str], rejudged: list[str]) -> str:
    year, notice = fields["year"], fields["notice"]
    beside = f"，作为{kind.value}：只改动所列日期，其余仍按 {ctx.workdays.years.get(year)}"
    what = f"已录入 {year} 年放假安排（{notice}）{'' if kind is ScheduleKind.WHOLE else beside}"
    again = f"，{len(rejudged)} 家的异议按确定的公示末日重新认定" if rejudged else ""
    return f"{what}，{len(moved)} 家机构的期限重新推算{again}。"


def _understood(ctx: Context, fields: Any) -> ScheduleKind:
    """What the schedule is. Refuses one that contradicts itself or is not complete, before it binds anybody."""
    schedule = Schedule(fields["year"], fields["notice"], tuple(fields["off"]), tuple(fields["working"]))
    try:
        return expect_acceptable(schedule, ctx.workdays, load_statutory())
    except ScheduleError as error:
        key, index = error.item
        place = f"“{ENTRIES[key]}”第 {index + 1} 项，{error.what}"
        raise RefusedError(f"放假安排不能成立：{place}；请对照通知原文核对后重新录入") from None
    except InputError as error:
        raise RefusedError(f"放假安排不能成立：{error}；请对照通知原文核对后重新录入") from None


# --- clocks ----------------------------------------------------------------------------------------------------


def _move_clocks(session: Session, event: Event, before: Workdays) -> list[str]:
    """Every clock of every kind of subject: a schedule binds them all. `before`: the schedules that held until now."""
    return [number for kind in KINDS.values() for number in _move_of(session, kind, event, before)]


def _move_of(session: Session, kind: Kind[Any, Any], event: Event, before: Workdays) -> list[str]:
    own = kind.table.c
    is_open = and_(col(Deadline.closed_on).is_(None), col(Deadline.holder) != ClockKind.PERIOD)
    may_reopen = and_(col(Deadline.kind) == WHOLE, own.state == State.OUT_OF_QUOTA)
    query = (
        select(own[kind.group], own.id)
        .join(Deadline, and_(col(Deadline.subject) == kind.name, col(Deadline.subject_id) == own.id))
        .where(or_(col(Deadline.due_on).is_(None), is_open, may_reopen))
        .distinct()
    )
    by_group: dict[int, list[int]] = {}
    for group_id, subject_id in session.execute(query):
        by_group.setdefault(group_id, []).append(subject_id)
    moved: list[str] = []
    for group_id, ids in by_group.items():
        ctx = kind.setting_of(session, group_id)
        cases = kind.load(session, among(own.id, ids), with_facts=False)
        changes = [change for case in cases if (change := _moved(ctx, case, event))]
        record(session, ctx, changes, workdays_before=before)
        moved += [change.case.applicant_id for change in changes]
    return moved


def _move_hearings(session: Session) -> None:
    """The last day on which an institution may state its view on a proposal that nobody has decided, as its clock has
    it: a finding is established only after it (六(二))."""
    pending = (
        *(col(ViolationFinding.established_on).is_(None), col(ViolationFinding.overturned_on).is_(None)),
        col(ViolationFinding.served_on).is_not(None),
    )
    query = select(ViolationFinding, col(Agreement.round_id)).join(Agreement).where(*pending)
    for finding, round_id in session.execute(query).all():
        ctx = context_of(session, round_numbered(session, round_id))
        finding.heard_until = due_day(ctx.policy.period("hearing"), finding.served_on, ctx.workdays).latest
        session.add(finding)


def _moved(ctx: Context, case: C, event: Event) -> Change[C] | None:
    before: dict[str, date | None] = {}
    messages: list[Message] = []
    defers: dict[str, date] = {}
    settles: dict[str, ClockStatus] = {}
    today = local_day(event.at)
    for kind, clock in case.clocks.items():
        rule = running_rule(ctx.policy.clocks[kind], clock.begun_with)
        if not may_move(rule, clock, case.state):
            continue
        now = compute_deadline(rule, clock.start_on, ctx.workdays, suspensions=clock.suspensions)
        if (now.due_on, now.earliest_on, now.latest_on) == (clock.due_on, clock.earliest_on, clock.latest_on):
            continue
        before[kind] = clock.due_on
        settles[kind] = settled_status(clock, rule.holder, now.due_on, today)
        if effect_from := effect_after_notice(clock, now, ctx.policy.count("firm_after_notice"), today, ctx.workdays):
            defers[kind] = effect_from
        messages += _told(rule, clock, now, event.fields, effect_from, settles[kind])
    if not before:
        return None
    outcome = Outcome(
        case.state,
        "民法典201至203",
        recalculates=tuple(before),
        defers=defers,
        settles=settles,
        messages=tuple(messages),
        detail={"before": before} | ({"effect_from": defers} if defers else {}),
    )
    return Change(case, event, outcome)


def may_move(rule: ClockRule, clock: Clock, state: Term) -> bool:
    """Whether a schedule moves a clock: one that never had a day gets it, even when it was met meanwhile; one that is
    not over, or that can run again, follows. A running notice has printed its last day, and the printed day stands
    (reading `notice_changed_schedule`; 民法典204)."""
    if rule.period is None:
        return False
    if clock.due_on is None:
        return True
    if rule.holder is ClockKind.PERIOD:
        return False
    return _can_have_an_effect(clock, state)


def _can_have_an_effect(clock: Clock, state: Term) -> bool:
    """Open, late, or lapsed (a person may set it running again); or met by a dossier that may move up."""
    if clock.closed_on is None and clock.status not in OVER:
        return True
    return clock.kind == WHOLE and state is State.OUT_OF_QUOTA


def _told(
    rule: ClockRule, clock: Clock, now: ComputedDeadline, fields: Any, effect_from: date | None, status: ClockStatus
) -> list[Message]:
    """The holder of an open limit learns its day; where an effect or a report rested on another, a person looks."""
    if clock.is_open and rule.holder is not ClockKind.AUTHORITY and now.due_on != clock.due_on:
        return [_moved_letter(rule, clock, now, fields, effect_from)]
    found = _found(rule, clock, now, status)
    advice = "请核对后研究处理；自动结论有误的，凭证据办理“更正自动结论”"
    review = {"matter": rule.label, "found": found, "advice": advice}
    return [Message("decision_review", review, Audience.SUPERVISOR)] if found else []


def _moved_letter(
    rule: ClockRule, clock: Clock, now: ComputedDeadline, fields: Any, effect_from: date | None
) -> Message:
    reason = f"国务院办公厅公布 {fields['year']} 年放假安排（{fields['notice']}）"
    if effect_from:
        last = clock_last(effect_from)
        reason += f"；该日确定时已过，为使你单位知悉，{last}以前（含当日）仍可办理，此后才产生逾期的后果"
    told = {"deadline": rule.label, "old_due": clock.due_on, "new_due": now.due_on, "reason": reason}
    return Message("deadline_moved", told, limits=(rule.kind,))


def clock_last(effect_from: date) -> str:
    """The day before an effect, in Chinese."""
    last = date.fromordinal(effect_from.toordinal() - 1)
    return f"{last.year}年{last.month}月{last.day}日"


def _found(rule: ClockRule, clock: Clock, now: ComputedDeadline, status: ClockStatus) -> str:
    """What no longer agrees with the day that is known now; empty where everything does."""
    if now.due_on is None:
        return ""
    day = f"按现行放假安排，最后一日为 {now.due_on}"
    if clock.status == ClockStatus.LAPSED and clock.due_on and now.due_on > clock.due_on:
        return f"{day}，原按 {clock.due_on} 认定逾期"
    if clock.status == ClockStatus.BREACHED and status is not ClockStatus.BREACHED:
        return f"{day}，此前按 {clock.due_on} 记录的逾期不成立"
    if clock.due_on is None and clock.closed_on and clock.closed_on > now.due_on and clock.status == ClockStatus.MET:
        return f"{day}，而此事项于 {clock.closed_on} 办结，办结时该日尚未确定"
    return ""


# --- what was decided on a provisional day -----------------------------------------------------------------------


def _hold_to_firm_days(session: Session, event: Event) -> list[str]:
    """Notices and draws whose last day was provisional get it now; what came in is judged by it."""
    printed = [col(Notice.last_day).is_(None), col(Notice.starts_on).is_not(None)]
    waiting = select(Notice).where(*printed, col(Notice.kind) != NoticeKind.FINAL_RESULT).order_by(col(Notice.id))
    notices = session.execute(waiting).scalars().all()
    draws = select(Draw).where(col(Draw.challenge_until).is_(None), col(Draw.challenge_days) > 0)
    drawn = session.execute(draws.where(col(Draw.drawn_at).is_not(None)).order_by(col(Draw.id))).scalars().all()
    touched: list[str] = []
    for round_id in sorted({one.round_id for one in (*notices, *drawn)}):
        ctx = context_of(session, round_numbered(session, round_id))
        firm = _printed(session, ctx, [one for one in notices if one.round_id == round_id])
        touched += rejudge(session, ctx, event.at, firm)
        for draw in (one for one in drawn if one.round_id == round_id):
            hold_to_firm_day(session, ctx, draw, event.at)
    return touched


def _printed(session: Session, ctx: Context, notices: Iterable[Notice]) -> list[Notice]:
    """Those of the notices whose last day is firm now, with that day."""
    firm: list[Notice] = []
    for notice in notices:
        assert notice.starts_on is not None
        rule = ctx.policy.clocks[NOTICE_CLOCKS[NOTICE_STATES[NoticeKind(notice.kind)]]]
        notice.last_day = compute_deadline(rule, notice.starts_on, ctx.workdays).due_on
        session.add(notice)
        if notice.last_day is not None:
            firm.append(notice)
    session.flush()
    return firm
