"""Reminders before and after a due day: every rung fires once, held by a UNIQUE row; one message for the last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, col

from models import Deadline, Notification, ReminderFired
from rules.case import SYSTEM, Context, Event, Message
from rules.vocabulary import Audience, ClockKind
from tasks.advance import Row, message_row
from tasks.due import Reminder

APPLICANT_REMINDERS = {"signing": "signing_reminder", "supplement": "supplement_reminder"}


def remind(session: Session, ctx: Context, reminders: Sequence[Reminder], as_of: datetime) -> None:
    """Marks the rungs that have come, tells the party once, and sets the day of the next look. The caller holds the
    rows of the clocks locked."""
    if not reminders:
        return
    fired = _already_fired(session, reminders)
    rungs: list[Row] = []
    messages: list[Row] = []
    for one in reminders:
        new = [rung for rung in one.rungs if (one.due.deadline_id, rung, one.due.due_on) not in fired]
        rungs += [_rung_row(one, rung, as_of) for rung in new]
        messages += [_message_row(ctx, one, new[-1], as_of)] if new else []
    connection = session.connection()
    if rungs:
        connection.execute(insert(ReminderFired.__table__), rungs)  # type: ignore[attr-defined]
    if messages:
        connection.execute(insert(Notification.__table__), messages)  # type: ignore[attr-defined]
    table = Deadline.__table__  # type: ignore[attr-defined]
    looks = [{"b_id": one.due.deadline_id, "check_on": one.next_check} for one in reminders]
    connection.execute(
        update(table).where(table.c.id == bindparam("b_id")).values(check_on=bindparam("check_on")), looks
    )


def _already_fired(session: Session, reminders: Sequence[Reminder]) -> set[tuple[int, int, object]]:
    ids = [one.due.deadline_id for one in reminders]
    query = select(col(ReminderFired.deadline_id), col(ReminderFired.rung), col(ReminderFired.due_on))
    return {(row[0], row[1], row[2]) for row in session.execute(query.where(col(ReminderFired.deadline_id).in_(ids)))}


def _rung_row(one: Reminder, rung: int, as_of: datetime) -> Row:
    return {"deadline_id": one.due.deadline_id, "rung": rung, "due_on": one.due.due_on, "fired_at": as_of}


def _message_row(ctx: Context, one: Reminder, rung: int, as_of: datetime) -> Row:
    rule = ctx.policy.clocks[one.due.kind]
    told = {"due_on": one.due.due_on, "working_days_left": -rung}
    if rule.holder is ClockKind.APPLICANT:
        message = Message(APPLICANT_REMINDERS[one.due.kind], told)
    else:
        audience = Audience.AUTHORITY
        message = Message("authority_reminder", {**told, "deadline": rule.label}, audience)
    event = Event("reminder", as_of, SYSTEM)
    return message_row(ctx, one.case, event, message, f"deadline:{one.due.deadline_id}:{one.due.due_on}:{rung}")
