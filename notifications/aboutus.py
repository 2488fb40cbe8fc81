"""Errors and answers that are about us (our settings, our login, our network), told apart from those about a letter or
its recipient: a person must mend something, the letters stay owed.

What a mail server says about us in its own words stands in `aboutus.yaml`.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from notifications.outcome import Outcome, OutcomeKind
from policies.yamlfile import read

WORDS: tuple[str, ...] = read(Path(__file__).with_name("aboutus.yaml")).texts(("sender_or_relay",))
UNUSABLE = (
    *(UnicodeError, ValueError, OverflowError, ssl.SSLError),
    *(FileNotFoundError, IsADirectoryError, PermissionError),
)


def is_about_us(said: str) -> bool:
    """Whether a refusal speaks of the sender, its login, its address or its network, whatever its code."""
    words = said.casefold()
    return any(one in words for one in WORDS)


def before_leaving(error: Exception, what: str, setting: str) -> Outcome:
    """The outcome of an error of a library before any octet of the letter left: a setting that cannot be used."""
    if isinstance(error, ssl.SSLError):
        said = f"与{what}不能建立加密连接（{error.reason or type(error).__name__}）：请检查证书、系统时间和 {setting}"
        return Outcome(OutcomeKind.CONFIGURATION, "tls", said, stops_channel=True)
    said = f"{what}的设置不能使用（{_kind(error)}）：请检查 {setting}"
    return Outcome(OutcomeKind.CONFIGURATION, "setting", said, stops_channel=True)


def unwritable(error: Exception) -> Outcome:
    """The outcome of an error while a letter was being written: nothing left, this one cannot be sent as it stands."""
    said = f"内容含有无法发送的字符（{_kind(error)}）：请更正登记的名称后重发"
    return Outcome(OutcomeKind.CONFIGURATION, "content", said)


def _kind(error: Exception) -> str:
    """What kind of error it was; never its words, which may hold a password or a name."""
    if isinstance(error, UnicodeError):
        return "含有不能编码的字符"
    if isinstance(error, OSError):
        return "文件读不到"
    return type(error).__name__
