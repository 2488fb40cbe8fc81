"""Binds the audit records of each finished day: one checkpoint a day, chained to the one before; and the journal as it
stands by then, in a signed checkpoint that others may keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from models import AuditCheckpoint, AuditRecord
from models.database import transaction
from rules.checkpoints import bound_on, checkpoint_of, days_between
from rules.clocks import ONE_DAY
from rules.errors import DatabaseError
from rules.localtime import local_day
from upkeep.signed_heads import keep_signed

PATIENCE = "10s"  # acts wait as long as the lock is asked for: rather tomorrow's sweep than an office that stands still


def bind_finished_days(url: str, now: datetime) -> list[date]:
    """Writes a checkpoint for every day (Beijing) that is over by `now` and has none, from the day of the first record
    on; days without records too. All of them in one transaction; running it again writes nothing. Answers the days.

    Costs what was recorded since the last checkpoint. Raises DatabaseError when an unfinished act is in the way.
    """
    yesterday = local_day(now) - ONE_DAY
    with transaction(url) as session:
        if not _first_owed(session, yesterday):
            return []
        _wait_for_writers(session)
        first = _first_owed(session, yesterday)
        return _bind(session, first, yesterday, now) if first else []


def _first_owed(session: Session, yesterday: date) -> date | None:
    newest = _newest(session)
    if newest:
        first = newest.day + ONE_DAY
    else:
        at = session.execute(select(col(AuditRecord.at)).order_by(col(AuditRecord.id)).limit(1)).scalar()
        if at is None:
            return None
        first = local_day(at)
    return first if first <= yesterday else None


def _newest(session: Session) -> AuditCheckpoint | None:
    found: AuditCheckpoint | None = session.execute(
        select(AuditCheckpoint).order_by(col(AuditCheckpoint.day).desc()).limit(1)
    ).scalar()
    return found


def _wait_for_writers(session: Session) -> None:
    """A record takes its number before it is committed: until every writer is done, a lower number than one that is
    seen may still come. On SQLite this transaction is the only writer anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return
    session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
    try:
        session.execute(text("LOCK TABLE audit_record IN SHARE ROW EXCLUSIVE MODE"))
    except OperationalError:
        raise DatabaseError("有未结束的办理事项，审计检查点暂未生成：下次巡查会补上") from None


def _bind(session: Session, first: date, last: date, now: datetime) -> list[date]:
    newest = _newest(session)
    last_id, previous = (newest.last_id, newest.hash) if newest else (0, "")
    rows = _records_after(session, last_id)
    counted, place = bound_on([local_day(row.at) for row in rows]), 0
    days = list(days_between(first, last))
    for day in days:
        begin = place
        while place < len(rows) and counted[place] <= day:
            place += 1
        made = checkpoint_of(day, [row.hash for row in rows[begin:place]], previous)
        last_id, previous = rows[place - 1].id if place else last_id, made.hash
        session.add(AuditCheckpoint(**asdict(made), last_id=last_id))
    keep_signed(session, last, now)
    return days


def _records_after(session: Session, last_id: int) -> Sequence[Row[Any]]:
    columns = col(AuditRecord.id), col(AuditRecord.at), col(AuditRecord.hash)
    return session.execute(select(*columns).where(columns[0] > last_id).order_by(columns[0])).all()
