"""One delivery run: claims what is due, hands it over, settles it; a run that dies is finished by the next one.

For each message: claim with a lease and a token, record the attempt, call outside any transaction, settle with the own
token only. A call whose end nobody saw becomes UNKNOWN and is sent once more with the same Message-ID, so that the
receiver's server can see that it is the same; after a second unknown end a person decides. Nothing is sent twice for
any other reason, and nothing is lost. Addresses are opened from their sealed form for the call and never written down.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from models.secrets import Keyring, mask_email, unseal_contact
from notifications import outbox
from notifications.catalogue import spec_of
from notifications.channels import CHANNELS, ChannelSpec
from notifications.mailsettings import MailSettings, Mode
from notifications.outbox import Claim
from notifications.outcome import Letter, Outcome, OutcomeKind, Sender
from notifications.pace import PACE, Pace, Step
from notifications.rendering import render_email
from rules.errors import InputError
from rules.localtime import local_day
from rules.vocabulary import Audience, Channel, MessageStatus

logger = logging.getLogger("dingdian.notifications")
LIMIT = 500


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a run did, in messages. `suppressed`: held back by the mode, or redirected. `rejected`: refused for good, or
    given up. `unknown`: nobody saw the end. `waiting`: still owed after the run. `failures`: sentences for a person."""

    sent: int = 0
    suppressed: int = 0
    retried: int = 0
    rejected: int = 0
    unknown: int = 0
    waiting: int = 0
    failures: tuple[str, ...] = ()


@dataclass
class _Run:
    """A run over one channel: what stays the same for all its messages, and what it has counted."""

    url: str
    mail: MailSettings
    keys: Keyring
    clock: Callable[[], datetime]
    worker: str
    pace: Pace
    channel: Channel
    spec: ChannelSpec
    counted: Counter[MessageStatus] = field(default_factory=Counter)
    failures: dict[str, None] = field(default_factory=dict)
    sender: Sender | None = None
    is_stopped: bool = False


def deliver(
    url: str,
    mail: MailSettings,
    keys: Keyring,
    *,
    now: Callable[[], datetime] | datetime,
    limit: int = LIMIT,
    worker: str,
    pace: Pace = PACE,
) -> DeliveryReport:
    """Delivers up to `limit` messages that are due, and says what came of them.

    `now` is a clock, or an instant that stands still (a replay). May run in several processes at once and again after
    any interruption. Refusals of servers and missing settings are in the report; only a database error is raised.
    """
    clock = now if callable(now) else lambda: now
    runs = [_Run(url, mail, keys, clock, worker, pace, channel, spec) for channel, spec in CHANNELS.items()]
    for run in runs:
        try:
            _run_channel(run, limit)
        finally:
            if run.sender is not None:
                run.sender.close()
    return _report(runs, outbox.count_owed(url))


def _report(runs: list[_Run], waiting: int) -> DeliveryReport:
    counted = sum((run.counted for run in runs), Counter[MessageStatus]())
    return DeliveryReport(
        sent=counted[MessageStatus.ACCEPTED],
        suppressed=counted[MessageStatus.SUPPRESSED],
        retried=counted[MessageStatus.RETRY],
        rejected=counted[MessageStatus.REJECTED] + counted[MessageStatus.FAILED],
        unknown=counted[MessageStatus.UNKNOWN],
        waiting=waiting,
        failures=tuple(failure for run in runs for failure in run.failures),
    )


def _run_channel(run: _Run, limit: int) -> None:
    if not outbox.count_due(run.url, run.channel, run.clock()):
        return
    is_rehearsal = run.mail.mode is Mode.DRY_RUN
    if not is_rehearsal and (fault := _fault(run)):
        run.failures[fault] = None
        return
    for number, step in outbox.end_leases(run.url, run.channel, run.clock(), run.pace):
        _count(run, f"通知{number}", step, outbox.ABANDONED)
    left = limit
    while left > 0 and not run.is_stopped:
        held = _claim(run, min(left, limit if is_rehearsal else run.pace.batch))
        if not held:
            return
        left -= len(held)
        _work(run, held)


def _claim(run: _Run, limit: int) -> list[Claim]:
    """What cannot be known in a rehearsal stays as it is: a message that may have gone out is not called held back."""
    with_unknown = run.mail.mode is not Mode.DRY_RUN
    return outbox.claim(run.url, run.channel, run.worker, run.clock(), run.pace, limit, with_unknown=with_unknown)


def _fault(run: _Run) -> str:
    """What is wrong with the settings of the channel, as a sentence; empty when nothing is."""
    try:
        run.spec.check(run.mail)
    except InputError as error:
        return str(error)
    return ""


def _work(run: _Run, claims: list[Claim]) -> None:
    """Settles at once what never leaves the house, then hands the letters over one by one."""
    prepared = [(held, _prepare(run, held)) for held in claims]
    _settle(run, [(held, made) for held, made in prepared if isinstance(made, Outcome)])
    letters = [(held, made) for held, made in prepared if isinstance(made, Letter)]
    for place, (held, letter) in enumerate(letters):
        _send(run, held, letter)
        if run.is_stopped:
            outbox.release(run.url, [rest for rest, _ in letters[place + 1 :]], run.clock(), run.pace)
            return


