"""What came of handing a message over: a class that decides what happens next, never a bare yes or no."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from foundation.secrets import mask_email
from notifications.attachments import Attachment


class OutcomeKind(StrEnum):
    """ACCEPTED: the server took it. REJECTED: it never will. RETRY: it surely was not taken, later it may be.
    UNKNOWN: it may or may not have been taken. CONFIGURATION: a person must mend a setting or a contact first.
    SUPPRESSED: held back by the mode, nothing left the house (or it went to the rehearsal's mailbox).
    LIMITED: a limit on how often was reached, it surely was not taken, a later window is open (no try is counted)."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RETRY = "retry"
    UNKNOWN = "unknown"
    CONFIGURATION = "configuration"
    SUPPRESSED = "suppressed"
    LIMITED = "limited"


OUTCOMES: Mapping[str, str] = {  # as people read what came of a try
    OutcomeKind.ACCEPTED: "已交付对方服务器",
    OutcomeKind.REJECTED: "被拒收",
    OutcomeKind.RETRY: "未成，稍后再试",
    OutcomeKind.UNKNOWN: "结果不明",
    OutcomeKind.CONFIGURATION: "设置有误，未外发",
    OutcomeKind.SUPPRESSED: "未外发",
    OutcomeKind.LIMITED: "到了限额，稍后再试",
    "": "未了结",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome. `code` is the channel's own (`550 5.1.1`, `timeout`); `detail` holds no address.

    `stops_channel`: the cause is not this message (no connection, wrong password), so the others wait too.
    `reference`: the provider's own number of the message. `wait`: not to be tried again earlier than after this.
    """

    kind: OutcomeKind
    code: str = ""
    detail: str = ""
    stops_channel: bool = False
    reference: str = ""
    wait: timedelta | None = None


def held_back(code: str, said: str) -> Outcome:
    """The mode keeps the message in the house."""
    return Outcome(OutcomeKind.SUPPRESSED, code, said)


class Prepared(Protocol):
    """A message ready to go by some channel. `to_masked` and `digest` (SHA-256 of what is sent) are kept as evidence;
    `to` never is."""

    @property
    def message_id(self) -> str:
        """Fixed for the notification: every try carries the same."""

    @property
    def to(self) -> str:
        """The address or number, in clear."""

    @property
    def to_masked(self) -> str:
        """The address as screens and logs may show it."""

    @property
    def digest(self) -> str:
        """SHA-256 of the content."""

    @property
    def enclosed(self) -> str:
        """The documents that go with it, one a line: name and SHA-256."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail ready to go: text, the same as HTML, and its documents."""

    to: str
    subject: str
    text: str
    message_id: str
    sent_at: datetime
    html: str = ""
    attachments: tuple[Attachment, ...] = ()

    def __repr__(self) -> str:
        return f"Letter({self.message_id} to {self.to_masked})"

    @property
    def to_masked(self) -> str:
        """The address as screens and logs may show it."""
        return mask_email(self.to)

    @property
    def digest(self) -> str:
        """SHA-256 over subject, text, HTML and the list of documents."""
        return digest_of(self.subject, self.text, self.html, self.enclosed)

    @property
    def enclosed(self) -> str:
        """The documents that go with it, one a line: name and SHA-256."""
        return "\n".join(f"{one.name} {one.sha256}" for one in self.attachments)


def digest_of(subject: str, text: str, html: str, enclosed: str) -> str:
    """What a try of an e-mail records of what it carried: SHA-256 over its parts."""
    return hashlib.sha256("\0".join((subject, text, html, enclosed)).encode()).hexdigest()


Ready = TypeVar("Ready", bound=Prepared, contravariant=True)


class Sender(Protocol[Ready]):
    """An open channel. It makes one call at a time, says what came of it and raises nothing for what servers do."""

    def get_ready(self, letter: Ready, /) -> None:
        """Loads and makes what the call will need, before the try is put on record. Raises InputError: a setting."""

    def hand_over(self, letter: Ready, /) -> Outcome:
        """Hands one letter over."""

    def reconcile(self, letter: Ready, /) -> Outcome:
        """Finds out about a letter whose end nobody saw, in the way of the channel; never a blind second message."""

    def close(self) -> None:
        """Ends the connection."""
