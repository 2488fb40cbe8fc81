"""Documents that go with a letter: over a real server, under safe names, within the limit, with evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from mailparts import KEYS, MailServer, Outbox
from sqlalchemy import select, text

from models import NotificationAttempt
from models.database import transaction
from notifications.attachments import KILOBYTE, Attachment, safe_name, within
from notifications.delivery import deliver
from notifications.mailsettings import MailSettings
from notifications.outbox import Claim
from policies.messages import load_message_policy
from rules.errors import InputError
from rules.vocabulary import MessageStatus

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIMIT_KB = load_message_policy().numbers["attachments_size"].value
PAPER = Attachment("受理告知书.pdf", b"%PDF-1.7 \r\n.\r\n\x00\xff", use="加盖电子印章")
DATES = Attachment("签约期限.ics", b"BEGIN:VCALENDAR\r\n", "text/calendar; charset=utf-8")


def test_documents_arrive_whole_and_the_letter_names_them(
    outbox: Outbox, mail: Callable[..., MailSettings], smtp: MailServer
) -> None:
    outbox.owe()
    report = deliver(outbox.url, mail(), KEYS, now=NOW, worker="w", enclose=lambda _: (PAPER, DATES))
    [letter] = smtp.stored
    got = [
        (one.get_filename(), one.get_content_type(), one.get_payload(decode=True)) for one in letter.iter_attachments()
    ]
    assert report.sent == 1
    assert got == [
        ("受理告知书.pdf", "application/pdf", PAPER.content),
        ("签约期限.ics", "text/calendar", DATES.content),
    ]
    for kind in ("plain", "html"):
        body = letter.get_body((kind,))
        assert body is not None
        assert "附件：受理告知书.pdf（加盖电子印章）；签约期限.ics。" in body.get_content()
    with transaction(outbox.url) as session:
        [attempt] = session.scalars(select(NotificationAttempt))
        assert attempt.enclosed == f"受理告知书.pdf {PAPER.sha256}\n签约期限.ics {DATES.sha256}"


def test_a_letter_without_documents_says_nothing_of_them(
    outbox: Outbox, mail: Callable[..., MailSettings], smtp: MailServer
) -> None:
    outbox.owe()
    deliver(outbox.url, mail(), KEYS, now=NOW, worker="w")
    [letter] = smtp.stored
    body = letter.get_body(("plain",))
    assert body is not None
    assert ("附件" in body.get_content(), list(letter.iter_attachments())) == (False, [])


def test_a_document_that_is_too_big_waits_at_the_counter_and_the_letter_goes(
    outbox: Outbox, mail: Callable[..., MailSettings], smtp: MailServer
) -> None:
    outbox.owe()
    big = Attachment("卷宗.pdf", b"x" * (LIMIT_KB * KILOBYTE + 1))
    deliver(outbox.url, mail(), KEYS, now=NOW, worker="w", enclose=lambda _: (big, DATES))
    [letter] = smtp.stored
    body = letter.get_body(("plain",))
    assert body is not None
    assert "卷宗.pdf因文件过大未随本邮件附送，请到样例县医疗保险经办中心2号窗口领取。" in body.get_content()
    assert [one.get_filename() for one in letter.iter_attachments()] == ["签约期限.ics"]


def test_a_document_that_cannot_be_made_keeps_the_letter_back_and_says_why(
    outbox: Outbox, mail: Callable[..., MailSettings], smtp: MailServer
) -> None:
    def fails(_: Claim) -> Sequence[Attachment]:
        raise InputError("受理告知书无法生成：请核对卷宗")

    number = outbox.owe()
    report = deliver(outbox.url, mail(), KEYS, now=NOW, worker="w", enclose=fails)
    assert (outbox.row(number).status, smtp.stored) == (MessageStatus.RETRY, [])
    assert report.failures == (f"通知{number}（协议签订告知）：受理告知书无法生成：请核对卷宗",)


def test_every_try_of_a_message_carries_the_same(
    outbox: Outbox, mail: Callable[..., MailSettings], smtp: MailServer
) -> None:
    number = outbox.owe()
    smtp_url = mail()
    for _ in range(2):
        with transaction(outbox.url) as session:
            session.execute(text("UPDATE notification SET status = 'pending', next_at = created_at"))
        deliver(outbox.url, smtp_url, KEYS, now=NOW, worker="w", enclose=lambda held: (PAPER,))
    with transaction(outbox.url) as session:
        query = select(NotificationAttempt).where(text("notification_id = :number"))
        digests = {one.content_sha256 for one in session.scalars(query, {"number": number})}
    assert (len(smtp.stored), len(digests)) == (2, 1)


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("受理告知书.pdf", "受理告知书.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\令\\书.pdf", "C__令_书.pdf"),
        ("a\r\nContent-Type: x\x00.pdf", "a__Content-Type_ x_.pdf"),
        ("\u202efdp.exe", "_fdp.exe"),
        (" .隐藏. ", "隐藏"),
        ("", "附件"),
        ("长" * 200 + ".pdf", "长" * 76 + ".pdf"),
        ("长" * 200, "长" * 80),
    ],
)
def test_a_name_is_one_on_every_system(given: str, safe: str) -> None:
    assert safe_name(given) == safe
    assert Attachment(given, b"").name == safe


@pytest.mark.parametrize("media_type", ["", "pdf", "text/plain\r\nBcc: x@y.cn", 'text/plain; name="a"'])
def test_what_is_no_media_type_is_refused(media_type: str) -> None:
    with pytest.raises(InputError, match="的类型不成立"):
        Attachment("a.pdf", b"", media_type)


def test_room_is_counted_to_the_octet() -> None:
    full, empty = Attachment("a", b"x" * KILOBYTE), Attachment("b", b"")
    over = Attachment("c", b"x")
    assert within([full, empty], 1) == ((full, empty), ())
    assert within([full, over], 1) == ((full,), (over,))
