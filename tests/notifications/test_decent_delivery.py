"""Delivery by the rules of decency, on a real mail server and both databases: quiet hours, expiry, digest, suppression,
consent, and the tasks that are left to a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from mailparts import KEYS, NOW, Behaviour, MailServer, Outbox
from sqlalchemy import select
from sqlmodel import col

from foundation.secrets import mask_email
from models import Applicant, ManualTask, Notification, NotificationAttempt
from models.database import transaction
from notifications import retention
from notifications.delivery import DeliveryReport, deliver
from notifications.mailsettings import MailSettings, Mode
from notifications.sending_windows import expiry
from notifications.suppression import index_of
from rules.localtime import ZONE
from rules.vocabulary import Channel, MessageStatus

Mail = Callable[..., MailSettings]
TO = "h01@example.cn"
DUE = {"due_on": "2026-03-02", "working_days_left": 0}


def run(outbox: Outbox, mail: MailSettings, at: datetime = NOW) -> DeliveryReport:
    return deliver(outbox.url, mail, KEYS, now=at, worker="t")


def change(outbox: Outbox, number: int, **values: Any) -> None:
    with transaction(outbox.url) as session:
        row = session.get(Notification, number)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def tasks(outbox: Outbox) -> list[ManualTask]:
    with transaction(outbox.url) as session:
        return list(session.execute(select(ManualTask).order_by(col(ManualTask.id))).scalars())


def consented(outbox: Outbox, number: int) -> None:
    with transaction(outbox.url) as session:
        row = session.get(Notification, number)
        assert row is not None
        applicant = session.get(Applicant, row.applicant_pk)
        assert applicant is not None
        applicant.consent_on, applicant.consent_reference = NOW.date(), "确认书第1号"
        session.add(applicant)


def beijing(hour: int, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=ZONE)


# --- when -------------------------------------------------------------------------------------------------------


def test_at_night_an_applicant_is_left_alone_and_the_office_is_not(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    outbox.owe(TO)
    outbox.owe(event="authority_breach", deadline="初审期限", due_on="2026-03-02", days_late=1)
    assert run(outbox, mail(), beijing(20)).sent == 1
    assert run(outbox, mail(), beijing(7, 3)).sent == 0
    assert smtp.recipients == ["leader@county.example.cn"]
    assert run(outbox, mail(), beijing(8, 3)).sent == 1


def test_what_is_due_before_the_morning_goes_at_night(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    number = outbox.owe(TO, "signing_reminder", **DUE)
    change(outbox, number, due_on=NOW.date())
    assert run(outbox, mail(), beijing(22)).sent == 1


def test_a_reminder_after_its_due_day_is_not_sent(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    number = outbox.owe(TO, "signing_reminder", **DUE)
    change(outbox, number, expires_at=expiry("signing_reminder", NOW, NOW.date()))
    report = run(outbox, mail(), beijing(9, 3))
    assert (report.expired, report.sent, outbox.row(number).status) == (1, 0, MessageStatus.EXPIRED)
    assert (smtp.stored, tasks(outbox)) == ([], [])


def test_a_notice_past_its_time_is_left_to_a_person_even_while_the_channel_rests(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    number = outbox.owe(TO)
    change(outbox, number, expires_at=NOW + timedelta(days=5), is_mandatory=True, next_at=NOW + timedelta(days=9))
    assert run(outbox, mail(smtp_url=""), NOW + timedelta(days=5)).expired == 1
    assert [task.reason for task in tasks(outbox)] == ["超过时限仍未能以电子方式送出"]


# --- how many ---------------------------------------------------------------------------------------------------


def test_reminders_of_one_day_to_one_party_become_one_letter(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    told = {"deadline": "初审期限", **DUE}
    numbers = [outbox.owe(event="authority_reminder", applicant_id=f"H{place:02}", **told) for place in range(3)]
    single = outbox.owe(TO, "signing_reminder", **DUE)
    report = run(outbox, mail())
    assert (report.digested, report.sent) == (3, 2)
    assert sorted(smtp.recipients) == [TO, "ybj@county.example.cn"]
    rows = [outbox.row(number) for number in numbers]
    assert {row.status for row in rows} == {MessageStatus.DIGESTED}
    [made] = {row.digest_id for row in rows}
    letter = next(one for one in smtp.stored if one["To"] == "ybj@county.example.cn")
    body = letter.get_body(("plain",))
    assert body is not None
    assert all(f"申请编号：H{place:02}" in body.get_content() for place in range(3))
    assert outbox.row(made or 0).status == outbox.row(single).status == MessageStatus.ACCEPTED
    assert run(outbox, mail()) == DeliveryReport()


def test_a_shop_owner_with_two_shops_gets_one_letter(outbox: Outbox, smtp: MailServer, mail: Mail) -> None:
    numbers = [outbox.owe(TO, "signing_reminder", **DUE) for _ in range(2)]
    with transaction(outbox.url) as session:
        for applicant in session.execute(select(Applicant)).scalars():
            applicant.email_bidx = index_of(KEYS, Channel.EMAIL, TO)
            session.add(applicant)
    assert (run(outbox, mail()).digested, smtp.recipients) == (2, [TO])
    assert all(outbox.row(number).digest_id for number in numbers)


# --- to whom ----------------------------------------------------------------------------------------------------


def test_a_suppressed_address_is_not_written_to_and_a_notice_goes_to_a_person(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    number = outbox.owe(TO)
    change(outbox, number, is_mandatory=True)
    with transaction(outbox.url) as session:
        said = {"reason": "信箱停用", "created_by": "1", "created_at": NOW, "until": NOW + timedelta(days=1)}
        retention.suppress(session, KEYS, Channel.EMAIL, TO.upper(), mask_email(TO), said)
    assert run(outbox, mail()).suppressed == 1
    assert (smtp.stored, [task.notification_id for task in tasks(outbox)]) == ([], [number])
    outbox.owe(TO)
    assert run(outbox, mail(), NOW + timedelta(days=1)).sent == 1


# --- what is left to a person -----------------------------------------------------------------------------------


def test_without_consent_a_sent_notice_is_a_reminder_and_paper_is_asked_for(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    signed, unsigned = outbox.owe("a@example.cn"), outbox.owe("b@example.cn")
    for number in (signed, unsigned):
        change(outbox, number, is_mandatory=True)
    consented(outbox, signed)
    assert run(outbox, mail()).sent == 2
    assert [(task.notification_id, task.reason) for task in tasks(outbox)] == [
        (unsigned, "申请人未签署电子送达确认书，电子方式仅为提示")
    ]
    bodies = {letter["To"]: letter.get_body(("plain",)) for letter in smtp.stored}
    reminded = {to: "仅为提示" in body.get_content() for to, body in bodies.items() if body}
    assert reminded == {"a@example.cn": False, "b@example.cn": True}


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ([Behaviour(rcpt="550 5.1.1 no such user")], "被拒收：550 5.1.1 no such user"),
        ([Behaviour(cuts_after=True)] * 2, "结果不明：lost 正文已发出，未收到最终答复"),
    ],
)
def test_a_notice_that_fails_for_good_becomes_one_task(
    outbox: Outbox, smtp: MailServer, mail: Mail, how: list[Behaviour], reason: str
) -> None:
    number = outbox.owe(TO)
    change(outbox, number, is_mandatory=True)
    smtp.when(TO, *how)
    for day in range(4):
        run(outbox, mail(), NOW + timedelta(days=day))
    assert [(task.notification_id, task.reason) for task in tasks(outbox)] == [(number, reason)]


def test_a_notice_without_an_address_goes_to_a_person_at_once_and_is_told_once(outbox: Outbox, mail: Mail) -> None:
    number = outbox.owe("")
    change(outbox, number, is_mandatory=True)
    first, second = (run(outbox, mail(), NOW + timedelta(minutes=15 * turn)) for turn in range(2))
    assert (len(first.failures), len(second.failures), len(tasks(outbox))) == (1, 0, 1)


# --- evidence ---------------------------------------------------------------------------------------------------


def test_a_try_keeps_where_it_went_masked_and_what_it_said_as_a_hash(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    outbox.owe(TO)
    run(outbox, mail())
    with transaction(outbox.url) as session:
        [attempt] = session.execute(select(NotificationAttempt)).scalars()
    assert (attempt.to_masked, len(attempt.content_sha256)) == ("h***@example.cn", 64)


def test_contents_are_cleared_after_their_time_and_the_evidence_stays(
    outbox: Outbox, smtp: MailServer, mail: Mail
) -> None:
    number, in_hand = outbox.owe(TO), outbox.owe("b@example.cn")
    change(outbox, in_hand, is_mandatory=True)
    run(outbox, mail())
    for days, cleared in ((180, 0), (181, 1), (182, 0)):
        with transaction(outbox.url) as session:
            assert retention.purge(session, NOW + timedelta(days=days)) == cleared
    row = outbox.row(number)
    assert (row.params, row.status, bool(row.message_ref)) == ({}, MessageStatus.ACCEPTED, True)
    assert outbox.row(in_hand).params != {}


# --- simulated addresses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [Mode.DRY_RUN, Mode.LIVE, Mode.ALLOW_LIST])
def test_simulated_addresses_walk_the_whole_path_in_every_mode(
    outbox: Outbox, smtp: MailServer, mail: Mail, mode: Mode
) -> None:
    cases = ("anybody", "rejected", "retry", "lost", "unknown", "configuration")
    numbers = {case: outbox.owe(f"{case}@simulated.invalid") for case in cases}
    run(outbox, mail(mode=mode))
    statuses = {case: outbox.row(number).status for case, number in numbers.items()}
    assert statuses == {
        "anybody": MessageStatus.ACCEPTED,
        "rejected": MessageStatus.REJECTED,
        "retry": MessageStatus.RETRY,
        "lost": MessageStatus.UNKNOWN,
        "unknown": MessageStatus.UNKNOWN,
        "configuration": MessageStatus.RETRY,
    }
    assert smtp.stored == []
