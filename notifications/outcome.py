"""What came of handing a message over: a class that decides what happens next, never a bare yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from models.secrets import mask_email


class OutcomeKind(StrEnum):
    """ACCEPTED: the server took it. REJECTED: it never will. RETRY: it surely was not taken, later it may be.
    UNKNOWN: it may or may not have been taken. CONFIGURATION: a person must mend a setting or a contact first.
    SUPPRESSED: held back by the mode, nothing left the house (or it went to the rehearsal's mailbox)."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RETRY = "retry"
    UNKNOWN = "unknown"
    CONFIGURATION = "configuration"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome. `code` is the channel's own (`550 5.1.1`, `timeout`); `detail` holds no address.

    `stops_channel`: the cause is not this message (no connection, wrong password), so the others wait too.
    """

    kind: OutcomeKind
    code: str = ""
    detail: str = ""
    stops_channel: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to go. `message_id` is fixed for the notification: a second copy carries the same."""

    to: str
    subject: str
    text: str
    message_id: str
    sent_at: datetime

    def __repr__(self) -> str:
        return f"Letter({self.message_id} to {mask_email(self.to)})"


class Sender(Protocol):
    """An open channel. `hand_over` makes one call and says what came of it; it raises nothing for what servers do."""

    def hand_over(self, letter: Letter) -> Outcome:
        """Hands one letter over."""

    def close(self) -> None:
        """Ends the connection."""
