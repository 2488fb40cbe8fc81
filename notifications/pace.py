"""When a message is tried again and when it is given up: one pure function over what came of a try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.outcome import Outcome, OutcomeKind
from rules.vocabulary import MessageStatus


@dataclass(frozen=True, slots=True)
class Pace:
    """The numbers of delivery. None of them is law.

    `lease` outlives the longest call (every step of a conversation at its time limit); `backoff` are the waits after
    the first, second, … try that surely was not taken (greylisting servers let the second or third through); after the
    last one the message is given up. `ambiguous` tries may end unknown: the second copy carries the same Message-ID.
    """

    batch: int = 20
    lease: timedelta = timedelta(minutes=10)
    backoff: tuple[timedelta, ...] = (
        *(timedelta(minutes=minutes) for minutes in (5, 15, 30)),
        *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 16, 24, 24)),
    )
    spread_percent: int = 20
    ambiguous: int = 2
    reconcile_after: timedelta = timedelta(minutes=5)
    mend_after: timedelta = timedelta(minutes=10)


PACE = Pace()
CLOSING = {
    OutcomeKind.ACCEPTED: MessageStatus.ACCEPTED,
    OutcomeKind.REJECTED: MessageStatus.REJECTED,
    OutcomeKind.SUPPRESSED: MessageStatus.SUPPRESSED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What a message becomes: its status, when it is tried again (None: never by itself), and whether it is closed.

    UNKNOWN without a next try is open for ever until a person finds out.
    """

    status: MessageStatus
    next_at: datetime | None = None
    is_closed: bool = False
    attempts: int = 0


def next_step(outcome: Outcome, *, key: int, attempts: int, unknowns: int, now: datetime, pace: Pace = PACE) -> Step:
    """The step after a try. `attempts` and `unknowns` count earlier tries that counted and that ended unknown; `key`
    (the notification's id) spreads the waits so that a batch does not come back all at once."""
    if outcome.kind in CLOSING:
        return Step(CLOSING[outcome.kind], None, True, attempts + (outcome.kind is not OutcomeKind.SUPPRESSED))
    if outcome.kind is OutcomeKind.CONFIGURATION:
        return Step(MessageStatus.RETRY, now + pace.mend_after, False, attempts)
    if outcome.kind is OutcomeKind.UNKNOWN:
        again = now + pace.reconcile_after if unknowns + 1 < pace.ambiguous else None
        return Step(MessageStatus.UNKNOWN, again, False, attempts + 1)
    if attempts >= len(pace.backoff):
        return Step(MessageStatus.FAILED, None, True, attempts + 1)
    return Step(MessageStatus.RETRY, now + _spread(pace.backoff[attempts], key + attempts, pace), False, attempts + 1)


def _spread(wait: timedelta, key: int, pace: Pace) -> timedelta:
    """The wait, lengthened or shortened by up to `spread_percent`, the same for the same key."""
    width = 2 * pace.spread_percent + 1
    return wait * (100 - pace.spread_percent + key * 2654435761 % width) / 100
