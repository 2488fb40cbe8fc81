"""The whole-procedure clock of a round: how much slack the dossiers of each step have left (`rules.slack`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Application, Deadline
from models.subjects import is_of_dossier
from rules.case import Clock, Context
from rules.evaluation.clock_effects import NOTICE_CLOCKS
from rules.slack import Slack, earliest_finish, last_day, slack_between
from rules.vocabulary import State
from rules.workdays import Workdays
from views.dossiers import OPEN

WHOLE = "whole_procedure"
Group = tuple[Clock, date, int]  # dossiers that share a limit and an earliest finish, and how many they are


@dataclass(frozen=True, slots=True)
class StepSlack:
    """Of the dossiers of a step under the limit: how many, the least slack, and how many can no longer keep it."""

    dossiers: int
    least: Slack
    lost: int


def slack_by_step(session: Session, ctx: Context, today: date) -> dict[State, StepSlack]:
    """One grouped query: dossiers accepted on one day share their clock, so that the groups are few."""
    found: dict[State, list[Group]] = {}
    finishes: dict[Any, date] = {}
    for state, limit, notice, dossiers in _groups(session, ctx.round.id):
        key = state, last_day(notice) if notice else None
        if key not in finishes:
            finishes[key] = earliest_finish(*key, today, ctx.policy, ctx.workdays)
        found.setdefault(state, []).append((limit, finishes[key], dossiers))
    return {state: _summed(groups, today, ctx.workdays) for state, groups in found.items()}


def slack_of_clocks(ctx: Context, state: State, clocks: Mapping[str, Clock], today: date) -> Slack | None:
    """The slack of one dossier; None before acceptance and once the limit is met."""
    limit, notice = clocks.get(WHOLE), clocks.get(NOTICE_CLOCKS.get(state, ""))
    if limit is None or not limit.is_open:
        return None
    finish_on = earliest_finish(state, last_day(notice) if notice else None, today, ctx.policy, ctx.workdays)
    return slack_between(limit, finish_on, today, ctx.workdays)


def slack_words(slack: Slack) -> str:
    """`余量 12 个工作日`; in calendar days, as at least, while a schedule is not published."""
    if slack.spare is not None:
        return f"余量 {slack.spare} 个工作日" if slack.spare >= 0 else f"已不足 {-slack.spare} 个工作日"
    sign = "余量至少" if slack.spare_days >= 0 else "已不足"
    return f"{sign} {abs(slack.spare_days)} 日（暂定）"


def _summed(groups: Sequence[Group], today: date, workdays: Workdays) -> StepSlack:
    limit, finish_on, _ = min(groups, key=_spare_days)
    lost = sum(group[2] for group in groups if _spare_days(group) < 0)
    return StepSlack(sum(group[2] for group in groups), slack_between(limit, finish_on, today, workdays), lost)


def _spare_days(group: Group) -> int:
    return (last_day(group[0]) - group[1]).days


def _groups(session: Session, round_id: int) -> list[tuple[State, Clock, Clock | None, int]]:
    limit, notice = aliased(Deadline), aliased(Deadline)
    columns = [
        *(col(limit.due_on), col(limit.earliest_on), col(limit.latest_on), col(limit.status)),
        *(col(notice.due_on), col(notice.earliest_on), col(notice.latest_on), col(notice.status)),
    ]
    runs = and_(
        is_of_dossier(notice, Application.id),
        col(notice.kind).in_(tuple(NOTICE_CLOCKS.values())),
        col(notice.closed_on).is_(None),
        col(notice.status).in_(OPEN),
    )
    query = (
        select(col(Application.state), *columns, func.count())
        .join(limit, is_of_dossier(limit, Application.id) & (col(limit.kind) == WHOLE))
        .outerjoin(notice, runs)
        .where(col(Application.round_id) == round_id)
        .where(col(limit.closed_on).is_(None), col(limit.status).in_(OPEN))
        .group_by(col(Application.state), *columns)
    )
    return [
        (State(row[0]), _clock(WHOLE, row[1:5]), _clock("", row[5:9]) if row[8] else None, row[9])
        for row in session.execute(query).all()
    ]


def _clock(kind: str, columns: Any) -> Clock:
    due_on, earliest_on, latest_on, status = columns
    return Clock(0, kind, earliest_on, due_on, earliest_on, latest_on, status, None)