def _prepare(run: _Run, held: Claim) -> Letter | Outcome:
    """The letter, or the outcome where none is sent: a fault to mend, or the mode holds it back."""
    try:
        email = render_email(held.event, held.params, local_day(held.created_at))
        if run.mail.mode is Mode.DRY_RUN:
            return Outcome(OutcomeKind.SUPPRESSED, "dry_run", "演练模式，未外发")
        to = _address(run, held)
        if run.mail.mode is Mode.ALLOW_LIST and not run.mail.allows(to):
            return Outcome(OutcomeKind.SUPPRESSED, "allow_list", f"{mask_email(to)} 不在允许名单，未外发")
        message_id = held.message_ref or _message_id(held, run.mail)
        if run.mail.mode is Mode.REDIRECT:
            subject = f"【转投，原收件人 {mask_email(to)}】{email.subject}"
            return Letter(run.mail.redirect_to, subject, email.text, message_id, run.clock())
        return Letter(to, email.subject, email.text, message_id, run.clock())
    except InputError as error:
        return Outcome(OutcomeKind.CONFIGURATION, "", str(error))


def _address(run: _Run, held: Claim) -> str:
    """Where a message goes.

    Raises:
        InputError: no address is registered or set, or the sealed one does not open.
    """
    if held.audience == Audience.APPLICANT:
        if held.applicant_pk is None or not held.contact_sealed:
            raise InputError("申请人没有登记联系方式：请补录联系方式，或书面送达")
        to = unseal_contact(run.keys, held.applicant_pk, held.contact_sealed).email
        if not to:
            raise InputError("申请人没有登记电子邮箱：请补录邮箱，或书面送达")
        return to
    is_supervisor = held.audience == Audience.SUPERVISOR
    to = run.mail.supervisor_email if is_supervisor else run.mail.authority_email
    if not to:
        who, name = ("主管领导", "SUPERVISOR") if is_supervisor else ("经办机构", "AUTHORITY")
        raise InputError(f"没有设置{who}的邮箱：请设置 DINGDIAN_{name}_EMAIL")
    return to


def _message_id(held: Claim, mail: MailSettings) -> str:
    """`<number.hash of the dedupe key@our domain>`: the same for every try of this notification, nobody else's."""
    digest = hashlib.sha256(held.dedupe_key.encode()).hexdigest()[:16]
    return f"<{held.id}.{digest}@{mail.sender()[1].rpartition('@')[2]}>"


def _send(run: _Run, held: Claim, letter: Letter) -> None:
    """The attempt on record, the call, and what came of it."""
    sender = run.sender = run.sender or run.spec.open(run.mail)
    if not outbox.start(run.url, held, run.worker, letter.message_id, run.clock(), run.pace):
        logger.warning("通知%s：租约已失效，留待下次发送", held.id)
        return
    outcome = sender.hand_over(letter)
    if run.mail.mode is Mode.REDIRECT:
        outcome = _redirected(outcome)
    run.is_stopped = outcome.stops_channel
    _settle(run, [(held, outcome)])


def _redirected(outcome: Outcome) -> Outcome:
    """What a redirected letter means for its message: the party has not been told, whatever the mailbox did."""
    if outcome.kind is OutcomeKind.ACCEPTED:
        return Outcome(OutcomeKind.SUPPRESSED, "redirect", "已转投，未发给原收件人")
    if outcome.kind is OutcomeKind.REJECTED:
        said = f"转投信箱拒收：{outcome.detail}；请检查 DINGDIAN_REDIRECT_TO"
        return Outcome(OutcomeKind.CONFIGURATION, outcome.code, said, stops_channel=True)
    return outcome


def _settle(run: _Run, ended: list[tuple[Claim, Outcome]]) -> None:
    if not ended:
        return
    for (held, outcome), step in zip(ended, outbox.settle(run.url, ended, run.clock(), run.pace), strict=True):
        if step is None:
            logger.warning("通知%s：发送期间租约已失效，结果由接手者登记", held.id)
            continue
        _count(run, f"通知{held.id}（{spec_of(held.event).title}）", step, outcome)


def _count(run: _Run, what: str, step: Step, outcome: Outcome) -> None:
    """Counts a settled message; a sentence for a person wherever one has to do something."""
    said = f"{outcome.code} {outcome.detail}".strip()
    if outcome.kind is OutcomeKind.CONFIGURATION:
        run.failures[said if outcome.stops_channel else f"{what}：{said}"] = None
        return
    run.counted[step.status] += 1
    if step.status in (MessageStatus.REJECTED, MessageStatus.FAILED):
        run.failures[f"{what}：{step.status.label}，{said}；请核对联系方式并书面送达"] = None
    elif step.status is MessageStatus.UNKNOWN and step.next_at is None:
        run.failures[f"{what}：两次发送均结果不明，{said}；请向收件人核实，必要时书面送达"] = None
