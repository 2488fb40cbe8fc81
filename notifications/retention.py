"""The keeping of contacts and contents: sealed anew with the key in use, and cleared when they are no longer needed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from foundation.secrets import Keyring, seal_contact, unseal_contact
from models import (
    Account,
    Applicant,
    Complaint,
    DoubleRandomDraw,
    Expert,
    ManualTask,
    Notification,
    Objection,
    Proposal,
    SocialSupervisor,
    Suppression,
)
from models.bulk import changed
from models.complainant import Complainant
from notifications.outbox import N
from notifications.suppression import index_of
from policies.messages import load_message_policy
from rules.vocabulary import Channel

BATCH = 500


def reseal(session: Session, keys: Keyring) -> int:
    """Seals every contact with the key in use and computes every blind index anew. Returns how many contacts.

    Raises InputError when one does not open with any key of the ring: nothing is then changed.
    """
    sealed = select(Applicant).where(col(Applicant.contact_sealed) != "").order_by(col(Applicant.id))
    count = 0
    for applicant in session.execute(sealed.with_for_update()).scalars():
        _reseal_applicant(session, keys, applicant)
        count += 1
    for listed in session.execute(select(Suppression).with_for_update()).scalars():
        address = keys.unseal(listed.sealed, _context(listed))
        listed.sealed = keys.seal(address, _context(listed))
        listed.bidx = index_of(keys, Channel(listed.channel), address)
        session.add(listed)
    count += _reseal_experts(session, keys)
    _reseal_secrets(session, keys)
    _reseal_proposals(session, keys)
    _reseal_accounts(session, keys)
    _reseal_supervisors(session, keys)
    return count + _reseal_objections(session, keys, Objection) + _reseal_objections(session, keys, Complaint)


def _reseal_experts(session: Session, keys: Keyring) -> int:
    """The contacts of experts; they have no index, for nobody is looked for by them."""
    known = select(Expert).where(col(Expert.contact_sealed) != "").order_by(col(Expert.id))
    rows = session.execute(known.with_for_update()).scalars().all()
    for one in rows:
        number = one.id or 0
        contact = unseal_contact(keys, number, one.contact_sealed, "expert")
        one.contact_sealed = seal_contact(keys, number, contact, "expert")
        session.add(one)
    return len(rows)


def _reseal_secrets(session: Session, keys: Keyring) -> None:
    """The secret last sources of double random draws."""
    for plan in session.execute(select(DoubleRandomDraw).with_for_update()).scalars():
        context = f"double_random_draw:{plan.id}"
        plan.secret_sealed = keys.seal(keys.unseal(plan.secret_sealed, context), context)
        session.add(plan)


def _reseal_proposals(session: Session, keys: Keyring) -> None:
    """The fields of acts that wait for their second person."""
    for one in session.execute(select(Proposal).where(col(Proposal.fields_sealed) != "").with_for_update()).scalars():
        context = f"proposal:{one.id}"
        one.fields_sealed = keys.seal(keys.unseal(one.fields_sealed, context), context)
        session.add(one)


def _reseal_accounts(session: Session, keys: Keyring) -> None:
    """The secrets of the authenticators."""
    for one in session.execute(select(Account).where(col(Account.code_sealed) != "").with_for_update()).scalars():
        context = Account.context_of(one.staff_no)
        one.code_sealed = keys.seal(keys.unseal(one.code_sealed, context), context)
        session.add(one)


def _reseal_supervisors(session: Session, keys: Keyring) -> None:
    """The names of social supervisors."""
    for one in session.execute(select(SocialSupervisor).with_for_update()).scalars():
        one.name_sealed = keys.seal(keys.unseal(one.name_sealed, one.context), one.context)
        session.add(one)


def _reseal_objections(session: Session, keys: Keyring, of: type[Objection] | type[Complaint]) -> int:
    """Complainants: the blind index stands for the same person before and after."""
    known = select(of).where(col(of.complainant_sealed) != "").order_by(col(of.id))
    rows = session.execute(known.with_for_update()).scalars().all()
    for row in rows:
        name = type(row).__name__.lower()
        who = Complainant.unseal(keys, row.id or 0, row.complainant_sealed, name)
        row.complainant_sealed, row.complainant_bidx = who.seal(keys, row.id or 0, name), who.index(keys)
        session.add(row)
    return len(rows)


def suppress(
    session: Session, keys: Keyring, channel: Channel, address: str, masked: str, said: dict[str, Any]
) -> None:
    """Puts an address on the list of those not written to; `said` holds reason, created_by, created_at, until."""
    listed = Suppression(channel=channel, bidx=index_of(keys, channel, address), sealed="", masked=masked, **said)
    session.add(listed)
    session.flush()
    listed.sealed = keys.seal(address, _context(listed))
    session.add(listed)


def purge(session: Session, now: datetime) -> int:
    """Clears the parameters of messages closed longer ago than the policy keeps them. What proves that somebody was
    told stays: masked address, hash, codes, times. One that a person still has to deliver is kept. Returns how many."""
    before = now - load_message_policy().numbers["purge_after"].span
    in_hand = select(col(ManualTask.notification_id)).where(col(ManualTask.done_at).is_(None))
    old = N.c.closed_at < before, N.c.purged_at.is_(None), N.c.id.not_in(in_hand)
    numbers = list(session.execute(select(N.c.id).where(*old).order_by(N.c.id)).scalars())
    for place in range(0, len(numbers), BATCH):
        few = numbers[place : place + BATCH]
        changed(session, update(N).where(N.c.id.in_(few)).values(params={}, purged_at=now))
    return len(numbers)


def _reseal_applicant(session: Session, keys: Keyring, applicant: Applicant) -> None:
    number = applicant.id or 0
    contact = unseal_contact(keys, number, applicant.contact_sealed)
    applicant.contact_sealed = seal_contact(keys, number, contact)
    applicant.email_bidx = index_of(keys, Channel.EMAIL, contact.email)
    applicant.phone_bidx = index_of(keys, Channel.SMS, contact.phone)
    session.add(applicant)
    for channel, index in ((Channel.EMAIL, applicant.email_bidx), (Channel.SMS, applicant.phone_bidx)):
        sent = col(Notification.applicant_pk) == number, col(Notification.channel) == channel
        used = update(Notification).where(*sent, col(Notification.to_bidx) != "")
        changed(session, used.values(to_bidx=index))


def _context(listed: Suppression) -> str:
    return f"suppression:{listed.id}"
