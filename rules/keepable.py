"""Text that every database, workbook, document and terminal can hold; the place of what none can.

Lone surrogates, noncharacters, NUL and the other control characters pass through JSON and YAML as escapes, and fail
much later and in English. They are refused where something comes in, with the place and never with the content.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[int | str, ...]
LINES = "\t\n\r"  # the controls that a text of several lines has
LAST_TWO = 0xFFFE  # the last two code points of every plane are noncharacters, and so are U+FDD0 to U+FDEF
IN_ARABIC_FORMS = range(0xFDD0, 0xFDF0)


def is_keepable(character: str) -> bool:
    """Whether a character is one that text can hold for good."""
    if character in LINES:
        return True
    number = ord(character)
    is_noncharacter = number & LAST_TWO == LAST_TWO or number in IN_ARABIC_FORMS
    return not is_noncharacter and unicodedata.category(character) not in ("Cc", "Cs")


def unkeepable_in(text: str) -> str:
    """The first character of a text that cannot be kept, as `U+D800`; nothing where all can."""
    if text.isascii() and text.isprintable():
        return ""
    return next((f"U+{ord(one):04X}" for one in text if not is_keepable(one)), "")


def what_of(character: str) -> str:
    """The sentence about a character, as `unkeepable_in` names it."""
    return f"含有无法保存的字符 {character}（控制符、半个字符或非字符），请删除后重新填写"


def unkeepable(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Where plain data holds text that cannot be kept, and which character it is."""
    if isinstance(value, str):
        if found := unkeepable_in(value):
            yield path, found
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if found := unkeepable_in(str(key)):
                yield path, found
            else:
                yield from unkeepable(one, (*path, key))
    elif isinstance(value, (list, tuple)):
        for place, one in enumerate(value):
            yield from unkeepable(one, (*path, place))


def dotted(path: Path) -> str:
    """`("off", 2, "from")` as a person reads it: `off[2].from`; the whole file is `（全文）`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".") or "（全文）"
