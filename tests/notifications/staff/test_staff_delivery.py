"""Telling staff by group, from the outbox with its protocol, to a real server on both databases."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from mailparts import COMMON, KEYS, NOW, Outbox
from sqlalchemy import select, text
from sqlmodel import col

from foundation.settings import reset_settings
from models import Notification, NotificationAttempt
from models.database import transaction
from notifications import outbox as sql
from notifications import pauses
from notifications.catalogue import EVENTS, TEMPLATE_VERSION, validate
from notifications.delivery import DeliveryReport, deliver
from notifications.mailsettings import MailSettings, Mode
from notifications.outcome import Outcome, OutcomeKind
from notifications.retry_policy import PACE, Pace
from notifications.staff.channel import StaffChannel
from notifications.staff.settings import StaffSettings
from rules.localtime import ZONE
from rules.vocabulary import Audience, Channel, MessageStatus
from tests.support.group import CUT, Group, group

FAULT: dict[str, Any] = {"part": "50 期限巡查", "found": "经办人王某某反映最近一次运行没有完成"}
LIMIT = {"deadline": "初审", "due_on": "2026-03-10", "working_days_left": 2}


@pytest.fixture
def hook() -> Iterator[Group]:
    with group() as held:
        yield held


def staff(hook: Group, mode: Mode = Mode.LIVE, allowed: frozenset[str] = frozenset(), **roles: str) -> StaffSettings:
    return StaffSettings(mode, roles or {"director": hook.url}, allowed)


def owe(outbox: Outbox, event: str = "service_fault", role: str = "director", at: datetime = NOW, **params: Any) -> int:
    told = {name: COMMON[name] for name in EVENTS[event].model.model_fields if name in COMMON} | (params or FAULT)
    with transaction(outbox.url) as session:
        count = session.scalar(text("SELECT count(*) FROM notification"))
        row = Notification(
            dedupe_key=f"watch:{count}:staff:{role}",
            event=event,
            audience=EVENTS[event].audience,
            channel=Channel.STAFF,
            recipient=role,
            round_id=outbox.round_id,
            subject="round",
            subject_id=outbox.round_id,
            template_version=TEMPLATE_VERSION[event],
            params=validate(event, told),
            created_at=at,
            next_at=at,
        )
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def run(outbox: Outbox, settings: StaffSettings, at: datetime = NOW) -> DeliveryReport:
    mail = MailSettings(mode=settings.mode, redirect_to="t@example.cn", smtp_url="smtp://127.0.0.1:1")
    return deliver(outbox.url, mail, KEYS, now=at, worker="t", channels=[StaffChannel(settings)])


def attempts(outbox: Outbox, number: int) -> list[NotificationAttempt]:
    with transaction(outbox.url) as session:
        own = select(NotificationAttempt).where(col(NotificationAttempt.notification_id) == number)
        return list(session.scalars(own.order_by(col(NotificationAttempt.id))))


def test_a_group_is_told_once_and_the_try_is_on_record(outbox: Outbox, hook: Group) -> None:
    number = owe(outbox)
    assert run(outbox, staff(hook)).sent == 1
    assert run(outbox, staff(hook), NOW + timedelta(days=1)).sent == 0
    [told] = hook.texts
    assert "【系统运行告警】" in told
    assert "50 期限巡查" in told
    assert f"通知{number}" in told
    assert outbox.row(number).status == MessageStatus.ACCEPTED
    [tried] = attempts(outbox, number)
    assert (tried.outcome, tried.to_masked, len(tried.content_sha256)) == ("accepted", "director（json）", 64)


@pytest.mark.parametrize(
    ("status", "becomes", "wait"),
    [
        (500, MessageStatus.RETRY, None),
        (408, MessageStatus.RETRY, None),
        (429, MessageStatus.RETRY, PACE.mend_after),
        (404, MessageStatus.RETRY, PACE.mend_after),
        (CUT, MessageStatus.UNKNOWN, PACE.reconcile_waits[0]),
    ],
)
def test_what_the_server_says_decides_what_comes_next(
    outbox: Outbox, hook: Group, status: int, becomes: MessageStatus, wait: timedelta | None
) -> None:
    number = owe(outbox)
    hook.answers = [status]
    run(outbox, staff(hook))
    row = outbox.row(number)
    assert row.status == becomes
    assert row.next_at is not None
    assert wait is None or row.next_at == NOW + wait
    assert run(outbox, staff(hook), row.next_at).sent == 1
    assert len(set(hook.texts)) == 1  # the second copy is known by its number


def test_an_end_nobody_saw_twice_is_left_to_a_person(outbox: Outbox, hook: Group) -> None:
    number = owe(outbox)
    hook.answers = [CUT, CUT]
    run(outbox, staff(hook))
    run(outbox, staff(hook), NOW + timedelta(minutes=6))
    row = outbox.row(number)
    assert (row.status, row.next_at, len(hook.posts)) == (MessageStatus.UNKNOWN, None, 2)


def test_a_server_that_is_not_there_stops_the_channel_and_it_goes_on_later(outbox: Outbox, hook: Group) -> None:
    gone = "json://127.0.0.1:1/"
    numbers = [owe(outbox), owe(outbox)]
    for minutes in (0, 11, 22):
        run(outbox, staff(hook, director=gone), NOW + timedelta(minutes=minutes))
    standing = pauses.standing(outbox.url, Channel.STAFF)
    assert standing.is_paused(NOW + timedelta(minutes=23))
    assert run(outbox, staff(hook), NOW + timedelta(minutes=23)).paused
    pauses.mend(outbox.url, Channel.STAFF, NOW + timedelta(minutes=24))
    assert run(outbox, staff(hook), NOW + timedelta(minutes=24)).sent == 2
    assert {outbox.row(number).status for number in numbers} == {MessageStatus.ACCEPTED}


def test_a_worker_that_died_during_the_call_is_found_and_finished(outbox: Outbox, hook: Group) -> None:
    number = owe(outbox)
    [held] = sql.claim(outbox.url, Channel.STAFF, "dead", NOW, Pace(), 10)
    assert held.recipient == "director"
    assert run(outbox, staff(hook), NOW + timedelta(minutes=1)).sent == 0
    assert run(outbox, staff(hook), NOW + timedelta(minutes=11)).sent == 1
    assert outbox.row(number).lease_token == held.token + 1


@pytest.mark.parametrize("status", [200, 404, 500, CUT])
def test_no_log_and_no_row_holds_the_address(
    outbox: Outbox, hook: Group, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    hook.answers = [status]
    number = owe(outbox)
    report = run(outbox, staff(hook))
    kept = [repr(outbox.row(number)), repr(attempts(outbox, number)), repr(staff(hook)), *report.failures, caplog.text]
    assert "s3cret-token" not in "".join(kept)
    assert hook.posts


# --- modes -----------------------------------------------------------------------------------------------------


def test_a_rehearsal_tells_nobody(outbox: Outbox, hook: Group) -> None:
    number = owe(outbox)
    assert run(outbox, staff(hook, Mode.DRY_RUN)).suppressed == 1
    assert (outbox.row(number).status, hook.posts) == (MessageStatus.SUPPRESSED, [])


def test_redirected_messages_go_to_one_group_and_count_as_told_to_nobody(outbox: Outbox, hook: Group) -> None:
    with group() as trial:
        number = owe(outbox)
        run(outbox, staff(hook, Mode.REDIRECT, director=hook.url, redirect=trial.url))
        assert "转投，原岗位 director" in trial.texts[0]
    assert (outbox.row(number).status, hook.posts) == (MessageStatus.SUPPRESSED, [])


def test_without_a_group_to_redirect_to_nothing_leaves(outbox: Outbox, hook: Group) -> None:
    number = owe(outbox)
    run(outbox, staff(hook, Mode.REDIRECT))
    assert (outbox.row(number).status, hook.posts) == (MessageStatus.SUPPRESSED, [])


@pytest.mark.parametrize(("allowed", "told"), [("staff:director", 1), ("staff:all", 0), ("director", 0)])
def test_the_allow_list_names_roles(outbox: Outbox, hook: Group, allowed: str, told: int) -> None:
    owe(outbox)
    run(outbox, staff(hook, Mode.ALLOW_LIST, frozenset({allowed})))
    assert len(hook.posts) == told


def test_a_role_without_an_address_waits_and_says_so(outbox: Outbox, hook: Group) -> None:
    number = owe(outbox, role="operator")
    report = run(outbox, staff(hook))
    assert (outbox.row(number).status, hook.posts) == (MessageStatus.RETRY, [])
    assert "岗位 operator 没有地址" in report.failures[0]


# --- night and morning -----------------------------------------------------------------------------------------


def night(hour: int, minute: int = 0, day: int = 3) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(("at", "told"), [(night(7, 59), 0), (night(8), 1), (night(19, 59), 1), (night(20), 0)])
def test_a_group_does_not_ring_at_night(outbox: Outbox, hook: Group, at: datetime, told: int) -> None:
    owe(outbox, at=night(0, 5))
    assert run(outbox, staff(hook), at).sent == told == len(hook.posts)


def test_what_is_due_before_the_morning_rings_at_night(outbox: Outbox, hook: Group) -> None:
    number = owe(outbox, "authority_reminder", at=night(21), **{**LIMIT, "due_on": "2026-03-03"})
    with transaction(outbox.url) as session:
        session.execute(text("UPDATE notification SET due_on = '2026-03-03'"))  # as whoever owes it does
    assert run(outbox, staff(hook), night(21)).sent == 1
    assert outbox.row(number).status == MessageStatus.ACCEPTED


def test_what_the_night_brought_is_one_message_in_the_morning(outbox: Outbox, hook: Group) -> None:
    for number in ("H01", "H02", "P03"):
        owe(outbox, "authority_reminder", at=night(0, 5), **{**LIMIT, "applicant_id": number})
    owe(outbox, "authority_reminder", "all", at=night(0, 5), **LIMIT)
    report = run(outbox, staff(hook, director=hook.url, all=hook.url), night(8))
    assert (report.digested, report.sent) == (3, 2)
    [morning] = [one for one in hook.texts if "汇总" in one]
    assert all(f"{number}　初审：2026年3月10日届满，还剩2个工作日" in morning for number in ("H01", "H02", "P03"))


# --- what an alarm does ----------------------------------------------------------------------------------------


def test_a_mail_server_that_fails_is_told_to_the_group(outbox: Outbox, hook: Group, monkeypatch: Any) -> None:
    monkeypatch.setenv("DINGDIAN_STAFF_URLS", f"director={hook.url};all={hook.url};discipline=json://127.0.0.1:2")
    reset_settings()
    owe(outbox)
    fault = Outcome(OutcomeKind.RETRY, "connect", "连不上", stops_channel=True)
    for _ in range(3):
        pauses.note_fault(outbox.url, Channel.EMAIL, fault, NOW)
    for _ in range(3):
        pauses.note_fault(outbox.url, Channel.STAFF, fault, NOW)
    with transaction(outbox.url) as session:
        alarms = session.scalars(select(Notification).where(col(Notification.event) == pauses.ALARM))
        found = sorted((row.params["channel"], row.channel, row.recipient) for row in alarms)
    assert found == [
        ("工作群", "email", ""),
        ("电子邮件", "email", ""),
        ("电子邮件", "staff", "director"),
        ("电子邮件", "staff", "discipline"),
    ]


def test_every_role_of_the_policy_hears_one_audience() -> None:
    everywhere = StaffSettings(
        Mode.LIVE, {"operator": "a://1", "director": "b://1", "all": "c://1", "redirect": "d://1"}
    )
    assert everywhere.roles_for(Audience.AUTHORITY) == ("operator", "all")
    assert everywhere.roles_for(Audience.SUPERVISOR) == ("director", "all")
    assert everywhere.roles_for(Audience.APPLICANT) == ()
