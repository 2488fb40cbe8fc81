"""What can stand in the address of a page: numbers of rows that a database keeps, codes as the forms have them."""

from __future__ import annotations

import re

DIGITS = 9  # what a database keeps as a whole number
CODE = re.compile(r"[A-Za-z0-9-]{1,20}")  # as the forms have it


def is_number(given: object) -> bool:
    """Whether it can be the number of a row."""
    return len(str(given)) <= DIGITS


def is_code(given: object) -> bool:
    """Whether it can be the number of an applicant or an expert."""
    return bool(CODE.fullmatch(str(given)))
