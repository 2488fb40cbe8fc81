"""What is masked in free text, and what is left alone, at the edges."""

from __future__ import annotations

import pytest

from foundation.masking import found_in, mask_personal, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请致电19900010000找张三", "请致电199****0000找张三"),
        ("电话 199-0001-0000、199 0001 0000、+86 19900010000", "电话 199****0000、199****0000、199****0000"),
        ("全角１９９０００１００００也算", "全角199****0000也算"),
        ("办公室0591-87654321", "办公室591****4321"),
        ("信箱h01@example.cn。", "信箱h***@example.cn。"),
        ("身份证350102199001011234", "身份证35****************"),
        ("身份证35010219900101123X，旧证350102900101123", "身份证35****************，旧证35*************"),
        ("两个：19900010000,19900010001", "两个：199****0000,199****0001"),
    ],
)
def test_what_leads_to_a_person_is_masked(text: str, shown: str) -> None:
    assert mask_personal(text) == shown
    assert found_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "统一社会信用代码 91350100M000100Y43",
        "面积 123456789 平方米，2026-03-02T09:00:00+08:00",
        "1990001000",  # ten digits
        "199000100000",  # twelve
        "12900010000",  # no mobile number begins with 12
        "350102199013011234",  # there is no month 13
        "350102199000011234",  # nor a month 0
        "35010219900132123X",  # nor a day 32
        "a3f19900010000b",
        "01a223c0-7a35-7129-844b-34fe88013715",
        "医院@科室",
        "闽医保〔2025〕12号，H01、P31",
    ],
)
def test_what_leads_to_nobody_is_left_alone(text: str) -> None:
    assert mask_personal(text) == text
    assert found_in(text) == frozenset()


def test_only_the_named_fields_are_masked_however_deep_they_are() -> None:
    form = {"form": {"note": "19900010000", "code": "19900010000", "rows": [{"note": ["a@b.cn", 3, None]}]}}
    assert masked(form, {"note"}) == {
        "form": {"note": "199****0000", "code": "19900010000", "rows": [{"note": ["a***@b.cn", 3, None]}]}
    }


def test_a_text_that_was_masked_is_masked_no_further() -> None:
    once = mask_personal("19900010000 350102199001011234 h01@example.cn 0591-87654321")
    assert mask_personal(once) == once
