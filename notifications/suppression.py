"""Numbers and addresses that are not written to any more, found by blind index."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import SQLModel

from foundation.addresses import same_address
from foundation.secrets import Keyring
from models.database import transaction
from models.outbox import Suppression
from notifications.sms.numbers import normal
from rules.vocabulary import Channel

L = SQLModel.metadata.tables[str(Suppression.__tablename__)]


def index_of(keys: Keyring, channel: Channel, address: str) -> str:
    """The blind index of an address or number, however it is written; empty for an empty one."""
    same = {Channel.SMS: normal, Channel.EMAIL: same_address, Channel.STAFF: str.strip}[channel]
    plain = same(address)
    return keys.blind_index(plain) if plain.strip() else ""


def suppressed_among(url: str, channel: Channel, indexes: Collection[str], now: datetime) -> frozenset[str]:
    """Those of the indexes that must not be written to now."""
    if not indexes:
        return frozenset()
    with transaction(url) as session:
        listed = select(L.c.bidx).where(L.c.channel == channel, L.c.bidx.in_(list(indexes)))
        return frozenset(session.execute(listed.where(or_(L.c.until.is_(None), L.c.until > now))).scalars())
