"""Dossiers for every list and count of the board: where each stands, its nearest limit, how urgent, who is to move.

The nearest limit of a dossier is the open clock with the earliest last day. Counts are made by the database; a list
holds one page only, continued from where the one before ended (keyset), so that no page gets slower than the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, case, exists, func, literal, or_, select
from sqlmodel import Session, col

from models import Applicant, Application, Deadline, Round
from models.subjects import is_of_dossier
from rules.case import Case
from rules.errors import InputError
from rules.evaluation.clock_effects import NOTICE_CLOCKS
from rules.evaluation.states import ENDS, UNFINISHED
from rules.texts import cleaned
from rules.vocabulary import ClockKind, ClockStatus, RoundKind, State

OPEN = (ClockStatus.RUNNING.value, ClockStatus.PROVISIONAL.value, ClockStatus.BREACHED.value)
A_WEEK = timedelta(days=7)
PAGE = 50
NEVER = date.max
URGENCIES = ("late", "today", "this_week", "held", "provisional", "later", "none")
SORTS = ("limit", "number", "name", "step")
READ_MARK: Mapping[str, Callable[[str], Any]] = {"limit": date.fromisoformat, "step": int}
MARK_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dossiers: empty fields do not restrict. `step` is a state, or `open` (under way), `closed` (at an end) or
    `limited` (with an open clock); `due_on` the last day of any open clock; `text` a part of number or name;
    `after` the mark at which the page before ended."""

    round_id: int = 0
    step: str = ""
    type: str = ""
    urgency: str = ""
    waits_for: str = ""
    due_on: date | None = None
    text: str = ""
    sort: str = "limit"
    after: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One page: its rows, how many there are in all, and where the next page begins (empty: this is the last)."""

    rows: list[dict[str, Any]]
    total: int
    after: str


def nearest() -> Subquery:
    """The open clock of each dossier whose last day comes first."""
    place = func.row_number().over(
        partition_by=col(Deadline.subject_id), order_by=(col(Deadline.latest_on), col(Deadline.id))
    )
    columns = (Deadline.subject_id, Deadline.kind, Deadline.holder, Deadline.due_on, Deadline.latest_on)
    clocks = select(*(col(one) for one in columns), col(Deadline.status), place.label("place"))
    ranked = clocks.where(
        col(Deadline.subject) == Case.kind, col(Deadline.closed_on).is_(None), col(Deadline.status).in_(OPEN)
    ).subquery()
    return select(ranked).where(ranked.c.place == 1).subquery("nearest")


def urgency_of(clock: Subquery, today: date) -> ColumnElement[str]:
    """How urgent: `held` before all, then by the nearest limit; `none` without one."""
    is_late = or_(clock.c.due_on < today, clock.c.status == ClockStatus.BREACHED)
    return case(
        (col(Application.holds) > 0, literal("held")),
        (clock.c.kind.is_(None), literal("none")),
        (clock.c.due_on.is_(None), literal("provisional")),
        (is_late, literal("late")),
        (clock.c.due_on == today, literal("today")),
        (clock.c.due_on <= today + A_WEEK, literal("this_week")),
        else_=literal("later"),
    )


def waits_for(clock: Subquery) -> ColumnElement[str]:
    """Whose move it is: the authority's, the applicant's, or a period's; empty when there is none to make."""
    state = col(Application.state)
    return case(
        (col(Application.holds) > 0, literal(ClockKind.AUTHORITY.value)),
        (state.not_in(UNFINISHED), literal("")),
        (state.in_(tuple(NOTICE_CLOCKS)), literal(ClockKind.PERIOD.value)),
        (state == State.SIGNING, literal(ClockKind.APPLICANT.value)),
        (state == State.INCOMPLETE, func.coalesce(clock.c.holder, ClockKind.APPLICANT.value)),
        else_=literal(ClockKind.AUTHORITY.value),
    )


def counts(session: Session, round_id: int, today: date, only: ColumnElement[bool] | None = None) -> list[Row[Any]]:
    """How many dossiers there are of each state, type, urgency and mover: one pass, whatever the board shows of it;
    `only`: a condition on those that are counted."""
    clock = nearest()
    keys = (
        col(Application.state),
        col(Application.type),
        urgency_of(clock, today).label("urgency"),
        waits_for(clock).label("waits_for"),
    )
    query = select(*keys, func.count().label("dossiers")).select_from(Application)
    query = query.outerjoin(clock, clock.c.subject_id == col(Application.id))
    chosen = [col(Application.round_id) == round_id, *([] if only is None else [only])]
    return list(session.execute(query.where(*chosen).group_by(*keys)).all())


