"""The rules of decency as pure functions: quiet hours, expiry, spacing; and the file that they stand in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.catalogue import EVENTS
from notifications.sending_windows import due_of, expiry, next_by_number, opening
from policies.messages import FILE, load_message_policy
from rules.errors import PolicyError
from rules.localtime import ZONE
from rules.vocabulary import Audience, Channel

MONDAY = date(2026, 3, 2)


def at(clock: str, day: date = MONDAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "channel", "audience", "due_on", "opens"),
    [
        ("07:59:59", Channel.SMS, Audience.APPLICANT, None, at("08:00")),
        ("08:00", Channel.SMS, Audience.APPLICANT, None, at("08:00")),
        ("19:59:59", Channel.SMS, Audience.APPLICANT, None, at("19:59:59")),
        ("20:00", Channel.SMS, Audience.APPLICANT, None, at("08:00", MONDAY + timedelta(days=1))),
        ("20:00", Channel.SMS, Audience.APPLICANT, MONDAY, at("08:00", MONDAY + timedelta(days=1))),
        ("20:00", Channel.EMAIL, Audience.APPLICANT, None, at("08:00", MONDAY + timedelta(days=1))),
        ("20:00", Channel.EMAIL, Audience.APPLICANT, MONDAY, at("20:00")),
        ("20:00", Channel.EMAIL, Audience.APPLICANT, date(2026, 3, 3), at("08:00", MONDAY + timedelta(days=1))),
        ("00:05", Channel.EMAIL, Audience.APPLICANT, MONDAY, at("08:00")),
        ("23:00", Channel.EMAIL, Audience.AUTHORITY, None, at("23:00")),
    ],
)
def test_nobody_is_disturbed_at_night_unless_the_morning_would_be_too_late(
    now: str, channel: Channel, audience: Audience, due_on: date | None, opens: datetime
) -> None:
    assert opening(at(now), channel, audience, due_on) == opens


@given(minute=st.integers(0, 60 * 24 * 7), channel=st.sampled_from(Channel))
def test_a_window_opens_within_twelve_hours_and_inside_the_day(minute: int, channel: Channel) -> None:
    now = at("00:00") + timedelta(minutes=minute)
    opens = opening(now, channel, Audience.APPLICANT, None)
    assert timedelta() <= opens - now <= timedelta(hours=12)
    assert 8 <= opens.astimezone(ZONE).hour < 20


def test_a_reminder_ends_with_its_due_day_and_a_notice_after_the_time_of_the_policy() -> None:
    assert expiry("signing_reminder", at("09:00"), MONDAY) == at("00:00", date(2026, 3, 3))
    assert expiry("disqualified", at("09:00"), None) == at("09:00") + timedelta(hours=120)
    assert due_of("signing_reminder", {"due_on": "2026-03-02"}) == MONDAY
    assert due_of("disqualified", {}) is None


@pytest.mark.parametrize(
    ("sent", "now", "next_at"),
    [
        ([], "09:00", None),
        (["08:59:30"], "09:00", at("09:00:30")),
        (["08:59"], "09:00", None),
        (["08:01", "08:11", "08:21", "08:31", "08:41"], "09:00", at("08:00", date(2026, 3, 3))),
        (["08:01", "08:11", "08:21", "08:31"], "09:00", None),
    ],
)
def test_a_number_gets_one_in_a_minute_and_five_in_a_day(sent: list[str], now: str, next_at: datetime | None) -> None:
    assert next_by_number([at(one) for one in sent], at(now)) == next_at


def test_yesterdays_messages_do_not_count_today() -> None:
    yesterday = [at(f"{hour}:00", date(2026, 3, 1)) for hour in (10, 11, 12, 13, 14)]
    assert next_by_number(yesterday, at("08:00")) is None


def test_every_message_has_its_rule_and_every_rule_its_message() -> None:
    assert load_message_policy().events.keys() == EVENTS.keys()
    for event, rule in load_message_policy().events.items():
        assert not rule.due or rule.due in EVENTS[event].model.model_fields, event
        assert not (rule.expires or rule.digest) or rule.due, event


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("unit: seconds, value: 60", "unit: fortnights, value: 60", "单位“fortnights”不认识"),
        ("unit: seconds, value: 60", "unit: seconds, value: 0", "应为正整数"),
        ('sms: {opens: "08:00"', 'sms: {opens: "21:00"', "开始须早于结束"),
        ('sms: {opens: "08:00"', 'sms: {opens: "8 Uhr"', "应为时刻"),
        ("  sms_daily:", "  sms_weekly:", "sms_weekly"),
        ("mandatory: true", "mandatory: often", "应为true 或 false"),
    ],
)
def test_a_file_that_does_not_say_it_clearly_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    file = tmp_path / "messages.yaml"
    file.write_text(FILE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=said) as refused:
        load_message_policy(file)
    assert refused.value.line > 1
