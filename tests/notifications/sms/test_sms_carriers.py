"""Three providers, one behaviour: what each answer of the server makes of a message, and what is found out later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from smsparts import PROVIDERS, letter

from notifications.outcome import OutcomeKind
from notifications.sms.letter import Sent, SmsLetter
from notifications.sms.receipts import pull_receipts
from notifications.sms.sender import SmsSender
from notifications.sms.settings import Provider, SmsSettings
from rules.errors import InputError
from tests.support.sms_gateway import KEY, FakeSms

Settings = Callable[..., SmsSettings]
every_provider = pytest.mark.parametrize("provider", PROVIDERS)


@contextmanager
def opened(settings: SmsSettings) -> Iterator[SmsSender]:
    sender = SmsSender(settings)
    try:
        yield sender
    finally:
        sender.close()


@every_provider
def test_a_message_is_taken_once_and_reads_as_it_was_rendered(provider: str, fake: FakeSms, settings: Settings) -> None:
    sent = letter(provider=provider)
    with opened(settings(provider)) as sender:
        outcome = sender.hand_over(sent)
    [stored] = fake.stored
    assert (outcome.kind, outcome.reference) == (OutcomeKind.ACCEPTED, stored.reference)
    assert (stored.phone, stored.text, stored.our_id) == (sent.to, sent.text, sent.message_id)
    assert sent.text == "申请编号H01（样例县人民医院）：你单位的服务协议已于2026年3月2日签订，将报医疗保障部门备案。"


@every_provider
def test_one_connection_serves_all_messages_of_a_run(provider: str, fake: FakeSms, settings: Settings) -> None:
    with opened(settings(provider)) as sender:
        outcomes = [sender.hand_over(letter(provider=provider, number=number)).kind for number in range(20)]
    assert outcomes == [OutcomeKind.ACCEPTED] * 20
    assert (fake.connections, len(fake.counts())) == (1, 20)


FATES = [
    ("0002", OutcomeKind.REJECTED, False, 0),
    ("0003", OutcomeKind.LIMITED, False, 0),
    ("0004", OutcomeKind.RETRY, False, 0),
    ("0005", OutcomeKind.RETRY, False, 0),
    ("0006", OutcomeKind.UNKNOWN, False, 1),
    ("0007", OutcomeKind.UNKNOWN, True, 1),
    ("0008", OutcomeKind.UNKNOWN, False, 0),
    ("0009", OutcomeKind.CONFIGURATION, True, 0),
    ("0010", OutcomeKind.ACCEPTED, False, 1),
    ("0011", OutcomeKind.UNKNOWN, False, 1),
    ("0012", OutcomeKind.UNKNOWN, False, 1),
]


@every_provider
@pytest.mark.parametrize(("figures", "kind", "stops", "taken"), FATES)
def test_every_answer_has_its_class(
    provider: str, figures: str, kind: OutcomeKind, stops: bool, taken: int, fake: FakeSms, settings: Settings
) -> None:
    with opened(settings(provider)) as sender:
        outcome = sender.hand_over(letter(f"1990001{figures}", provider))
    assert (outcome.kind, outcome.stops_channel, len(fake.stored)) == (kind, stops, taken)
    assert f"1990001{figures}" not in outcome.detail


@every_provider
def test_a_limit_says_when_the_next_window_opens(provider: str, settings: Settings) -> None:
    with opened(settings(provider)) as sender:
        outcome = sender.hand_over(letter("19900010003", provider))
    assert outcome.wait == {"gateway": timedelta(minutes=1)}.get(provider, timedelta(hours=1))


@every_provider
def test_nobody_there_means_surely_not_taken(provider: str, settings: Settings) -> None:
    with opened(settings(provider, endpoint="http://127.0.0.1:9/sms/submit")) as sender:
        outcome = sender.hand_over(letter(provider=provider))
    assert (outcome.kind, outcome.code, outcome.stops_channel) == (OutcomeKind.RETRY, "connect", True)


@every_provider
def test_a_server_without_encryption_where_it_is_expected_stops_the_channel(
    provider: str, fake: FakeSms, settings: Settings
) -> None:
    with opened(settings(provider, endpoint=fake.url.replace("http:", "https:"))) as sender:
        outcome = sender.hand_over(letter(provider=provider))
    assert (outcome.kind, outcome.code, outcome.stops_channel) == (OutcomeKind.CONFIGURATION, "tls", True)


WRONG_KEYS = [
    ({"access_key_secret": "another"}, {"SignatureDoesNotMatch", "AuthFailure.SignatureFailure", "IllegalMac"}),
    (
        {"access_key_id": "somebody"},
        {"InvalidAccessKeyId.NotFound", "AuthFailure.SecretIdNotFound", "InvalidUsrOrPwd"},
    ),
]


@every_provider
@pytest.mark.parametrize(("wrong", "codes_said"), WRONG_KEYS)
def test_a_wrong_key_stops_the_channel(
    provider: str, wrong: dict[str, str], codes_said: set[str], fake: FakeSms, settings: Settings
) -> None:
    with opened(settings(provider, **wrong)) as sender:
        outcome = sender.hand_over(letter(provider=provider))
    assert (outcome.kind, outcome.stops_channel, fake.stored) == (OutcomeKind.CONFIGURATION, True, [])
    assert outcome.code in codes_said


def test_a_template_unknown_to_the_provider_waits_for_a_person(settings: Settings) -> None:
    with opened(settings("aliyun")) as sender:
        outcome = sender.hand_over(replace(letter(), code="SMS_9999"))
    assert (outcome.kind, outcome.code) == (OutcomeKind.CONFIGURATION, "isv.SMS_TEMPLATE_ILLEGAL")
    assert (outcome.detail, outcome.stops_channel) == ("模板未通过审核或不存在（no）", False)


# --- reconciliation --------------------------------------------------------------------------------------------


@every_provider
def test_a_lost_reply_is_found_by_our_own_id_and_not_sent_again(
    provider: str, fake: FakeSms, settings: Settings
) -> None:
    sent = letter("19900010006", provider)
    with opened(settings(provider)) as sender:
        assert sender.hand_over(sent).kind is OutcomeKind.UNKNOWN
        outcome = sender.reconcile(later(sent))
    assert (outcome.kind, outcome.code) == (OutcomeKind.ACCEPTED, "found")
    assert fake.counts() == {sent.message_id: 1}


@every_provider
def test_a_message_that_never_arrived_stays_unknown(provider: str, fake: FakeSms, settings: Settings) -> None:
    sent = letter("19900010008", provider)
    with opened(settings(provider)) as sender:
        sender.hand_over(letter("19900010008", provider, number=7))
        fake.take(*_another(provider))
        outcome = sender.reconcile(later(sent))
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNKNOWN, "not_found")


def later(sent: SmsLetter) -> SmsLetter:
    """The same message, prepared anew when it is asked about."""
    return replace(sent, sent_at=datetime.now(UTC) + timedelta(seconds=1))


def _another(provider: str) -> tuple[Any, ...]:
    return Provider(provider), "19900010008", "another message to the same number", "dd-another"


@every_provider
def test_a_query_that_cannot_be_made_says_nothing_about_the_message(provider: str, settings: Settings) -> None:
    nowhere = {"endpoint": "http://127.0.0.1:9", "gateway_query_url": "http://127.0.0.1:9"}
    with opened(settings(provider, **nowhere)) as sender:
        outcome = sender.reconcile(letter(provider=provider))
    assert (outcome.kind, outcome.code, outcome.stops_channel) == (OutcomeKind.RETRY, "connect", True)


def test_an_aliyun_message_is_found_beyond_the_first_page_and_on_the_day_before(
    fake: FakeSms, settings: Settings
) -> None:
    sent = replace(letter("19900010001"), owed_at=datetime.now(UTC) - timedelta(days=2))
    fake.clock = lambda: datetime.now(UTC) - timedelta(days=1)
    for number in range(60):
        fake.take(Provider.ALIYUN, sent.to, "", f"other{number}")
    fake.take(Provider.ALIYUN, sent.to, "", sent.message_id)
    with opened(settings("aliyun")) as sender:
        assert sender.reconcile(sent).code == "found"


def test_a_gateway_without_a_query_interface_finds_nothing(fake: FakeSms, settings: Settings) -> None:
    sent = letter("19900010006", "gateway")
    with opened(settings("gateway", gateway_query_url="")) as sender:
        sender.hand_over(sent)
        assert sender.reconcile(later(sent)).code == "not_found"
    assert len(fake.requests) == 1


def test_a_tencent_account_without_session_context_finds_nothing(fake: FakeSms, settings: Settings) -> None:
    fake.has_context, sent = False, letter("19900010006", "tencent")
    with opened(settings("tencent")) as sender:
        sender.hand_over(sent)
        assert sender.reconcile(later(sent)).code == "not_found"


# --- receipts --------------------------------------------------------------------------------------------------


@every_provider
def test_receipts_are_fetched_for_what_the_network_has_reported(
    provider: str, fake: FakeSms, settings: Settings
) -> None:
    numbers = {
        "19900010001": "delivered",
        "19900010010": "undelivered",
        "19900010013": None,
        "10000000006": "undelivered",
    }
    letters = [letter(to, provider, number) for number, to in enumerate(numbers)]
    with opened(settings(provider)) as sender:
        references = [sender.hand_over(one).reference for one in letters]
    sent = [Sent(one.message_id, one.to, ref, one.sent_at) for one, ref in zip(letters, references, strict=True)]
    receipts = {receipt.message_id: receipt for receipt in pull_receipts(settings(provider), sent)}
    states = {one.to: receipts[one.message_id].state if one.message_id in receipts else None for one in letters}
    assert states == numbers
    assert receipts[letters[1].message_id].code == "MK:0001"
    at = receipts[letters[0].message_id].at
    assert at is not None
    assert abs(at - fake.stored[0].at) < timedelta(seconds=2)


def test_tencent_receipts_are_matched_by_the_provider_s_number_too(fake: FakeSms, settings: Settings) -> None:
    fake.has_context, sent = False, letter(provider="tencent")
    with opened(settings("tencent")) as sender:
        reference = sender.hand_over(sent).reference
    asked = [Sent(sent.message_id, sent.to, reference, sent.sent_at)]
    assert [receipt.state for receipt in pull_receipts(settings("tencent"), asked)] == ["delivered"]


@every_provider
def test_no_receipt_where_the_provider_cannot_be_asked(provider: str, settings: Settings) -> None:
    nowhere = settings(provider, endpoint="http://127.0.0.1:9", gateway_query_url="http://127.0.0.1:9")
    sent = letter(provider=provider)
    assert pull_receipts(nowhere, [Sent(sent.message_id, sent.to, "R1", sent.sent_at)]) == []
    assert pull_receipts(nowhere, []) == []


def test_receipts_of_reserved_numbers_need_no_settings() -> None:
    asked = [Sent("dd1", "10000000001", "simulated-dd1", datetime.now(UTC))]
    assert [receipt.state for receipt in pull_receipts(SmsSettings(), asked)] == ["delivered"]
    with pytest.raises(InputError, match="没有设置短信平台"):
        pull_receipts(SmsSettings(), [Sent("dd2", "19900010001", "", datetime.now(UTC))])


# --- what nobody must see ----------------------------------------------------------------------------------------


@every_provider
def test_neither_logs_nor_reprs_show_a_number_or_a_secret(
    provider: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for name in ("httpx", "apprise", "dingdian"):
        caplog.set_level("DEBUG", logger=name)
    sent, live = letter("19900010001", provider), settings(provider)
    with opened(live) as sender:
        sender.hand_over(sent)
        sender.reconcile(sent)
    said = "\n".join([caplog.text, repr(sent), repr(live), repr(Sent("dd1", sent.to, "R1", sent.sent_at))])
    assert sent.to not in said
    assert KEY not in repr(live)
    assert live.access_key_secret not in said
