"""Mobile numbers of the mainland, and the reserved ones that no network knows."""

from __future__ import annotations

import re
import unicodedata

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
SIMULATED = re.compile(r"1000000\d{4}", re.ASCII)  # no mobile number has 0 as its second figure
COUNTRY = re.compile(r"(?:\+|00)?86(?=1\d{10}$)", re.ASCII)
BETWEEN = re.compile(r"[\s()-]")


def normal(number: str) -> str:
    """A number as networks write it: figures only, without the country's code (`＋86 199-0001-0000`: `19900010000`)."""
    return COUNTRY.sub("", BETWEEN.sub("", unicodedata.normalize("NFKC", number)))


def is_mobile(number: str) -> bool:
    """Whether it is a mobile number of the mainland: no landline, no 400 number can take a message."""
    return bool(MOBILE.fullmatch(number))


def is_simulated(number: str) -> bool:
    """Whether it is one of the reserved numbers `1000000dddd`, which walk the whole path and never leave the house."""
    return bool(SIMULATED.fullmatch(number))
