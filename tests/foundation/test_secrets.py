"""Contacts at rest: they open for their own row and a known key only, and screens show them masked."""

from __future__ import annotations

import base64
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.secrets import (
    Contact,
    Keyring,
    MaskContacts,
    mask_contacts,
    mask_email,
    mask_phone,
    seal_contact,
    unseal_contact,
)
from rules.errors import InputError

OLD, NEW = b"the first secret of all", b"the second secret of all"
KEYS = Keyring(OLD)


@given(st.text(), st.text(min_size=1))
def test_what_is_sealed_opens_again(text: str, context: str) -> None:
    context = context.encode("utf-8", "replace").decode()
    text = text.encode("utf-8", "replace").decode()
    assert KEYS.unseal(KEYS.seal(text, context), context) == text


def test_a_sealed_text_hides_its_words_and_is_never_the_same_twice() -> None:
    first, second = KEYS.seal("h01@example.cn", "applicant:1"), KEYS.seal("h01@example.cn", "applicant:1")
    assert first != second
    assert "example" not in first


def test_a_text_moved_to_another_row_does_not_open() -> None:
    token = KEYS.seal("h01@example.cn", "applicant:1")
    with pytest.raises(InputError, match="applicant:2 的加密内容不能解密：密文不属于这一行"):
        KEYS.unseal(token, "applicant:2")


def test_a_new_key_opens_what_the_old_one_sealed() -> None:
    token = KEYS.seal("x", "applicant:1")
    ring = Keyring.from_secret(f"{NEW.decode()}, {OLD.decode()}")
    assert ring == Keyring(NEW, (OLD,))
    assert ring.unseal(token, "applicant:1") == "x"
    assert ring.seal("x", "applicant:1").split(".")[1] != token.split(".")[1]


def test_without_its_key_a_text_stays_closed_and_the_sentence_says_what_to_do() -> None:
    token = KEYS.seal("x", "applicant:1")
    with pytest.raises(InputError, match="请在 DINGDIAN_SECRET_KEY 末尾补上旧密钥"):
        Keyring(NEW).unseal(token, "applicant:1")


@pytest.mark.parametrize("token", ["", "x", "v1.", "v1.abc.", "v1.abc.AAAA", "v2.abc.AAAA", "v1.abc.中", "v1.abc.A"])
def test_what_was_never_sealed_is_named_as_such(token: str) -> None:
    with pytest.raises(InputError, match="applicant:1 的加密内容格式不对"):
        KEYS.unseal(token, "applicant:1")


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_one_changed_octet_keeps_it_closed(place: int, change: int) -> None:
    head, key_id, coded = KEYS.seal("h01@example.cn", "applicant:1").split(".")
    raw = bytearray(base64.urlsafe_b64decode(coded))
    raw[place % len(raw)] ^= change
    forged = base64.urlsafe_b64encode(bytes(raw)).decode()
    with pytest.raises(InputError, match="已被改动"):
        KEYS.unseal(f"{head}.{key_id}.{forged}", "applicant:1")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(InputError, match="DINGDIAN_SECRET_KEY 太短"):
        Keyring.from_secret(f"{NEW.decode()},short")


def test_a_keyring_shows_no_key() -> None:
    assert repr(Keyring(NEW, (OLD,))) == "Keyring()"


def test_equal_values_have_equal_blind_indexes_under_one_key_only() -> None:
    index = KEYS.blind_index("H01@Example.cn")
    assert index == KEYS.blind_index(" h01@example.CN ")
    assert index == KEYS.blind_index("ｈ01@example.cn")
    assert index != KEYS.blind_index("h02@example.cn")
    assert index != Keyring(NEW).blind_index("h01@example.cn")


def test_a_contact_belongs_to_its_applicant() -> None:
    contact = Contact("联系人", "19900010000", "h01@example.cn")
    token = seal_contact(KEYS, 12, contact)
    assert unseal_contact(KEYS, 12, token) == contact
    with pytest.raises(InputError, match="applicant:13"):
        unseal_contact(KEYS, 13, token)


def test_a_contact_never_prints_itself() -> None:
    assert repr(Contact("联系人", "19900010000", "h01@example.cn")) == "Contact(199****0000, h***@example.cn)"


EMAILS = [
    ("h01@example.cn", "h***@example.cn"),
    ("", ""),
    ("nobody", "***"),
    (" a@b.cn ", "a***@b.cn"),
    ("@b.cn", "***@b.cn"),
]
PHONES = [("19900010000", "199****0000"), ("+86 199-0001-0000", "199****0000"), ("0874123", "****23"), ("", "")]


@pytest.mark.parametrize(("address", "masked"), EMAILS)
def test_an_address_is_masked(address: str, masked: str) -> None:
    assert mask_email(address) == masked


@pytest.mark.parametrize(("number", "masked"), PHONES)
def test_a_number_is_masked(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


def test_addresses_and_numbers_inside_a_text_are_masked_and_nothing_else_is() -> None:
    text = "550 <h01@example.cn> 用户19900010000（+86 138 0013 8000）不存在，案号2026030200，信用代码915300001234567890"
    assert mask_contacts(text) == (
        "550 <h***@example.cn> 用户199****0000（138****8000）不存在，案号2026030200，信用代码915300001234567890"
    )


def test_the_log_filter_masks_arguments_too(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("test of masking")
    logger.addFilter(MaskContacts())
    logger.warning("to %s, %s", "h01@example.cn", 19900010000)
    assert caplog.messages == ["to h***@example.cn, 199****0000"]
