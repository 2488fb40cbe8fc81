"""What a policy file says on one day: the one place where dated entries are resolved, before any section is built.

- An entry (an item of a list, or what stands under a name) may carry `effective_on` and `until`, its first and its last
  day: outside these days it is not there.
- A mapping may carry `versions`: from the day of each on (`effective_on`), its keys read as the version says.
- What is no mapping (a text, a list) is dated as a mapping with the single key `value`.

The values of a number (`numbers.<name>.values`) have days of their own and are left to the loader.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from policies.yamlfile import Document, Key, KeyPath
from rules.keepable import dotted

FIRST, LAST, VERSIONS, VALUE = "effective_on", "until", "versions", "value"
DATING = (FIRST, LAST, VERSIONS)


def as_of(document: Document, on: date) -> Document:
    """The file as it reads on a day, each line where it stood. Raises PolicyError for dates that make no sense."""
    resolver = _Resolver(document, on)
    data = resolver.value((), ())
    return Document(document.file, data, resolver.lines)


class _Resolver:
    """Walks the file; `old` is where something stands in it, `new` where it stands in what is left of it."""

    def __init__(self, document: Document, on: date) -> None:
        self.document, self.on = document, on
        self.lines: dict[KeyPath, int] = {}

    def value(self, old: KeyPath, new: KeyPath) -> Any:
        self.lines[new] = self.document.line(old)
        found = self.document.at(old)
        if isinstance(found, list):
            paths = [(*old, place) for place in range(len(found))]
            if not _is_values_of_a_number(new):
                paths = [path for path in paths if self._stands(path)]
            return [self.value(path, (*new, place)) for place, path in enumerate(paths)]
        if not isinstance(found, dict):
            return found
        return self._mapping(old, new, found)

    def _mapping(self, old: KeyPath, new: KeyPath, found: dict[Key, Any]) -> Any:
        if _is_values_of_a_number(new[:-1]):
            return {key: self.value((*old, key), (*new, key)) for key in found}
        sources = self._sources(old, found)
        if list(sources) == [VALUE] and _is_dated(found):
            return self.value(sources[VALUE], new)
        return {key: self.value(path, (*new, key)) for key, path in sources.items() if self._stands(path)}

    def _sources(self, old: KeyPath, found: dict[Key, Any]) -> dict[Key, KeyPath]:
        """Where the value of each key stands: in the mapping itself, or in the last version that names it."""
        hidden = DATING if old else (VERSIONS,)
        sources: dict[Key, KeyPath] = {key: (*old, key) for key in found if key not in hidden}
        if VERSIONS in found:
            for path in self._versions((*old, VERSIONS)):
                sources |= {key: (*path, key) for key in self.document.at(path) if key != FIRST}
        return sources

    def _versions(self, path: KeyPath) -> list[KeyPath]:
        """The versions in force; all of them are checked."""
        items: list[KeyPath] = [(*path, place) for place in range(len(self.document.expect(path, list)))]
        days = [self._day((*item, FIRST)) for item in items]
        if not days or days != sorted(set(days)):
            raise self.document.error(path, f"{dotted(path)} 须按生效日先后排列，且至少一次")
        for item in items:
            if set(self.document.at(item)) <= {*DATING}:
                raise self.document.error(item, f"{dotted(item)} 没有写明自该日起改了什么")
        return [item for item, day in zip(items, days, strict=True) if day <= self.on]

    def _stands(self, path: KeyPath) -> bool:
        """Is an entry there on the day?"""
        found = self.document.at(path)
        if not isinstance(found, dict):
            return True
        first = self._day((*path, FIRST)) if FIRST in found else date.min
        last = self._day((*path, LAST)) if LAST in found else date.max
        if last < first:
            raise self.document.error((*path, LAST), f"{dotted((*path, LAST))} 早于 {FIRST}（{first}）")
        return first <= self.on <= last

    def _day(self, path: KeyPath) -> date:
        return self.document.expect(path, date)


def _is_values_of_a_number(path: KeyPath) -> bool:
    return len(path) == 3 and path[0] == "numbers" and path[2] == "values"


def _is_dated(found: dict[Key, Any]) -> bool:
    return any(key in found for key in DATING)
