"""The conversation with a real mail server: encryption, login, and what each kind of failure is called."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from mailparts import NOW, Behaviour, MailServer

from notifications.bounded import BoundedSMTP
from notifications.mail import MailPlugin, open_mail
from notifications.mailsettings import MailSettings, Mode
from notifications.outcome import Letter, Outcome, OutcomeKind
from tests.support.patience import until
from tests.support.ports import free_port

TO = "h01@example.cn"


def letter(to: str = TO, **changes: Any) -> Letter:
    return Letter(
        **{"to": to, "subject": "受理告知", "text": "正文\n", "message_id": "<1.a@x.cn>", "sent_at": NOW, **changes}
    )


def plugin(url: str) -> MailPlugin:
    return open_mail(MailSettings(Mode.LIVE, url, "样例县医疗保险经办中心 <ybzx@county.example.cn>"))


def hand_over(url: str, one: Letter | None = None) -> Outcome:
    with closing(plugin(url)) as mail:
        return mail.hand_over(one or letter())


def summary(outcome: Outcome) -> tuple[OutcomeKind, str, bool]:
    return outcome.kind, outcome.code, outcome.stops_channel


# --- what the server says --------------------------------------------------------------------------------------

SAID = [
    (Behaviour(rcpt="550 5.1.1 no such user"), (OutcomeKind.REJECTED, "550 5.1.1", False)),
    (Behaviour(rcpt="551 not here"), (OutcomeKind.REJECTED, "551", False)),
    (Behaviour(rcpt="450 4.2.0 greylisted"), (OutcomeKind.RETRY, "450 4.2.0", False)),
    (Behaviour(rcpt="421 4.3.2 going down"), (OutcomeKind.RETRY, "421 4.3.2", False)),
    (Behaviour(rcpt="530 5.7.0 log in first"), (OutcomeKind.CONFIGURATION, "530 5.7.0", True)),
    (Behaviour(reply="554 5.7.1 refused"), (OutcomeKind.REJECTED, "554 5.7.1", False)),
    (Behaviour(reply="451 4.3.0 try later"), (OutcomeKind.RETRY, "451 4.3.0", False)),
    (Behaviour(rcpt="552 5.2.2 mailbox full"), (OutcomeKind.RETRY, "552 5.2.2", False)),
    (Behaviour(reply="550 5.2.2 over quota"), (OutcomeKind.RETRY, "550 5.2.2", False)),
    (Behaviour(rcpt="550 5.1.8 bad sender domain"), (OutcomeKind.CONFIGURATION, "550 5.1.8", False)),
    (Behaviour(reply="550 5.7.26 SPF and DKIM failed"), (OutcomeKind.CONFIGURATION, "550 5.7.26", False)),
    (Behaviour(reply="451 4.7.26 try later"), (OutcomeKind.RETRY, "451 4.7.26", False)),
    (Behaviour(rcpt="550 5.7.1 not allowed here"), (OutcomeKind.REJECTED, "550 5.7.1", False)),
    (Behaviour(rcpt="554 5.7.1 Relay access denied"), (OutcomeKind.CONFIGURATION, "554 5.7.1", False)),
    (
        Behaviour(rcpt="550 5.7.1 Client host rejected"),
        (OutcomeKind.CONFIGURATION, "550 5.7.1", False),
    ),
    (Behaviour(rcpt="550 Authentication is required"), (OutcomeKind.CONFIGURATION, "550", False)),
    (Behaviour(reply="553 Mail from must equal authorized user"), (OutcomeKind.CONFIGURATION, "553", False)),
    (Behaviour(cuts_before=True), (OutcomeKind.UNKNOWN, "lost", False)),
    (Behaviour(cuts_after=True), (OutcomeKind.UNKNOWN, "lost", False)),
    (Behaviour(never_replies=True), (OutcomeKind.UNKNOWN, "timeout", True)),
    (Behaviour(pause_s=0.5), (OutcomeKind.ACCEPTED, "250 2.0.0", False)),
]


@pytest.mark.parametrize(("how", "expected"), SAID, ids=[repr(case[0]) for case in SAID])
def test_each_answer_has_its_class(smtp: MailServer, how: Behaviour, expected: tuple[OutcomeKind, str, bool]) -> None:
    smtp.when(TO, how)
    assert summary(hand_over(smtp.url)) == expected


@pytest.mark.parametrize(
    "how", [Behaviour(rcpt="554 5.7.1 Relay access denied"), Behaviour(reply="421 4.7.0 try later")]
)
def test_a_domain_that_refuses_us_stops_nobody_else_and_a_second_one_does(smtp: MailServer, how: Behaviour) -> None:
    for name in ("a@one.cn", "b@one.cn", "c@two.cn", "d@three.cn"):
        smtp.when(name, how)
    with closing(plugin(smtp.url)) as mail:
        sent = ("a@one.cn", "b@one.cn", TO, "c@two.cn", "d@three.cn")
        stops = [mail.hand_over(letter(one)).stops_channel for one in sent]
    assert stops == [False, False, False, False, True]  # TO was taken: what was refused before counts no more
    assert smtp.recipients == [TO]


def test_the_next_letter_goes_out_on_the_same_connection_after_a_refusal(smtp: MailServer) -> None:
    smtp.when(TO, Behaviour(rcpt="550 5.1.1 no"), Behaviour(reply="554 5.7.1 no"))
    with closing(plugin(smtp.url)) as mail:
        kinds = [mail.hand_over(letter()).kind for _ in range(3)]
    assert kinds == [OutcomeKind.REJECTED, OutcomeKind.REJECTED, OutcomeKind.ACCEPTED]
    assert smtp.connections == 1


def test_a_new_connection_is_made_after_a_lost_one(smtp: MailServer) -> None:
    smtp.when(TO, Behaviour(cuts_after=True))
    with closing(plugin(smtp.url)) as mail:
        kinds = [mail.hand_over(letter()).kind for _ in range(2)]
    assert kinds == [OutcomeKind.UNKNOWN, OutcomeKind.ACCEPTED]
    assert smtp.connections == 2


def test_an_idle_connection_that_the_server_closed_costs_nothing() -> None:
    server, sessions = MailServer(port=free_port()), []

    class Watched(Controller):  # type: ignore[misc]
        def factory(self) -> Any:
            sessions.append(super().factory())
            return sessions[-1]

    controller = Watched(server, hostname="127.0.0.1", port=server.port, timeout=0.2)
    controller.start()
    try:
        with closing(plugin(server.url)) as mail:
            assert mail.hand_over(letter()).kind is OutcomeKind.ACCEPTED
            until(lambda: sessions[-1].transport is None, "the server hangs up by itself")
            assert mail.hand_over(letter()).kind is OutcomeKind.ACCEPTED
    finally:
        controller.stop()
    assert server.connections == 2


def test_an_error_of_a_library_before_anything_left_is_about_us(smtp: MailServer, tmp_path: Path) -> None:
    absent = hand_over(f"{smtp.url.replace('smtp://', 'smtps://')}&ca={tmp_path / 'absent.pem'}")
    assert summary(absent) == (OutcomeKind.CONFIGURATION, "setting", True)
    assert "DINGDIAN_SMTP_URL" in absent.detail


def test_a_letter_that_cannot_be_written_stops_nobody_else(smtp: MailServer) -> None:
    with closing(plugin(smtp.url)) as mail:
        bad = mail.hand_over(letter(text="半个字符\ud840"))
        assert summary(bad) == (OutcomeKind.CONFIGURATION, "content", False)
        assert mail.hand_over(letter()).kind is OutcomeKind.ACCEPTED


# --- servers that say nothing sensible -------------------------------------------------------------------------


@contextmanager
def talker(*lines: bytes) -> Iterator[str]:
    """A server that says one line for each it hears, whatever that is, and then hangs up; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            with closing(server.accept()[0]) as line:
                for answer in lines:
                    line.sendall(answer)
                    line.recv(1000)

        speaker = threading.Thread(target=talk)
        speaker.start()
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}?timeout=60&reply_timeout=60"
        speaker.join()


