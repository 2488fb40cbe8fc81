"""The outbox in the database: what is due is claimed for a lease, and what nobody finished is found again.

A claim raises `lease_token`. Whoever settles shows the token it claimed with: a worker that lost its lease changes
nothing (`notifications.ledger`). `next_at` of a claimed row is the end of its lease, so one index finds both what is
due and what was abandoned. Every function is one short transaction; never a call to a server in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, case, false, func, or_, select, true, update
from sqlmodel import Session, SQLModel

from models.bulk import changed
from models.database import transaction
from models.outbox import Notification, NotificationAttempt
from models.people import Applicant
from notifications.manual_delivery import Notice, owe_by_hand
from notifications.outcome import OutcomeKind
from notifications.retry_policy import ABANDONED, Pace, Step, next_step
from notifications.sending_windows import near, opening
from policies.messages import load_message_policy
from rules.localtime import local_day
from rules.vocabulary import Audience, Channel, MessageStatus

TABLES = SQLModel.metadata.tables
N = TABLES[str(Notification.__tablename__)]
A = TABLES[str(NotificationAttempt.__tablename__)]
P = TABLES[str(Applicant.__tablename__)]
WAITING = (MessageStatus.PENDING, MessageStatus.RETRY)
EXPIRED = "超过时限仍未能以电子方式送出"
SAME = (
    *("id", "event", "audience", "applicant_pk", "params", "created_at", "dedupe_key", "message_ref", "attempts"),
    *("is_mandatory", "generation", "provider_ref", "last_detail", "template_version"),
    *("round_id", "subject", "subject_id", "recipient"),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this worker may send until `lease_until`; `contact_sealed` is the applicant's, still sealed.

    `unknowns` counts the tries whose end nobody saw, `lost` those of them whose reply was lost; `has_consent`: the
    applicant signed the 电子送达确认书.
    """

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
    lost: int
    lease_until: datetime
    has_consent: bool
    is_mandatory: bool
    generation: int
    provider_ref: str
    last_detail: str
    template_version: str
    round_id: int
    subject: str
    subject_id: int
    recipient: str = ""


def count_due(url: str, channel: Channel, now: datetime) -> int:
    """How many messages of a channel have something to do now, abandoned ones included."""
    with transaction(url) as session:
        return int(session.execute(select(func.count()).where(N.c.channel == channel, N.c.next_at <= now)).scalar_one())


def count_owed(url: str) -> int:
    """How many messages still wait for a try, now or later."""
    with transaction(url) as session:
        return int(session.execute(select(func.count()).where(N.c.next_at.is_not(None))).scalar_one())


def expire(url: str, channel: Channel, now: datetime) -> int:
    """Gives up what is past its time: EXPIRED, and a task for a person where the notice must arrive. One whose end is
    unknown is not called expired: it waits for a person. Returns how many."""
    with transaction(url) as session:
        past = N.c.channel == channel, N.c.next_at.is_not(None), N.c.expires_at <= now
        open_ones = N.c.status.in_((*WAITING, MessageStatus.UNKNOWN))
        rows = locked(session, select(N).where(*past, open_ones))
        by_status: dict[bool, list[int]] = {True: [], False: []}
        for row in rows:
            by_status[row["status"] == MessageStatus.UNKNOWN].append(row["id"])
        for numbers, values in (
            (by_status[True], {"next_at": None}),
            (by_status[False], {"next_at": None, "status": MessageStatus.EXPIRED, "closed_at": now}),
        ):
            if numbers:
                changed(session, update(N).where(N.c.id.in_(numbers)).values(**values))
        owe_by_hand(session, [Notice.of_row(row, EXPIRED) for row in rows if row["is_mandatory"]], now)
        return len(rows)


def end_leases(url: str, channel: Channel, now: datetime, pace: Pace) -> list[tuple[int, Step]]:
    """Ends the leases that ran out. A row whose call had started becomes UNKNOWN (to be reconciled at once); one whose
    call had not is simply due again. Returns the unknown ones and what they became."""
    with transaction(url) as session:
        late = N.c.channel == channel, N.c.next_at <= now, N.c.status == MessageStatus.SENDING
        rows = locked(session, select(N).where(*late))
        if not rows:
            return []
        started = _open_attempts(session, [row["id"] for row in rows])
        unknowns = unknowns_of(session, [row["id"] for row in rows])
        ended = []
        for row in rows:
            before, _ = unknowns.get(row["id"], (0, 0))
            if started.get(row["id"]) == row["lease_token"]:
                ended.append((row["id"], _abandoned(session, row, before, now, pace)))
            else:
                put_back(session, row["id"], untried(row["attempts"], before), now)
        return ended


def claim(
    url: str, channel: Channel, worker: str, now: datetime, pace: Pace, limit: int, *, with_unknown: bool = True
) -> list[Claim]:
    """Claims up to `limit` due messages for a lease, the most urgent first; rows that another worker is claiming are
    passed over."""
    statuses = (*WAITING, MessageStatus.UNKNOWN) if with_unknown else WAITING
    due = (
        select(N, P.c.contact_sealed, P.c.consent_on)
        .outerjoin(P, P.c.id == N.c.applicant_pk)
        .where(N.c.channel == channel, N.c.next_at <= now, N.c.status.in_(statuses))
        .where(or_(N.c.expires_at.is_(None), N.c.expires_at > now), _may_disturb(channel, now))
        .order_by(*urgency(now))
        .limit(limit)
    )
    until = now + pace.lease
    with transaction(url) as session:
        rows = locked(session, due)
        if not rows:
            return []
        numbers = [row["id"] for row in rows]
        unknowns = unknowns_of(session, numbers)
        taken = {"status": MessageStatus.SENDING, "lease_owner": worker, "lease_until": until, "next_at": until}
        changed(session, update(N).where(N.c.id.in_(numbers)).values(**taken, lease_token=N.c.lease_token + 1))
        return [_claimed(row, *unknowns.get(row["id"], (0, 0)), until) for row in rows]


