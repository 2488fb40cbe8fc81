"""The channels that exist, each with its check of the settings and its way to open. SMS joins here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from notifications.mailsettings import MailSettings, Mode, SmtpServer, is_address
from notifications.outcome import Sender
from rules.errors import InputError
from rules.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """How to check the settings of a channel (raises InputError) and how to open it; both only where mail may leave."""

    check: Callable[[MailSettings], None]
    open: Callable[[MailSettings], Sender]


def _check_mail(settings: MailSettings) -> None:
    if not settings.smtp_url:
        raise InputError("没有设置邮件服务器：请设置 DINGDIAN_SMTP_URL，或把 DINGDIAN_MESSAGE_MODE 设为 dry_run")
    SmtpServer.parse(settings.smtp_url)
    settings.sender()
    if settings.mode is Mode.REDIRECT and not is_address(settings.redirect_to):
        raise InputError("转投模式没有可用的信箱：请设置 DINGDIAN_REDIRECT_TO")


def _open_mail(settings: MailSettings) -> Sender:
    from notifications.mail import open_mail  # Apprise loads 141 plugins: not for runs that send nothing

    return open_mail(settings)


CHANNELS: Mapping[Channel, ChannelSpec] = {Channel.EMAIL: ChannelSpec(_check_mail, _open_mail)}
