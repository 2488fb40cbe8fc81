"""The outbox in the database: claiming, starting and settling, each one short transaction; never a call in between.

A claim raises `lease_token`. Whoever settles shows the token it claimed with: a worker that lost its lease changes
nothing. `next_at` of a claimed row is the end of its lease, so one index finds both what is due and what was abandoned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, RowMapping, Update, func, insert, select, update
from sqlmodel import Session, SQLModel

from models.database import transaction
from models.outbox import Notification, NotificationAttempt
from models.people import Applicant
from notifications.outcome import Outcome, OutcomeKind
from notifications.pace import Pace, Step, next_step
from rules.vocabulary import Channel, MessageStatus

TABLES = SQLModel.metadata.tables
N = TABLES[str(Notification.__tablename__)]
A = TABLES[str(NotificationAttempt.__tablename__)]
P = TABLES[str(Applicant.__tablename__)]
WAITING = (MessageStatus.PENDING, MessageStatus.RETRY)
DETAIL_CHARACTERS = 300
ABANDONED = Outcome(OutcomeKind.UNKNOWN, "abandoned", "发送进程在得到答复之前中断")


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this worker may send until `lease_until`; `contact_sealed` is the applicant's, still sealed."""

    id: int
    token: int
    event: str
    audience: str
    applicant_pk: int | None
    contact_sealed: str
    params: dict[str, Any]
    created_at: datetime
    dedupe_key: str
    message_ref: str
    attempts: int
    unknowns: int
    lease_until: datetime


def count_due(url: str, channel: Channel, now: datetime) -> int:
    """How many messages of a channel have something to do now, abandoned ones included."""
    with transaction(url) as session:
        return int(session.execute(select(func.count()).where(N.c.channel == channel, N.c.next_at <= now)).scalar_one())


def count_owed(url: str) -> int:
    """How many messages still wait for a try, now or later."""
    with transaction(url) as session:
        return int(session.execute(select(func.count()).where(N.c.next_at.is_not(None))).scalar_one())


def end_leases(url: str, channel: Channel, now: datetime, pace: Pace) -> list[tuple[int, Step]]:
    """Ends the leases that ran out. A row whose call had started becomes UNKNOWN (to be sent once more at once, with
    the same Message-ID); one whose call had not is simply due again. Returns the unknown ones and what they became."""
    with transaction(url) as session:
        late = N.c.channel == channel, N.c.next_at <= now, N.c.status == MessageStatus.SENDING
        rows = _locked(session, select(N.c.id, N.c.attempts, N.c.lease_token).where(*late))
        started = _open_attempts(session, [row["id"] for row in rows])
        for row in rows:
            if started.get(row["id"]) != row["lease_token"]:
                step = Step(_untried(row["attempts"]), now, False, row["attempts"])
                _write(session, row["id"], row["lease_token"], step, now)
        return [
            (row["id"], _abandoned(session, row, now, pace))
            for row in rows
            if started.get(row["id"]) == row["lease_token"]
        ]


def claim(
    url: str, channel: Channel, worker: str, now: datetime, pace: Pace, limit: int, *, with_unknown: bool = True
) -> list[Claim]:
    """Claims up to `limit` due messages for a lease; rows that another worker is claiming are passed over."""
    statuses = (*WAITING, MessageStatus.UNKNOWN) if with_unknown else WAITING
    due = (
        select(N, P.c.contact_sealed)
        .outerjoin(P, P.c.id == N.c.applicant_pk)
        .where(N.c.channel == channel, N.c.next_at <= now, N.c.status.in_(statuses))
        .order_by(N.c.next_at, N.c.id)
        .limit(limit)
    )
    until = now + pace.lease
    with transaction(url) as session:
        rows = _locked(session, due)
        if not rows:
            return []
        unknowns = _unknowns(session, [row["id"] for row in rows])
        taken = {"status": MessageStatus.SENDING, "lease_owner": worker, "lease_until": until, "next_at": until}
        session.execute(
            update(N).where(N.c.id.in_([row["id"] for row in rows])).values(**taken, lease_token=N.c.lease_token + 1)
        )
        return [_claimed(row, unknowns.get(row["id"], 0), until) for row in rows]


def start(url: str, held: Claim, worker: str, message_ref: str, now: datetime, pace: Pace) -> bool:
    """Records that the call is about to be made. False (and nothing written) when the lease is lost or more than half
    of it is gone: then the message is somebody else's."""
    with transaction(url) as session:
        if held.lease_until - now < pace.lease / 2:
            return False
        if not _changed(session, _mine(held.id, held.token).values(message_ref=message_ref)):
            return False
        tried = {"notification_id": held.id, "lease_token": held.token, "owner": worker, "started_at": now}
        session.execute(insert(A).values(**tried, outcome="", detail=""))
        return True


