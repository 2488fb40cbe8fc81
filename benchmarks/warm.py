"""Imported by the server that forks workers: they are born with everything loaded, as a worker of the house is."""

import httpx

from notifications.delivery import deliver
from notifications.mail import open_mail
from notifications.mailsettings import MailSettings, Mode
from notifications.sms.sender import SmsSender

__all__ = ["SmsSender", "deliver"]

httpx.create_ssl_context()
open_mail(MailSettings(Mode.LIVE, "smtp://127.0.0.1:25", "office@example.cn")).close()
