"""One-time codes of the second factor (TOTP, RFC 6238): six figures, a new one every thirty seconds."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

import pyotp

from rules.texts import half_width

ISSUER = "定点"


def new_secret() -> str:
    """A secret for an authenticator: 160 random bits in Base32."""
    return pyotp.random_base32()


def address(secret: str, staff_no: str) -> str:
    """What the authenticator reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=staff_no, issuer_name=ISSUER)


def code_at(secret: str, at: datetime) -> str:
    """The code that an authenticator shows at an instant."""
    return pyotp.TOTP(secret).at(at)


def step_of(secret: str, typed: str, at: datetime, off_by: int) -> int | None:
    """The time step whose code was typed, at most so many steps from now; None where the code is none of them."""
    totp, given = pyotp.TOTP(secret), half_width(typed).replace(" ", "")
    for off in range(-off_by, off_by + 1):
        then = at + timedelta(seconds=off * totp.interval)
        if hmac.compare_digest(totp.at(then).encode(), given.encode()):
            return totp.timecode(then)
    return None
