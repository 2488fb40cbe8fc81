"""Personal data in free text: mobile and fixed telephone numbers, e-mail addresses, identity numbers.

What people type into a form is kept by Prefect in clear, for everybody who may look. `mask_personal` is for one text,
`masked` for the fields of a form, before they leave the house's own hands; `found_in` says what a text still holds.
Digits of full width count as digits. A number is taken for one only where no letter or digit stands next to it: codes
and hashes stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from foundation.secrets import mask_email, mask_phone

# The fields of forms in which people write what they like; the others hold codes, numbers and addresses of pages.
FREE_TEXT = frozenset(
    {
        *("absence_note", "allegation", "brand", "cause", "content", "corrections", "described", "document"),
        *("dosage_form", "evidence", "generic", "maker", "specification"),
        *("facts", "finding", "ground", "how", "item", "items", "judgement_reason", "kept_by", "matter", "measures"),
        *("method", "minutes", "note", "open_point", "other_terms", "proof", "reason", "record"),
        *("received_by", "remark", "statement", "summary", "title", "told", "value", "waived_why", "what"),
    }
)

HALF_WIDTH = {code + 0xFEE0: code for code in range(0x21, 0x7F)} | {0x3000: 0x20}  # one character for one
ALONE, ENDS = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
MOBILE = re.compile(rf"(?:\+?{ALONE}86[- ]?|{ALONE})1[3-9]\d(?:[- .]?\d{{4}}){{2}}{ENDS}", re.ASCII)
FIXED = re.compile(rf"{ALONE}\(?0\d{{2,3}}\)?[- ]?\d{{7,8}}{ENDS}", re.ASCII)
DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
IDENTITY = re.compile(
    rf"{ALONE}[1-9]\d{{5}}(?:(?:18|19|20)\d{{2}}{DAY}\d{{3}}[\dXx]|\d{{2}}{DAY}\d{{3}}){ENDS}", re.ASCII
)
MAIL = re.compile(r"[\w.!#$%&'+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
KINDS = {"身份证号": IDENTITY, "手机号": MOBILE, "固定电话": FIXED, "邮箱": MAIL}


def mask_personal(text: str) -> str:
    """The text with every number and address in it masked; one without any is the same."""
    spans = sorted(_spans(text), key=lambda span: (span[1], -span[2]))
    parts, done = [], 0
    for kind, begin, end in spans:
        if begin >= done:
            parts += [text[done:begin], _hidden(kind, text[begin:end].translate(HALF_WIDTH))]
            done = end
    return "".join([*parts, text[done:]])


def masked(value: Any, free_text: Collection[str]) -> Any:
    """A form's fields, however nested, in which the texts of the fields named in `free_text` are masked."""
    if isinstance(value, dict):
        return {name: _everywhere(one) if name in free_text else masked(one, free_text) for name, one in value.items()}
    return [masked(one, free_text) for one in value] if isinstance(value, list) else value


def found_in(text: str) -> frozenset[str]:
    """The kinds of personal data that stand in a text in clear."""
    return frozenset(kind for kind, _, _ in _spans(text))


def _everywhere(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _everywhere(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_everywhere(one) for one in value]
    return mask_personal(value) if isinstance(value, str) else value


def _spans(text: str) -> Iterator[tuple[str, int, int]]:
    plain = text.translate(HALF_WIDTH)
    for kind, pattern in KINDS.items():
        yield from ((kind, found.start(), found.end()) for found in pattern.finditer(plain))


def _hidden(kind: str, found: str) -> str:
    if kind == "邮箱":
        return mask_email(found)
    return f"{found[:2]}{'*' * (len(found) - 2)}" if kind == "身份证号" else mask_phone(found)
