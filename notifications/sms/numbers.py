"""Mobile numbers of the mainland, and the reserved ones that no network knows."""

from __future__ import annotations

import re

from rules.phones import figures as normal

__all__ = ["is_mobile", "is_simulated", "normal"]

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
SIMULATED = re.compile(r"1000000\d{4}", re.ASCII)  # no mobile number has 0 as its second figure


def is_mobile(number: str) -> bool:
    """Whether it is a mobile number of the mainland: no landline, no 400 number can take a message."""
    return bool(MOBILE.fullmatch(number))


def is_simulated(number: str) -> bool:
    """Whether it is one of the reserved numbers `1000000dddd`, which walk the whole path and never leave the house."""
    return bool(SIMULATED.fullmatch(number))
