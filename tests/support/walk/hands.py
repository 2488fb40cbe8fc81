"""A clerk's hands: fills a form by the titles that stand on it, as a person does, and counts clicks and keys.

What a link filled in already is left alone; that is the point of the link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

ADD = "Add item"
PATIENCE = 120_000


@dataclass
class Effort:
    """What a person had to do: clicks and keys."""

    clicks: int = 0
    keys: int = 0


class Hands:
    """Fills the fields of one page. Titles are looked up in the form's JSON schema, values are codes or labels."""

    def __init__(self, page: Page) -> None:
        self.page, self.effort = page, Effort()

    def click(self, what: Locator) -> None:
        """One click."""
        what.click(timeout=PATIENCE)
        self.effort.clicks += 1

    def fill(self, schema: Mapping[str, Any], values: Mapping[str, Any], at: int = 0) -> None:
        """Every given field of a form, in the form's order; `at` is the place in a list of groups."""
        if "definitions" not in schema:  # nothing to fill in
            return
        for name, field in _fields(schema["definitions"], schema["definitions"][_form_of(schema)]):
            if name in values:
                self._one(schema["definitions"], field, values[name], at)

    def _one(self, definitions: Mapping[str, Any], field: Mapping[str, Any], value: Any, at: int) -> None:
        title, label = field["title"], self.page.get_by_label(_named(field["title"]))
        if field.get("type") == "array":
            self._list(definitions, field, value, at)
        elif field.get("type") == "boolean":
            self._switch(label.nth(at), value)
        elif "enum" in field:
            self._select(self._choice(title, at), str(value))
        elif field.get("format") == "date":
            self._date(self._choice(title, at), str(value))
        else:
            self.type(label.nth(at), str(value))

    def type(self, box: Locator, text: str) -> None:
        """Types into a text or number field: a click and a key for each character; nothing when it stands there."""
        if box.input_value() != text:
            box.fill(text)
            self.effort.clicks += 1
            self.effort.keys += len(text)

    def _choice(self, title: str, at: int) -> Locator:
        """The button of a field that opens a list or a calendar: Prefect labels it with or without a word before."""
        return (
            self.page.get_by_label(_named(title))
            .and_(self.page.get_by_role("button").or_(self.page.get_by_role("combobox")))
            .nth(at)
        )

    def _switch(self, switch: Locator, wanted: bool) -> None:
        if (switch.get_attribute("aria-checked") == "true") != wanted:
            self.click(switch)

    def _select(self, button: Locator, *labels: str) -> None:
        wanted = [one for one in labels if one not in button.inner_text()]
        if not wanted:
            return
        self.click(button)
        for one in wanted:
            self.click(self.page.get_by_role("option", name=one, exact=True))
        if self.page.get_by_role("option").count():
            self.page.keyboard.press("Escape")
            self.effort.keys += 1

    def _date(self, button: Locator, day: str) -> None:
        if button.inner_text().strip() == _as_shown(day):
            return
        self.click(button)
        box = self.page.get_by_label("Date (yyyy-MM-dd)")
        self.type(box, day)
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Escape")
        box.wait_for(state="hidden")  # the next date would open a second calendar beside this one
        self.effort.keys += 2

    def _list(self, definitions: Mapping[str, Any], field: Mapping[str, Any], values: Sequence[Any], at: int) -> None:
        item = _resolved(definitions, field["items"])
        if "enum" in item:
            button = self._choice(field["title"], at)
            chosen = button.locator("xpath=..").inner_text()  # what is chosen stands below the button
            self._select(button, *(str(one) for one in values if str(one) not in chosen))
            return
        box = self._box(field["title"], at)
        there = self._groups(item, box) if "properties" in item else box.locator("textarea, input").count()
        for _ in range(len(values) - there):
            self.click(box.get_by_role("button", name=ADD).last)
        for number, value in enumerate(values):
            if "properties" in item:
                for name, inner in _fields(definitions, item):
                    if name in value:
                        self._one(definitions, inner, value[name], number)
            else:
                self.type(box.locator("textarea, input").nth(number), str(value))

    def _groups(self, item: Mapping[str, Any], box: Locator) -> int:
        """How many groups of fields a list shows: as many as their first field is there."""
        first = min(item["properties"].values(), key=lambda field: field.get("position", 0))["title"]
        return box.locator(f"xpath=.//label[{_reads(first)}]").count()

    def _box(self, title: str, at: int) -> Locator:
        """The frame around a list: the smallest one around its title that holds a button to add to it."""
        around = f"ancestor::*[.//button[normalize-space()='{ADD}']][1]"
        return self.page.locator(f"xpath=(//label[{_reads(title)}])[{at + 1}]/{around}")


def kinds(schema: Mapping[str, Any], values: Mapping[str, Any]) -> set[str]:
    """The kinds of fields of a form that these values fill in, each as the interface draws it: a box for a text, a
    calendar, a list of groups with a calendar in each; where nothing is filled in, that."""
    if not values:
        return {"nothing"}
    definitions = schema["definitions"]
    return set(_kinds(definitions, definitions[_form_of(schema)], values))


def _kinds(definitions: Mapping[str, Any], model: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[str]:
    for name, field in _fields(definitions, model):
        if name not in values:
            continue
        item = _resolved(definitions, field.get("items", {}))
        kind = (
            "choice" if "enum" in {**field, **item} else str(item.get("type") or field.get("format") or field["type"])
        )
        yield f"list of {kind}" if item else kind
        for group in values[name] if "properties" in item else ():
            yield from (f"list of {one}" for one in _kinds(definitions, item, group))


def _fields(definitions: Mapping[str, Any], model: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    fields = sorted(model["properties"].items(), key=lambda item: item[1].get("position", 0))
    return [(name, _resolved(definitions, field)) for name, field in fields]


def _reads(title: str) -> str:
    """A title on a label, as a condition of XPath: alone or marked as optional."""
    return f"normalize-space()='{title}' or normalize-space()='{title} (Optional)'"


def _named(title: str) -> re.Pattern[str]:
    """A title as Prefect writes it: alone, marked as optional, or as the button that opens a choice."""
    return re.compile(rf"^(Select )?{re.escape(title)}( \(Optional\))?$")


def _form_of(schema: Mapping[str, Any]) -> str:
    """The name of the form's model."""
    form = schema["properties"]["form"]
    reference = form.get("$ref") or form["allOf"][0]["$ref"]
    return str(reference.rsplit("/", 1)[1])


def _resolved(definitions: Mapping[str, Any], field: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**definitions[field["$ref"].rsplit("/", 1)[1]], **field} if "$ref" in field else field


def _as_shown(day: str) -> str:
    """`2026-03-02` as Prefect's button shows it: `March 2nd, 2026`."""
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    year, month, number = (int(part) for part in day.split("-"))
    suffix = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{months[month - 1]} {number}{suffix}, {year}"
