"""What operators and the clock do with messages: deliver, fetch receipts, clear; and the acts of a person on one."""

from __future__ import annotations

from foundation.settings import get_settings
from models.database import transaction
from models.migrate import ensure_current
from models.outbox import MessageAct
from notifications import receipts, retention
from notifications.channels import ChannelSpec
from notifications.delivery import DeliveryReport, deliver
from notifications.mailsettings import MailSettings
from notifications.receipts import ReceiptReport
from notifications.sms.channel import SmsChannel
from notifications.sms.settings import SmsSettings
from notifications.staff.channel import StaffChannel
from notifications.staff.settings import StaffSettings
from policies.messages import load_message_policy
from rules.case import Event
from tasks import surroundings
from tasks.messages.acts import ACTS
from tasks.messages.enclosures import enclosed
from tasks.messages.second_look import tell_of_late
from tasks.roles import may_act


def deliver_all(worker: str) -> DeliveryReport:
    """Everything that is due goes out, by every channel that is set up; what has waited too long for a second look is
    told to the office first."""
    settings = get_settings()
    sms = SmsSettings.from_settings(settings)
    staff = StaffChannel(StaffSettings.from_settings(settings))
    channels: list[ChannelSpec] = [*([SmsChannel(sms)] if sms.is_on else []), staff]
    mail, keys = MailSettings.from_settings(settings), surroundings.keys()
    url = surroundings.database_url()
    with transaction(url) as session:
        tell_of_late(session, surroundings.now())
    return deliver(url, mail, keys, now=surroundings.now, worker=worker, channels=channels, enclose=enclosed)


def collect_receipts() -> ReceiptReport:
    """The receipts that are still out; nothing is asked when short messages are not set up."""
    sms = SmsSettings.from_settings(get_settings())
    if not sms.is_on:
        return ReceiptReport()
    return receipts.collect(surroundings.database_url(), sms, surroundings.keys(), surroundings.now())


def purge() -> int:
    """Clears what is no longer needed. Returns how many messages."""
    with transaction(surroundings.database_url()) as session:
        return retention.purge(session, surroundings.now())


def act(url: str, event: Event) -> str:
    """Carries out one act of a person on messages, with its record. Returns what was done, as a sentence.

    Raises RefusedError with a sentence when it is not possible; nothing is then written.
    """
    ensure_current(url)
    with transaction(url) as session:
        may_act(session, load_message_policy().roles, event)
        subject, said = ACTS[event.name](session, event)
        reason = str(event.fields.get("reason") or event.fields.get("proof") or event.fields.get("reference") or "")
        session.add(MessageAct(at=event.at, by=event.by, act=event.name, subject=subject, reason=reason))
    return said