HELLO, OK = b"220 x\r\n", b"250 ok\r\n"
BROKEN = [
    ("no service", (b"554 no service\r\n",), (OutcomeKind.RETRY, "554", True)),
    ("too busy", (b"421 4.3.2 busy\r\n",), (OutcomeKind.RETRY, "421", True)),
    ("hangs up at once", (), (OutcomeKind.RETRY, "lost", False)),
    (
        "sender refused",
        (HELLO, OK, b"553 5.7.1 not you\r\n", OK),
        (OutcomeKind.CONFIGURATION, "553 5.7.1", True),
    ),
    ("too big", (HELLO, OK, b"552 5.3.4 too big\r\n", OK), (OutcomeKind.REJECTED, "552 5.3.4", False)),
    ("hangs up before the content", (HELLO, OK, OK, OK), (OutcomeKind.RETRY, "lost", False)),
    (
        "wants no content",
        (HELLO, OK, OK, OK, b"554 5.5.1 no\r\n", OK),
        (OutcomeKind.REJECTED, "554 5.5.1", False),
    ),
    ("hangs up at the content", (HELLO, OK, OK, OK, b"354 go\r\n"), (OutcomeKind.UNKNOWN, "lost", False)),
]


@pytest.mark.parametrize(("_case", "lines", "expected"), BROKEN, ids=[case[0] for case in BROKEN])
def test_only_written_content_makes_an_end_unknown(
    _case: str, lines: tuple[bytes, ...], expected: tuple[OutcomeKind, str, bool]
) -> None:
    with talker(*lines) as url:
        assert summary(hand_over(url)) == expected


