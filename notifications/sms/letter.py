"""A short message ready to go, and what a provider later says about one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from foundation.secrets import mask_phone
from notifications.outcome import Outcome


@dataclass(frozen=True, slots=True)
class SmsLetter:
    """A message to one number. `message_id` is fixed for the notification and travels with every request.

    `code` and `variables` are the approved template and its values in order, `text` the same as people read it, without
    signature. `owed_at` is when the message was queued: no earlier day needs to be searched for it.
    """

    to: str
    text: str
    code: str
    variables: tuple[tuple[str, str], ...]
    message_id: str
    owed_at: datetime
    sent_at: datetime

    def __repr__(self) -> str:
        return f"SmsLetter({self.message_id} to {self.to_masked})"

    @property
    def to_masked(self) -> str:
        """The number as screens and logs may show it."""
        return mask_phone(self.to)

    @property
    def digest(self) -> str:
        """SHA-256 over the template's code and the text that it makes."""
        return hashlib.sha256(f"{self.code}\0{self.text}".encode()).hexdigest()

    @property
    def enclosed(self) -> str:
        """No document goes with a short message."""
        return ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that a provider took: what is asked about when its receipt is fetched."""

    message_id: str
    phone: str
    reference: str
    sent_at: datetime

    def __repr__(self) -> str:
        return f"Sent({self.message_id} to {mask_phone(self.phone)})"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the network reported of a message. `code` is the network's own (`DELIVERED`, `MK:0001`); `at` is aware."""

    message_id: str
    state: Literal["delivered", "undelivered"]
    code: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Trace:
    """A provider's record of one of our messages; `receipt` is None while the network has reported nothing."""

    message_id: str
    reference: str = ""
    receipt: Receipt | None = None


class Carrier(Protocol):
    """One provider's interface: each method makes the calls of one purpose and raises nothing for what servers do."""

    def submit(self, letter: SmsLetter) -> Outcome:
        """Asks for a message to be sent."""

    def find(self, letter: SmsLetter) -> Trace | Outcome | None:
        """The provider's record of a message by our own id; None: it has none; an outcome: it could not be asked."""

    def traces(self, sent: Sequence[Sent]) -> list[Trace]:
        """The records of messages that were taken, as far as the provider gives them."""

    def close(self) -> None:
        """Ends the connections."""
