"""What the network reports of short messages that a provider took: fetched, because nobody outside can call us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, select, update

from foundation.secrets import Keyring, unseal_contact
from models.bulk import changed
from models.database import transaction
from notifications.outbox import N, P, locked
from notifications.sms.letter import Receipt, Sent
from notifications.sms.numbers import normal
from notifications.sms.receipts import pull_receipts
from notifications.sms.settings import SmsSettings
from policies.messages import load_message_policy
from rules.vocabulary import Channel, MessageStatus

BATCH = 100
BECOMES = {"delivered": MessageStatus.DELIVERED, "undelivered": MessageStatus.UNDELIVERED}


@dataclass(frozen=True, slots=True)
class ReceiptReport:
    """How many were asked about, and what was heard."""

    asked: int = 0
    delivered: int = 0
    undelivered: int = 0


def collect(url: str, sms: SmsSettings, keys: Keyring, now: datetime) -> ReceiptReport:
    """Asks for the receipts that are still out and writes down what there is. Asking sends nothing.

    Raises InputError when the settings of short messages cannot be used.
    """
    waiting = _waiting(url, now)
    heard = Heard(0, 0)
    for place in range(0, len(waiting), BATCH):
        few = waiting[place : place + BATCH]
        heard += _write(url, few, pull_receipts(sms, [_sent(row, keys) for row in few]))
    return ReceiptReport(len(waiting), heard.delivered, heard.undelivered)


@dataclass(frozen=True, slots=True)
class Heard:
    """Receipts of either kind."""

    delivered: int
    undelivered: int

    def __add__(self, other: Heard) -> Heard:
        return Heard(self.delivered + other.delivered, self.undelivered + other.undelivered)


def _waiting(url: str, now: datetime) -> Sequence[RowMapping]:
    since = now - load_message_policy().numbers["receipt_wait"].span
    query = (
        select(N.c.id, N.c.message_ref, N.c.provider_ref, N.c.closed_at, N.c.applicant_pk, P.c.contact_sealed)
        .join(P, P.c.id == N.c.applicant_pk)
        .where(N.c.channel == Channel.SMS, N.c.status == MessageStatus.ACCEPTED, N.c.closed_at > since)
        .order_by(N.c.id)
    )
    with transaction(url) as session:
        return session.execute(query).mappings().all()


def _sent(row: RowMapping, keys: Keyring) -> Sent:
    phone = normal(unseal_contact(keys, row["applicant_pk"], row["contact_sealed"]).phone)
    return Sent(row["message_ref"], phone, row["provider_ref"], row["closed_at"])


def _write(url: str, few: Sequence[RowMapping], receipts: Sequence[Receipt]) -> Heard:
    numbers = {row["message_ref"]: row["id"] for row in few}
    states = {numbers[one.message_id]: one for one in receipts if one.message_id in numbers}
    with transaction(url) as session:
        open_ones = select(N.c.id).where(N.c.id.in_(list(states)), N.c.status == MessageStatus.ACCEPTED)
        told = [states[row["id"]] for row in locked(session, open_ones)]
        for one in told:
            values = {"status": BECOMES[one.state], "last_detail": f"回执 {one.code}"}
            changed(session, update(N).where(N.c.id == numbers[one.message_id]).values(**values))
    delivered = sum(one.state == "delivered" for one in told)
    return Heard(delivered, len(told) - delivered)
