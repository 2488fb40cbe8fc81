"""What an office's round file may say besides: credit codes that fit, and where objections go, never a mobile phone."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from flows.registers import CreditCode, ObjectionContact
from tests.support.offices import CONTACT


@pytest.mark.parametrize(
    "phone", ["", "0731-5550123", "010-66001234-8012", "5550123", "66001234", "12393", "400-123-4567"]
)
def test_an_offices_landline_or_service_number_is_taken(phone: str) -> None:
    assert ObjectionContact(**{**CONTACT, "phone": phone}).phone == phone


@pytest.mark.parametrize("phone", ["19900000001", "1990000001", "+8619900000001", "0731 5550123", "见公告"])
def test_a_mobile_phone_is_not_an_offices(phone: str) -> None:
    with pytest.raises(ValidationError):
        ObjectionContact(phone=phone)


@pytest.mark.parametrize(
    "wrong", [{"email": "yiyi"}, {"email": "a b@c"}, {"online": "javascript:alert(1)"}, {"mobile": "1"}]
)
def test_addresses_have_their_form(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ObjectionContact(**wrong)


def test_a_credit_code_is_checked_where_it_is_given() -> None:
    codes = TypeAdapter(CreditCode)
    assert [codes.validate_python(one) for one in ("", "91350100M000100Y43")] == ["", "91350100M000100Y43"]
    with pytest.raises(ValidationError, match="校验位正确，请对照证照核对"):
        codes.validate_python("91350100M000100Y44")
