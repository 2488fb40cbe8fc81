"""E-mail as an Apprise plugin of our own (`ddmail`): one open connection, one recipient, a structured result.

The built-in `mailto://` answers with a bare bool, makes a new Message-ID for every try and waits between sends; here
the Message-ID is the notification's, and `result` says what came of the last call.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType
from apprise.manager_plugins import NotificationManager

from foundation.addresses import fault_of as address_fault
from foundation.addresses import on_the_wire
from notifications.aboutus import unwritable
from notifications.mailsettings import MailSettings, Mode, SmtpServer
from notifications.mime import compose
from notifications.outcome import Letter, Outcome, OutcomeKind
from notifications.simulated import is_simulated, outcome_of
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
        if address_fault(letter.to):
            return Outcome(OutcomeKind.REJECTED, "address", "电子邮箱地址格式不正确：请更正联系方式，或改用书面送达")
        self._letter, self.result = replace(letter, to=on_the_wire(letter.to)), UNSENT
        self.notify(body=letter.text, title=letter.subject, body_format=NotifyFormat.TEXT)
        return self.result

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **kwargs: Any) -> bool:
        """Apprise's call for one message: true when the server took it; more is in `result`."""
        if self._letter is None:
            return False
        try:
            content = compose(self._letter, self._sender, subject=title, text=body)
        except ValueError as error:
            self.result = unwritable(error)
            return False
        self.result = self._conversation.hand_over(self._letter.to, content)
        return self.result.kind is OutcomeKind.ACCEPTED

    def close(self) -> None:
        """Ends the connection."""
        self._conversation.close()


class MailSender:
    """The way out of the house for letters: the plugin for real addresses, the simulation for the reserved ones.

    A redirected letter never counts as told, whatever the mailbox did.
    """

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._plugin: MailPlugin | None = None

    def get_ready(self, letter: Letter) -> None:
        """Makes the plugin, which loads the bus. Raises InputError when a setting cannot be used."""
        if self._plugin is None and not is_simulated(letter.to):
            self._plugin = open_mail(self._settings)

    def hand_over(self, letter: Letter) -> Outcome:
        """Sends one letter and says what came of it."""
        self.get_ready(letter)
        if self._plugin is None or is_simulated(letter.to):
            return outcome_of(letter, is_second_look=False)
        outcome = self._plugin.hand_over(letter)
        return _redirected(outcome) if self._settings.mode is Mode.REDIRECT else outcome

    def reconcile(self, letter: Letter) -> Outcome:
        """The letter once more under the same Message-ID: the receiver's server can see that it is the same."""
        return outcome_of(letter, is_second_look=True) if is_simulated(letter.to) else self.hand_over(letter)

    def close(self) -> None:
        """Ends the connection."""
        if self._plugin is not None:
            self._plugin.close()


def _redirected(outcome: Outcome) -> Outcome:
    """What a redirected letter means for its message."""
    if outcome.kind is OutcomeKind.ACCEPTED:
        return Outcome(OutcomeKind.SUPPRESSED, "redirect", "已转投，未发给原收件人")
    if outcome.kind is OutcomeKind.REJECTED:
        said = f"转投信箱拒收：{outcome.detail}；请检查 DINGDIAN_REDIRECT_TO"
        return Outcome(OutcomeKind.CONFIGURATION, outcome.code, said, stops_channel=True)
    return outcome


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
