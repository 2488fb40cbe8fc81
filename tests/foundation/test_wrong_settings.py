"""A setting that cannot be used is named with what it should be, in Chinese; a mode that promises to send says what it
cannot."""

from __future__ import annotations

import pytest

from dingdian.running.up import nothing_goes_out
from foundation.settings import get_settings, reset_settings
from rules.errors import InputError


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BOARD_PORT", "65535", ""),
        ("BOARD_PORT", "65536", "DINGDIAN_BOARD_PORT 的值不能用：不能大于 65535"),
        ("BOARD_PORT", "0", "DINGDIAN_BOARD_PORT 的值不能用：不能小于 1"),
        ("BOARD_PORT", "abc", "DINGDIAN_BOARD_PORT 的值不能用：应为整数"),
        ("MESSAGE_MODE", "lvie", "只能是 live、redirect、dry_run、allow_list"),
        ("BOARD_URL", "board", "DINGDIAN_BOARD_URL 的值不能用：格式不符"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str) -> None:
    monkeypatch.setenv(f"DINGDIAN_{name}", value)
    reset_settings()
    if not sentence:
        assert get_settings().board_port == int(value)
        return
    with pytest.raises(InputError) as refused:
        get_settings()
    assert sentence in str(refused.value)
    assert "Input" not in str(refused.value)


@pytest.mark.parametrize(
    ("mode", "more", "lacking"),
    [
        ("live", {}, ["DINGDIAN_SMTP_URL", "DINGDIAN_SMS_PROVIDER"]),
        ("live", {"SMTP_URL": "smtp://mail.example.cn"}, ["DINGDIAN_SMS_PROVIDER"]),
        ("dry_run", {}, []),
    ],
)
def test_a_mode_that_sends_says_on_which_channels_it_cannot(
    monkeypatch: pytest.MonkeyPatch, mode: str, more: dict[str, str], lacking: list[str]
) -> None:
    for name, value in {"MESSAGE_MODE": mode, **more}.items():
        monkeypatch.setenv(f"DINGDIAN_{name}", value)
    reset_settings()
    said = nothing_goes_out(get_settings())
    assert [one for one in ("DINGDIAN_SMTP_URL", "DINGDIAN_SMS_PROVIDER") if one in said] == lacking
