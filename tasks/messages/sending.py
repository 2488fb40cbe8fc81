"""What operators and the clock do with messages: deliver, fetch receipts, clear; and the acts of a person on one."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session, col

from foundation.settings import get_settings
from models import Staff
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
from rules.errors import RefusedError
from tasks import surroundings
from tasks.messages.acts import ACTS
from tasks.messages.enclosures import enclosed


def deliver_all(worker: str) -> DeliveryReport:
    """Everything that is due goes out, by every channel that is set up."""
    settings = get_settings()
    sms = SmsSettings.from_settings(settings)
    staff = StaffChannel(StaffSettings.from_settings(settings))
    channels: list[ChannelSpec] = [*([SmsChannel(sms)] if sms.is_on else []), staff]
    mail, keys = MailSettings.from_settings(settings), surroundings.keys()
    url = surroundings.database_url()
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
        _may_act(session, event)
        subject, said = ACTS[event.name](session, event)
        reason = str(event.fields.get("reason") or event.fields.get("proof") or event.fields.get("reference") or "")
        session.add(MessageAct(at=event.at, by=event.by, act=event.name, subject=subject, reason=reason))
    return said


def _may_act(session: Session, event: Event) -> None:
    """Refuses whoever is not on the staff list, has left, or has no role for the act."""
    person = session.execute(select(Staff).where(col(Staff.staff_no) == event.by)).scalar_one_or_none()
    if person is None or not person.is_active:
        raise RefusedError(f"工号“{event.by}”不在在岗人员名单中：请核对工号，或由管理员登记")
    roles = load_message_policy().roles
    if "all" not in person.roles and not any(event.name in roles.get(role, ()) for role in person.roles):
        raise RefusedError(f"工号“{event.by}”的岗位不能办理此事项，请由有权限的人员办理")
