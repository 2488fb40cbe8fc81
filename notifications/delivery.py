"""One delivery run: claims what is due, hands it over, settles it; a run that dies is finished by the next one.

For each message: claim with a lease and a token, record the attempt, call outside any transaction, settle with the own
token only. A call whose end nobody saw becomes UNKNOWN and is reconciled in the way of its channel (e-mail: once more
with the same Message-ID, so that the receiver's server can see that it is the same; short messages: asked for by our
own id), never blindly repeated; then a person decides. Addresses are opened from their sealed form for the call and
never written down.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from foundation.secrets import Keyring
from notifications import ledger, outbox, pauses
from notifications.catalogue import spec_of
from notifications.channels import ChannelSpec, Enclose, MailChannel, nothing_enclosed
from notifications.digest import fold
from notifications.ledger import SUPPRESSED_CONTACT, Go, Ready
from notifications.mailsettings import MailSettings, Mode
from notifications.outbox import Claim
from notifications.outcome import Outcome, OutcomeKind, Sender
from notifications.retry_policy import ABANDONED, PACE, Pace, Step
from notifications.suppression import index_of, suppressed_among
from rules.errors import InputError
from rules.localtime import ZONE
from rules.vocabulary import Channel, MessageStatus

logger = logging.getLogger("dingdian.notifications")
LIMIT = 500
ON_THE_LIST = Outcome(OutcomeKind.SUPPRESSED, SUPPRESSED_CONTACT, "收件地址在停发名单，未外发")


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a run did, in messages. `suppressed`: held back by the mode or the list, or redirected. `rejected`: refused
    for good, or given up. `unknown`: nobody saw the end. `expired`: past its time. `digested`: folded into another.
    `waiting`: still owed after the run. `failures`: sentences for a person; `paused`: channels that rest, and why."""

    sent: int = 0
    suppressed: int = 0
    retried: int = 0
    rejected: int = 0
    unknown: int = 0
    waiting: int = 0
    failures: tuple[str, ...] = ()
    expired: int = 0
    digested: int = 0
    paused: tuple[str, ...] = ()


@dataclass
class _Run:
    """A run over one channel: what stays the same for all its messages, and what it has counted."""

    url: str
    keys: Keyring
    clock: Callable[[], datetime]
    worker: str
    pace: Pace
    spec: ChannelSpec
    is_rehearsal: bool
    counted: Counter[MessageStatus] = field(default_factory=Counter)
    failures: dict[str, None] = field(default_factory=dict)
    paused: str = ""
    expired: int = 0
    sender: Sender[Any] | None = None
    is_stopped: bool = False
    is_warm: bool = False
    has_faults: bool = False
    each: timedelta = timedelta.max  # how long a call took, among the last few

    @property
    def channel(self) -> Channel:
        """The channel that it serves."""
        return self.spec.channel


def deliver(
    url: str,
    mail: MailSettings,
    keys: Keyring,
    *,
    now: Callable[[], datetime] | datetime,
    limit: int = LIMIT,
    worker: str,
    pace: Pace = PACE,
    channels: Sequence[ChannelSpec] = (),
    enclose: Enclose = nothing_enclosed,
) -> DeliveryReport:
    """Delivers up to `limit` messages of each channel that are due, and says what came of them.

    `now` is a clock, or an instant that stands still (a replay); `channels` are those beside e-mail; `enclose` finds
    the documents of an e-mail. May run in several processes at once and again after any interruption. What servers
    refuse and settings that are missing are in the report; only a database error is raised.
    """
    clock = now if callable(now) else lambda: now
    is_rehearsal = mail.mode is Mode.DRY_RUN
    digested = fold(url, clock())
    specs: tuple[ChannelSpec, ...] = (MailChannel(mail, enclose), *channels)
    runs = [_Run(url, keys, clock, worker, spec.pace or pace, spec, is_rehearsal) for spec in specs]
    for run in runs:
        try:
            _run_channel(run, limit)
        finally:
            if run.sender is not None:
                run.sender.close()
    return _report(runs, outbox.count_owed(url), digested)


