"""One SMTP connection, kept open between messages, that says exactly how far each message came.

Until the first octet of the content is written the message surely was not taken; from then on, without a final reply,
nobody knows: that is UNKNOWN, whatever the reason. Everything else is classed by the server's own reply. One letter has
one recipient: a server cannot take it for some and refuse it for others. A server that offers PIPELINING (RFC 2920) is
told sender, recipient and DATA in one go: one wait instead of three.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace

from foundation.secrets import mask_contacts
from notifications.aboutus import UNUSABLE, before_leaving, is_about_us
from notifications.bounded import BoundedSMTP, BoundedSMTPOverTLS
from notifications.mailsettings import SmtpServer, Tls
from notifications.outcome import Outcome, OutcomeKind

Reply = tuple[int, bytes]
OK, GO_AHEAD, CLOSING, TOO_BIG = 250, 354, 421, 552
DONE, TRANSIENT, PERMANENT = 2, 4, 5  # first figure of a reply
NEEDS_LOGIN = (530, 534, 535, 538)
LOST, PIPELINING = "lost", "pipelining"
DETAIL_CHARACTERS = 200
DOMAINS_THAT_STOP = 2  # one may have its own quarrel with us
ENHANCED = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})\b")
REPEATED = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}[ \t]+", re.MULTILINE)
FULL = "2.2"  # a full mailbox is often emptied within days, whatever the first figure says
OURS = {"1.7", "1.8", "7.8", "7.9", *(f"7.{number}" for number in range(20, 28))}  # sender, login, SPF, DKIM, DMARC
LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class Conversation:
    """A connection to one server, opened when first needed and again after it was lost."""

    def __init__(self, server: SmtpServer, sender: str) -> None:
        self._server, self._sender = server, sender
        self._smtp: smtplib.SMTP | None = None
        self._domain = ""
        self._refusing: set[str] = set()  # the domains whose letters were refused because of us, since one was taken

    def hand_over(self, recipient: str, content: bytes) -> Outcome:
        """Sends one message (octets with CRLF line ends) to one recipient and returns what the server made of it."""
        self._domain = recipient.rpartition("@")[2].casefold()
        was_open = self._smtp is not None
        refusal = self._announce(recipient)
        if refusal and refusal.code == LOST and was_open:  # the server closed an idle connection: not this message
            refusal = self._announce(recipient)
        outcome = refusal or self._transmit(content)
        return _without(recipient, outcome)

    def close(self) -> None:
        """Says goodbye if somebody still listens."""
        if self._smtp is not None:
            self._quietly(self._smtp.quit)
            self._drop()

    def _announce(self, recipient: str) -> Outcome | None:
        """Up to the server's consent to send content; None when it consents."""
        refused: tuple[str, Reply] | None = None
        try:
            smtp = self._smtp or self._open()
            reply: Reply = (0, b"")
            for step, reply, consent in self._replies(smtp, recipient):
                if refused is None and reply[0] // 10 != consent // 10:
                    refused = (step, reply)
                    if not smtp.has_extn(PIPELINING):
                        break
            if refused and refused[0] != "DATA" and reply[0] == GO_AHEAD:
                smtp.send(b".\r\n")  # it waits for content all the same; nobody is to get it
                smtp.getreply()
        except OSError as error:  # smtplib's errors are OSErrors too
            self._drop()
            return _classed(*refused) if refused else _not_reached(error)
        except UNUSABLE as error:  # smtplib writes login and host as ASCII
            self._drop()
            return _unusable(error)
        return self._refused(*refused) if refused else None

    def _replies(self, smtp: smtplib.SMTP, recipient: str) -> Iterator[tuple[str, Reply, int]]:
        """Each step with its reply and the consent that it needs: all asked at once where the server allows it."""
        lines = (f"MAIL FROM:<{self._sender}>", f"RCPT TO:<{recipient}>", "DATA")
        if smtp.has_extn(PIPELINING):
            smtp.send("".join(f"{line}\r\n" for line in lines))
        for line, consent in zip(lines, (OK, OK, GO_AHEAD), strict=True):
            if not smtp.has_extn(PIPELINING):
                smtp.putcmd(line)
            yield line[:4], smtp.getreply(), consent

    def _transmit(self, content: bytes) -> Outcome:
        """The content and the final reply: past this point an error leaves the end unknown."""
        smtp = self._smtp
        if smtp is None or smtp.sock is None:
            return Outcome(OutcomeKind.RETRY, LOST, "连接在发送正文前已断开")
        try:
            smtp.send(LEADING_DOT.sub(b"..", content) + b".\r\n")
            smtp.sock.settimeout(self._server.reply_timeout)
            reply = smtp.getreply()
            smtp.sock.settimeout(self._server.timeout)
        except OSError as error:
            self._drop()
            code = "timeout" if _is_late(error) else LOST
            return Outcome(OutcomeKind.UNKNOWN, code, "正文已发出，未收到最终答复", stops_channel=_is_late(error))
        if reply[0] // 100 == DONE:
            self._refusing.clear()
            return Outcome(OutcomeKind.ACCEPTED, _code(reply), _text(reply))
        return self._refused("END", reply)

    def _refused(self, step: str, reply: Reply) -> Outcome:
        outcome = self._for_whom(step, reply, _classed(step, reply))
        if reply[0] == CLOSING or not self._quietly(lambda: self._smtp and self._smtp.rset()):
            self._drop()
        return outcome

    def _for_whom(self, step: str, reply: Reply, outcome: Outcome) -> Outcome:
        """Who the sender was taken from is known to the server: a refusal that comes later may be the recipient's
        domain's own, through a relay, and stops the others when a second domain says the same."""
        if not outcome.stops_channel or step == "MAIL" or reply[0] in NEEDS_LOGIN:
            return outcome
        self._refusing.add(self._domain)
        return replace(outcome, stops_channel=len(self._refusing) >= DOMAINS_THAT_STOP)

    def _open(self) -> smtplib.SMTP:
        server, name = self._server, self._sender.rpartition("@")[2]
        if server.tls is Tls.IMPLICIT:
            smtp: smtplib.SMTP = BoundedSMTPOverTLS(
                server.host, server.port, name, timeout=server.timeout, context=self._context()
            )
        else:
            smtp = BoundedSMTP(server.host, server.port, name, timeout=server.timeout)
        try:
            self._log_in(smtp)
        except BaseException:
            smtp.close()
            raise
        self._smtp = smtp
        return smtp

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        if self._server.tls is Tls.STARTTLS:
            smtp.starttls(context=self._context())
        smtp.ehlo_or_helo_if_needed()
        if self._server.user:
            smtp.login(self._server.user, self._server.password)

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._server.ca or None)

    def _quietly(self, act: Callable[[], object]) -> bool:
        """Does something whose failure only means that the connection is gone."""
        try:
            act()
        except OSError:
            return False
        return True

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _classed(step: str, reply: Reply) -> Outcome:
    """The class of a negative reply, by its step: MAIL, RCPT, DATA, or END for the last word on the content."""
    code, said, kind = _code(reply), _text(reply), reply[0] // 100
    if reply[0] in NEEDS_LOGIN:
        return Outcome(OutcomeKind.CONFIGURATION, code, f"邮件服务器要求登录或拒绝了登录：{said}", stops_channel=True)
    if kind == PERMANENT and _subject(reply) in OURS:
        what = f"邮件服务器不认可发件地址或发件域（SPF、DKIM、DMARC）：{said}"
        return Outcome(OutcomeKind.CONFIGURATION, code, what, stops_channel=step == "MAIL")
    if kind == PERMANENT and step != "MAIL" and is_about_us(said):
        return Outcome(OutcomeKind.CONFIGURATION, code, f"邮件服务器不接受本单位的来信：{said}", stops_channel=True)
    if kind == TRANSIENT or (kind == PERMANENT and _subject(reply) == FULL):
        return Outcome(OutcomeKind.RETRY, code, said, stops_channel=reply[0] == CLOSING)
    if kind != PERMANENT:
        return Outcome(OutcomeKind.UNKNOWN if step == "END" else OutcomeKind.RETRY, code, said)
    if step == "MAIL" and reply[0] != TOO_BIG:
        return Outcome(OutcomeKind.CONFIGURATION, code, f"邮件服务器不接受发件地址：{said}", stops_channel=True)
    return Outcome(OutcomeKind.REJECTED, code, said)


