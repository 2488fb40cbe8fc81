"""What delivery needs to know of an installation: where mail goes out, to whom, and how much may leave the house."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import StrEnum
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from foundation.addresses import fault_of, on_the_wire, same_address
from foundation.settings import Settings
from rules.errors import InputError

STEP_SECONDS = 15.0
REPLY_SECONDS = 60.0
LONGEST_SECONDS = 3600


class Mode(StrEnum):
    """LIVE: to the addressee. REDIRECT: everything to one mailbox. ALLOW_LIST: only to listed addresses or `@domains`.
    DRY_RUN: everything is rendered, nothing leaves."""

    LIVE = "live"
    REDIRECT = "redirect"
    ALLOW_LIST = "allow_list"
    DRY_RUN = "dry_run"


class Tls(StrEnum):
    """How a connection is protected, by the scheme of its address."""

    NONE = "smtp"
    STARTTLS = "smtp+starttls"
    IMPLICIT = "smtps"


DEFAULT_PORTS = {Tls.NONE: 25, Tls.STARTTLS: 587, Tls.IMPLICIT: 465}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server: `smtp://`, `smtp+starttls://` or `smtps://user:password@host:port`, with the options `timeout`
    (seconds for each step), `reply_timeout` (seconds for the last word on a message) and `ca` (a file of authorities).
    """

    tls: Tls
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = STEP_SECONDS
    reply_timeout: float = REPLY_SECONDS
    ca: str = ""

    @classmethod
    def parse(cls, url: str) -> SmtpServer:
        """The server of a `DINGDIAN_SMTP_URL`.

        Raises:
            InputError: the address cannot be used; the sentence never repeats it (it holds a password).
        """
        try:
            parts = urlsplit(url)
            server = cls._from(parts, {name: values[-1] for name, values in parse_qs(parts.query).items()})
        except (ValueError, TypeError):
            raise InputError(
                "DINGDIAN_SMTP_URL 无法识别：请写 smtps://用户:密码@主机:465、smtp+starttls://…:587 或 smtp://主机:25，"
                "用户名和密码中的特殊字符用百分号编码"
            ) from None
        if not (server.user + server.password).isascii():
            raise InputError(
                "DINGDIAN_SMTP_URL 中的用户名或密码含有中文或全角字符，邮件协议不能传送："
                "请在邮箱后台改用英文字母、数字和半角符号的密码（或授权码），再改设置"
            )
        if server.password and server.tls is Tls.NONE and not is_loopback(server.host):
            raise InputError("DINGDIAN_SMTP_URL 会以明文传送密码：请改用 smtps:// 或 smtp+starttls://")
        return server

    @classmethod
    def _from(cls, parts: SplitResult, options: dict[str, str]) -> SmtpServer:
        tls = Tls(parts.scheme)
        (parts.hostname or "").encode("idna")  # a name that no resolver can be asked for raises UnicodeError
        if not parts.hostname or parts.path.strip("/") or options.keys() - {"timeout", "reply_timeout", "ca"}:
            raise ValueError(parts.scheme)
        return cls(
            tls,
            parts.hostname,
            parts.port or DEFAULT_PORTS[tls],
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            _seconds(options.get("timeout", STEP_SECONDS)),
            _seconds(options.get("reply_timeout", REPLY_SECONDS)),
            options.get("ca", ""),
        )


def _seconds(text: str | float) -> float:
    seconds = float(text)
    if not 0 < seconds <= LONGEST_SECONDS:  # not a number fails too
        raise ValueError("seconds")
    return seconds


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The settings of delivery. `mail_from` is an address or `名称 <address>`; `allowed` belongs to ALLOW_LIST."""

    mode: Mode = Mode.DRY_RUN
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    authority_email: str = ""
    supervisor_email: str = ""
    redirect_to: str = ""
    allowed: frozenset[str] = frozenset()

    @classmethod
    def from_settings(cls, settings: Settings) -> MailSettings:
        """The part of the installation's settings that delivery uses."""
        return cls(
            Mode(settings.message_mode),
            settings.smtp_url,
            settings.mail_from,
            settings.authority_email,
            settings.supervisor_email,
            settings.redirect_to,
            settings.allowed,
        )

    def sender(self) -> tuple[str, str]:
        """Name and address that mail comes from.

        Raises:
            InputError: `mail_from` holds no usable address.
        """
        name, address = parseaddr(self.mail_from)
        if fault_of(address):
            raise InputError("没有可用的发件地址：请设置 DINGDIAN_MAIL_FROM，如 某县医疗保险经办中心 <ybzx@example.cn>")
        return name, on_the_wire(address)

    def allows(self, address: str) -> bool:
        """Whether ALLOW_LIST lets an address through: listed itself, or its domain listed as `@domain`."""
        domain = same_address(address).rpartition("@")[2]
        same = (same_address(one) == same_address(address) or _domain(one) == domain for one in self.allowed)
        return bool(domain) and any(same)


def _domain(listed: str) -> str:
    """The domain of `@example.cn`, as the wire has it; empty for a whole address."""
    return same_address(f"x{listed}").rpartition("@")[2] if listed.startswith("@") else ""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: what goes there in clear is heard by nobody else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
