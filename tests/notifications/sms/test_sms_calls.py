"""Errors of the HTTP library before anything left: a setting, never the message."""

from __future__ import annotations

import pytest

from notifications.outcome import Outcome, OutcomeKind
from notifications.sms.calls import Line
from rules.errors import InputError


def test_a_key_that_no_header_can_carry_is_a_setting_to_mend() -> None:
    outcome = Line(1, 1).post("http://127.0.0.1:9/", {"Authorization": "密钥"}, b"")
    assert isinstance(outcome, Outcome)
    assert (outcome.kind, outcome.stops_channel) == (OutcomeKind.CONFIGURATION, True)
    assert "DINGDIAN_SMS_" in outcome.detail


def test_surroundings_that_cannot_be_used_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://x")
    with pytest.raises(InputError, match="HTTPS_PROXY"):
        Line(1, 1)
