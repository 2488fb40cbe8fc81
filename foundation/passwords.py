"""Passwords: kept as Argon2id (RFC 9106), refused when they are short, easily guessed or known from breaches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rules.access import AccessRules
from rules.errors import InputError

LONGEST = 128  # characters: beyond that the estimate of its strength takes long, and nobody types it
_hasher = PasswordHasher()


@cache
def _nobody_s() -> str:
    return _hasher.hash("nobody logs in with this")


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def matches(kept: str, password: str) -> bool:
    """Whether this is the password. Takes as long where there is none: the answer tells nobody who has an account."""
    try:
        return _hasher.verify(kept or _nobody_s(), password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def expect_good(password: str, about: Sequence[str], rules: AccessRules) -> None:
    """Refuses a password that could be guessed; `about` are words that are known of the person.

    Raises InputError with the rule; the sentence does not repeat the password.
    """
    if not rules.password_length <= len(password) <= LONGEST:
        raise InputError(f"“口令”应有 {rules.password_length} 至 {LONGEST} 个字符，请改正后重新提交")
    from zxcvbn import zxcvbn  # its lists take a moment, and only who sets a password needs them

    if zxcvbn(password, user_inputs=list(about), max_length=LONGEST)["score"] < rules.password_score:
        raise InputError(
            "“口令”太容易猜到（常见、泄露过，或含姓名、工号、重复和顺序字符）：请换一个，例如几个不相干的词"
        )