def _may_disturb(channel: Channel, now: datetime) -> ColumnElement[bool]:
    """The quiet hours, as `sending_windows.opening` has them: in the night only what is not for an applicant (to a
    group nothing), or, where the channel allows it, what would come after its own due day in the morning."""
    opens = opening(now, channel, Audience.APPLICANT, None)
    if opens <= now:
        return true()
    internal = false() if channel is Channel.STAFF else N.c.audience != Audience.APPLICANT
    if not load_message_policy().windows[channel].urgent_goes_at_once:
        return internal
    return or_(internal, and_(N.c.due_on >= local_day(now), N.c.due_on < local_day(opens)))


def urgency(now: datetime) -> tuple[ColumnElement[Any], ...]:
    """The order in which a backlog drains: near due days, then priority, then the nearer due day, then age."""
    return (
        case((N.c.due_on <= near(now), 0), else_=N.c.priority),
        N.c.due_on.is_(None),
        N.c.due_on,
        N.c.next_at,
        N.c.id,
    )


def locked(session: Session, query: Any) -> Sequence[RowMapping]:
    """The rows, locked on PostgreSQL and those locked by others left out; SQLite's transactions are one at a time."""
    return session.execute(query.with_for_update(of=N, skip_locked=True)).mappings().all()


def put_back(session: Session, number: int, status: MessageStatus, at: datetime) -> None:
    """A message that was claimed and not tried, due again."""
    values = {"status": status, "next_at": at, "lease_owner": "", "lease_until": None}
    changed(session, update(N).where(N.c.id == number).values(**values))


def unknowns_of(session: Session, numbers: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How many tries of each message ended unknown, and how many of these because a reply was lost."""
    is_lost = case((A.c.detail.startswith(ABANDONED.code), 0), else_=1)
    query = select(A.c.notification_id, func.count(), func.sum(is_lost)).group_by(A.c.notification_id)
    ended = A.c.notification_id.in_(numbers), A.c.outcome == OutcomeKind.UNKNOWN
    return {number: (count, lost) for number, count, lost in session.execute(query.where(*ended)).tuples()}


def untried(attempts: int, unknowns: int) -> MessageStatus:
    """What a message is that was claimed and not tried."""
    if unknowns:
        return MessageStatus.UNKNOWN
    return MessageStatus.RETRY if attempts else MessageStatus.PENDING


def _abandoned(session: Session, row: RowMapping, unknowns: int, now: datetime, pace: Pace) -> Step:
    """A call that was started and never settled: UNKNOWN, due at once (its lease was wait enough), or for a person."""
    number, token = row["id"], row["lease_token"]
    step = next_step(ABANDONED, key=number, attempts=row["attempts"], unknowns=unknowns, now=now, pace=pace)
    step = replace(step, next_at=step.next_at and now)
    said = f"{ABANDONED.code} {ABANDONED.detail}"
    values = {"status": step.status, "next_at": step.next_at, "attempts": step.attempts, "last_detail": said}
    changed(session, update(N).where(N.c.id == number).values(**values, lease_owner="", lease_until=None))
    mine = A.c.notification_id == number, A.c.lease_token == token, A.c.ended_at.is_(None)
    changed(session, update(A).where(*mine).values(ended_at=now, outcome=OutcomeKind.UNKNOWN, detail=said))
    if step.next_at is None and row["is_mandatory"]:
        owe_by_hand(session, [Notice.of_row(row, ABANDONED.detail)], now)
    return step


def _open_attempts(session: Session, numbers: Sequence[int]) -> dict[int, int]:
    """For each message with a call that was started and never settled: the token of that call."""
    query = select(A.c.notification_id, func.max(A.c.lease_token)).group_by(A.c.notification_id)
    rows = session.execute(query.where(A.c.notification_id.in_(numbers), A.c.ended_at.is_(None))).tuples()
    return dict(rows.all())


def as_they_stand(session: Session, *which: ColumnElement[bool]) -> list[tuple[RowMapping, Claim]]:
    """Messages to be read, in their order, each as a claim of it would have it; nothing is claimed. The rows carry the
    applicant's masked contacts."""
    masked = P.c.email_masked, P.c.phone_masked, P.c.applicant_id, P.c.name.label("applicant_name")
    query = select(N, P.c.contact_sealed, P.c.consent_on, *masked).outerjoin(P, P.c.id == N.c.applicant_pk)
    rows = session.execute(query.where(*which).order_by(N.c.id)).mappings()
    return [(row, _claimed(row, 0, 0, row["created_at"])) for row in rows]


def _claimed(row: RowMapping, unknowns: int, lost: int, until: datetime) -> Claim:
    return Claim(
        **{name: row[name] for name in SAME},
        token=row["lease_token"] + 1,
        contact_sealed=row["contact_sealed"] or "",
        has_consent=row["consent_on"] is not None,
        unknowns=unknowns,
        lost=lost,
        lease_until=until,
    )
