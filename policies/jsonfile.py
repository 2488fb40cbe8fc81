"""The one reader of JSON that people give us: plain data, each key once, text that can be kept, exact decimals.

Depth, size and the length of numbers are bounded. What is refused is named with its place, never with its content.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from policies.plainfile import FileTextError, content_of, text_of
from rules import keepable
from rules.errors import InputError
from rules.keepable import dotted

MAX_DEPTH = 60
MAX_DIGITS = 4000  # below the length at which Python refuses to read or write a whole number
EXPONENT = re.compile(r"[eE][+-]?(\d+)$")
MAX_EXPONENT = 30
MAX_FIGURES = 60  # of a number with a decimal point
MOST_SHOWN = 3
SYNTAX = {
    "Expecting property name": "此处应为用英文双引号括起的键（末项之后不写逗号）",
    "Expecting ',' delimiter": "两项之间缺少逗号，或括号不配对",
    "Expecting ':' delimiter": "键之后缺少冒号",
    "Expecting value": "此处缺少内容（引号、括号须为英文半角）",
    "Illegal trailing comma": "末项之后多了逗号",
    "Extra data": "内容结束之后还有多余的内容",
    "Unterminated string": "引号没有配对",
    "Invalid control character": "引号内有换行或控制符，请删除（换行写作 \\n）",
    "Invalid \\": "反斜杠的写法不对（反斜杠本身写作 \\\\）",
}


class JsonTextError(FileTextError):
    """What is wrong with JSON, at which line; `place` is the path to it where it is known."""

    def __init__(self, what: str, line: int = 1, place: str = "") -> None:
        super().__init__(what, line)
        self.place = place


class _Faulty:
    """What stands in the data for a value that cannot be taken, until its place is known."""

    def __init__(self, what: str) -> None:
        self.what = what


def read(path: Path, *, fraction: Callable[[str], Any] = Decimal) -> Any:
    """The data of a JSON file. Raises InputError that names the file and the place."""
    try:
        return parse(text_of(content_of(path)), fraction=fraction)
    except FileTextError as error:
        raise InputError(f"{path}：{told(error)}") from None


def told(error: FileTextError) -> str:
    """The sentence of an error, with its place."""
    place = getattr(error, "place", "")
    return f"{place}：{error.what}" if place else error.what


def parse(text: str, *, fraction: Callable[[str], Any] = Decimal) -> Any:
    """The data of a JSON text; `fraction` makes the numbers with a decimal point. Raises JsonTextError."""

    def made(digits: str) -> Any:
        return _fraction(digits, fraction)

    try:
        data = json.loads(text, object_pairs_hook=_once, parse_float=made, parse_int=_whole, parse_constant=_constant)
    except json.JSONDecodeError as error:
        said = next((words for begin, words in SYNTAX.items() if error.msg.startswith(begin)), "写法不合规范")
        where = f"第 {error.lineno} 行第 {error.colno} 列"
        raise JsonTextError(f"不是有效的 JSON：{where}{said}", error.lineno) from None
    except RecursionError:
        raise JsonTextError(f"嵌套超过 {MAX_DEPTH} 层") from None
    _expect_sound(data)
    return data


def _expect_sound(data: Any) -> None:
    faults = list(_first(_faults(data, ()), MOST_SHOWN))
    faults += [(path, keepable.what_of(found)) for path, found in _first(keepable.unkeepable(data), MOST_SHOWN)]
    if not faults:
        return
    (path, what), *others = faults
    raise JsonTextError("；".join([what, *(f"{dotted(place)}：{told}" for place, told in others)]), place=dotted(path))


def _first(found: Iterator[Any], most: int) -> Iterator[Any]:
    yield from (one for _, one in zip(range(most), found, strict=False))


def _faults(value: Any, path: keepable.Path) -> Iterator[tuple[keepable.Path, str]]:
    """Where a value stands that cannot be taken."""
    if isinstance(value, _Faulty):
        yield path, value.what
    elif len(path) >= MAX_DEPTH and isinstance(value, (dict, list)):
        raise JsonTextError(f"嵌套超过 {MAX_DEPTH} 层")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _faults(one, (*path, key))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _faults(one, (*path, place))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that stands twice could show one value to a reader and another to a program."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = _Faulty(f"同一个键写了两次：{key}，请删去一处") if key in found else value
    return found


def _whole(digits: str) -> Any:
    return int(digits) if len(digits) <= MAX_DIGITS else _Faulty(f"数字超过 {MAX_DIGITS} 位")


def _fraction(digits: str, fraction: Callable[[str], Any]) -> Any:
    """A number with a decimal point or an exponent, written out."""
    exponent = EXPONENT.search(digits)
    if len(digits) > MAX_FIGURES or (exponent and int(exponent.group(1)) > MAX_EXPONENT):
        return _Faulty("数字太长，或指数太大")
    return fraction(format(Decimal(digits), "f") if exponent else digits)


def _constant(name: str) -> _Faulty:
    return _Faulty(f"{name} 不是数字")
