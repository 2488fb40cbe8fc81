"""One row of the outbox for each channel, in the commit of the change; short messages only where they are set up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from foundation.settings import reset_settings
from models import Notification
from notifications.sms.wording import SMS_TEMPLATE_VERSION
from rules.localtime import ZONE
from rules.vocabulary import Audience, Channel
from tests.tasks.rehearsal import Rehearsal

Stage = Callable[..., Rehearsal]


@pytest.fixture
def _with_sms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGDIAN_SMS_PROVIDER", "simulated")
    reset_settings()


def test_without_short_messages_everything_is_owed_by_mail(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-17 00:05")
    assert {row.channel for row in rehearsal.rows(Notification)} == {Channel.EMAIL}


@pytest.mark.usefixtures("_with_sms")
def test_an_applicant_is_told_by_both_channels_and_the_office_by_mail(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    before = len(rehearsal.rows(Notification))
    rehearsal.sweep("2026-01-17 00:05")
    new = rehearsal.rows(Notification)[before:]
    mails = [row for row in new if row.channel == Channel.EMAIL]
    texts = [row for row in new if row.channel == Channel.SMS]
    assert {row.dedupe_key for row in texts} == {
        f"{row.dedupe_key}:sms"
        for row in mails
        if row.audience == Audience.APPLICANT and row.event in SMS_TEMPLATE_VERSION
    }
    assert texts
    assert not any(row.is_mandatory for row in texts)
    assert {row.template_version for row in texts} <= set(SMS_TEMPLATE_VERSION.values())


@pytest.mark.usefixtures("_with_sms")
def test_what_a_nightly_sweep_owes_waits_for_the_morning_and_ends_in_time(at_stage: Stage) -> None:
    rehearsal = at_stage("signing")
    rehearsal.sweep("2026-01-17 00:05")
    lapsed = [row for row in rehearsal.rows(Notification) if row.event == "deemed_abandoned"]
    assert lapsed
    for row in lapsed:
        assert row.next_at is not None
        assert row.expires_at is not None
        assert (row.next_at.astimezone(ZONE).hour, row.priority) == (8, 2)
        assert row.expires_at - row.created_at == timedelta(hours=120)


def test_each_group_that_hears_a_message_has_a_row_of_its_own_once(
    at_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsal = at_stage("accepted")
    monkeypatch.setenv("DINGDIAN_STAFF_URLS", "operator=json://a;director=json://b;all=json://b")
    reset_settings()
    before = len(rehearsal.rows(Notification))
    for at in ("2025-09-29 00:05", "2025-12-31 00:05", "2025-12-31 00:05"):
        rehearsal.sweep(at)
    new = rehearsal.rows(Notification)[before:]
    groups = [row for row in new if row.channel == Channel.STAFF]
    mails = [row for row in new if row.channel == Channel.EMAIL and row.audience != Audience.APPLICANT]
    hearing = {Audience.AUTHORITY: ("operator", "all"), Audience.SUPERVISOR: ("director",)}
    expected = {(f"{row.dedupe_key}:staff:{role}", role) for row in mails for role in hearing[Audience(row.audience)]}
    assert {(row.dedupe_key, row.recipient) for row in groups} == expected
    assert {row.audience for row in groups} == {Audience.AUTHORITY, Audience.SUPERVISOR}
    assert not any(row.applicant_pk or row.is_mandatory or row.params.get("workings") for row in groups)
    assert {row.next_at.astimezone(ZONE).hour for row in groups if row.next_at} == {8}
