"""A form of the house as plain HTML: what its schema asks, with what is known filled in; and what a browser sent back,
as the form's own model reads it. Prefect draws its forms from the very same schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LONG_TEXT = 120  # characters from which a text gets a box of several lines
ROWS_MORE = 1  # empty rows of a list beyond those that are filled in
MOST_ROWS = 40
NUMBERS = ("integer", "number")
Pairs = Sequence[tuple[str, str]]
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One field: `kind` is text, long, day, number, switch, choice, choices, lines or rows; `rows` are groups of
    fields, one a row of a list."""

    name: str
    title: str
    hint: str
    kind: str
    options: tuple[str, ...] = ()
    value: Any = ""
    is_wanted: bool = False
    rows: tuple[tuple[Asked, ...], ...] = field(default=())


def asked(schema: Schema, values: Mapping[str, Any], *, without: Iterable[str] = ()) -> list[Asked]:
    """The fields of a form in its order, with the values that are known, as the form's model writes them."""
    return list(_fields(schema, schema.get("$defs", {}), values, frozenset(without), ""))


def _fields(
    schema: Schema, known: Schema, values: Mapping[str, Any], without: frozenset[str], within: str
) -> Iterator[Asked]:
    wanted = schema.get("required", ())
    for name, one in schema["properties"].items():
        if name in without:
            continue
        kind, value, full = kind_of(one), values.get(name, one.get("default", "")), f"{within}{name}"
        about = (full, str(one.get("title", name)), str(one.get("description", "")), kind)
        options = tuple(one.get("items", one).get("enum", ()))
        if kind == "rows":
            inner = _inner(one, known)
            rows = list(value or ())[:MOST_ROWS]
            rows += [{}] * ROWS_MORE
            made = (tuple(_fields(inner, known, row, frozenset(), f"{full}.{at}.")) for at, row in enumerate(rows))
            yield Asked(*about, rows=tuple(made))
        else:
            yield Asked(*about, options, _spelled(kind, value), name in wanted and kind != "switch")


def kind_of(one: Schema) -> str:
    """How a field is drawn."""
    of = one.get("type")
    if of == "array":
        inner = one.get("items", {})
        return "rows" if "$ref" in inner else ("choices" if "enum" in inner else "lines")
    if "enum" in one:
        return "choice"
    if of == "boolean":
        return "switch"
    if of in NUMBERS:
        return "number"
    if one.get("format") == "date":
        return "day"
    return "long" if one.get("maxLength", 0) > LONG_TEXT else "text"


def _inner(one: Schema, known: Schema) -> Schema:
    found: Schema = known[one["items"]["$ref"].rpartition("/")[2]]
    return found


def _spelled(kind: str, value: Any) -> Any:
    if kind == "lines":
        return "\n".join(map(str, value or ()))
    return list(value or ()) if kind == "choices" else value


def given(schema: Schema, sent: Pairs, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """What a browser sent of a form. A field that the page does not show is not read, an empty one is left to the
    model; of a list the rows in which nothing stands are dropped."""
    return _given(schema, schema.get("$defs", {}), sent, frozenset(without), "")


def _given(schema: Schema, known: Schema, sent: Pairs, without: frozenset[str], within: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, one in schema["properties"].items():
        if name in without:
            continue
        full, kind = f"{within}{name}", kind_of(one)
        told = [value for key, value in sent if key == full]
        if kind == "switch":
            found[name] = bool(told)
        elif kind == "choices":
            found[name] = told
        elif kind == "lines":
            found[name] = [line.strip() for value in told for line in value.splitlines() if line.strip()]
        elif kind == "rows":
            inner = _inner(one, known)
            rows = (_given(inner, known, sent, frozenset(), f"{full}.{at}.") for at in range(MOST_ROWS))
            found[name] = [row for row in rows if any(value not in ("", [], False) for value in row.values())]
        elif told and told[-1] != "":
            found[name] = told[-1].replace("\r\n", "\n")
    return found
