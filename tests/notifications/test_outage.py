"""A mail server that is down for an hour of virtual time, on both databases: the channel pauses itself and says so
once, nothing is lost or sent twice, and the backlog drains with the most urgent first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from mailparts import KEYS, NOW, MailServer, Outbox
from sqlalchemy import text

from models.database import transaction
from notifications import pauses
from notifications.delivery import DeliveryReport, deliver
from notifications.mailsettings import MailSettings
from notifications.outcome import Outcome, OutcomeKind
from rules.vocabulary import Channel, MessageStatus
from tests.support.ports import free_port

Mail = Callable[..., MailSettings]
MINUTE = timedelta(minutes=1)
START = NOW - timedelta(hours=5)  # noon in Beijing: the hour is over before the evening


def run(outbox: Outbox, mail: MailSettings, at: datetime) -> DeliveryReport:
    return deliver(outbox.url, mail, KEYS, now=at, worker="t")


def every_minute(outbox: Outbox, mail: MailSettings, first: int, last: int) -> list[DeliveryReport]:
    return [run(outbox, mail, START + minute * MINUTE) for minute in range(first, last)]


def rank(outbox: Outbox, number: int, priority: int, due_on: date | None = None) -> None:
    """Gives a message another urgency."""
    with transaction(outbox.url) as session:
        values = {"priority": priority, "due": due_on, "id": number, "at": START, "end": START + timedelta(days=5)}
        change = "priority = :priority, due_on = :due, next_at = :at, created_at = :at, expires_at = :end"
        session.execute(text(f"UPDATE notification SET {change} WHERE id = :id"), _spelled(outbox, values))


def _spelled(outbox: Outbox, values: dict[str, object]) -> dict[str, object]:
    if outbox.url.startswith("postgresql"):
        return values
    return {
        name: value.replace(tzinfo=None).isoformat(" ") if isinstance(value, datetime) else value
        for name, value in values.items()
    }


@pytest.fixture
def backlog(outbox: Outbox) -> list[int]:
    """Six messages in the order in which they should go, owed in another one."""
    wanted = {}
    for place in (3, 0, 5, 2, 4, 1):
        wanted[place] = outbox.owe(f"h{place}@example.cn")
    today = START.date()
    urgency = [(3, today), (3, today + timedelta(days=2)), (1, None), (2, today + timedelta(days=30)), (2, None)]
    for place, (priority, due_on) in enumerate([*urgency, (4, None)]):
        rank(outbox, wanted[place], priority, due_on)
    return [wanted[place] for place in sorted(wanted)]


def test_an_hour_without_a_server(outbox: Outbox, backlog: list[int], smtp: MailServer, mail: Mail) -> None:
    down = mail(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    reports = every_minute(outbox, down, 0, 60)
    alarms = [said for report in reports for said in report.failures]
    assert len(alarms) == 1
    assert alarms[0].startswith("电子邮件通道连续 3 次故障，已自动暂停")
    assert sum(bool(report.paused) for report in reports) > 50
    assert [outbox.row(number).attempts for number in backlog] == [0] * 6

    reports = every_minute(outbox, mail(), 60, 130)
    assert sum(report.sent for report in reports) == 7
    assert smtp.recipients == [*(f"h{place}@example.cn" for place in range(6)), "leader@county.example.cn"]
    assert [report.sent for report in reports if report.sent] == [7]
    told = [str(letter["Subject"]) for letter in smtp.stored if letter["To"] == "leader@county.example.cn"]
    assert told == ["消息通道故障：电子邮件已自动暂停"]
    assert {row.status for row in outbox.rows()} == {MessageStatus.ACCEPTED}
    assert len(set(smtp.ids())) == len(smtp.ids()) == 7


def test_each_pause_is_twice_as_long_as_the_one_before_up_to_an_hour(outbox: Outbox) -> None:
    fault, now, spans = Outcome(OutcomeKind.CONFIGURATION, "535", "password", stops_channel=True), START, []
    for _ in range(3 + 4):
        pauses.note_fault(outbox.url, Channel.EMAIL, fault, now)
        if until := pauses.standing(outbox.url, Channel.EMAIL).paused_until:
            spans.append((until - now) // MINUTE)
            now = until
    assert spans == [10, 20, 40, 60, 60]


def test_a_second_outage_is_told_again(outbox: Outbox, backlog: list[int], smtp: MailServer, mail: Mail) -> None:
    down = mail(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    every_minute(outbox, down, 0, 4)
    every_minute(outbox, mail(), 14, 15)
    outbox.owe("late@example.cn")
    rank(outbox, outbox.rows()[-1].id or 0, 2)
    alarms = [said for report in every_minute(outbox, down, 15, 60) for said in report.failures]
    assert len(alarms) == 1


def test_a_person_may_end_the_pause(outbox: Outbox, backlog: list[int], smtp: MailServer, mail: Mail) -> None:
    every_minute(outbox, mail(smtp_url=f"smtp://127.0.0.1:{free_port()}"), 0, 4)
    assert run(outbox, mail(), START + 4 * MINUTE).paused
    pauses.mend(outbox.url, Channel.EMAIL, START + 4 * MINUTE)
    assert run(outbox, mail(), START + 5 * MINUTE).sent == 7


def test_a_wrong_password_pauses_the_channel_too(outbox: Outbox, backlog: list[int], mail: Mail) -> None:
    reports = every_minute(outbox, mail(smtp_url=""), 0, 10)
    assert sum("已自动暂停" in said for report in reports for said in report.failures) == 1
    assert [bool(report.failures) for report in reports] == [True] * 3 + [False] * 7
    assert [outbox.row(number).attempts for number in backlog] == [0] * 6


def test_one_letter_that_always_breaks_the_line_does_not_hold_up_the_others(
    outbox: Outbox, backlog: list[int], smtp: MailServer, mail: Mail
) -> None:
    from mailparts import Behaviour

    smtp.when("h0@example.cn", *[Behaviour(rcpt="421 4.3.2 closing")] * 99)
    every_minute(outbox, mail(), 0, 5)
    assert sorted(smtp.recipients) == [f"h{place}@example.cn" for place in range(1, 6)]
