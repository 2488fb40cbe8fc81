"""The record of tries: put down before the call, settled after it, with one's own token only.

Several at a time in one transaction, by bulk statements: what costs is the commit, not the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from models.bulk import insert_rows, update_rows
from models.database import transaction
from models.outbox import Notification, NotificationAttempt
from notifications.manual_delivery import WITHOUT_CONSENT, Notice, owe_by_hand
from notifications.outbox import A, Claim, N, locked, put_back, untried
from notifications.outcome import Outcome, OutcomeKind, Prepared
from notifications.retry_policy import Pace, Step, next_step
from notifications.sending_windows import ONE_DAY, next_by_number
from rules.vocabulary import Audience, MessageStatus

Row = dict[str, Any]
DETAIL_CHARACTERS = 300
NO_CONTACT = "no_contact"
SUPPRESSED_CONTACT = "suppression_list"
NOT_CALLED = Outcome(OutcomeKind.RETRY, "not_called", "通道中途停止，未外呼", stops_channel=True, wait=timedelta())
CONTACT_FAULTS = (NO_CONTACT, SUPPRESSED_CONTACT)
COUNTED = ("", OutcomeKind.ACCEPTED, OutcomeKind.UNKNOWN)


class Go(Enum):
    """Whether a call may be made. LOST: the lease is somebody else's. LATER: the number has had enough for now."""

    YES = auto()
    LOST = auto()
    LATER = auto()


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed message with its letter; `bidx` is the blind index of its number or address, `is_rationed` whether
    the number's spacing and daily limit apply."""

    held: Claim
    letter: Prepared
    bidx: str
    is_rationed: bool = False


def start(url: str, ready: Sequence[Ready], worker: str, now: datetime, pace: Pace) -> list[Go]:
    """Records that the calls are about to be made. No call for a message whose lease is lost or more than half gone."""
    return turn_over(url, [], ready, worker, now, pace)[1]


def turn_over(
    url: str,
    ended: Sequence[tuple[Claim, Outcome]],
    ready: Sequence[Ready],
    worker: str,
    now: datetime,
    pace: Pace,
    named: Sequence[Ready] | None = None,
) -> tuple[list[Step | None], list[Go]]:
    """`settle` and `start` in one transaction: what was called is written down, what comes next is put on record.

    `named` are those whose id and index are written down now (None: those that are started): many at once cost no more.
    """
    with transaction(url) as session:
        mine = _mine(session, [*(held for held, _ in ended), *(one.held for one in ready)])
        names = [_named(one) for one in (ready if named is None else named)]
        update_rows(session.connection(), Notification, names, ("id", "lease_token"))
        return _settle(session, ended, mine, now, pace), _start(session, ready, mine, worker, now, pace)


def _start(
    session: Session, ready: Sequence[Ready], mine: set[int], worker: str, now: datetime, pace: Pace
) -> list[Go]:
    verdicts = [_verdict(session, one, one.held.id in mine, now, pace) for one in ready]
    going = [one for one, verdict in zip(ready, verdicts, strict=True) if verdict is Go.YES]
    insert_rows(session.connection(), NotificationAttempt, [_attempt(one, worker, now) for one in going])
    return verdicts


def settle(url: str, ended: Sequence[tuple[Claim, Outcome]], now: datetime, pace: Pace) -> list[Step | None]:
    """Writes what came of claimed messages, in one transaction. None stands for a lease that was lost: nothing was
    written for that one, its new holder settles it."""
    return turn_over(url, ended, [], "", now, pace)[0]


def _settle(
    session: Session, ended: Sequence[tuple[Claim, Outcome]], mine: set[int], now: datetime, pace: Pace
) -> list[Step | None]:
    steps = [_step(held, outcome, now, pace) if held.id in mine else None for held, outcome in ended]
    written = [(held, outcome, step) for (held, outcome), step in zip(ended, steps, strict=True) if step]
    connection = session.connection()
    update_rows(connection, Notification, [_settled(*one, now) for one in written], ("id",))
    ends = [_ended(held, outcome, now) for held, outcome, _ in written]
    update_rows(connection, NotificationAttempt, ends, ("notification_id", "lease_token"))
    owe_by_hand(session, [notice for one in written if (notice := _for_a_person(*one))], now)
    return steps


