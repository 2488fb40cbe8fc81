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
    last one the message is given up. After `ambiguous` lost replies, or `abandoned` tries whose worker died (most of
    those never left), with `reconcile_waits` between them, a person decides. At most `ahead` tries are put on record in
    one transaction before the first of them is made, and no more than take `in_doubt` at the speed of the last ones:
    what a killed process leaves in doubt is short, whatever the server's speed, and a fast server is not held up.
    """

    batch: int = 96
    ahead: int = 32
    in_doubt: timedelta = timedelta(milliseconds=20)
    lease: timedelta = timedelta(minutes=10)
    backoff: tuple[timedelta, ...] = (
        *(timedelta(minutes=minutes) for minutes in (5, 15, 30)),
        *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 16, 24, 24)),
    )
    spread_percent: int = 20
    ambiguous: int = 2
    abandoned: int = 6
    reconcile_waits: tuple[timedelta, ...] = (timedelta(minutes=5),)
    mend_after: timedelta = timedelta(minutes=10)


PACE = Pace()
CLOSING = {
    OutcomeKind.ACCEPTED: MessageStatus.ACCEPTED,
    OutcomeKind.REJECTED: MessageStatus.REJECTED,
    OutcomeKind.SUPPRESSED: MessageStatus.SUPPRESSED,
}
ABANDONED = Outcome(OutcomeKind.UNKNOWN, "abandoned", "发送进程在得到答复之前中断")
NOT_THIS_TIME = (OutcomeKind.CONFIGURATION, OutcomeKind.LIMITED)


@dataclass(frozen=True, slots=True)
class Step:
    """What a message becomes: its status, when it is tried again (None: never by itself), and whether it is closed.

    UNKNOWN without a next try is open for ever until a person finds out. `waits_for_channel`: it is tried as soon as
    its channel works again.
    """

    status: MessageStatus
    next_at: datetime | None = None
    is_closed: bool = False
    attempts: int = 0
    waits_for_channel: bool = False


def next_step(
    outcome: Outcome,
    *,
    key: int,
    attempts: int,
    unknowns: int,
    now: datetime,
    pace: Pace = PACE,
    lost: int | None = None,
) -> Step:
    """The step after a try. `attempts` and `unknowns` count earlier tries that counted and that ended unknown, `lost`
    those of the latter whose reply was lost (None: all); `key` (the notification's id) spreads the waits so that a
    batch does not come back all at once.

    A fault of the channel, of a setting or of a limit costs the message no try. A message with an unknown end stays
    unknown until its end is known.
    """
    kind = outcome.kind
    if kind in CLOSING:
        return Step(CLOSING[kind], None, True, attempts + (kind is not OutcomeKind.SUPPRESSED))
    if kind is OutcomeKind.UNKNOWN:
        again = now + _reconcile(unknowns, pace) if _may_ask_again(outcome, unknowns, lost, pace) else None
        return Step(MessageStatus.UNKNOWN, again, False, attempts + 1)
    waiting = MessageStatus.UNKNOWN if unknowns else MessageStatus.RETRY
    if kind in NOT_THIS_TIME or outcome.stops_channel:
        wait = pace.mend_after if outcome.wait is None else outcome.wait
        return Step(waiting, now + wait, False, attempts, outcome.stops_channel)
    if attempts >= len(pace.backoff):
        return Step(waiting if unknowns else MessageStatus.FAILED, None, not unknowns, attempts + 1)
    wait = max(_spread(pace.backoff[attempts], key + attempts, pace), outcome.wait or timedelta())
    return Step(waiting, now + wait, False, attempts + 1)


def _may_ask_again(outcome: Outcome, unknowns: int, lost: int | None, pace: Pace) -> bool:
    if outcome == ABANDONED:
        return unknowns + 1 < pace.abandoned
    return (unknowns if lost is None else lost) + 1 < pace.ambiguous


def _reconcile(unknowns: int, pace: Pace) -> timedelta:
    return pace.reconcile_waits[min(unknowns, len(pace.reconcile_waits) - 1)]


def _spread(wait: timedelta, key: int, pace: Pace) -> timedelta:
    """The wait, lengthened or shortened by up to `spread_percent`, the same for the same key."""
    width = 2 * pace.spread_percent + 1
    return wait * (100 - pace.spread_percent + key * 2654435761 % width) / 100