def _report(runs: list[_Run], waiting: int, digested: int) -> DeliveryReport:
    counted = sum((run.counted for run in runs), Counter[MessageStatus]())
    return DeliveryReport(
        sent=counted[MessageStatus.ACCEPTED],
        suppressed=counted[MessageStatus.SUPPRESSED],
        retried=counted[MessageStatus.RETRY],
        rejected=counted[MessageStatus.REJECTED] + counted[MessageStatus.FAILED],
        unknown=counted[MessageStatus.UNKNOWN],
        waiting=waiting,
        failures=tuple(failure for run in runs for failure in run.failures),
        expired=sum(run.expired for run in runs),
        digested=digested,
        paused=tuple(run.paused for run in runs if run.paused),
    )


def _run_channel(run: _Run, limit: int) -> None:
    run.expired = outbox.expire(run.url, run.channel, run.clock())
    if not outbox.count_due(run.url, run.channel, run.clock()) or not _is_usable(run):
        return
    for number, step in outbox.end_leases(run.url, run.channel, run.clock(), run.pace):
        _count(run, f"通知{number}", step, ABANDONED)
    left = limit
    while left > 0 and not run.is_stopped:
        held = _claim(run, min(left, limit if run.is_rehearsal else run.pace.batch))
        if not held:
            return
        left -= len(held)
        _work(run, held)


def _is_usable(run: _Run) -> bool:
    """Whether the channel may be tried now: not paused, and its settings are there."""
    if run.is_rehearsal:
        return True
    standing = pauses.standing(run.url, run.channel)
    if standing.paused_until and standing.is_paused(run.clock()):
        until = f"{standing.paused_until.astimezone(ZONE):%m-%d %H:%M}"
        run.paused = f"{run.channel.label}通道已暂停至{until}：{standing.reason}"
        return False
    run.has_faults = standing.faults > 0
    try:
        run.spec.check()
    except InputError as error:
        run.failures[str(error)] = None
        _note_fault(run, Outcome(OutcomeKind.CONFIGURATION, "", str(error)))
        return False
    return True


def _claim(run: _Run, limit: int) -> list[Claim]:
    """What cannot be known in a rehearsal stays as it is: a message that may have gone out is not called held back.
    While the channel is in trouble one message goes ahead."""
    most = 1 if run.has_faults else limit
    with_unknown = not run.is_rehearsal
    return outbox.claim(run.url, run.channel, run.worker, run.clock(), run.pace, most, with_unknown=with_unknown)


def _work(run: _Run, claims: list[Claim]) -> None:
    """Settles at once what never leaves the house, then hands the letters over."""
    prepared = [(held, run.spec.prepare(held, run.keys, run.clock())) for held in claims]
    ready = [
        Ready(held, made, index_of(run.keys, run.channel, made.to), run.channel is Channel.SMS)
        for held, made in prepared
        if not isinstance(made, Outcome)
    ]
    listed = suppressed_among(run.url, run.channel, {one.bidx for one in ready}, run.clock())
    kept_back = [(one.held, ON_THE_LIST) for one in ready if one.bidx in listed]
    _settle(run, [*((held, made) for held, made in prepared if isinstance(made, Outcome)), *kept_back])
    _hand_over(run, [one for one in ready if one.bidx not in listed])


def _hand_over(run: _Run, ready: list[Ready]) -> None:
    """A few at a time: one transaction settles the last few and puts the next few on record, then they are called."""
    ended: list[tuple[Claim, Outcome]] = []
    done = named = 0
    for few in _few(run, ready):
        if not _is_ready(run, few):
            break
        done += len(few)
        known = max(named, len(ready) if run.is_warm else done)  # all at once as soon as the channel works
        verdicts = _turn_over(run, ended, few, ready[named:known])
        ended, named = _call(run, few, verdicts), known
        if run.is_stopped:
            break
    _settle(run, ended)
    if run.is_stopped:
        ledger.release(run.url, [one.held for one in ready[done:]], run.clock())