def release(url: str, claims: Sequence[Claim], now: datetime) -> None:
    """Gives back messages that were claimed and not tried: they are due again at once, in their order."""
    with transaction(url) as session:
        mine = _mine(session, claims)
        for held in claims:
            if held.id in mine:
                put_back(session, held.id, untried(held.attempts, held.unknowns), now)


def _mine(session: Session, claims: Sequence[Claim]) -> set[int]:
    """Those that this worker still holds, locked until the transaction ends."""
    tokens = {held.id: held.token for held in claims}
    held_rows = select(N.c.id, N.c.lease_token).where(N.c.id.in_(list(tokens)), N.c.status == MessageStatus.SENDING)
    return {row["id"] for row in locked(session, held_rows) if tokens[row["id"]] == row["lease_token"]}


def _verdict(session: Session, one: Ready, is_mine: bool, now: datetime, pace: Pace) -> Go:
    if not is_mine or one.held.lease_until - now < pace.lease / 2:
        return Go.LOST
    if one.is_rationed and not one.held.unknowns and (later := _allowed_at(session, one.bidx, now)):
        put_back(session, one.held.id, untried(one.held.attempts, one.held.unknowns), later)
        return Go.LATER
    return Go.YES


def _allowed_at(session: Session, bidx: str, now: datetime) -> datetime | None:
    """When the number may be used again; None: now. One transaction at a time asks for one number."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(bidx))))
    query = (
        select(A.c.started_at)
        .join(N, N.c.id == A.c.notification_id)
        .where(N.c.to_bidx == bidx, A.c.started_at > now - 2 * ONE_DAY, A.c.outcome.in_(COUNTED))
        .where(A.c.is_reconcile.is_(False))
        .order_by(A.c.started_at)
    )
    return next_by_number(list(session.execute(query).scalars()), now)


def _named(one: Ready) -> Row:
    own = {"id": one.held.id, "lease_token": one.held.token}
    return {**own, "message_ref": one.letter.message_id, "to_bidx": one.bidx}


def _attempt(one: Ready, worker: str, now: datetime) -> Row:
    return {
        "notification_id": one.held.id,
        "lease_token": one.held.token,
        "owner": worker,
        "started_at": now,
        "outcome": "",
        "detail": "",
        "is_reconcile": one.held.unknowns > 0,
        "to_masked": one.letter.to_masked,
        "content_sha256": one.letter.digest,
        "enclosed": one.letter.enclosed,
    }


def _step(held: Claim, outcome: Outcome, now: datetime, pace: Pace) -> Step:
    before = {"attempts": held.attempts, "unknowns": held.unknowns, "lost": held.lost}
    return next_step(outcome, key=held.id, now=now, pace=pace, **before)


def said(outcome: Outcome) -> str:
    """Code and words of an outcome, as they are kept."""
    code = "" if outcome.code in CONTACT_FAULTS else outcome.code
    return f"{code} {outcome.detail}".strip()[:DETAIL_CHARACTERS]


def _settled(held: Claim, outcome: Outcome, step: Step, now: datetime) -> Row:
    return {
        "id": held.id,
        "status": step.status.value,
        "next_at": step.next_at,
        "closed_at": now if step.is_closed else None,
        "attempts": step.attempts,
        "lease_owner": "",
        "lease_until": None,
        "last_detail": said(outcome),
        "provider_ref": outcome.reference or held.provider_ref,
        "waits_for_channel": step.waits_for_channel,
    }


def _ended(held: Claim, outcome: Outcome, now: datetime) -> Row:
    own = {"notification_id": held.id, "lease_token": held.token}
    return {**own, "ended_at": now, "outcome": outcome.kind.value, "detail": said(outcome)}


def _for_a_person(held: Claim, outcome: Outcome, step: Step) -> Notice | None:
    """The task that a mandatory notice leaves behind when it cannot arrive, or may not count, electronically."""
    if not held.is_mandatory or held.audience != Audience.APPLICANT:
        return None
    is_lost = step.status in (MessageStatus.REJECTED, MessageStatus.FAILED)
    if is_lost or (step.status is MessageStatus.UNKNOWN and step.next_at is None) or outcome.code in CONTACT_FAULTS:
        return Notice(held.id, held.dedupe_key, held.event, f"{step.status.label}：{said(outcome)}")
    if step.status is MessageStatus.ACCEPTED and not held.has_consent:
        return Notice(held.id, held.dedupe_key, held.event, WITHOUT_CONSENT)
    return None
