"""Channels: what each must say for itself, and e-mail as one. Short messages are another (`notifications.sms`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from foundation.addresses import fault_of
from foundation.secrets import Keyring, mask_email, unseal_contact
from notifications.attachments import Attachment
from notifications.ledger import NO_CONTACT
from notifications.mailsettings import MailSettings, Mode, SmtpServer
from notifications.outbox import Claim
from notifications.outcome import Letter, Outcome, OutcomeKind, Prepared, Sender, held_back
from notifications.reading import mail_of
from notifications.retry_policy import Pace
from notifications.simulated import DOMAIN, is_simulated
from rules.errors import InputError
from rules.vocabulary import Audience, Channel

NO_EMAIL = Outcome(OutcomeKind.CONFIGURATION, NO_CONTACT, "申请人没有登记电子邮箱：请补录邮箱，或书面送达")
NOBODY = Outcome(OutcomeKind.CONFIGURATION, NO_CONTACT, "申请人没有登记联系方式：请补录联系方式，或书面送达")


Enclose = Callable[[Claim], Sequence[Attachment]]


def nothing_enclosed(_: Claim) -> Sequence[Attachment]:
    """No documents."""
    return ()


class ChannelSpec(Protocol):
    """A channel of an installation."""

    @property
    def channel(self) -> Channel:
        """Which channel it is."""

    @property
    def pace(self) -> Pace | None:
        """Its own pace; None: that of the run."""

    def check(self) -> None:
        """Raises InputError when messages cannot go out with the settings; asked only where some may leave."""

    def prepare(self, held: Claim, keys: Keyring, now: datetime) -> Prepared | Outcome:
        """The letter, or the outcome where none is sent: a fault to mend, or the mode holds it back. Calls nobody."""

    def open(self) -> Sender[Any]:
        """The way out; it connects with the first message."""


class MailChannel:
    """E-mail. `enclose` finds the documents of a message when it is sent; it raises InputError where one that must be
    there cannot be made."""

    channel = Channel.EMAIL
    pace: Pace | None = None

    def __init__(self, settings: MailSettings, enclose: Enclose) -> None:
        self.settings, self._enclose = settings, enclose

    def check(self) -> None:
        """Raises InputError: no server, no sender, or no mailbox to redirect to."""
        settings = self.settings
        if not settings.smtp_url:
            raise InputError("没有设置邮件服务器：请设置 DINGDIAN_SMTP_URL，或把 DINGDIAN_MESSAGE_MODE 设为 dry_run")
        SmtpServer.parse(settings.smtp_url)
        settings.sender()
        if settings.mode is Mode.REDIRECT and fault_of(settings.redirect_to):
            raise InputError("转投模式没有可用的信箱：请设置 DINGDIAN_REDIRECT_TO")

    def prepare(self, held: Claim, keys: Keyring, now: datetime) -> Letter | Outcome:
        """The letter, or why there is none."""
        try:
            mail = mail_of(held, self._enclose(held))
            to = self._address(held, keys)
        except InputError as error:
            if self.settings.mode is Mode.DRY_RUN and "模板" not in str(error):
                return held_back("dry_run", "演练模式，未外发")
            return Outcome(OutcomeKind.CONFIGURATION, "", str(error))
        if isinstance(to, Outcome):
            return held_back("dry_run", "演练模式，未外发") if self.settings.mode is Mode.DRY_RUN else to
        email = mail.email
        letter = Letter(to, email.subject, email.text, self._message_id(held), now, email.html, mail.carried)
        return letter if is_simulated(to) else self._by_mode(letter)

    def open(self) -> Sender[Letter]:
        """The way out. Apprise loads 141 plugins: not for runs that send nothing."""
        from notifications.mail import MailSender

        return MailSender(self.settings)

    def _by_mode(self, letter: Letter) -> Letter | Outcome:
        mode = self.settings.mode
        if mode is Mode.DRY_RUN:
            return held_back("dry_run", "演练模式，未外发")
        if mode is Mode.ALLOW_LIST and not self.settings.allows(letter.to):
            return held_back("allow_list", f"{letter.to_masked} 不在允许名单，未外发")
        if mode is not Mode.REDIRECT:
            return letter
        subject = f"【转投，原收件人 {mask_email(letter.to)}】{letter.subject}"
        return replace(letter, to=self.settings.redirect_to, subject=subject)

    def _address(self, held: Claim, keys: Keyring) -> str | Outcome:
        """Where a message goes. Raises InputError: nothing is set, or the sealed contact does not open."""
        if held.audience == Audience.APPLICANT:
            if held.applicant_pk is None or not held.contact_sealed:
                return NOBODY
            return unseal_contact(keys, held.applicant_pk, held.contact_sealed).email or NO_EMAIL
        is_supervisor = held.audience == Audience.SUPERVISOR
        to = self.settings.supervisor_email if is_supervisor else self.settings.authority_email
        if not to:
            who, name = ("主管领导", "SUPERVISOR") if is_supervisor else ("经办机构", "AUTHORITY")
            raise InputError(f"没有设置{who}的邮箱：请设置 DINGDIAN_{name}_EMAIL")
        return to

    def _message_id(self, held: Claim) -> str:
        """`<number.hash of the dedupe key@our domain>`: the same for every try of this notification, nobody else's."""
        digest = hashlib.sha256(held.dedupe_key.encode()).hexdigest()[:16]
        domain = self.settings.sender()[1].rpartition("@")[2] if self.settings.mail_from else DOMAIN
        return held.message_ref or f"<{held.id}.{digest}@{domain}>"