def _is_ready(run: _Run, few: list[Ready]) -> bool:
    """Everything is loaded and made before a try goes on record: a process that dies meanwhile leaves no doubt."""
    sender = run.sender = run.sender or run.spec.open()
    try:
        for one in few:
            sender.get_ready(one.letter)
    except InputError as error:
        run.failures[str(error)] = None
        run.is_stopped = True
        _note_fault(run, Outcome(OutcomeKind.CONFIGURATION, "", str(error)))
    return not run.is_stopped


def _few(run: _Run, ready: list[Ready]) -> Iterator[list[Ready]]:
    """One first, to see whether the channel works; then as many as the pace says."""
    place = 0
    while place < len(ready):
        size = min(run.pace.ahead, max(1, int(run.pace.in_doubt / run.each))) if run.is_warm else 1
        yield ready[place : place + size]
        place += size


def _turn_over(run: _Run, ended: list[tuple[Claim, Outcome]], few: list[Ready], named: Sequence[Ready]) -> list[Go]:
    steps, verdicts = ledger.turn_over(run.url, ended, few, run.worker, run.clock(), run.pace, named)
    _note(run, ended, steps)
    return verdicts


def _call(run: _Run, few: list[Ready], verdicts: list[Go]) -> list[tuple[Claim, Outcome]]:
    """The calls, and what came of each; after a fault of the channel the rest of the few is not called."""
    ended, began = [], time.perf_counter()
    for one, verdict in zip(few, verdicts, strict=True):
        if verdict is Go.LOST:
            logger.warning("通知%s：租约已失效，留待下次发送", one.held.id)
        elif verdict is Go.YES:
            outcome = ledger.NOT_CALLED if run.is_stopped else _one_call(run, one)
            ended.append((one.held, outcome))
    run.each = timedelta(seconds=time.perf_counter() - began) / len(few) or timedelta.resolution
    return ended


def _one_call(run: _Run, one: Ready) -> Outcome:
    sender = run.sender
    assert sender is not None
    outcome = sender.reconcile(one.letter) if one.held.unknowns else sender.hand_over(one.letter)
    if outcome.stops_channel:
        run.is_stopped = True
        _note_fault(run, outcome)
    elif outcome.kind is not OutcomeKind.UNKNOWN:
        run.is_warm = True
        if run.has_faults:
            pauses.mend(run.url, run.channel, run.clock())
            run.has_faults = False
    return outcome


def _note_fault(run: _Run, outcome: Outcome) -> None:
    run.has_faults = True
    if alarm := pauses.note_fault(run.url, run.channel, outcome, run.clock()):
        run.failures[alarm] = None


def _settle(run: _Run, ended: list[tuple[Claim, Outcome]]) -> None:
    if ended:
        _note(run, ended, ledger.settle(run.url, ended, run.clock(), run.pace))


def _note(run: _Run, ended: Sequence[tuple[Claim, Outcome]], steps: Sequence[Step | None]) -> None:
    for (held, outcome), step in zip(ended, steps, strict=True):
        if step is None:
            logger.warning("通知%s：发送期间租约已失效，结果由接手者登记", held.id)
        elif outcome.code != ledger.NOT_CALLED.code:
            what = f"通知{held.id}（{spec_of(held.event).title}）"
            _count(run, what, step, outcome, is_news=ledger.said(outcome) != held.last_detail)


def _count(run: _Run, what: str, step: Step, outcome: Outcome, *, is_news: bool = True) -> None:
    """Counts a settled message; a sentence for a person wherever one has to do something and was not yet told."""
    said = ledger.said(outcome)
    if outcome.kind is OutcomeKind.CONFIGURATION:
        if is_news:
            run.failures[said if outcome.stops_channel else f"{what}：{said}"] = None
        return
    run.counted[step.status] += 1
    if step.status in (MessageStatus.REJECTED, MessageStatus.FAILED):
        run.failures[f"{what}：{step.status.label}，{said}；请核对联系方式并书面送达"] = None
    elif step.status is MessageStatus.UNKNOWN and step.next_at is None:
        run.failures[f"{what}：结果始终不明，{said}；请向收件人核实，确未收到的办理“重发通知”，必要时书面送达"] = None
