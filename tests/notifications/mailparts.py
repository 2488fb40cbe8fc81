"""Parts that the tests of messages share: a mail server that behaves as told, an outbox, and the words of a message."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select, text

from foundation.secrets import Contact, Keyring, seal_contact
from models import Applicant, Notification, NotificationAttempt
from models.database import transaction
from notifications.catalogue import EVENTS, TEMPLATE_VERSION, validate
from rules.vocabulary import Audience

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = Keyring(b"a secret for tests, long enough")
COMMON = {
    "applicant_id": "H01",
    "applicant_name": "样例县人民医院",
    "round_name": "样例县2025年度特殊药品定点医药机构评估",
    "county": "样例县",
    "agency": "样例县医疗保险经办中心",
    "place": "样例县医疗保险经办中心2号窗口",
}


@dataclass
class Behaviour:
    """How the server treats a recipient: a reply instead of its own, a pause, no reply until `held` is set or until the
    client has gone (`never_replies`), or a cut line."""

    rcpt: str = ""
    reply: str = ""
    pause_s: float = 0.0
    held: threading.Event | None = None
    never_replies: bool = False
    cuts_before: bool = False
    cuts_after: bool = False


@dataclass
class MailServer:
    """A real SMTP server on a free port; `stored` is what it took, whatever it answered."""

    port: int = 0
    stored: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    behaviour: dict[str, list[Behaviour]] = field(default_factory=dict)
    connections: int = 0
    holding: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Its address. A client is patient, for the machine may be busy, unless the server never replies."""
        is_silent = any(how.never_replies for waiting in self.behaviour.values() for how in waiting)
        return f"smtp://127.0.0.1:{self.port}?timeout=60&reply_timeout={1 if is_silent else 60}"

    def when(self, recipient: str, *behaviours: Behaviour) -> None:
        """The next messages to a recipient are treated so, one after the other; later ones are simply taken."""
        self.behaviour[recipient] = list(behaviours)

    def ids(self) -> list[str]:
        """The Message-ID of every stored message, in order."""
        return [str(message["Message-ID"]) for message in self.stored]

    def is_stored(self, recipient: str) -> bool:
        """Whether anything for a recipient was taken."""
        return recipient in self.recipients

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        waiting = self.behaviour.get(address)
        if waiting and waiting[0].rcpt:
            return waiting.pop(0).rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        waiting = self.behaviour.get(address)
        how = waiting.pop(0) if waiting else Behaviour()
        if how.cuts_before:
            return self._cut(server)
        if not how.reply:
            with self.lock:
                self.stored.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
                self.recipients.append(address)
        await asyncio.sleep(how.pause_s)
        await self._hold(server, how)
        return self._cut(server) if how.cuts_after else how.reply or "250 2.0.0 queued"

    async def _hold(self, server: SMTP, how: Behaviour) -> None:
        self.holding += 1
        try:
            while (how.held and not how.held.is_set()) or (how.never_replies and server.transport):
                await asyncio.sleep(0.01)
        finally:  # a client that goes ends this
            self.holding -= 1

    @staticmethod
    def _cut(server: SMTP) -> str:
        assert isinstance(server.transport, asyncio.Transport)
        server.transport.abort()
        return "250 nobody hears this"


@dataclass
class Outbox:
    """A database with one round, and what tests ask of its outbox."""

    url: str
    round_id: int

    def applicant(self, email: str) -> int:
        """An applicant that is reached at this address; without one nothing is sealed."""
        with transaction(self.url) as session:
            number = f"H{session.scalar(text('SELECT count(*) FROM applicant')):03d}"
            row = Applicant(round_id=self.round_id, applicant_id=number, type="hospital", name="样例医院")
            session.add(row)
            session.flush()
            assert row.id is not None
            if email:
                row.contact_sealed = seal_contact(KEYS, row.id, Contact("联系人", "19900010000", email))
            return row.id

    def owe(self, email: str = "h01@example.cn", event: str = "agreement_signed", **params: Any) -> int:
        """A message that is due; for an applicant its own applicant is made. Returns the notification's id."""
        spec = EVENTS[event]
        pk = self.applicant(email) if spec.audience is Audience.APPLICANT else None
        with transaction(self.url) as session:
            number = int(session.scalar(text("SELECT count(*) FROM notification")) or 0)
            row = Notification(
                dedupe_key=f"case:{number}:{event}",
                event=event,
                audience=spec.audience.value,
                round_id=self.round_id,
                subject="round",
                subject_id=self.round_id,
                applicant_pk=pk,
                template_version=TEMPLATE_VERSION[event],
                params=validate(event, COMMON | (params or {"signed_on": "2026-03-02"})),
                created_at=NOW,
                next_at=NOW,
            )
            session.add(row)
            session.flush()
            assert row.id is not None
            return row.id

    def row(self, number: int) -> Notification:
        """A message as it stands."""
        with transaction(self.url) as session:
            found = session.get(Notification, number)
            assert found is not None
            return found

    def rows(self) -> list[Notification]:
        """All messages."""
        with transaction(self.url) as session:
            return list(session.scalars(select(Notification).order_by(text("id"))))

    def outcomes(self, number: int) -> list[str]:
        """What came of each try of a message."""
        return [attempt.outcome for attempt in self._attempts(number)]

    def said(self, number: int) -> list[str]:
        """What was said of each try of a message."""
        return [attempt.detail for attempt in self._attempts(number)]

    def _attempts(self, number: int) -> list[NotificationAttempt]:
        with transaction(self.url) as session:
            query = select(NotificationAttempt).where(text("notification_id = :number")).order_by(text("id"))
            return list(session.scalars(query, {"number": number}))
