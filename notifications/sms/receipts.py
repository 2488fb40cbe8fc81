"""Receipts, fetched: a county's network has no address that a provider could call."""

from __future__ import annotations

from collections.abc import Sequence

from notifications.sms.letter import Receipt, Sent
from notifications.sms.numbers import is_simulated
from notifications.sms.settings import SmsSettings


def pull_receipts(settings: SmsSettings, sent: Sequence[Sent]) -> list[Receipt]:
    """The receipts that the provider has for these messages, one for each at most, in their order.

    A message without a receipt yet is left out, and so is one that the provider could not be asked about: ask again
    later. A query sends nothing and may be repeated at will.

    Raises:
        InputError: somebody outside must be asked and the settings cannot be used.
    """
    if not sent:
        return []
    from notifications.sms.sender import SmsSender  # Apprise loads 141 plugins: not for runs that ask nothing

    if not all(is_simulated(one.phone) for one in sent):
        settings.check()
    sender = SmsSender(settings)
    try:
        known = {trace.message_id: trace.receipt for trace in sender.traces(sent) if trace.receipt}
    finally:
        sender.close()
    return [receipt for one in sent if (receipt := known.get(one.message_id))]