def test_a_reply_of_several_lines_is_one_sentence_with_one_code(smtp: MailServer) -> None:
    smtp.when(TO, Behaviour(rcpt="550-5.1.1 The account\r\n550-5.1.1  does not exist.\r\n550 5.1.1 Ask them."))
    outcome = hand_over(smtp.url)
    assert (outcome.code, outcome.detail) == ("550 5.1.1", "The account does not exist. Ask them.")


# --- a server that takes several commands at once ------------------------------------------------------------------


@contextmanager
def pipe(replies: bytes, *after: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that offers PIPELINING: it waits for DATA, answers all at once, then says `after`, a line for each that
    it hears. Gives its address and what it was told."""
    told: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            with closing(server.accept()[0]) as line, line.makefile("rb") as heard:
                line.sendall(b"220 x\r\n")
                heard.readline()
                line.sendall(b"250-x\r\n250 PIPELINING\r\n")
                for _ in range(3):
                    told.append(heard.readline())
                line.sendall(replies)
                for answer in after:
                    told.append(line.recv(10_000))
                    line.sendall(answer)

        speaker = threading.Thread(target=talk)
        speaker.start()
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}?timeout=60&reply_timeout=60", told
        speaker.join()


PIPED = [
    ("taken", b"250 ok\r\n250 ok\r\n354 go\r\n", (b"250 2.0.0 ok\r\n",), (OutcomeKind.ACCEPTED, "250 2.0.0", False)),
    (
        "recipient refused, content too",
        b"250 ok\r\n550 5.1.1 no\r\n503 5.5.1 nobody\r\n",
        (b"250 reset\r\n",),
        (OutcomeKind.REJECTED, "550 5.1.1", False),
    ),
    (
        "recipient refused, content asked for",
        b"250 ok\r\n550 5.1.1 no\r\n354 go\r\n",
        (b"554 nobody\r\n", b"250 reset\r\n"),
        (OutcomeKind.REJECTED, "550 5.1.1", False),
    ),
    (
        "sender refused",
        b"553 5.7.1 no\r\n503 first\r\n503 first\r\n",
        (b"250 reset\r\n",),
        (OutcomeKind.CONFIGURATION, "553 5.7.1", True),
    ),
    ("closing", b"421 4.3.2 bye\r\n", (), (OutcomeKind.RETRY, "421 4.3.2", True)),
    ("hangs up at the content", b"250 ok\r\n250 ok\r\n354 go\r\n", (b"",), (OutcomeKind.UNKNOWN, "lost", False)),
]


@pytest.mark.parametrize(("_case", "replies", "after", "expected"), PIPED, ids=[case[0] for case in PIPED])
def test_commands_in_one_go_mean_the_same_as_one_by_one(
    _case: str, replies: bytes, after: tuple[bytes, ...], expected: tuple[OutcomeKind, str, bool]
) -> None:
    with pipe(replies, *after) as (url, told):
        assert summary(hand_over(url)) == expected
    assert told[:3] == [b"MAIL FROM:<ybzx@county.example.cn>\r\n", b"RCPT TO:<h01@example.cn>\r\n", b"DATA\r\n"]


def test_nobody_gets_content_whose_recipient_was_refused() -> None:
    with pipe(b"250 ok\r\n550 5.1.1 no\r\n354 go\r\n", b"554 nobody\r\n", b"250 reset\r\n") as (url, told):
        hand_over(url)
    assert told[3:] == [b".\r\n", b"rset\r\n"]


def test_a_silent_server_is_left_after_the_time_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"smtp://127.0.0.1:{server.getsockname()[1]}?timeout=0.3"
        assert summary(hand_over(url)) == (OutcomeKind.RETRY, "lost", True)


@contextmanager
def hostile(*said: bytes, pause_s: float = 0) -> Iterator[str]:
    """A server that greets and then says the same again and again, whatever it hears, until nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            with closing(server.accept()[0]) as line, suppress(OSError):
                while True:
                    for one in said:
                        line.sendall(one)
                        time.sleep(pause_s)

        speaker = threading.Thread(target=talk)
        speaker.start()
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}?timeout=1"
        speaker.join()