def _not_reached(error: OSError) -> Outcome:
    """The class of an error before any content was written: the message surely was not taken."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Outcome(OutcomeKind.RETRY, LOST, "连接在发送正文前断开", stops_channel=_is_late(error))
    if isinstance(error, smtplib.SMTPException):
        return _not_agreed(error)
    if isinstance(error, UNUSABLE):
        return _unusable(error)
    if isinstance(error, TimeoutError):
        return Outcome(OutcomeKind.RETRY, "timeout", "邮件服务器在限时内没有答复", True)
    if isinstance(error, socket.gaierror):
        return Outcome(OutcomeKind.RETRY, "dns", "找不到邮件服务器的主机：请检查 DINGDIAN_SMTP_URL 和本机的网络", True)
    return Outcome(OutcomeKind.RETRY, "connect", f"连不上邮件服务器：{error.strerror or error}", True)


def _unusable(error: Exception) -> Outcome:
    return before_leaving(error, "邮件服务器", "DINGDIAN_SMTP_URL")


def _not_agreed(error: smtplib.SMTPException) -> Outcome:
    """Greeting, encryption or login did not come about; this concerns every message."""
    if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code // 100 == PERMANENT:
        what = "邮件服务器拒绝了用户名或密码：请检查 DINGDIAN_SMTP_URL"
        return Outcome(OutcomeKind.CONFIGURATION, str(error.smtp_code), what, True)
    if isinstance(error, smtplib.SMTPResponseException):
        return Outcome(OutcomeKind.RETRY, str(error.smtp_code), "邮件服务器暂不提供服务", True)
    return Outcome(OutcomeKind.CONFIGURATION, "protocol", f"邮件服务器不支持所设的登录或加密方式：{error}", True)


def _is_late(error: OSError) -> bool:
    """Whether it was a timeout: smtplib keeps only the words of the socket's error."""
    return isinstance(error, TimeoutError) or "timed out" in str(error)


def _code(reply: Reply) -> str:
    """`550 5.1.1`, or `550` where the server gives no enhanced code."""
    enhanced = ENHANCED.match(_said(reply))
    return f"{reply[0]} {enhanced[0]}" if enhanced else str(reply[0])


def _subject(reply: Reply) -> str:
    """The last two figures of the enhanced code (RFC 3463): what it is about, in detail. Empty where there is none."""
    enhanced = ENHANCED.match(_said(reply))
    return enhanced[1] if enhanced else ""


def _said(reply: Reply) -> str:
    return reply[1].decode("utf-8", "replace")


def _text(reply: Reply) -> str:
    return mask_contacts(" ".join(REPEATED.sub("", _said(reply)).split()))[:DETAIL_CHARACTERS]


def _without(recipient: str, outcome: Outcome) -> Outcome:
    """The outcome without the recipient's name, in case the server repeats it alone (`User h01 unknown`)."""
    local = recipient.rpartition("@")[0]
    if local.casefold() not in outcome.detail.casefold():
        return outcome
    detail = re.sub(rf"(?<![\w.]){re.escape(local)}(?![\w.])", "***", outcome.detail, flags=re.IGNORECASE)
    return replace(outcome, detail=detail)
