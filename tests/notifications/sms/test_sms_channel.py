"""What is owed becomes a letter, or says why none is sent; what an installation must set for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from smsparts import PARAMS, PROVIDERS

from foundation.secrets import Contact, Keyring, seal_contact
from foundation.settings import get_settings
from notifications.mailsettings import Mode
from notifications.outcome import Outcome, OutcomeKind
from notifications.sms.channel import SmsChannel
from notifications.sms.codes import CODES, Verdict, classed
from notifications.sms.letter import SmsLetter
from notifications.sms.numbers import is_mobile, is_simulated, normal
from notifications.sms.settings import Provider, SmsSettings
from notifications.sms.wording import SMS_TEMPLATE_VERSION
from rules.errors import InputError
from tests.support.sms_gateway import FakeSms

Settings = Callable[..., SmsSettings]
KEYS = Keyring(b"a secret for tests, long enough")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PHONE = "19900010001"


def owed(phone: str = PHONE, **changes: Any) -> Any:
    """A claimed message to an applicant with this number."""
    about: dict[str, Any] = {
        "id": 7,
        "event": "agreement_signed",
        "audience": "applicant",
        "applicant_pk": 3,
        "contact_sealed": seal_contact(KEYS, 3, Contact("联系人", phone, "h01@example.cn")),
        "params": PARAMS,
        "created_at": NOW - timedelta(hours=1),
        "dedupe_key": "case:1:agreement_signed:sms",
        "message_ref": "",
    }
    about["template_version"] = SMS_TEMPLATE_VERSION.get(changes.get("event", about["event"]), "")
    return SimpleNamespace(**about | changes)


def prepared(settings: SmsSettings, held: Any) -> SmsLetter | Outcome:
    return SmsChannel(settings).prepare(held, KEYS, NOW)


def test_a_letter_carries_code_variables_and_text(settings: Settings) -> None:
    made = prepared(settings("aliyun"), owed(" ＋86 199-0001-0001 "))
    assert isinstance(made, SmsLetter)
    assert (made.to, made.to_masked, made.code) == (PHONE, "199****0001", "SMS_1017")
    assert made.variables == (("number", "H01"), ("unit", "样例县人民医院"), ("day", "2026年3月2日"))
    assert made.text.startswith("申请编号H01（样例县人民医院）：你单位的服务协议已于2026年3月2日签订")
    assert (made.owed_at, made.sent_at) == (NOW - timedelta(hours=1), NOW)


def test_our_id_is_the_same_for_every_try_and_new_for_a_new_generation(settings: Settings) -> None:
    ids = [
        made.message_id
        for held in (owed(), owed(id=8), owed(dedupe_key="case:1:agreement_signed:sms:g1"), owed(message_ref="dd-kept"))
        if isinstance(made := prepared(settings("gateway"), held), SmsLetter)
    ]
    assert ids[0] == ids[1] != ids[2]
    assert ids[3] == "dd-kept"
    assert len(ids[0]) == 26


FAULTS = [
    ("no number", owed(""), "没有登记手机号码"),
    ("a landline", owed("0571-88880000"), "登记的不是手机号码"),
    ("no contact", owed(contact_sealed=""), "没有登记手机号码"),
    ("not an applicant", owed(audience="supervisor"), "短信只发给申请人"),
    ("another row's contact", owed(applicant_pk=4), "密文不属于这一行"),
    ("no short message", owed(event="authority_breach"), "没有短信"),
    ("a hostile name", owed(params=PARAMS | {"applicant_name": "点http://a.cn"}), "变量 unit 不合要求"),
]


@pytest.mark.parametrize(("held", "said"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_a_fault_waits_for_a_person_and_nothing_is_sent(held: Any, said: str, settings: Settings) -> None:
    made = prepared(settings("gateway"), held)
    assert isinstance(made, Outcome)
    assert (made.kind, made.stops_channel) == (OutcomeKind.CONFIGURATION, False)
    assert said in made.detail
    assert "0571" not in made.detail


MODES = [
    ({"mode": Mode.DRY_RUN}, PHONE, "dry_run"),
    ({"mode": Mode.ALLOW_LIST}, PHONE, "allow_list"),
    ({"mode": Mode.ALLOW_LIST, "allowed": frozenset({"+86 19900010001"})}, PHONE, PHONE),
    ({"mode": Mode.REDIRECT}, PHONE, "redirect"),
    ({"mode": Mode.REDIRECT, "redirect_to": "199 0001 0099"}, PHONE, "19900010099"),
    ({"mode": Mode.LIVE}, PHONE, PHONE),
    *[({"mode": mode, "redirect_to": "19900010099"}, "10000000001", "10000000001") for mode in Mode],
]


@pytest.mark.parametrize(("changes", "phone", "goes_to"), MODES)
def test_the_mode_decides_where_a_message_goes(
    changes: dict[str, Any], phone: str, goes_to: str, settings: Settings
) -> None:
    made = prepared(settings("gateway", **changes), owed(phone))
    assert (made.to if isinstance(made, SmsLetter) else made.code) == goes_to
    if isinstance(made, Outcome):
        assert (made.kind, PHONE in made.detail) == (OutcomeKind.SUPPRESSED, False)


# --- reserved numbers -------------------------------------------------------------------------------------------

WALKS = [
    ("10000000001", OutcomeKind.ACCEPTED, "found"),
    ("10000000002", OutcomeKind.REJECTED, "not_found"),
    ("10000000003", OutcomeKind.LIMITED, "not_found"),
    ("10000000004", OutcomeKind.RETRY, "not_found"),
    ("10000000005", OutcomeKind.UNKNOWN, "found"),
    ("10000000006", OutcomeKind.ACCEPTED, "found"),
    ("10000000007", OutcomeKind.UNKNOWN, "not_found"),
    ("10000000008", OutcomeKind.CONFIGURATION, "not_found"),
]


@pytest.mark.parametrize(("phone", "kind", "later"), WALKS)
@pytest.mark.parametrize("provider", [*PROVIDERS, "simulated"])
def test_reserved_numbers_walk_every_way_and_leave_no_trace_outside(
    provider: str, phone: str, kind: OutcomeKind, later: str, fake: FakeSms, settings: Settings
) -> None:
    channel = SmsChannel(settings(provider))
    made = channel.prepare(owed(phone), KEYS, NOW)
    assert isinstance(made, SmsLetter)
    sender = channel.open()
    assert (sender.hand_over(made).kind, sender.reconcile(made).code) == (kind, later)
    sender.close()
    assert fake.requests == []


# --- template codes ---------------------------------------------------------------------------------------------


def test_a_text_changed_after_approval_is_not_sent(settings: Settings, codes: Path) -> None:
    held = yaml.safe_load(codes.read_text(encoding="utf-8"))
    approved = held["aliyun"]["agreement_signed"]
    held["aliyun"]["agreement_signed"] = {**approved, "version": "0" * 12}
    changed = codes.with_name("changed.yaml")
    changed.write_text(yaml.safe_dump(held), encoding="utf-8")
    made = prepared(settings("aliyun", template_codes=changed), owed())
    assert isinstance(made, Outcome)
    assert "在报备后改过" in made.detail


def test_a_text_approved_in_two_versions_goes_out_under_the_code_of_its_own(settings: Settings, codes: Path) -> None:
    held = yaml.safe_load(codes.read_text(encoding="utf-8"))
    later = {"code": "SMS_LATER", "version": "0" * 12}
    held["aliyun"]["agreement_signed"] = [later, held["aliyun"]["agreement_signed"]]
    both = codes.with_name("both.yaml")
    both.write_text(yaml.safe_dump(held), encoding="utf-8")
    made = prepared(settings("aliyun", template_codes=both), owed())
    assert isinstance(made, SmsLetter)
    assert made.code == "SMS_1017"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "读不出短信模板编号文件"),
        ("[]", "应为"),
        ("aliyun: {}", "没有短信“agreement_signed”在阿里云短信的模板编号"),
    ],
)
def test_a_missing_template_code_is_named(content: str | None, said: str, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    made = prepared(settings("aliyun", template_codes=path), owed())
    assert isinstance(made, Outcome)
    assert said in made.detail


# --- settings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", [*PROVIDERS, "simulated"])
def test_complete_settings_pass(provider: str, settings: Settings) -> None:
    SmsChannel(settings(provider)).check()


MISSING = [
    ("aliyun", "access_key_secret", "DINGDIAN_SMS_ACCESS_KEY_SECRET"),
    ("tencent", "sdk_app_id", "DINGDIAN_SMS_SDK_APP_ID"),
    ("gateway", "endpoint", "DINGDIAN_SMS_ENDPOINT"),
    ("gateway", "ec_name", "DINGDIAN_SMS_EC_NAME"),
    ("aliyun", "sign_name", "DINGDIAN_SMS_SIGN_NAME"),
]


@pytest.mark.parametrize(("provider", "name", "said"), MISSING)
def test_a_missing_setting_is_named(provider: str, name: str, said: str, settings: Settings) -> None:
    with pytest.raises(InputError, match=said):
        settings(provider, **{name: ""}).check()


def test_numbers_do_not_travel_in_clear_over_the_public_network(settings: Settings) -> None:
    with pytest.raises(InputError, match="会以明文传送手机号码"):
        settings("aliyun", endpoint="http://dysmsapi.aliyuncs.com").check()
    settings("gateway", endpoint="http://10.0.0.8:1992/sms/norsubmit").check()


@pytest.mark.parametrize("url", ["ftp://a/b", "https:///x"])
def test_an_endpoint_that_is_no_address_is_refused(url: str, settings: Settings) -> None:
    with pytest.raises(InputError, match="DINGDIAN_SMS_ENDPOINT 不是网址"):
        settings("gateway", endpoint=url).check()


def test_a_redirection_to_something_else_than_a_mobile_number_is_refused(settings: Settings) -> None:
    with pytest.raises(InputError, match="DINGDIAN_SMS_REDIRECT_TO"):
        settings("gateway", mode=Mode.REDIRECT, redirect_to="0571-1").check()


def test_settings_come_from_the_environment_and_are_off_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not SmsSettings.from_settings(get_settings()).is_on
    get_settings.cache_clear()
    for name, value in {"PROVIDER": "tencent", "ACCESS_KEY_SECRET": "geheim", "SDK_APP_ID": "14"}.items():
        monkeypatch.setenv(f"DINGDIAN_SMS_{name}", value)
    sms = SmsSettings.from_settings(get_settings())
    assert (sms.provider, sms.mode, sms.sdk_app_id, sms.is_on) == (Provider.TENCENT, Mode.DRY_RUN, "14", True)
    assert (sms.access_key_secret, sms.base_url) == ("geheim", "https://sms.tencentcloudapi.com")
    assert "geheim" not in repr(sms) + repr(get_settings())


# --- numbers and codes ------------------------------------------------------------------------------------------

NUMBERS = [
    ("19900010001", True, False),
    ("+8619900010001", True, False),
    ("008619900010001", True, False),
    ("86 199 0001 0001", True, False),
    ("１９９０００１０００１", True, False),
    ("(199)0001-0001", True, False),
    ("1990001000", False, False),
    ("199000100011", False, False),
    ("12900010001", False, False),
    ("05718888000", False, False),
    ("4008001234", False, False),
    ("10000000001", False, True),
    ("10000010001", False, False),
    ("", False, False),
]


@pytest.mark.parametrize(("text", "mobile", "simulated"), NUMBERS)
def test_a_mobile_number_is_known_by_its_form(text: str, mobile: bool, simulated: bool) -> None:
    number = normal(text)
    assert (is_mobile(number), is_simulated(number)) == (mobile, simulated)
    assert not mobile or number == PHONE


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_code_of_the_tables_says_what_to_do(provider: str) -> None:
    for row in CODES[provider]:
        outcome = classed(Provider(provider), Verdict(row["code"], row.get("with", "")))
        assert outcome.kind is OutcomeKind(row["class"])
        assert outcome.kind is OutcomeKind.ACCEPTED or row["say"]
        assert (outcome.wait is not None) == (outcome.kind is OutcomeKind.LIMITED)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [("触发分钟级流控Permits:1", 1), ("触发小时级流控Permits:5", 60), ("触发天级流控Permits:50", 720)],
)
def test_aliyun_s_limits_are_told_apart_by_their_words(said: str, minutes: int) -> None:
    outcome = classed(Provider.ALIYUN, Verdict("isv.BUSINESS_LIMIT_CONTROL", said))
    assert (outcome.kind, outcome.wait) == (OutcomeKind.LIMITED, timedelta(minutes=minutes))


def test_a_code_nobody_knows_waits_for_a_person_and_shows_no_number() -> None:
    outcome = classed(Provider.ALIYUN, Verdict("isv.NEW_RULE", "number 19900010001 x@y.cn is odd"))
    assert (outcome.kind, outcome.stops_channel) == (OutcomeKind.CONFIGURATION, False)
    assert outcome.detail == "阿里云短信的答复不在已知之列，请联系平台查明（number 199****0001 x***@y.cn is odd）"