def page(session: Session, wanted: Wanted, today: date, size: int = PAGE) -> Found:
    """One page of the dossiers that are wanted. Raises InputError for an unknown sort or a broken mark of the page."""
    clock = nearest()
    query = _matching(wanted, clock, today)
    total = session.execute(query.with_only_columns(func.count(), maintain_column_froms=True)).scalar_one()
    key = _sort_key(wanted.sort, clock)
    ordered = query.add_columns(key.label("sort_key")).order_by(key, col(Application.id))
    if wanted.after:
        ordered = ordered.where(_is_after(wanted, key))
    rows = session.execute(ordered.limit(size + 1)).mappings().all()
    more = len(rows) > size
    return Found([dict(row) for row in rows[:size]], total, _mark(rows[size - 1]) if more else "")


def _matching(wanted: Wanted, clock: Subquery, today: date) -> Select[Any]:
    urgency, mover = urgency_of(clock, today), waits_for(clock)
    query = (
        select(
            *(col(Application.id), col(Application.round_id), col(Applicant.applicant_id), col(Applicant.name)),
            *(col(Application.type), col(Application.state), col(Application.holds), col(Application.entered_at)),
            *(clock.c.kind, clock.c.due_on, clock.c.latest_on, clock.c.status),
            *(urgency.label("urgency"), mover.label("waits_for")),
        )
        .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .outerjoin(clock, clock.c.subject_id == col(Application.id))
    )
    of_evaluations = select(col(Round.id)).where(col(Round.kind) == RoundKind.EVALUATION)
    there = col(Application.round_id).in_(of_evaluations)  # agreements of before have no dossier (R74)
    return query.where(there, *_conditions(wanted, clock, urgency, mover))


def _conditions(
    wanted: Wanted, clock: Subquery, urgency: ColumnElement[str], mover: ColumnElement[str]
) -> list[ColumnElement[bool]]:
    state = col(Application.state)
    steps: dict[str, ColumnElement[bool]] = {
        "open": state.in_(UNFINISHED),
        "closed": state.in_(ENDS),
        "limited": clock.c.kind.is_not(None),
    }
    asked: list[tuple[Any, ColumnElement[bool]]] = [
        (wanted.step, steps.get(wanted.step, state == wanted.step)),
        (wanted.round_id, col(Application.round_id) == wanted.round_id),
        (wanted.type, col(Application.type) == wanted.type),
        (wanted.urgency, urgency == wanted.urgency),
        (wanted.waits_for, mover == wanted.waits_for),
        (wanted.due_on, _ends_on(wanted.due_on)),
        (wanted.text, _contains(wanted.text)),
    ]
    return [condition for value, condition in asked if value]


def _ends_on(day: date | None) -> ColumnElement[bool]:
    """Any open clock, the nearest or a later one, whose last day it is."""
    is_open = (col(Deadline.closed_on).is_(None), col(Deadline.status).in_(OPEN))
    return exists().where(is_of_dossier(Deadline, Application.id), col(Deadline.due_on) == day, *is_open)


def _contains(text: str) -> ColumnElement[bool]:
    """A part of the number or of the name; capitals and small letters alike, `%` and `_` mean themselves."""
    return or_(
        *(col(one).icontains(cleaned(text), autoescape=True) for one in (Applicant.applicant_id, Applicant.name))
    )


def _sort_key(sort: str, clock: Subquery) -> ColumnElement[Any]:
    keys: Mapping[str, Any] = {
        "limit": func.coalesce(clock.c.latest_on, NEVER),
        "number": col(Applicant.applicant_id),
        "name": col(Applicant.name),
        "step": case({state.value: place for place, state in enumerate(State)}, value=col(Application.state)),
    }
    if sort not in keys:
        raise InputError(f"没有排序方式“{sort}”；可用：{'、'.join(keys)}")
    return keys[sort]  # type: ignore[no-any-return]


def _mark(row: Any) -> str:
    return f"{row['id']}~{row['sort_key']}"


def _is_after(wanted: Wanted, key: ColumnElement[Any]) -> ColumnElement[bool]:
    number, _, text = wanted.after.partition("~")
    try:
        last_id = int(number[:MARK_DIGITS])
        value = READ_MARK.get(wanted.sort, str)(text)
    except ValueError:
        raise InputError("翻页标记无法识别，请回到第一页") from None
    return or_(key > value, and_(key == value, col(Application.id) > last_id))
