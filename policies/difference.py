"""What differs between two texts of a procedure as they read on one day: by section and entry, in words for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from policies.loader import PROCEDURE, SECTIONS, document_of, parse_policy

ORDER = "（次序）"
Plain = dict[str, Any]
NAMED_BY = ("code", "fact")


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that differs; `before` or `after` is empty where it is not there."""

    section: str
    entry: str
    before: str
    after: str

    def __str__(self) -> str:
        where = f"{self.section}“{self.entry}”" if self.entry else self.section
        return f"{where}：由“{self.before or '（无）'}”改为“{self.after or '（无）'}”"


def differences(old: str, new: str, on: date) -> list[Difference]:
    """Every entry in which two texts differ on a day. Raises PolicyError for a text that says something unclear."""
    sides = [_entries(text, on) for text in (old, new)]
    return [Difference(*row) for section in SECTIONS for row in _rows(section, *(side[section] for side in sides))]


def _entries(text: str, on: date) -> dict[str, dict[str, Any]]:
    data = document_of(text, on, PROCEDURE).data
    data["numbers"] = _numbers(data["numbers"], text, on)
    return {section: dict(_named(data[section])) for section in SECTIONS}


def _numbers(data: Plain, text: str, on: date) -> Plain:
    """The value in force on the day, with what is told beside it."""
    known = parse_policy(text, on, PROCEDURE).numbers.values()
    return {
        one.name: {
            **{"value": str(one.value), "unit": one.unit, "clause": one.clause, "effective_on": one.effective_on},
            "rule": data[one.name]["rule"],
        }
        for one in known
    }


def _named(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The entries of a section under their names; a list of entries also by its order."""
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        names = [_name(one) for one in value]
        yield from ((f"{prefix}{name}", one) for name, one in zip(names, value, strict=True))
        yield f"{prefix}{ORDER}", names
    elif isinstance(value, Mapping):
        for key, one in value.items():
            is_list = isinstance(one, list) and any(isinstance(each, dict) for each in one)
            yield from _named(one, f"{prefix}{key}.") if is_list else [(f"{prefix}{key}", one)]
    else:
        yield prefix, value


def _name(entry: Plain) -> str:
    name = next(str(entry[key]) for key in NAMED_BY if key in entry)
    return f"{name}（{'、'.join(entry['types'])}）" if "types" in entry else name


def _rows(section: str, old: Plain, new: Plain) -> Iterator[tuple[str, str, str, str]]:
    for entry in {**old, **new}:
        before, after = old.get(entry), new.get(entry)
        if before == after or (entry.endswith(ORDER) and set(before or ()) != set(after or ())):
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            before, after = _unlike(before, after), _unlike(after, before)
        yield SECTIONS[section], entry, _spoken(before), _spoken(after)


def _unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> Plain:
    return {key: value for key, value in one.items() if key not in other or other[key] != value}


def _spoken(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "；".join(f"{key}：{_spoken(one)}" for key, one in value.items())
    return "、".join(map(_spoken, value)) if isinstance(value, list) else str(value)
