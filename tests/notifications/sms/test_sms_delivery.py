"""Short messages through the outbox, on a real database and a server that plays the provider."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from mailparts import KEYS, NOW, Outbox
from smsparts import PARAMS, PROVIDERS

from foundation.secrets import Contact, seal_contact
from models import Applicant, Notification
from models.database import transaction
from notifications.catalogue import validate
from notifications.delivery import DeliveryReport, deliver
from notifications.mailsettings import MailSettings, Mode
from notifications.sms.channel import SMS_PACE, SmsChannel
from notifications.sms.settings import SmsSettings
from notifications.sms.wording import SMS_TEMPLATE_VERSION
from rules.vocabulary import Channel, MessageStatus
from tests.support.sms_gateway import FakeSms

Settings = Callable[..., SmsSettings]


def owe(outbox: Outbox, phone: str) -> int:
    """A short message that is due, to an applicant with this number."""
    pk = outbox.applicant("")
    with transaction(outbox.url) as session:
        applicant = session.get(Applicant, pk)
        assert applicant is not None
        applicant.contact_sealed = seal_contact(KEYS, pk, Contact("联系人", phone, "h01@example.cn"))
        row = Notification(
            dedupe_key=f"case:{pk}:agreement_signed:sms",
            event="agreement_signed",
            audience="applicant",
            channel=Channel.SMS,
            round_id=outbox.round_id,
            subject="round",
            subject_id=outbox.round_id,
            applicant_pk=pk,
            template_version=SMS_TEMPLATE_VERSION["agreement_signed"],
            params=validate("agreement_signed", PARAMS),
            created_at=NOW,
            next_at=NOW,
        )
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def run(outbox: Outbox, settings: SmsSettings, *, minutes: float = 0) -> DeliveryReport:
    """A delivery run so many minutes after the messages were queued."""
    mail = MailSettings(mode=settings.mode)
    now = NOW + timedelta(minutes=minutes)
    return deliver(outbox.url, mail, KEYS, now=now, worker="t", channels=[SmsChannel(settings)])


@pytest.fixture
def fake_today(fake: FakeSms) -> FakeSms:
    """The server, whose clock is the tests'."""
    fake.clock = lambda: NOW
    return fake


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_due_message_goes_out_once(provider: str, outbox: Outbox, fake_today: FakeSms, settings: Settings) -> None:
    number = owe(outbox, "19900010001")
    assert run(outbox, settings(provider)).sent == 1
    assert run(outbox, settings(provider), minutes=9) == DeliveryReport()
    row, [stored] = outbox.row(number), fake_today.stored
    assert (row.status, row.message_ref, row.provider_ref) == ("accepted", stored.our_id, stored.reference)
    assert fake_today.counts() == {row.message_ref: 1}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_lost_reply_is_asked_about_and_never_sent_again(
    provider: str, outbox: Outbox, fake_today: FakeSms, settings: Settings
) -> None:
    number = owe(outbox, "19900010006")
    assert run(outbox, settings(provider)).unknown == 1
    assert run(outbox, settings(provider), minutes=3).sent == 1
    assert outbox.outcomes(number) == ["unknown", "accepted"]
    assert len(fake_today.stored) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_message_that_is_not_found_three_times_is_left_to_a_person(
    provider: str, outbox: Outbox, fake_today: FakeSms, settings: Settings
) -> None:
    number, at = owe(outbox, "19900010008"), 0.0
    reports = [run(outbox, settings(provider))]
    for wait in SMS_PACE.reconcile_waits:
        at += wait.total_seconds() / 60 + 0.1
        reports.append(run(outbox, settings(provider), minutes=at))
    assert [(report.unknown, report.waiting) for report in reports] == [(1, 1), (1, 1), (1, 1), (1, 0)]
    assert "请向收件人核实" in reports[-1].failures[0]
    assert run(outbox, settings(provider), minutes=600).sent == 0
    assert (outbox.row(number).status, outbox.outcomes(number)) == (MessageStatus.UNKNOWN, ["unknown"] * 4)
    assert fake_today.stored == []


def test_a_limit_costs_no_try_and_waits_for_its_window(outbox: Outbox, fake_today: FakeSms, settings: Settings) -> None:
    number = owe(outbox, "19900010003")
    run(outbox, settings("aliyun"))
    row = outbox.row(number)
    assert (row.status, row.attempts, row.next_at) == (MessageStatus.RETRY, 0, NOW + timedelta(hours=1))


def test_an_empty_account_stops_the_channel_and_not_a_message_is_lost(
    outbox: Outbox, fake_today: FakeSms, settings: Settings
) -> None:
    for number in range(3):
        owe(outbox, f"1990{number}010009")
    report = run(outbox, settings("tencent"))
    assert (report.sent, report.waiting, len(fake_today.requests)) == (0, 3, 1)
    assert "套餐包余量不足" in report.failures[0]


@pytest.mark.parametrize("mode", [Mode.DRY_RUN, Mode.LIVE])
def test_reserved_numbers_walk_the_whole_path_in_every_mode(
    mode: Mode, outbox: Outbox, fake_today: FakeSms, settings: Settings
) -> None:
    taken, refused = owe(outbox, "10000000001"), owe(outbox, "10000000002")
    report = run(outbox, settings("gateway", mode=mode))
    assert (report.sent, report.rejected, fake_today.requests) == (1, 1, [])
    assert [outbox.row(number).status for number in (taken, refused)] == ["accepted", "rejected"]


def test_a_rehearsal_calls_nobody(outbox: Outbox, fake_today: FakeSms, settings: Settings) -> None:
    owe(outbox, "19900010001")
    assert run(outbox, settings("aliyun", mode=Mode.DRY_RUN)).suppressed == 1
    assert fake_today.requests == []


def test_errors_and_lost_replies_among_many_neither_lose_nor_double_a_message(
    outbox: Outbox, fake_today: FakeSms, settings: Settings
) -> None:
    fake_today.error_rate, fake_today.lost_rate = 0.10, 0.04
    for number in range(150):
        owe(outbox, f"199{number:04d}1000")
    for at in range(0, 400, 8):
        run(outbox, settings("gateway", reply_seconds=5.0), minutes=at)
    assert {row.status for row in outbox.rows()} == {MessageStatus.ACCEPTED}
    assert fake_today.counts() == {row.message_ref: 1 for row in outbox.rows()}
