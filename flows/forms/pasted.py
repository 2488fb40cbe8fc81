"""What people paste and type, made into what the records hold: full-width characters, spaces, other dashes and dates.

Only what comes from a person's form is tidied up (`FROM_A_FORM`); a scenario file stays as strict as it is. The checks
are kept out of the JSON schema on purpose: Prefect would refuse in English, with a regular expression, what is only a
stray space. What cannot be read raises ValueError with a Chinese example; the sentence names the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from rules.clocktime import NO_CLOCK, clock_of
from rules.texts import cleaned_lines, latin, squeezed, unholdable

FROM_A_FORM = {"from_a_form": True}
AROUND = ".,;:!?'\"()[]<>|/\\，。；：！？、“”‘’（）【】《》·"
CODE, REF = re.compile(r"[A-Za-z0-9-]{1,20}"), re.compile(r"[A-Za-z0-9-]{1,40}")
STRICT_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
DECIMAL = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,4})?")
HASH = re.compile(r"[0-9a-f]{64}")


def is_from_a_form(info: ValidationInfo) -> bool:
    """Whether what is validated was filled in by a person, not written in a file."""
    return bool(info.context and info.context.get("from_a_form"))


def tidied(tidy: Callable[[str], str]) -> BeforeValidator:
    """A validator that tidies up text of a person's form; anything else is left as it is."""

    def apply(value: Any, info: ValidationInfo) -> Any:
        return tidy(value) if is_from_a_form(info) and isinstance(value, str) else value

    return BeforeValidator(apply)


def kept(value: Any, info: ValidationInfo) -> Any:
    """Text of a person's form as it is kept; of a file as it is. Raises ValueError for what nothing can hold."""
    if isinstance(value, list):
        return [kept(one, info) for one in value]
    if not isinstance(value, str):
        return value
    text = cleaned_lines(value) if is_from_a_form(info) else value
    if lost := unholdable(text):
        raise ValueError(lost)
    return text


def held_to(pattern: re.Pattern[str], what: str, *, may_be_empty: bool = False) -> AfterValidator:
    """A validator that holds text to a pattern; the sentence says what was given and what it should be."""

    def check(text: str) -> str:
        if not pattern.fullmatch(text) and not (may_be_empty and text == ""):
            raise ValueError(f"“{text}”{what}")
        return text

    return AfterValidator(check)


def bare(text: str) -> str:
    """`squeezed`, in Latin letters, without the punctuation that a copied cell or sentence brings along."""
    return latin(squeezed(text)).strip(AROUND)


def apart(values: Any, info: ValidationInfo) -> Any:
    """A column of numbers pasted into one box of a list, as one number each."""
    if not isinstance(values, list) or not is_from_a_form(info):
        return values
    parts = (re.split(r"[\n\t,，、;；]+", one) if isinstance(one, str) else [one] for one in values)
    return [one for each in parts for one in each if not isinstance(one, str) or squeezed(one)]


def clock(text: str) -> str:
    """`9：00`, `9点30分`, `下午5点半` or `09:00:00` as `HH:MM[:SS]`; what is no time of day as it is."""
    found = clock_of(text)
    return f"{found:%H:%M:%S}".removesuffix(":00") if found else text


def day(text: str) -> str:
    """`2026.3.5`, `2026年3月5日` or `2026-03-05` as an ISO day; what is no day as it is."""
    found = DAY.fullmatch(squeezed(text))
    if not found:
        return squeezed(text)
    return "{:04}-{:02}-{:02}".format(*(int(part) for part in found.groups()))


def a_day(text: str) -> str:
    """Holds text to an existing day, or to nothing."""
    if not re.fullmatch(r"(\d{4}-\d{2}-\d{2})?", text):
        raise ValueError(f"“{text}”不是日期，应如 2026-03-05；没有则留空")
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise ValueError(f"“{text}”不是日历上的日期，应如 2026-03-05") from None


IS_CODE = held_to(CODE, "不是编号：应为字母、数字和短横线，如 H01；可从看板或结果页复制")
IS_REF = held_to(REF, "不是编号：应为字母、数字和短横线，如 P02-1")
IS_REF_OR_NOTHING = held_to(REF, "不是编号：应如 P02-1；没有则留空", may_be_empty=True)
IS_CODE_OR_NOTHING = held_to(CODE, "不是编号：应如 H01；没有则留空", may_be_empty=True)
IS_CLOCK = held_to(STRICT_CLOCK, NO_CLOCK)
IS_CLOCK_OR_NOTHING = held_to(STRICT_CLOCK, NO_CLOCK, may_be_empty=True)
IS_DECIMAL = held_to(DECIMAL, "不是得分，应为数字，如 18.5")
IS_HASH = held_to(HASH, "不是校验值：应为 64 位十六进制数；没有可留空", may_be_empty=True)
APART = BeforeValidator(apart)
BARE, SQUEEZED, CLOCKED, DAYED = tidied(bare), tidied(squeezed), tidied(clock), tidied(day)
OR_NOTHING = BeforeValidator(lambda value: value or "")  # a box that was emptied may come as null
