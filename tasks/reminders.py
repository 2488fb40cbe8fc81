"""Reminders before and after a due day: every rung fires once, held by a UNIQUE row; one message for the last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Deadline, Notification, ReminderFired
from models.bulk import among, insert_rows, update_rows
from rules.case import Message, Setting
from rules.clocks import working_days_left
from rules.localtime import local_day
from rules.vocabulary import Audience, ClockKind
from tasks.due import Due, Reminder
from tasks.outbox_rows import Outbox, Row
from tasks.procedures import Kind, kind_of
from tasks.workings import Workings, limit_of


def remind(session: Session, ctx: Setting, reminders: Sequence[Reminder], as_of: datetime) -> None:
    """Marks the rungs that have come, tells the party once, and sets the day of the next look. The caller holds the
    rows of the clocks locked."""
    if not reminders:
        return
    fired = _already_fired(session, reminders)
    rungs: list[Row] = []
    messages: list[Row] = []
    kind = kind_of(reminders[0].case)
    why, outbox = Workings(ctx, kind.page_of(session, ctx, [one.case.id for one in reminders])), Outbox()
    told: dict[tuple[str, date], Message] = {}  # one for all clocks of a kind that end on one day
    for one in reminders:
        new = [rung for rung in one.rungs if (one.due.deadline_id, rung, one.due.due_on) not in fired]
        rungs += [_rung_row(one, rung, as_of) for rung in new]
        if not new:
            continue
        what = one.due.kind, one.due.due_on
        if what not in told:
            told[what] = _message(kind, ctx, one.due, as_of)
        key = f"deadline:{one.due.deadline_id}:{one.due.due_on}:{new[-1]}"
        workings = why.of(one.case.id, [limit_of(one.case.clocks[one.due.kind])])
        messages += outbox.owed(kind.about(ctx, one.case), as_of, told[what], key, workings)
    connection = session.connection()
    insert_rows(connection, ReminderFired, rungs)
    insert_rows(connection, Notification, messages)
    looks = [{"id": one.due.deadline_id, "check_on": one.next_check} for one in reminders]
    update_rows(connection, Deadline, looks, ("id",))


def _already_fired(session: Session, reminders: Sequence[Reminder]) -> set[tuple[int, int, object]]:
    ids = [one.due.deadline_id for one in reminders]
    query = select(col(ReminderFired.deadline_id), col(ReminderFired.rung), col(ReminderFired.due_on))
    return {
        (row[0], row[1], row[2]) for row in session.execute(query.where(among(col(ReminderFired.deadline_id), ids)))
    }


def _rung_row(one: Reminder, rung: int, as_of: datetime) -> Row:
    return {"deadline_id": one.due.deadline_id, "rung": rung, "due_on": one.due.due_on, "fired_at": as_of}


def _message(kind: Kind[Any, Any], ctx: Setting, due: Due, as_of: datetime) -> Message:
    rule, event = ctx.clocks[due.kind], kind.procedure.clocks[due.kind].reminder
    left = working_days_left(local_day(as_of), due.due_on, ctx.workdays)
    told = {"due_on": due.due_on, "working_days_left": left}
    if rule.holder is ClockKind.APPLICANT:
        return Message(event, told)
    return Message(event, {**told, "deadline": rule.label}, Audience.AUTHORITY)