def settle(url: str, ended: Sequence[tuple[Claim, Outcome]], now: datetime, pace: Pace) -> list[Step | None]:
    """Writes what came of claimed messages, in one transaction. None stands for a lease that was lost: nothing was
    written for that one, its new holder settles it."""
    with transaction(url) as session:
        return [_settle_one(session, held, outcome, now, pace) for held, outcome in ended]


def release(url: str, claims: Sequence[Claim], now: datetime, pace: Pace) -> None:
    """Gives back messages that were claimed and not tried; they are due again when the channel may be mended."""
    with transaction(url) as session:
        for held in claims:
            status = MessageStatus.UNKNOWN if held.unknowns else _untried(held.attempts)
            _write(session, held.id, held.token, Step(status, now + pace.mend_after, False, held.attempts), now)


def _settle_one(session: Session, held: Claim, outcome: Outcome, now: datetime, pace: Pace) -> Step | None:
    step = next_step(outcome, key=held.id, attempts=held.attempts, unknowns=held.unknowns, now=now, pace=pace)
    said = f"{outcome.code} {outcome.detail}".strip()[:DETAIL_CHARACTERS]
    if not _write(session, held.id, held.token, step, now, said):
        return None
    _end_attempt(session, held.id, held.token, outcome, now)
    return step


def _abandoned(session: Session, row: RowMapping, now: datetime, pace: Pace) -> Step:
    """A call that was started and never settled: UNKNOWN, due at once (its lease was wait enough), or for a person."""
    number, token = row["id"], row["lease_token"]
    unknowns = _unknowns(session, [number]).get(number, 0)
    step = next_step(ABANDONED, key=number, attempts=row["attempts"], unknowns=unknowns, now=now, pace=pace)
    step = replace(step, next_at=step.next_at and now)
    _write(session, number, token, step, now, ABANDONED.detail)
    _end_attempt(session, number, token, ABANDONED, now)
    return step


def _write(session: Session, number: int, token: int, step: Step, now: datetime, said: str | None = None) -> bool:
    """The row as the step says, if the token still holds it."""
    values = {
        "status": step.status,
        "next_at": step.next_at,
        "closed_at": now if step.is_closed else None,
        "attempts": step.attempts,
        "lease_owner": "",
        "lease_until": None,
    }
    said_too = {} if said is None else {"last_detail": said}
    return _changed(session, _mine(number, token).values(**values, **said_too))


def _mine(number: int, token: int) -> Update:
    return update(N).where(N.c.id == number, N.c.lease_token == token, N.c.status == MessageStatus.SENDING)


def _changed(session: Session, statement: Update) -> bool:
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def _end_attempt(session: Session, number: int, token: int, outcome: Outcome, now: datetime) -> None:
    said = f"{outcome.code} {outcome.detail}".strip()[:DETAIL_CHARACTERS]
    mine = A.c.notification_id == number, A.c.lease_token == token, A.c.ended_at.is_(None)
    session.execute(update(A).where(*mine).values(ended_at=now, outcome=outcome.kind, detail=said))


def _locked(session: Session, query: Any) -> Sequence[RowMapping]:
    """The rows, locked on PostgreSQL and those locked by others left out; SQLite's transactions are one at a time."""
    return session.execute(query.with_for_update(of=N, skip_locked=True)).mappings().all()


def _open_attempts(session: Session, numbers: Sequence[int]) -> dict[int, int]:
    """For each message with a call that was started and never settled: the token of that call."""
    query = select(A.c.notification_id, func.max(A.c.lease_token)).group_by(A.c.notification_id)
    rows = session.execute(query.where(A.c.notification_id.in_(numbers), A.c.ended_at.is_(None))).tuples()
    return dict(rows.all())


def _unknowns(session: Session, numbers: Sequence[int]) -> dict[int, int]:
    """How many tries of each message ended unknown."""
    query = select(A.c.notification_id, func.count()).group_by(A.c.notification_id)
    ended = A.c.notification_id.in_(numbers), A.c.outcome == OutcomeKind.UNKNOWN
    return dict(session.execute(query.where(*ended)).tuples().all())


def _untried(attempts: int) -> MessageStatus:
    return MessageStatus.RETRY if attempts else MessageStatus.PENDING


def _claimed(row: RowMapping, unknowns: int, until: datetime) -> Claim:
    same = ("id", "event", "audience", "applicant_pk", "params", "created_at", "dedupe_key", "message_ref", "attempts")
    return Claim(
        **{name: row[name] for name in same},
        token=row["lease_token"] + 1,
        contact_sealed=row["contact_sealed"] or "",
        unknowns=unknowns,
        lease_until=until,
    )