def test_a_server_that_talks_without_end_is_left() -> None:
    with hostile(b"250-" + b"x" * 1000 + b"\r\n") as url:
        assert summary(hand_over(url)) == (OutcomeKind.RETRY, "lost", False)
    with hostile(b"x" * 1000) as url:
        assert summary(hand_over(url)) == (OutcomeKind.RETRY, "lost", False)


def test_a_server_that_drips_is_left_after_the_time_limit_for_a_whole_reply() -> None:
    began = time.monotonic()
    with hostile(b"2", b"2", b"0", b"-", b"x", b"\r\n", pause_s=0.4) as url:
        assert summary(hand_over(url)) == (OutcomeKind.RETRY, "lost", True)
    assert time.monotonic() - began < 30  # for ever, where each octet is waited for anew


def test_what_was_said_before_encryption_is_not_heard_after_it(certificate: Path) -> None:
    """Two replies in one packet before TLS: the second is not taken for one that came encrypted."""
    smtp, far = BoundedSMTP(), socket.socketpair()
    smtp.sock, other = far
    other.sendall(b"220 ready\r\n250 forged\r\n")
    assert smtp.getreply() == (220, b"ready")
    smtp.sock, fresh = socket.socketpair()
    fresh.sendall(b"250 true\r\n")
    assert smtp.getreply() == (250, b"true")
    for one in (smtp.sock, other, fresh, far[0]):
        one.close()


def test_nobody_listening_is_surely_not_sent() -> None:
    assert summary(hand_over(f"smtp://127.0.0.1:{free_port()}")) == (OutcomeKind.RETRY, "connect", True)


# --- the letter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@b@c", "a@b.cn\r\nBcc: x@y.cn", "a b@c.cn", "医院@example.cn", "<a@b.cn>"]
)
def test_an_address_that_cannot_be_written_to_is_refused_without_a_call(smtp: MailServer, to: str) -> None:
    assert summary(hand_over(smtp.url, letter(to))) == (OutcomeKind.REJECTED, "address", False)
    assert smtp.connections == 0


