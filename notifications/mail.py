"""E-mail as an Apprise plugin of our own (`ddmail`): one open connection, one recipient, a structured result.

The built-in `mailto://` answers with a bare bool, makes a new Message-ID for every try and waits between sends; here
the Message-ID is the notification's, and `result` says what came of the last call.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType
from apprise.manager_plugins import NotificationManager

from notifications.mailsettings import MailSettings, SmtpServer, is_address
from notifications.outcome import Letter, Outcome, OutcomeKind
from notifications.smtp import Conversation
from rules.errors import InputError

SCHEMA = "ddmail"
UNSENT = Outcome(OutcomeKind.CONFIGURATION, "apprise", "消息总线没有调用邮件插件：请检查 apprise 版本和禁用设置")


class MailPlugin(NotifyBase):  # type: ignore[no-untyped-call]  # Apprise is typed in part
    """A bus plugin over one SMTP conversation. `hand_over` is the whole use; `notify` is what Apprise calls."""

    service_name = "定点邮件"  # type: ignore[assignment]
    protocol = SCHEMA  # type: ignore[assignment]
    request_rate_per_sec = 0
    notify_format = NotifyFormat.TEXT

    def __init__(self, server: SmtpServer, sender: tuple[str, str], **kwargs: Any) -> None:
        super().__init__(host=server.host, **kwargs)  # type: ignore[no-untyped-call]
        self._sender = sender
        self._conversation = Conversation(server, sender[1])
        self._letter: Letter | None = None
        self.result: Outcome = UNSENT

    def hand_over(self, letter: Letter) -> Outcome:
        """Sends one letter through the bus; returns the structured result."""
        if not is_address(letter.to):
            return Outcome(OutcomeKind.REJECTED, "address", "电子邮箱地址格式不正确：请更正联系方式，或改用书面送达")
        self._letter, self.result = letter, UNSENT
        self.notify(body=letter.text, title=letter.subject, body_format=NotifyFormat.TEXT)
        return self.result

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **kwargs: Any) -> bool:
        """Apprise's call for one message: true when the server took it; more is in `result`."""
        if self._letter is None:
            return False
        content = compose(self._letter, self._sender, subject=title, text=body).as_bytes()
        self.result = self._conversation.hand_over(self._letter.to, content)
        return self.result.kind is OutcomeKind.ACCEPTED

    def close(self) -> None:
        """Ends the connection."""
        self._conversation.close()


def compose(letter: Letter, sender: tuple[str, str], *, subject: str, text: str) -> EmailMessage:
    """The message as it goes over the wire: plain text, base64, CRLF; marked as sent by a program."""
    name, address = sender
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = subject
    message["Date"] = letter.sent_at
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="base64")
    return message


def open_mail(settings: MailSettings) -> MailPlugin:
    """The plugin for an installation, made by Apprise; it connects with the first letter.

    Raises:
        InputError: a setting is missing or cannot be used.
    """
    registry = NotificationManager()  # type: ignore[no-untyped-call]
    if SCHEMA not in registry:
        registry[SCHEMA] = MailPlugin
    parts = {"schema": SCHEMA, "server": SmtpServer.parse(settings.smtp_url), "sender": settings.sender()}
    asset = AppriseAsset(app_id="dingdian", async_mode=False)
    plugin = Apprise.instantiate(parts, asset=asset, suppress_exceptions=False)
    if not isinstance(plugin, MailPlugin):
        raise InputError(
            f"消息总线没有启用 {SCHEMA} 插件：请检查环境变量 APPRISE_DENY_SERVICES、APPRISE_ALLOW_SERVICES"
        )
    return plugin