def test_hostile_words_break_no_header_and_no_dot_ends_the_letter(smtp: MailServer) -> None:
    text = ".\n..\nQUIT\n" + "长" * 3000
    hand_over(smtp.url, letter(subject="通知 Bcc: x@y.cn " + "长" * 200, text=text))
    [stored] = smtp.stored
    assert stored.keys() == [
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    ]  # fmt: skip
    assert stored["Subject"] == "通知 Bcc: x@y.cn " + "长" * 200
    assert stored.get_content().splitlines() == text.splitlines()
    assert max(map(len, stored.as_bytes().splitlines())) < 998


def test_the_server_may_repeat_the_address_the_outcome_does_not(smtp: MailServer) -> None:
    smtp.when(TO, Behaviour(rcpt="550 5.1.1 <h01@example.cn> unknown: H01, call 19900010000"))
    assert hand_over(smtp.url).detail == "<h***@example.cn> unknown: ***, call 199****0000"


# --- encryption and login --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1000))
        .not_valid_after(NOW + timedelta(days=10000))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + made.public_bytes(pem))
    return path


@pytest.fixture
def protected(certificate: Path) -> Iterator[Callable[..., MailServer]]:
    """Starts a server that speaks TLS, at once or after STARTTLS, and knows one user."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    started: list[Controller] = []

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, auth: LoginPassword) -> AuthResult:
        return AuthResult(success=(auth.login, auth.password) == (b"ybzx", b"p@ss/word"), handled=False)

    def start(**options: Any) -> MailServer:
        handler = MailServer(port=free_port())
        tls: dict[str, Any] = {"ssl_context": context}
        if options.pop("tls") == "starttls":
            tls = {"tls_context": context, "require_starttls": True}
        controller = Controller(handler, hostname="127.0.0.1", port=handler.port, authenticator=check, **tls, **options)
        controller.start()
        started.append(controller)
        return handler

    yield start
    for controller in started:
        controller.stop()


@pytest.mark.parametrize(("tls", "scheme"), [("implicit", "smtps"), ("starttls", "smtp+starttls")])
def test_mail_goes_out_encrypted_and_logged_in(
    protected: Callable[..., MailServer], certificate: Path, tls: str, scheme: str
) -> None:
    server = protected(tls=tls, auth_required=True, auth_require_tls=tls == "starttls")
    url = f"{scheme}://ybzx:p%40ss%2Fword@127.0.0.1:{server.port}?ca={certificate}&timeout=60"
    assert hand_over(url).kind is OutcomeKind.ACCEPTED
    assert server.recipients == [TO]


@pytest.mark.parametrize(
    ("scheme", "login", "ca", "code"),
    [
        ("smtp+starttls", "ybzx:wrong@", True, "535"),
        ("smtp+starttls", "", True, "530 5.7.0"),
        ("smtp+starttls", "ybzx:p%40ss%2Fword@", False, "tls"),
        ("smtp", "", True, "530"),
        ("smtps", "", True, "tls"),
    ],
)
def test_a_wrong_setting_is_a_matter_of_configuration(
    protected: Callable[..., MailServer], certificate: Path, scheme: str, login: str, ca: bool, code: str
) -> None:
    server = protected(tls="starttls", auth_required=True)
    trusted = f"&ca={certificate}" if ca else ""
    outcome = hand_over(f"{scheme}://{login}127.0.0.1:{server.port}?timeout=60{trusted}")
    assert summary(outcome) == (OutcomeKind.CONFIGURATION, code, True)
    assert server.stored == []


def test_a_server_without_the_promised_encryption_gets_nothing(smtp: MailServer) -> None:
    outcome = hand_over(f"smtp+starttls://127.0.0.1:{smtp.port}?timeout=60")
    assert summary(outcome) == (OutcomeKind.CONFIGURATION, "protocol", True)
    assert smtp.stored == []
